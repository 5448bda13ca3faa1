"""The only thing the tests replace: time."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

BERLIN = ZoneInfo("Europe/Berlin")
#: The day on which the fixture of the demo is told.
MONDAY = datetime(2026, 6, 15, 10, tzinfo=BERLIN)


class TestClock:
    """A clock that stands still until a test moves it. Local times are Berlin's."""

    __test__ = False  # a helper, whatever its name

    def __init__(self, now: datetime = MONDAY) -> None:
        self._now = int(now.timestamp())

    def now(self) -> int:
        """Return the present as whole seconds since 1970 UTC."""
        return self._now

    def set(self, now: datetime | int) -> None:
        """Go to an instant; a naive ``datetime`` is Berlin's local time."""
        if isinstance(now, int):
            self._now = now
        else:
            self._now = int((now if now.tzinfo else now.replace(tzinfo=BERLIN)).timestamp())

    def set_day(self, day: date, at: time = time(10)) -> None:
        """Go to a local day, at ten in the morning unless told."""
        self.set(datetime.combine(day, at, tzinfo=BERLIN))

    def advance(self, **duration: float) -> None:
        """Let time pass: ``advance(days=1, seconds=-1)``."""
        self._now += int(timedelta(**duration).total_seconds())

    @property
    def today(self) -> date:
        """The local day."""
        return datetime.fromtimestamp(self._now, tz=BERLIN).date()
