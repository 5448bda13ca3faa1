"""Retention profiles (Löschprofile, DIN 66398), and the facts of a contact that they speak of.

A profile is the rule of one kind of data: whom it concerns, with what event its periods start, how long they are, and
which law says so. ``domain.schedules`` computes the days.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from .contacts import ContactKind
from .links import Link
from .periods import Period


class Start(StrEnum):
    """With what event the periods of a profile start."""

    LINK_END = "link_end"  # the last day of the link
    LAST_EVENT = (
        "last_event"  # the last posting of some kinds, else the day the contact was added; not while a link runs
    )
    LAST_CONTACT = "last_contact"  # the same, although a link has no end: nobody ends the link of an applicant
    RELATED_END = "related_end"  # the last day of the last contract of those the contact is there for


class Anchor(StrEnum):
    """From where one period counts."""

    START = "start"
    BLOCK = "block"
    POSTING = "posting"  # the last booking, if it is later than the start


#: Kinds of dated facts about a contact, imported from the accounts: what they are (German label).
POSTING_KINDS: dict[str, str] = {
    "voucher": "Beleg",
    "book": "Buch",
    "letter": "Brief",
    "order": "Auftrag",
    "debit": "Lastschrift",
    "settlement": "Abrechnung",
    "security": "Kaution",
    "handover": "Übergabe",
    "rejection": "Absage",
    "contact": "Kontakt",
    "schufa": "Schufa",
    "open": "offen",
}
#: An item that is not settled: it defers erasure as long as it stands.
OPEN_ITEM = "open"
#: What counts as the last booking.
BOOKINGS = frozenset({"voucher", "book", "debit", "settlement", "security"})
#: Kinds of records that are no postings: the proof of a consent, kept from its end on.
CONSENT_RECORD = "consent"
RECORD_KINDS = frozenset({*POSTING_KINDS, CONSENT_RECORD} - {OPEN_ITEM})

#: Kinds of holds.
HOLDS: dict[str, str] = {"statutory": "gesetzlich", "legal": "rechtlich", "litigation": "Rechtsstreit"}

#: Open blocks that forbid erasure: the person's own rights, claims, and what is not cleared yet (GDPR Art. 18, 17(3)).
DEFERRING_BLOCKS = frozenset({"art18-1a", "art18-1b", "art18-1c", "art18-1d", "claims", "dup"})
#: Defers erasure until the day it names.
TERM_BLOCK = "ret-contract"
#: No basis is left but the law's: erasure is due at once.
CONSENT_BLOCK = "consent"


@dataclass(frozen=True, slots=True)
class Step:
    """One period of a profile and from where it counts."""

    after: Period
    anchor: Anchor = Anchor.START


@dataclass(frozen=True, slots=True)
class OnFile:
    """A consent to be kept on file: its purpose, and the longest time that it counts."""

    purpose: str
    at_most: Period


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What happens to contacts of some groups, or roles of them.

    ``comm_erase`` None: with the core. ``core_block`` None: they are not blocked before they are erased.
    ``core_erase`` None: never. Without ``confirmed_by`` nothing is erased, only reported.
    """

    name: str
    groups: tuple[str, ...]
    roles: tuple[str, ...] = ()  # empty = those that no other profile of the group names
    kinds: frozenset[ContactKind] = frozenset(ContactKind)
    start: Start = Start.LINK_END
    events: tuple[str, ...] = ()
    relations: tuple[str, ...] = ()
    comm_erase: Step | None = None
    core_block: Step | None = None
    core_erase: Step | None = None
    on_file: OnFile | None = None
    basis: tuple[str, ...] = ()
    confirmed_by: str = ""


@dataclass(frozen=True, slots=True)
class RecordRule:
    """How long the law wants one kind of record, and with it the contact's core, kept."""

    kind: str
    keep: Period
    basis: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Profiles:
    """All profiles, and the rules of records."""

    profiles: tuple[Profile, ...] = ()
    records: Mapping[str, RecordRule] = field(default_factory=dict)

    def find(self, link: Link, kind: ContactKind) -> Profile | None:
        """Find the profile of a link: one that names its role, else the group's."""
        fitting = [p for p in self.profiles if link.group in p.groups and kind in p.kinds]
        named = [p for p in fitting if link.role is not None and link.role in p.roles]
        return next(iter(named or [p for p in fitting if not p.roles]), None)


class Posting(NamedTuple):
    """A dated fact; a key of ``POSTING_KINDS``."""

    day: date
    kind: str


class ConsentTime(NamedTuple):
    """When a consent held; ``ended`` None: it still does, without an end."""

    purpose: str
    given: date
    ended: date | None


class Hold(NamedTuple):
    """Why a contact must not be erased now; ``until`` is its last day, None = until it is released."""

    id: int
    kind: str
    until: date | None


class OpenBlock(NamedTuple):
    """A block that was not lifted."""

    code: str
    since: date
    until: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """All facts of one contact that its retention depends on."""

    id: int
    added: date
    kind: ContactKind = ContactKind.PERSON
    system: bool = False
    links: tuple[Link, ...] = ()  # plain memberships included
    postings: tuple[Posting, ...] = ()
    consents: tuple[ConsentTime, ...] = ()
    holds: tuple[Hold, ...] = ()
    blocks: tuple[OpenBlock, ...] = ()
    related: tuple[tuple[str, date | None], ...] = ()  # relation type and end of each contract of the other
