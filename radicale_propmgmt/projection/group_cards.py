"""Group cards: one per group, for audiences whose devices show no CATEGORIES (iOS and macOS).

A group has its identity on the wire like a contact, under the negative of its id, so that every read works unchanged.
Whom its card lists stands in the place rows of a slice of its own (``members:SLUG``), maintained like every slice, so
that nothing about visibility is decided here. All groups that a unit of work moved are written once, at its end.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import Connection, func, insert, select

from radicale_propmgmt.db.tables import Card, GroupRow, Place, SlotRow, Wire
from radicale_propmgmt.domain.audiences import Audience, GroupStyle
from radicale_propmgmt.domain.books import BookKind
from radicale_propmgmt.projection.wanted import WantedCard, etag_of
from radicale_propmgmt.vcard.group_card import render_group_card
from radicale_propmgmt.vcard.limits import GROUP_MEMBERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from radicale_propmgmt.db.unit_of_work import UnitOfWork
    from radicale_propmgmt.domain.secrets import Secrets

#: An audience, and the slice of a group's members in it.
Pair = tuple[int, int]


class Group(NamedTuple):
    """A group as its card shows it."""

    contact_id: int  # on the wire: the negative of the group's id
    slot_id: int
    slug: str
    name: str
    uid: str | None  # None: no identity yet, as no card ever listed anybody


def list_groups(connection: Connection) -> list[Group]:
    """List the groups of which anybody ever was listed."""
    rows = connection.execute(
        select(-GroupRow.id, SlotRow.id, GroupRow.slug, GroupRow.name, Wire.uid)
        .join(SlotRow, SlotRow.group_id == GroupRow.id)
        .outerjoin(Wire, Wire.contact_id == -GroupRow.id)
        .where(SlotRow.kind == BookKind.MEMBERS.value)
        .order_by(GroupRow.id)
    )
    return [Group(*row) for row in rows]


def moved(audiences: Mapping[int, Audience], places: Iterable[Pair]) -> set[Pair]:
    """Pick, of places that came or went, those that may change a group card."""
    return {pair for pair in places if audiences[pair[0]].style is GroupStyle.CARDS}


def all_of(connection: Connection, audiences: Mapping[int, Audience], group_id: int | None = None) -> set[Pair]:
    """List all groups, or one, of all audiences that are shown group cards."""
    shown = [audience_id for audience_id, audience in audiences.items() if audience.style is GroupStyle.CARDS]
    if not shown:
        return set()
    slots = [group.slot_id for group in list_groups(connection) if group_id in {None, -group.contact_id}]
    return {(audience_id, slot_id) for audience_id in shown for slot_id in slots}


def wanted(uow: UnitOfWork, pairs: Iterable[Pair]) -> Iterator[tuple[int, dict[int, WantedCard | None]]]:
    """Compute group cards from the place rows of their members, audience by audience.

    Yields:
        An audience, and its cards by contact id on the wire; None = nobody is in that group, or too many for a card.
    """
    groups = {group.slot_id: group for group in _with_identity(uow, list_groups(uow.connection))}
    slots: dict[int, list[int]] = defaultdict(list)
    for audience_id, slot_id in sorted(pairs):
        if slot_id in groups:
            slots[audience_id].append(slot_id)
    for audience_id, own in slots.items():
        members = _members(uow.connection, audience_id, own)
        yield (
            audience_id,
            {groups[slot].contact_id: group_card(uow.secrets, groups[slot], members.get(slot, ())) for slot in own},
        )


def group_card(secrets: Secrets, group: Group, members: Iterable[str]) -> WantedCard | None:
    """Make the card of a group; ``members`` are the UIDs of those it lists."""
    uids = list(members)
    body = render_group_card(group.uid or "", group.name, uids) if uids else None
    return None if body is None else WantedCard(etag_of(secrets, group.contact_id, body), body, frozenset())


def _members(connection: Connection, audience_id: int, slots: Iterable[int]) -> dict[int, list[str]]:
    """Collect UIDs by slice, but for too many for a card; the contact's state is asked again, as on every read."""
    rows = connection.execute(
        select(Place.slot_id, func.aggregate_strings(Wire.uid, "\n"))
        .join(Wire, Wire.contact_id == Place.contact_id)
        .where(Place.audience_id == audience_id, Place.slot_id.in_(slots), Place.live.is_(True), Wire.state == 0)
        .group_by(Place.slot_id)
        .having(func.count() <= GROUP_MEMBERS)
    )
    return {slot_id: uids.split("\n") for slot_id, uids in rows if uids}


def _with_identity(uow: UnitOfWork, groups: list[Group]) -> list[Group]:
    """Give the groups that have none a random name and UID, for all accounts and for ever."""
    new = [
        {"contact_id": group.contact_id, "href": f"{uuid.uuid4()}.vcf", "uid": str(uuid.uuid4()), "state": 0}
        for group in groups
        if group.uid is None
    ]
    if not new:
        return groups
    uow.connection.execute(insert(Wire), new)
    return list_groups(uow.connection)


def list_left_out(connection: Connection, audience_ids: Iterable[int]) -> list[tuple[int, str]]:
    """List (audience, group) where members are visible and no card lists them: there are too many for one."""
    has_card = (
        select(Card.contact_id)
        .where(Card.audience_id == Place.audience_id, Card.contact_id == -SlotRow.group_id, Card.etag.is_not(None))
        .exists()
    )
    rows = connection.execute(
        select(Place.audience_id, GroupRow.slug)
        .join(SlotRow, SlotRow.id == Place.slot_id)
        .join(GroupRow, GroupRow.id == SlotRow.group_id)
        .where(
            Place.audience_id.in_(list(audience_ids)),
            SlotRow.kind == BookKind.MEMBERS.value,
            Place.live.is_(True),
            ~has_card,
        )
        .distinct()
        .order_by(Place.audience_id, GroupRow.slug)
    )
    return [(audience_id, slug) for audience_id, slug in rows]
