"""Calendar objects as components of content lines (RFC 4791 §4.1): what they are, when they are, what they cost."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from radicale_propmgmt.domain.errors import InvalidCalendarDataError, TooManyInstancesError
from radicale_propmgmt.vcard.contentline import parse_lines
from radicale_propmgmt.vcard.limits import Caps
from radicale_propmgmt.vcard.writing import format_line, join_lines

from .recurrence import NotARuleError, Rule, read_rule
from .times import FOREVER, Span, earliest, read_span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from radicale_propmgmt.vcard.contentline import Property

COMPONENTS = frozenset({"VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY"})
_ZONE = "VTIMEZONE"
_DATE = re.compile(r"[0-9]{8}(T[0-9]{6}Z?(/[0-9TZPWDHMS+-]{2,20})?)?")
#: Components of one object: the master and its changed instances, times what looking through them costs.
MAIN_COMPONENTS = 500
INNER_COMPONENTS = 1000
ZONES = 20
RULES = 4
DATES = 2000
#: Steps that looking through one object may cost, and how many years from now its rules are followed for it.
STEPS = 50_000
YEARS_AHEAD = 3


@dataclass(slots=True)
class Component:
    """One component: its own lines, and the components in it."""

    name: str
    lines: list[Property] = field(default_factory=list)
    inner: list[Component] = field(default_factory=list)

    def values(self, name: str) -> list[Property]:
        """Return the lines of a name."""
        return [line for line in self.lines if line.name == name]

    def first(self, name: str) -> Property | None:
        """Return the first line of a name."""
        return next((line for line in self.lines if line.name == name), None)

    def write(self) -> Iterator[str]:
        """Write it as content lines that any parser reads the same way: plain parameters, nothing left open."""
        yield f"BEGIN:{self.name}"
        for line in self.lines:
            yield format_line(line.name, line.value, line.params)
        for component in self.inner:
            yield from component.write()
        yield f"END:{self.name}"

    def to_bytes(self) -> bytes:
        """Return it folded."""
        return join_lines(self.write())


@dataclass(slots=True, kw_only=True)
class CalendarObject:
    """One calendar object resource: components of one kind with one UID, and the zones they use."""

    calendar: Component
    mains: list[Component]
    zones: list[Component]
    component: str
    uid: str

    @property
    def rules(self) -> list[Rule]:
        """The rules of the master and of changed instances."""
        return [read_rule(line.value) for main in self.mains for line in main.lines if line.name in {"RRULE", "EXRULE"}]

    @property
    def is_recurring(self) -> bool:
        """Tell whether it happens more than once, or is made of more than one component."""
        repeating = {"RRULE", "RDATE", "RECURRENCE-ID"}
        return len(self.mains) > 1 or any(line.name in repeating for main in self.mains for line in main.lines)

    @property
    def span(self) -> Span | None:
        """When an event that happens once is; None for whatever is not that simple."""
        if self.component != "VEVENT" or self.is_recurring:
            return None
        return read_span(self.mains[0].first("DTSTART"), self.mains[0].first("DTEND"), self.mains[0].first("DURATION"))

    @property
    def dates(self) -> int:
        """How many single dates are added and taken out."""
        lines = (line for main in self.mains for line in main.lines if line.name in {"RDATE", "EXDATE"})
        return sum(line.value.count(",") + 1 for line in lines)

    @property
    def _dates_are_some(self) -> bool:
        """Tell whether each single date is a DATE, DATE-TIME or PERIOD (RFC 5545 §3.8.5.1, §3.8.5.2)."""
        lines = (line for main in self.mains for line in main.lines if line.name in {"RDATE", "EXDATE"})
        return all(_DATE.fullmatch(part.strip()) for line in lines for part in line.value.split(",") if part.strip())

    def steps(self, until: int, *, expands: bool = False) -> int:
        """Estimate what following its rules until an instant costs. Unit: steps of a recurrence, about 5 µs.

        Each instance is compared with each changed one, and where they are expanded that costs a step by itself.
        """
        walked = sum(rule.steps(self._start, until) for rule in self.rules)
        return (walked + self.dates) * (len(self.mains) if expands else 1 + len(self.mains) // 20)

    @property
    def _start(self) -> int:
        found = (earliest(main.first("DTSTART"), main.first("DUE")) for main in self.mains)
        return min((at for at in found if at is not None), default=0)

    def require_affordable(self) -> None:
        """Refuse what would cost too much to look through.

        Raises:
            InvalidCalendarDataError: More parts than any calendar program writes, or a rule that is none.
            TooManyInstancesError: A rule with too many instances, or with none that could ever be found.
        """
        inner = sum(len(main.inner) for main in self.mains)
        if len(self.mains) > MAIN_COMPONENTS or inner > INNER_COMPONENTS or len(self.zones) > ZONES:
            raise InvalidCalendarDataError
        try:
            rules = self.rules
            _require_yearly(self.zones)
        except NotARuleError:
            raise InvalidCalendarDataError from None
        has_start = any(main.first("DTSTART") or main.first("DUE") for main in self.mains)
        if len(rules) > RULES or self.dates > DATES or (rules and not has_start) or not self._dates_are_some:
            raise InvalidCalendarDataError
        if any(rule.is_hopeless(self._start) for rule in rules):
            raise TooManyInstancesError

    def require_steps(self, now: int) -> None:
        """Refuse rules with too many instances: all of them if they end, else those up to a few years from now.

        Raises:
            TooManyInstancesError: They are.
        """
        ahead = now + YEARS_AHEAD * 366 * 86400
        walked = sum(rule.steps(self._start, FOREVER if rule.is_finite else ahead) for rule in self.rules)
        if (walked + self.dates) * (1 + len(self.mains) // 20) > STEPS:
            raise TooManyInstancesError


def _require_yearly(zones: list[Component]) -> None:
    """Let zones change by the year only; what is not RRULE of that kind would be followed step by step, too."""
    for zone in zones:
        if len(zone.inner) > 200:
            raise NotARuleError
        for part in zone.inner:
            for line in part.lines:
                if line.name in {"RRULE", "EXRULE"} and not read_rule(line.value).is_yearly_once:
                    raise NotARuleError


def parse_calendar_object(body: bytes) -> CalendarObject:
    """Read an object that the gate has let through before."""
    return read_calendar_object(parse_lines(body, Caps(octets=len(body), properties=len(body), nesting=3)))


def read_calendar_object(lines: list[Property]) -> CalendarObject:
    """Put lines together to one calendar object.

    Raises:
        InvalidCalendarDataError: They are none (RFC 4791 §4.1).
    """
    calendar = _tree(lines)
    zones = [inner for inner in calendar.inner if inner.name == _ZONE]
    mains = [inner for inner in calendar.inner if inner.name != _ZONE]
    kinds = {main.name for main in mains}
    uids = {line.text.strip() for main in mains for line in main.values("UID")}
    if len(kinds) != 1 or len(uids) != 1 or any(len(main.values("UID")) != 1 for main in mains):
        raise InvalidCalendarDataError
    if any(len(main.values(name)) > 1 for main in mains for name in ("DTSTART", "DTEND", "DUE", "DURATION")):
        raise InvalidCalendarDataError
    return CalendarObject(calendar=calendar, mains=mains, zones=zones, component=kinds.pop(), uid=uids.pop())


def _tree(lines: list[Property]) -> Component:
    root: Component | None = None
    opened: list[Component] = []
    for line in lines:
        word = line.value.strip().upper()
        if line.name == "BEGIN":
            made = Component(word)
            if opened:
                opened[-1].inner.append(made)
            elif root is None:
                root = made
            else:
                raise InvalidCalendarDataError
            opened.append(made)
        elif not opened or (line.name == "END" and opened[-1].name != word):
            raise InvalidCalendarDataError
        elif line.name == "END":
            opened.pop()
        else:
            opened[-1].lines.append(replace(line, group=""))
    if root is None or root.name != "VCALENDAR":
        raise InvalidCalendarDataError
    return root
