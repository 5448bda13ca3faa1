"""``doctor``: recompute everything from scratch and report where the rows differ (I2)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Connection, select

from radicale_propmgmt.db.repositories.audiences import all_contact_ids, used_audiences
from radicale_propmgmt.db.repositories.contacts import chunks
from radicale_propmgmt.db.tables import Card, Place, Rendition, SlotRow
from radicale_propmgmt.domain.books import BookKind
from radicale_propmgmt.domain.clock import local_day
from radicale_propmgmt.projection import group_cards
from radicale_propmgmt.projection.due import effective_now
from radicale_propmgmt.projection.project import project_everything, wire_etag
from radicale_propmgmt.projection.reading import read_head
from radicale_propmgmt.projection.rules import rules_at
from radicale_propmgmt.projection.wanted import Facts, WantedCard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from radicale_propmgmt.db.unit_of_work import Database


@dataclass(frozen=True, slots=True)
class Difference:
    """One row that is not what ``visible`` says; ids only."""

    kind: str  # card missing | card too many | card stale | place missing | place too many | seq ahead
    audience_id: int
    contact_id: int


def check(database: Database) -> list[Difference]:
    """Compare every audience's rows with the projection computed from scratch, in one snapshot."""
    with database.read() as connection:
        head = read_head(connection)
        today = local_day(effective_now(database, head), database.zone)
        rules = rules_at(database, connection, head.rules_version)
        audiences = used_audiences(connection)
        members: dict[int, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        found: list[Difference] = []
        for chunk in chunks(all_contact_ids(connection)):
            facts = Facts.load(connection, chunk, rules=rules, secrets=database.secrets, today=today)
            for audience_id, (audience, seq) in audiences.items():
                wanted = facts.cards_for(audience)
                found.extend(_cards(connection, audience_id, chunk, wanted, seq))
                found.extend(_places(connection, audience_id, chunk, wanted))
                _note_members(members[audience_id], wanted, facts)
        groups = group_cards.list_groups(connection)
        for audience_id, (_, seq) in audiences.items():
            cards = {
                group.contact_id: card
                for group in groups
                if (card := group_cards.group_card(database.secrets, group, members[audience_id][group.slug]))
            }
            found.extend(_cards(connection, audience_id, [group.contact_id for group in groups], cards, seq))
    return found


def _note_members(members: dict[str, list[str]], wanted: dict[int, WantedCard], facts: Facts) -> None:
    """Note whom group cards should list; only an audience that has any gets slices of members."""
    for contact_id, card in wanted.items():
        for slot in card.slots:
            if slot.kind is BookKind.MEMBERS and slot.group is not None:
                members[slot.group].append(facts.contacts[contact_id].uid)


def groups_left_out(database: Database) -> list[tuple[int, str]]:
    """List (audience, group) whose card has too many members to be shown: no difference, but good to know."""
    with database.read() as connection:
        return group_cards.list_left_out(connection, used_audiences(connection))


def repair(database: Database, actor: str) -> None:
    """Write what ``check`` found: the ordinary projection of everything."""
    with database.write(actor) as uow:
        project_everything(uow)


def _cards(
    connection: Connection, audience_id: int, ids: list[int], wanted: dict[int, WantedCard], newest: int
) -> Iterator[Difference]:
    rows = {
        row.contact_id: row
        for row in connection.execute(
            select(Card.contact_id, Card.etag, Card.nudges, Card.seq, Rendition.body)
            .outerjoin(Rendition, Rendition.id == Card.rendition_id)
            .where(Card.audience_id == audience_id, Card.contact_id.in_(ids))
        )
    }
    for contact_id in ids:
        row, card = rows.get(contact_id), wanted.get(contact_id)
        live = row is not None and row.etag is not None
        if row is not None and row.seq > newest:
            yield Difference("seq ahead", audience_id, contact_id)
        if card is None and live:
            yield Difference("card too many", audience_id, contact_id)
        elif card is not None and not live:
            yield Difference("card missing", audience_id, contact_id)
        elif (
            card is not None
            and row is not None
            and (row.body != card.body or row.etag != wire_etag(card.etag, row.nudges))
        ):
            yield Difference("card stale", audience_id, contact_id)


def _places(
    connection: Connection, audience_id: int, ids: list[int], wanted: dict[int, WantedCard]
) -> Iterator[Difference]:
    rows: dict[int, set[str]] = defaultdict(set)
    for contact_id, segment in connection.execute(
        select(Place.contact_id, SlotRow.segment)
        .join(SlotRow, SlotRow.id == Place.slot_id)
        .where(Place.audience_id == audience_id, Place.contact_id.in_(ids), Place.live.is_(True))
    ):
        rows[contact_id].add(segment)
    for contact_id in ids:
        card = wanted.get(contact_id)
        should = {slot.segment for slot in card.slots} if card is not None else set()
        if should - rows[contact_id]:
            yield Difference("place missing", audience_id, contact_id)
        if rows[contact_id] - should:
            yield Difference("place too many", audience_id, contact_id)
