"""``retention.toml`` → retention profiles; whatever cannot be understood is refused, all of it at once."""

from __future__ import annotations

import re
from collections.abc import Collection

from radicale_propmgmt.domain.contacts import ContactKind
from radicale_propmgmt.domain.labels import PURPOSES, RELATIONS
from radicale_propmgmt.domain.periods import Period
from radicale_propmgmt.domain.retention import (
    POSTING_KINDS,
    RECORD_KINDS,
    Anchor,
    OnFile,
    Profile,
    Profiles,
    RecordRule,
    Start,
    Step,
)
from radicale_propmgmt.shares.checked import Report, Table, parsed, quoted, unknown

_NAME = re.compile(r"[\w-]+")
_YEAR_END = "year_end"
_NEVER = "never"
_EXAMPLE = 'write a period such as "P24M", "P8Y@year_end" or "P0D@block"'


def load_profiles(text: str, filename: str = "retention.toml", *, groups: Collection[str] | None = None) -> Profiles:
    """Read and check a file of retention profiles.

    Args:
        text: The file; a byte order mark and CRLF line ends are tolerated.
        filename: What the problems call it.
        groups: The groups that exist; None = they are not checked.

    Raises:
        ConfigError: Every problem as ``file:line: key: what to do``.
    """
    values, lines = parsed(text, filename)
    report = Report(filename, lines)
    root = Table(values, (), report)
    profiles = root.table("profile")
    found = [_profile(profiles, name, groups) for name in profiles.values]
    records = root.table("record")
    rules = {kind: rule for kind in records.values if (rule := _record(records, kind)) is not None}
    _report_doubles(profiles, found)
    root.close()
    report.close()
    return Profiles(tuple(found), rules)


def _profile(tables: Table, name: str, groups: Collection[str] | None) -> Profile:
    table = tables.table(name)
    if not _NAME.fullmatch(name):
        tables.add(name, "a profile's name has letters, digits, _ and - only")
    own = table.words("groups", "group", groups)
    if table.get("groups") is None:
        table.add("groups", "is missing")
    comm, core = table.table("comm"), table.table("core")
    block = _step(core, "block_after", {Anchor.START})
    anchors = {Anchor.START, Anchor.POSTING} | ({Anchor.BLOCK} if block else set())
    start = Start(table.choice("start", tuple(Start), Start.LINK_END))
    profile = Profile(
        name=name,
        groups=own,
        roles=table.words("roles", "role"),
        kinds=frozenset(map(ContactKind, table.words("kinds", "kind of contact", tuple(ContactKind)))) or _ANY_KIND,
        start=start,
        events=table.words("events", "kind of posting", tuple(POSTING_KINDS)),
        relations=table.words("relations", "relation", tuple(RELATIONS)),
        comm_erase=_step(comm, "erase_after", anchors),
        core_block=block,
        core_erase=_core_erase(core, anchors),
        on_file=_on_file(table),
        basis=table.words("basis", "law"),
        confirmed_by=_confirmed(table),
    )
    if (start is Start.RELATED_END) != bool(profile.relations):
        table.add("relations", 'belongs to start = "related_end", and only there')
    if table.get("basis") is None:
        table.add("basis", "is missing: which law says so")
    for part in (comm, core, table):
        part.close()
    return profile


_ANY_KIND = frozenset(ContactKind)


def _confirmed(table: Table) -> str:
    """Read who confirmed the profile: an empty text says that nobody did yet."""
    return "" if table.get("confirmed_by") == "" else table.text("confirmed_by")


def _core_erase(core: Table, anchors: set[Anchor]) -> Step | None:
    if core.get("erase_after") == _NEVER:
        return None
    step = _step(core, "erase_after", anchors)
    if core.get("erase_after") is None:
        core.add("erase_after", f'is missing: {_EXAMPLE}, or "{_NEVER}"')
    return step


def _step(table: Table, key: str, anchors: set[Anchor]) -> Step | None:
    """Read ``"P8Y@posting+year_end"``: a period, from where it counts, and whether from the end of that year."""
    value = table.get(key)
    if value is None:
        return None
    if not isinstance(value, str):
        table.add(key, _EXAMPLE)
        return None
    text, _, rest = value.partition("@")
    words = rest.split("+") if rest else []
    known = [anchor.value for anchor in Anchor if anchor in anchors]
    for word in words:
        if word not in {*known, _YEAR_END}:
            table.add(key, unknown("start", word, [*known, _YEAR_END]))
            return None
    named = [word for word in words if word != _YEAR_END]
    after = Period.parse(text, from_year_end=_YEAR_END in words)
    if after is None or len(named) > 1 or value.endswith("@"):
        table.add(key, f"{quoted(value)} is no period: {_EXAMPLE}")
        return None
    return Step(after, Anchor(named[0]) if named else Anchor.START)


def _on_file(table: Table) -> OnFile | None:
    if table.get("on_file") is None:
        return None
    inner = table.table("on_file")
    purpose = inner.choice("purpose", tuple(PURPOSES), "")
    step = _step(inner, "at_most", {Anchor.START})
    for key in ("purpose", "at_most"):
        if inner.get(key) is None:
            inner.add(key, "is missing")
    inner.close()
    return OnFile(purpose, step.after) if step else None


def _record(tables: Table, kind: str) -> RecordRule | None:
    table = tables.table(kind)
    if kind not in RECORD_KINDS:
        tables.add(kind, unknown("kind of record", kind, RECORD_KINDS))
    if table.get("keep") is None:
        table.add("keep", "is missing")
    step = _step(table, "keep", {Anchor.START})
    basis = table.words("basis", "law")
    if table.get("basis") is None:
        table.add("basis", "is missing: which law says so")
    table.close()
    return RecordRule(kind, step.after, basis) if step else None


def _report_doubles(table: Table, profiles: list[Profile]) -> None:
    """Report a contact that two profiles mean: there is one rule for each kind of data (DIN 66398)."""
    taken: dict[tuple[str, str, ContactKind], str] = {}
    for profile in profiles:
        for group in profile.groups:
            for role in profile.roles or ("",):
                for kind in sorted(profile.kinds):
                    other = taken.setdefault((group, role, kind), profile.name)
                    if other != profile.name:
                        what = f"{group}/{role}" if role else group
                        table.add(profile.name, f"{what} ({kind}) belongs to profile {quoted(other)} already")
                        break
