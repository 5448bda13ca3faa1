"""Recurrence rules before anything follows them (RFC 5545 §3.3.10): how many steps they take, and whether they lead
anywhere. A rule of 60 bytes can ask for a billion instances, or look for the 30th of February until the year 9999.
"""  # noqa: D205 - one sentence

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from .times import read_instant

_PARTS = re.compile(r"([A-Z]{4,10})=([A-Z0-9,+-]{1,2000})")
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_BYDAY = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)")
#: Frequency → periods in a year, and days in a period.
_PERIODS = {"YEARLY": (1, 366), "MONTHLY": (12, 31), "WEEKLY": (53, 7), "DAILY": (366, 1), "HOURLY": (8784, 1)}
_YEAR = 366 * 86400
#: Instances in a year, at most: one an hour.
RATE = 9000
#: Periods of a frequency in which a rule has to find an instance.
_TRIED = {"YEARLY": 12, "MONTHLY": 60, "WEEKLY": 60, "DAILY": 1500, "HOURLY": 1500}
_LISTS = {
    "BYSECOND": (0, 60),
    "BYMINUTE": (0, 59),
    "BYHOUR": (0, 23),
    "BYMONTHDAY": (-31, 31),
    "BYYEARDAY": (-366, 366),
    "BYWEEKNO": (-53, 53),
    "BYMONTH": (1, 12),
    "BYSETPOS": (-366, 366),
}


class NotARuleError(ValueError):
    """A recurrence rule that cannot be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule; ``lists`` holds its BY parts but BYDAY, whose entries are (ordinal or 0, weekday)."""

    frequency: str
    interval: int = 1
    count: int | None = None
    until: int | None = None
    lists: dict[str, frozenset[int]]
    days: frozenset[tuple[int, int]] = frozenset()

    @property
    def rate(self) -> int:
        """Instances in a year, at most."""
        periods, days = _PERIODS[self.frequency]
        picks_days = self.days or self.lists.keys() & {"BYMONTHDAY", "BYYEARDAY", "BYWEEKNO"}
        per_period = days if picks_days else len(self.lists.get("BYMONTH", (1,))) if self.frequency == "YEARLY" else 1
        for name in ("BYHOUR", "BYMINUTE", "BYSECOND"):
            per_period *= len(self.lists.get(name, (1,)))
        return max(1, periods // self.interval) * per_period

    @property
    def is_finite(self) -> bool:
        """Tell whether it ends."""
        return self.count is not None or self.until is not None

    @property
    def is_yearly_once(self) -> bool:
        """Tell whether it is a rule as zones have it: some days of a month, once a year."""
        return self.frequency == "YEARLY" and self.interval == 1 and not self.lists.keys() - {"BYMONTH", "BYMONTHDAY"}

    def steps(self, start: int, until: int) -> int:
        """Estimate the steps from its start to an instant. Unit: instances or periods, whichever are more."""
        if self.until is not None:
            until = min(until, self.until + 86400)
        years = max(0, until - start) / _YEAR
        periods, _ = _PERIODS[self.frequency]
        walked = int((years + 1) * max(self.rate, periods // self.interval))
        return walked if self.count is None else min(walked, self.count * max(1, _TRIED[self.frequency] // 12))

    def is_hopeless(self, start: int) -> bool:
        """Tell whether it has more instances than anybody needs, or finds none within years."""
        return self.rate > RATE or not self._finds_a_day(start)

    def _finds_a_day(self, start: int) -> bool:
        if not (self.days or self.lists.keys() & {"BYMONTH", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYSETPOS"}):
            return True
        try:
            first = datetime.fromtimestamp(start, UTC).date()
        except (ValueError, OverflowError):
            return False
        wanted = min((abs(position) for position in self.lists.get("BYSETPOS", ())), default=1)
        times = 1
        for name in ("BYHOUR", "BYMINUTE", "BYSECOND"):
            times *= len(self.lists.get(name, (1,)))
        for number in range(_TRIED[self.frequency]):
            days = self._period(first, number * self.interval)
            if not days:
                return False
            if sum(self._allows(day, first) for day in days) * times >= wanted:
                return True
        return False

    def _period(self, first: date, number: int) -> list[date]:
        """List the days of the period so many periods after that of the first instance; none beyond the calendar."""
        try:
            if self.frequency == "YEARLY":
                begin, end = date(first.year + number, 1, 1), date(first.year + number + 1, 1, 1)
            elif self.frequency == "MONTHLY":
                months = first.year * 12 + first.month - 1 + number
                begin, end = (date(m // 12, m % 12 + 1, 1) for m in (months, months + 1))
            else:
                length = {"WEEKLY": 7}.get(self.frequency, 1)
                hours = number if self.frequency == "HOURLY" else number * 24 * length
                begin = first - timedelta(days=first.weekday() if length == 7 else 0) + timedelta(hours=hours)
                end = begin + timedelta(days=length)
        except (ValueError, OverflowError):
            return []
        return [begin + timedelta(days=day) for day in range((end - begin).days)]

    def _allows(self, day: date, first: date) -> bool:
        lists = self.lists
        of_year, week = day.timetuple().tm_yday, day.isocalendar().week
        places = {
            "BYMONTH": {day.month},
            "BYMONTHDAY": {day.day, day.day - _month_length(day) - 1},
            "BYYEARDAY": {of_year, of_year - _year_length(day) - 1},
            "BYWEEKNO": {week, week - date(day.year, 12, 28).isocalendar().week - 1},
        }
        if any(name in lists and not lists[name] & numbers for name, numbers in places.items()):
            return False
        if self.days:
            return any(weekday == day.weekday() and self._is_nth(ordinal, day) for ordinal, weekday in self.days)
        if self.frequency == "MONTHLY" and not lists.keys() & {"BYMONTHDAY"}:
            return day.day == first.day
        if self.frequency == "YEARLY" and not lists.keys() & {"BYMONTHDAY", "BYYEARDAY", "BYWEEKNO"}:
            return day.day == first.day and ("BYMONTH" in lists or day.month == first.month)
        return True

    def _is_nth(self, ordinal: int, day: date) -> bool:
        if ordinal == 0 or self.frequency not in {"YEARLY", "MONTHLY"}:
            return True
        if self.frequency == "MONTHLY" or "BYMONTH" in self.lists:
            before, after = day.day - 1, _month_length(day) - day.day
        else:
            before = day.timetuple().tm_yday - 1
            after = _year_length(day) - before - 1
        return ordinal in {before // 7 + 1, -(after // 7 + 1)}


def _month_length(day: date) -> int:
    return ((day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)).day if day.year < 9999 else 31


def _year_length(day: date) -> int:
    return date(day.year, 12, 31).timetuple().tm_yday


def read_rule(text: str) -> Rule:
    """Read a rule.

    Raises:
        NotARuleError: It is none, or one by the minute or second.
    """
    parts: dict[str, str] = {}
    for part in text.replace("\\", "").strip().rstrip(";").upper().split(";"):
        found = _PARTS.fullmatch(part.strip())
        if found is None or found[1] in parts:
            raise NotARuleError
        parts[found[1]] = found[2]
    frequency = parts.pop("FREQ", "")
    if frequency not in _PERIODS:
        raise NotARuleError
    parts.pop("WKST", None)
    until = parts.pop("UNTIL", None)
    rule = Rule(
        frequency=frequency,
        interval=_number(parts.pop("INTERVAL", "1"), 1, 100_000),
        count=_number(parts.pop("COUNT"), 1, 10**9) if "COUNT" in parts else None,
        until=None if until is None else _instant(until),
        days=_days(parts.pop("BYDAY", "")),
        lists={name: _numbers(name, value) for name, value in parts.items()},
    )
    if rule.lists.get("BYMONTHDAY", frozenset()) == {0}:
        raise NotARuleError
    return rule


def _number(text: str, least: int, most: int) -> int:
    if not re.fullmatch(r"[+-]?\d{1,10}", text) or not least <= int(text) <= most:
        raise NotARuleError
    return int(text)


def _instant(text: str) -> int:
    found = read_instant(text)
    if found is None:
        raise NotARuleError
    return found


def _numbers(name: str, text: str) -> frozenset[int]:
    if name not in _LISTS:
        raise NotARuleError
    return frozenset(_number(part, *_LISTS[name]) for part in text.split(","))


def _days(text: str) -> frozenset[tuple[int, int]]:
    made = set()
    for part in text.split(",") if text else ():
        found = _BYDAY.fullmatch(part)
        if found is None:
            raise NotARuleError
        made.add((int(found[1] or 0), _DAYS.index(found[2])))
    return frozenset(made)
