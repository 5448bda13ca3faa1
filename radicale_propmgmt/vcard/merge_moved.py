"""What somebody else changed since a card was served."""

from __future__ import annotations

from collections import Counter

from radicale_propmgmt.domain.contacts import ContactData
from radicale_propmgmt.domain.fields import FieldClass, Fields

from .meaning import row_of
from .merge_texts import moved_texts
from .sent import Side


def moved_classes(base: Side, seen: Side, current: ContactData, region: str) -> Fields:
    """Name the field classes in which the current card says something else than the base did."""
    moved = moved_texts(base, seen, current)
    old, now = (Counter(row_of(value, region).meaning for value in side.values) for side in (base, seen))
    if old != now:
        known = {
            row.meaning: row.field_class for side in (base, seen) for row in (row_of(v, region) for v in side.values)
        }
        moved |= {known[meaning] for meaning in (old - now) + (now - old)}
    if Counter(base.accounts) != Counter(seen.accounts):
        moved.add(FieldClass.BANK)
    if Counter(base.mandates) != Counter(seen.mandates):
        moved.add(FieldClass.SEPA)
    if Counter(base.name_extra) != Counter(seen.name_extra):
        moved.add(FieldClass.NAME)
    return frozenset(moved)
