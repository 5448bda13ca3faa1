"""Dates and times of calendar objects as bounds: a zone is not looked up, it moves an instant by 14 hours at most."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from radicale_propmgmt.vcard.contentline import Property

#: Seconds between a local time and the same time in UTC, at most (Pacific/Kiritimati is +14).
ZONE = 14 * 3600
_DAY = 86400
#: What datetime can tell: the years 1 to 9999.
BEGINNING, FOREVER = -62135596800, 253402300799
_TIME = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(\d{2})(Z?))?")
_DURATION = re.compile(
    r"([+-]?)P(?:(\d{1,6})W)?(?:(\d{1,6})D)?(?:T(?:(\d{1,7})H)?(?:(\d{1,9})M)?(?:(\d{1,9})S)?)?", re.IGNORECASE
)


class Span(NamedTuple):
    """Bounds of an event that happens once: its start and end lie between these. Unit: seconds since 1970 UTC."""

    first_start: int
    last_start: int
    first_end: int
    last_end: int

    def compare(self, start: int, end: int) -> bool | None:
        """Tell whether it overlaps a range (RFC 4791 §9.9); None where only its zone could tell."""
        if self.last_end <= start or self.first_start >= end:
            return False
        return True if self.last_start < end and self.first_end > start else None


def read_instant(text: str) -> int | None:
    """Read a date or time as if it were UTC; None for what is neither."""
    found = _TIME.fullmatch(text.strip().upper())
    if found is None:
        return None
    parts = [int(part) for part in found.groups()[:6] if part is not None]
    try:
        made = datetime(*(parts + [0] * (6 - len(parts)))[:5], min(parts[5], 59) if len(parts) > 5 else 0, tzinfo=UTC)  # type: ignore[arg-type, misc]
    except ValueError:
        return None
    return int(made.timestamp())


def earliest(*lines: Property | None) -> int | None:
    """Return the first of some times, as if in UTC."""
    found = [at for line in lines if line is not None and (at := read_instant(line.value)) is not None]
    return min(found, default=None)


def read_span(start: Property | None, end: Property | None, duration: Property | None) -> Span | None:
    """Bound an event by its DTSTART and DTEND or DURATION; None where they cannot be read that simply."""
    begins = None if start is None else read_instant(start.value)
    if start is None or begins is None:
        return None
    is_date = "T" not in start.value.upper()
    if end is not None:
        ends = read_instant(end.value)
    elif duration is not None:
        seconds = read_duration(duration.value)
        ends = None if seconds is None else begins + max(seconds, 1)
    else:
        ends = begins + (_DAY if is_date else 1)
    if ends is None or ends < begins:
        return None
    slack = 0 if start.value.strip().upper().endswith("Z") else ZONE
    slack_end = 0 if end is not None and end.value.strip().upper().endswith("Z") else (ZONE if end else slack)
    return Span(begins - slack, begins + slack, ends - slack_end, max(ends, begins + 1) + slack_end)


def read_duration(text: str) -> int | None:
    """Read a duration in seconds (RFC 5545 §3.3.6)."""
    found = _DURATION.fullmatch(text.strip())
    if found is None:
        return None
    sign, *parts = found.groups()
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in parts)
    total = ((weeks * 7 + days) * 24 + hours) * 3600 + minutes * 60 + seconds
    return -total if sign == "-" else total
