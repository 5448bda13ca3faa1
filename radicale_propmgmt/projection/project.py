"""``project``: whatever changed, make the rows equal to what ``visible`` says, writing only what differs."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import bindparam, delete, insert, select, update

from radicale_propmgmt.db.repositories import audiences as known
from radicale_propmgmt.db.repositories.contacts import chunks, related_ids
from radicale_propmgmt.db.tables import (
    AudienceRow,
    Card,
    CardPast,
    Due,
    Place,
    Rendition,
    RenditionSearch,
)
from radicale_propmgmt.domain.audiences import Audience
from radicale_propmgmt.domain.clock import day_begins
from radicale_propmgmt.domain.windows import next_boundary, rule_boundaries
from radicale_propmgmt.projection import group_cards
from radicale_propmgmt.projection.inbox import project_inbox
from radicale_propmgmt.projection.rules import rules_of
from radicale_propmgmt.projection.slots import ensure_books, named_slots, slot_ids
from radicale_propmgmt.projection.wanted import Facts, WantedCard
from radicale_propmgmt.vcard.card import search_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from radicale_propmgmt.db.unit_of_work import UnitOfWork
    from radicale_propmgmt.domain.books import Slot
    from radicale_propmgmt.domain.rules import RuleSet

#: Contacts whose facts are held in memory at once.
BATCH = 500


def project(uow: UnitOfWork, contact_ids: Iterable[int]) -> None:
    """Bring every audience's rows in line after these contacts changed.

    Closes over one hop: related contacts carry the names of the changed ones, and lose them when these vanish.
    Writes only rows whose bytes, presence or membership differ.
    """
    ids = set(contact_ids)
    ids |= related_ids(uow.connection, ids)
    audiences = used_audiences(uow)
    for chunk in chunks(sorted(ids)):
        _project_chunk(uow, audiences, chunk)


def project_audience(uow: UnitOfWork, audience_id: int) -> None:
    """Bring one audience's rows in line, for all contacts: a new audience, new rules, a rule's window."""
    audience = Audience.from_key(
        uow.connection.execute(select(AudienceRow.key).where(AudienceRow.id == audience_id)).scalar_one()
    )
    rules = rules_of(uow)
    kinds = {kind.value for rule in rules.shares_for(audience.names) for kind in rule.books}
    uow.connection.execute(
        update(AudienceRow).where(AudienceRow.id == audience_id).values(kinds=" ".join(sorted(kinds)))
    )
    named = slot_ids(uow.connection, named_slots(uow.connection, audience, rules))
    ensure_books(uow.connection, audience_id, named)
    for chunk in chunks(known.all_contact_ids(uow.connection)):
        _project_chunk(uow, {audience_id: audience}, chunk)
    uow.at_end(_project_groups, group_cards.all_of(uow.connection, {audience_id: audience}))
    project_inbox(uow)
    _plan_rules(uow, audience_id, audience)


def project_everything(uow: UnitOfWork, before: RuleSet | None = None) -> None:
    """Bring all rows in line: new rules, a new renderer, or ``doctor --repair``.

    Args:
        uow: The unit of work.
        before: The rules until now, if nothing but the rules changed: audiences of which the new ones say the same
            are left alone, so that the lock is held for the others only.
    """
    rules = rules_of(uow)
    audiences = {
        audience_id: audience
        for audience_id, audience in used_audiences(uow).items()
        if before is None or not rules.says_the_same(before, audience.names)
    }
    for audience_id, audience in audiences.items():
        kinds = {kind.value for rule in rules.shares_for(audience.names) for kind in rule.books}
        uow.connection.execute(
            update(AudienceRow).where(AudienceRow.id == audience_id).values(kinds=" ".join(sorted(kinds)))
        )
        ensure_books(
            uow.connection, audience_id, slot_ids(uow.connection, named_slots(uow.connection, audience, rules))
        )
        _plan_rules(uow, audience_id, audience)
    for chunk in chunks(known.all_contact_ids(uow.connection) if audiences else ()):
        _project_chunk(uow, audiences, chunk)
    uow.at_end(_project_groups, group_cards.all_of(uow.connection, audiences))
    project_inbox(uow)


def project_group(uow: UnitOfWork, group_id: int) -> None:
    """Bring the cards of a group in line after it was renamed; those of its members are ``project``'s."""
    uow.at_end(_project_groups, group_cards.all_of(uow.connection, used_audiences(uow), group_id))


def used_audiences(uow: UnitOfWork) -> dict[int, Audience]:
    """List the audiences that are read; one that is not is brought in line when somebody gets it again."""
    return {audience_id: audience for audience_id, (audience, _) in known.used_audiences(uow.connection).items()}


def _project_chunk(uow: UnitOfWork, audiences: Mapping[int, Audience], ids: list[int]) -> None:
    facts = Facts.load(uow.connection, ids, rules=rules_of(uow), secrets=uow.secrets, today=uow.today)
    writer = _Writer(uow, ids)
    for audience_id, audience in audiences.items():
        writer.write(audience_id, facts.cards_for(audience))
    writer.flush()
    uow.at_end(_project_groups, group_cards.moved(audiences, writer.members))
    _plan_contacts(uow, facts)


def _project_groups(uow: UnitOfWork, pairs: set[group_cards.Pair]) -> None:
    """Bring the group cards of some audiences in line: once per unit of work, whatever moved in it."""
    for audience_id, cards in group_cards.wanted(uow, pairs):
        writer = _Writer(uow, sorted(cards))
        writer.write(audience_id, {contact_id: card for contact_id, card in cards.items() if card is not None})
        writer.flush()


class _CardNow(NamedTuple):
    seq: int
    first_seq: int
    rendition_id: int | None
    etag: str | None
    nudges: int


class _PlaceNow(NamedTuple):
    first_seq: int
    live: bool


@dataclass
class _Writer:
    """Compares wanted cards with the rows of some contacts and writes the difference, each statement once."""

    uow: UnitOfWork
    ids: list[int]
    cards: dict[tuple[int, int], _CardNow] = field(init=False)
    places: dict[tuple[int, int], dict[int, _PlaceNow]] = field(init=False)
    renditions: dict[tuple[int, str], int] = field(init=False)
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    lines: dict[str, str] = field(default_factory=dict)  # of cards, folded for searching: contacts' cards share most
    members: set[tuple[int, int]] = field(default_factory=set)  # (audience, slot) that somebody entered or left

    def __post_init__(self) -> None:
        connection = self.uow.connection
        self.cards = {
            (row.audience_id, row.contact_id): _CardNow(row.seq, row.first_seq, row.rendition_id, row.etag, row.nudges)
            for row in connection.execute(select(Card.__table__).where(Card.contact_id.in_(self.ids)))
        }
        self.places = defaultdict(dict)
        for row in connection.execute(select(Place.__table__).where(Place.contact_id.in_(self.ids))):
            self.places[row.audience_id, row.contact_id][row.slot_id] = _PlaceNow(row.first_seq, row.live)
        self.renditions = {
            (row.contact_id, row.etag): row.id
            for row in connection.execute(
                select(Rendition.id, Rendition.contact_id, Rendition.etag).where(Rendition.contact_id.in_(self.ids))
            )
        }

    def write(self, audience_id: int, wanted: Mapping[int, WantedCard]) -> None:
        """Compare one audience and note what is to be written under its next seq."""
        connection = self.uow.connection
        slots = {slot for card in wanted.values() for slot in card.slots}
        ids = slot_ids(connection, slots)
        seq = connection.execute(select(AudienceRow.seq).where(AudienceRow.id == audience_id)).scalar_one() + 1
        before = sum(map(len, self.rows.values()))
        for contact_id in self.ids:
            card = wanted.get(contact_id)
            moved = self._write_card(audience_id, contact_id, card, seq)
            self._write_places(audience_id, contact_id, card, ids, seq, moved=moved)
        if sum(map(len, self.rows.values())) > before:
            ensure_books(connection, audience_id, ids)
            connection.execute(update(AudienceRow).where(AudienceRow.id == audience_id).values(seq=seq))

    def _write_card(self, audience_id: int, contact_id: int, card: WantedCard | None, seq: int) -> bool:
        now = self.cards.get((audience_id, contact_id))
        if card is None:
            if now is None or now.etag is None:
                return False
            self.rows["card gone"].append({"a": audience_id, "c": contact_id, "n": seq})
            self._end(audience_id, contact_id, now, seq)
            return True
        rendition_id = self._rendition(contact_id, card)
        if now is not None and now.etag is not None and now.rendition_id == rendition_id:
            return False
        nudges = now.nudges if now is not None else 0
        etag = wire_etag(card.etag, nudges)
        if now is None:
            self.rows["card new"].append(
                {
                    "audience_id": audience_id,
                    "contact_id": contact_id,
                    "seq": seq,
                    "first_seq": seq,
                    "rendition_id": rendition_id,
                    "etag": etag,
                    "nudges": 0,
                }
            )
        else:
            self.rows["card moved"].append({"a": audience_id, "c": contact_id, "n": seq, "r": rendition_id, "e": etag})
            self._end(audience_id, contact_id, now, seq)
        return True

    def _end(self, audience_id: int, contact_id: int, now: _CardNow, seq: int) -> None:
        """Keep what the card was until now: the edits of devices that hold it are merged from there (M7)."""
        if now.etag is not None:
            self.rows["past"].append(
                {
                    "audience_id": audience_id,
                    "contact_id": contact_id,
                    "seq": now.seq,
                    "until": seq,
                    "rendition_id": now.rendition_id,
                    "ended_at": self.uow.now,
                }
            )

    def _write_places(
        self,
        audience_id: int,
        contact_id: int,
        card: WantedCard | None,
        ids: Mapping[Slot, int],
        seq: int,
        *,
        moved: bool,
    ) -> None:
        now = self.places.get((audience_id, contact_id), {})
        want = {ids[slot] for slot in card.slots} if card is not None else set()
        for slot_id, place in now.items():
            live = slot_id in want
            if live != place.live:
                self.members.add((audience_id, slot_id))
            if live != place.live or (live and moved):
                self.rows["place moved"].append({"a": audience_id, "c": contact_id, "s": slot_id, "n": seq, "l": live})
        new = want - now.keys()
        self.members.update((audience_id, slot_id) for slot_id in new)
        self.rows["place new"].extend(
            {
                "audience_id": audience_id,
                "contact_id": contact_id,
                "slot_id": slot_id,
                "seq": seq,
                "first_seq": seq,
                "live": True,
            }
            for slot_id in new
        )

    def _rendition(self, contact_id: int, card: WantedCard) -> int:
        key = (contact_id, card.etag)
        known = self.renditions.get(key)
        if known is None:
            known = self.renditions[key] = self.uow.next_id()
            self.rows["rendition"].append({"id": known, "contact_id": contact_id, "etag": card.etag, "body": card.body})
            self.rows["search"].append({"rendition_id": known, "folded": search_text(card.body, self.lines)})
        return known

    def flush(self) -> None:
        """Send the noted rows, one statement a kind."""
        for kind, statement in _STATEMENTS.items():
            if self.rows[kind]:
                self.uow.connection.execute(statement, self.rows[kind])


def wire_etag(etag: str, nudges: int) -> str:
    """Return the ETag as clients see it: the representation's, plus how often it was nudged."""
    return f"{etag}.{nudges}" if nudges else etag


_OWN_CARD = (Card.audience_id == bindparam("a")) & (Card.contact_id == bindparam("c"))
_OWN_PLACE = (
    (Place.audience_id == bindparam("a")) & (Place.contact_id == bindparam("c")) & (Place.slot_id == bindparam("s"))
)
_STATEMENTS: dict[str, Any] = {
    "rendition": insert(Rendition),
    "search": insert(RenditionSearch),
    "past": insert(CardPast),
    "card new": insert(Card),
    "card moved": update(Card)
    .where(_OWN_CARD)
    .values(seq=bindparam("n"), rendition_id=bindparam("r"), etag=bindparam("e")),
    "card gone": update(Card).where(_OWN_CARD).values(seq=bindparam("n"), rendition_id=None, etag=None),
    "place new": insert(Place),
    "place moved": update(Place).where(_OWN_PLACE).values(seq=bindparam("n"), live=bindparam("l")),
}


def _plan_contacts(uow: UnitOfWork, facts: Facts) -> None:
    """Note for each contact when its next window begins or ends."""
    uow.connection.execute(delete(Due).where(Due.contact_id.in_(facts.affected)))
    rows = []
    for contact_id in facts.affected:
        subject = facts.subjects.get(contact_id)
        day = next_boundary(subject, facts.today) if subject is not None else None
        if day is not None:
            rows.append({"at": day_begins(day, uow.database.zone), "contact_id": contact_id, "audience_id": None})
    if rows:
        uow.connection.execute(insert(Due), rows)


def _plan_rules(uow: UnitOfWork, audience_id: int, audience: Audience) -> None:
    """Note for an audience when the next window of a rule that means it begins or ends."""
    uow.connection.execute(delete(Due).where(Due.audience_id == audience_id))
    day = rule_boundaries(rules_of(uow), audience.names, uow.today)
    if day is not None:
        at = day_begins(day, uow.database.zone)
        uow.connection.execute(insert(Due).values(at=at, contact_id=None, audience_id=audience_id))
