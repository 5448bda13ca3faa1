"""Links: which contact belongs to which property object, in which role, how long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Link:
    """Contact × object × unit? × role × from/until × group; dates are inclusive local days.

    A plain group membership is a link without an object: ``object_number`` is None and it has no window.
    """

    group: str  # slug
    object_number: str | None = None
    unit: str | None = None
    role: str | None = None
    starts: date | None = None
    until: date | None = None
    id: int = 0

    def is_current(self, today: date) -> bool:
        """Tell whether the window holds today."""
        return (self.starts is None or self.starts <= today) and (self.until is None or today <= self.until)

    def is_former(self, today: date) -> bool:
        """Tell whether the window has passed."""
        return self.until is not None and self.until < today
