"""What an import file says, before the database is asked: drafts and rejected records."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date

from radicale_propmgmt.domain.contacts import ContactData

#: What ``Draft.covers`` may name: the attributes of ``ContactData``; single names of values as ``values:TEL``.
EVERYTHING: frozenset[str] = frozenset(ContactData.__dataclass_fields__)

#: In ``Draft.covers``: the tags come in addition to those that are stored.
MORE_TAGS = "more:tags"


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkDraft:
    """A link that a record asks for; dates are inclusive local days."""

    object_number: str
    group: str
    unit: str | None = None
    role: str | None = None
    starts: date | None = None
    until: date | None = None
    object_name: str = ""  # what a new object is called


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One contact as a file has it.

    ``covers`` says which parts of ``data`` the file speaks of at all: only these replace what is stored.
    ``source`` is the record itself in a canonical form: an equal one changes nothing.
    """

    data: ContactData
    line: int = 0
    key: str | None = None
    uid: str | None = None
    groups: frozenset[str] = frozenset()
    links: tuple[LinkDraft, ...] = ()
    covers: frozenset[str] = EVERYTHING
    source: bytes = b""


@dataclass(frozen=True, slots=True)
class Rejected:
    """One record that was not taken: where it stands, which field, and why. ``why`` holds no value of the record."""

    line: int
    field: str
    why: str


@dataclass(slots=True)
class ImportReport:
    """What an import did. Counts are contacts; rejected are records."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: list[Rejected] = field(default_factory=list)


def folded(drafts: list[Draft]) -> list[Draft]:
    """Fold records of one contact (same key, else same UID) into one draft: an ERP lists one row per contract."""
    by_identity: dict[tuple[str, str], int] = {}
    result: list[Draft] = []
    for draft in drafts:
        identity = ("key", draft.key) if draft.key else ("uid", draft.uid) if draft.uid else None
        place = by_identity.get(identity) if identity else None
        if place is None:
            if identity:
                by_identity[identity] = len(result)
            result.append(draft)
            continue
        first = result[place]
        result[place] = replace(
            draft,
            line=first.line,
            uid=draft.uid or first.uid,
            groups=first.groups | draft.groups,
            links=tuple(dict.fromkeys((*first.links, *draft.links))),
            covers=first.covers | draft.covers,
            source=first.source + b"\n" + draft.source,
        )
    return result
