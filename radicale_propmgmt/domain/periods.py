"""Periods of law: so many years, months and days after an event, some of them from the end of its year."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta

_DAY = timedelta(days=1)
_ISO = re.compile(r"P(?=\d)(?:(\d{1,3})Y)?(?:(\d{1,4})M)?(?:(\d{1,5})D)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Period:
    """A period that begins after an event, or after the end of the calendar year in which it lies.

    The latter is how tax and commercial law count (AO §147(4), HGB §257(5)) and how claims lapse (BGB §199(1)).
    """

    years: int = 0
    months: int = 0
    days: int = 0
    from_year_end: bool = False

    @classmethod
    def parse(cls, text: str, *, from_year_end: bool = False) -> Period | None:
        """Read an ISO 8601 period such as ``P8Y``, ``P24M`` or ``P0D``; None if it is none."""
        match = _ISO.fullmatch(text)
        if match is None:
            return None
        years, months, days = (int(part or 0) for part in match.groups())
        return cls(years, months, days, from_year_end)

    def last_day(self, event: date) -> date:
        """Return the last day of the period: the day of the event does not count (BGB §187(1), §188(2) and (3)).

        Where its month lacks the day, the period ends with the month. Beyond the calendar: its last day.
        """
        begin = date(event.year, 12, 31) if self.from_year_end else event
        month = begin.year * 12 + begin.month - 1 + self.years * 12 + self.months
        year, month = month // 12, month % 12 + 1
        if year > date.max.year:
            return date.max
        day = min(begin.day, calendar.monthrange(year, month)[1])
        try:
            return date(year, month, day) + timedelta(days=self.days)
        except OverflowError:
            return date.max

    def __str__(self) -> str:
        """Write it as people say it."""
        parts = [f"{self.years} years"] * (self.years > 0) + [f"{self.months} months"] * (self.months > 0)
        parts += [f"{self.days} days"] * (self.days > 0)
        text = " ".join(parts) or "at once"
        return f"{text} from the year's end" if self.from_year_end else text


def day_after(last: date) -> date:
    """Return the first day on which a period is over."""
    return last if last == date.max else last + _DAY
