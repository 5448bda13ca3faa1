"""Grants (Einzelfreigaben), consents and disclosure agreements: per-contact facts that rules may ask for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Grant:
    """One contact shown to one account or team, with one profile; dates are inclusive local days."""

    to: str  # "account:LOGIN" or "team:NAME"
    profile: str
    starts: date | None = None
    until: date | None = None
    id: int = 0
    reason: str = ""

    def is_current(self, today: date) -> bool:
        """Tell whether the window holds today."""
        return (self.starts is None or self.starts <= today) and (self.until is None or today <= self.until)


@dataclass(frozen=True, slots=True)
class Consent:
    """Consent to one purpose (GDPR Art. 6(1)(a), 7); void once withdrawn or after ``valid_until``."""

    purpose: str
    given_on: date
    valid_until: date | None = None
    withdrawn: bool = False
    id: int = 0

    def is_current(self, today: date) -> bool:
        """Tell whether the consent holds today."""
        in_time = self.given_on <= today and (self.valid_until is None or today <= self.valid_until)
        return in_time and not self.withdrawn


@dataclass(frozen=True, slots=True)
class Disclosure:
    """An agreement that data may be passed on for one purpose; dates are inclusive local days."""

    purpose: str
    starts: date | None = None
    until: date | None = None
    basis: str = ""
    id: int = 0

    def is_current(self, today: date) -> bool:
        """Tell whether the agreement holds today."""
        return (self.starts is None or self.starts <= today) and (self.until is None or today <= self.until)
