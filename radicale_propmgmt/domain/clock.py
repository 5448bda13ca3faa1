"""Time comes from a clock; inside it is UTC seconds, legal dates are local days."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo


class Clock(Protocol):
    """Where time comes from. The only thing tests replace."""

    def now(self) -> int:
        """Return the present as whole seconds since 1970 UTC."""
        ...


class WallClock:
    """The machine's clock."""

    def now(self) -> int:
        """Return the present as whole seconds since 1970 UTC."""
        return int(time.time())


class ShiftedClock:
    """A clock that starts at a given instant and runs on; honoured only by demo and test databases."""

    def __init__(self, start: datetime) -> None:
        self._offset = int(start.timestamp()) - int(time.time())

    def now(self) -> int:
        """Return the shifted present as whole seconds since 1970 UTC."""
        return int(time.time()) + self._offset


def local_day(now: int, zone: ZoneInfo) -> date:
    """Name the local day an instant falls on."""
    return datetime.fromtimestamp(now, tz=UTC).astimezone(zone).date()


def day_begins(day: date, zone: ZoneInfo) -> int:
    """Return the instant a local day begins, in seconds since 1970 UTC."""
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp())


def day_after(day: date) -> date:
    """Return the next day: the first on which an inclusive ``until`` no longer holds."""
    return day + timedelta(days=1)
