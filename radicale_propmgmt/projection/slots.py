"""Slots and books as rows: made when first needed, never deleted."""

from __future__ import annotations

import secrets as random_source
from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from radicale_propmgmt.db.tables import BookRow, GroupRow, ObjectRow, SlotRow
from radicale_propmgmt.domain.books import ALL_SEGMENT, GRANTS_SLOT, BookKind, Slot

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from radicale_propmgmt.domain.audiences import Audience
    from radicale_propmgmt.domain.rules import RuleSet


def slot_ids(connection: Connection, slots: Iterable[Slot]) -> dict[Slot, int]:
    """Return the ids of slots, making rows for new ones."""
    wanted = {slot.segment: slot for slot in slots}
    if not wanted:
        return {}
    found = dict(connection.execute(select(SlotRow.segment, SlotRow.id).where(SlotRow.segment.in_(wanted))).all())
    for segment, slot in wanted.items():
        if segment not in found:
            found[segment] = _insert_slot(connection, slot)
    return {slot: found[segment] for segment, slot in wanted.items()}


def _insert_slot(connection: Connection, slot: Slot) -> int:
    group_id = connection.scalar(select(GroupRow.id).where(GroupRow.slug == slot.group)) if slot.group else None
    object_id = (
        connection.scalar(select(ObjectRow.id).where(ObjectRow.number == slot.object_number))
        if slot.object_number
        else None
    )
    return connection.execute(
        insert(SlotRow)
        .values(kind=slot.kind.value, segment=slot.segment, group_id=group_id, object_id=object_id)
        .returning(SlotRow.id)
    ).scalar_one()


def ensure_books(connection: Connection, audience_id: int, ids: dict[Slot, int]) -> None:
    """Make the missing books of an audience: of all contacts, and of these slots."""
    wanted: dict[str, tuple[BookKind, int | None]] = {ALL_SEGMENT: (BookKind.ALL, None)}
    wanted.update(
        {slot.segment: (slot.kind, slot_id) for slot, slot_id in ids.items() if slot.kind is not BookKind.MEMBERS}
    )
    present = set(connection.scalars(select(BookRow.segment).where(BookRow.audience_id == audience_id)))
    missing = [
        {
            "audience_id": audience_id,
            "segment": segment,
            "kind": kind.value,
            "token_id": random_source.token_hex(12),
            "slot_id": slot_id,
        }
        for segment, (kind, slot_id) in wanted.items()
        if segment not in present
    ]
    if missing:
        connection.execute(insert(BookRow), missing)


def named_slots(connection: Connection, audience: Audience, rules: RuleSet) -> set[Slot]:
    """List the slots that rules name outright: their books are listed even while they are empty.

    A rule that lets clients create names every group it allows: else nobody could make the first contact of one.
    """
    groups = set(connection.scalars(select(GroupRow.slug)))
    objects = set(connection.scalars(select(ObjectRow.number)))
    slots: set[Slot] = {GRANTS_SLOT}
    shares = rules.shares_for(audience.names)
    kinds = {kind for rule in shares for kind in rule.books}
    for rule in shares:
        creates = groups if rule.create != "no" else set()
        own_groups = groups & rule.groups if rule.groups is not None else creates
        own_objects = objects & rule.objects if rule.objects is not None else set()
        if BookKind.GROUP in kinds:
            slots |= {Slot(BookKind.GROUP, group) for group in own_groups}
        if BookKind.OBJECT in kinds:
            slots |= {Slot(BookKind.OBJECT, None, number) for number in own_objects}
        if BookKind.OBJECT_GROUP in kinds:
            slots |= {Slot(BookKind.OBJECT_GROUP, g, n) for g in own_groups for n in own_objects}
    return slots
