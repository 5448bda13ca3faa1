"""When a block (Sperre) is looked at again, if nobody names a day; it never ends by itself."""

from __future__ import annotations

from datetime import date

from .periods import Period

#: Code → period. Codes that stand nowhere here stay open, unless the retention of the contact says a day.
_REVIEWS: dict[str, Period] = {
    "art18-1a": Period(months=1),  # the result of the check is owed within a month (GDPR Art. 12(3))
    "art18-1c": Period(months=12),
    "art18-1d": Period(months=1),
    "claims": Period(months=12),
    "dup": Period(days=30),
}
#: Hold until the contact is erased: their end is a day that its retention tells.
ENDS_WITH_ERASURE = frozenset({"ret", "consent"})
#: Nobody but who orders it knows the end.
NEEDS_UNTIL = frozenset({"ret-contract"})


def default_end(code: str, since: date) -> date | None:
    """Return the day on which a block of this code is to be looked at; None = it stays open."""
    period = _REVIEWS.get(code)
    return period.last_day(since) if period else None
