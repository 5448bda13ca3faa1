"""When time changes what is visible: the next local day on which a window begins or no longer holds."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from radicale_propmgmt.domain.rules import RuleSet
    from radicale_propmgmt.domain.visibility import Subject

_DAY = timedelta(days=1)
_Window = tuple[date | None, date | None]  # inclusive days; None = open


def next_boundary(subject: Subject, after: date) -> date | None:
    """Return the first day after ``after`` on which a window of the contact's own facts begins or has ended."""
    return _first(_subject_windows(subject), after)


def rule_boundaries(rules: RuleSet, names: frozenset[str], after: date) -> date | None:
    """Return the first day after ``after`` on which a rule that means one of ``names`` begins or has ended."""
    windows = [(rule.starts, rule.until) for rule in rules.shares_for(names)]
    windows += [(rule.starts, rule.until) for rule in rules.denies_for(names)]
    return _first(windows, after)


def _subject_windows(subject: Subject) -> list[_Window]:
    windows = [(link.starts, link.until) for link in subject.links]
    windows += [(grant.starts, grant.until) for grant in subject.grants]
    windows += [(agreed.starts, agreed.until) for agreed in subject.disclosures]
    windows += [(consent.given_on, consent.valid_until) for consent in subject.consents if not consent.withdrawn]
    return windows


def _first(windows: Iterable[_Window], after: date) -> date | None:
    days = [day for starts, until in windows for day in (starts, _day_after(until))]
    return min((day for day in days if day is not None and day > after), default=None)


def _day_after(until: date | None) -> date | None:
    return None if until is None or until == date.max else until + _DAY
