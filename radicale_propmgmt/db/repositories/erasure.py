"""Delete all rows of a contact: what is listed here stays, everything else with a contact's number goes.

A table that is added later is erased from unless it says here why it need not be: whoever forgets errs on that side.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Connection, Table, delete, insert, or_, select, union, update

from radicale_propmgmt.db.base import Base
from radicale_propmgmt.db.repositories.contacts import chunks
from radicale_propmgmt.db.tables import (
    AuditPersonal,
    AuditRow,
    Card,
    CardPast,
    ContactRow,
    Fetched,
    GoneName,
    History,
    ProposalRow,
    RelationRow,
    Rendition,
    RenditionSearch,
    Wire,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from radicale_propmgmt.db.unit_of_work import UnitOfWork

#: Tables whose rows of an erased contact stay, and why. None of them holds personal data.
KEPT: dict[str, str] = {
    "wire": "the tombstone: a random name and a keyed MAC of the UID",
    "card": "which audiences must be told that the card is gone: numbers only",
    "place": "the same by book",
    "audit": "the chain: codes and numbers; its personal part is deleted",
    "suppressed": "keyed MACs by which a record of the contact is known again",
    "outbox": "ids and field names, never values: consumers must be told, too (Art. 19)",
}


class Tombstone(NamedTuple):
    """What is left of a contact on the wire."""

    href: str
    uid_mac: str | None


@cache
def _tables() -> tuple[tuple[Table, str], ...]:
    """Find the tables with rows of a contact, dependants first, and the columns that name it."""
    found = []
    for table in reversed(Base.metadata.sorted_tables):
        if table.name in {"contact", "rendition", *KEPT}:
            continue
        for column in table.columns:
            refers = any(key.column.table.name == "contact" for key in column.foreign_keys)
            if refers or column.name == "contact_id":
                found.append((table, column.name))
    return tuple(found)


def delete_contact(uow: UnitOfWork, contact_id: int) -> dict[str, int]:
    """Delete every row of a contact but its tombstones; counts rows by table. Its cards are gone before."""
    counts: dict[str, int] = {}
    personal = select(AuditRow.seq).where(AuditRow.contact_id == contact_id)
    counts["audit_personal"] = _deleted(uow, delete(AuditPersonal).where(AuditPersonal.seq.in_(personal)))
    for table, column in _tables():
        gone = _deleted(uow, delete(table).where(table.c[column] == contact_id))
        counts[table.name] = counts.get(table.name, 0) + gone
    own = select(Rendition.id).where(Rendition.contact_id == contact_id)
    _deleted(uow, delete(RenditionSearch).where(RenditionSearch.rendition_id.in_(own)))
    counts["rendition"] = _deleted(uow, delete(Rendition).where(Rendition.contact_id == contact_id))
    counts["contact"] = _deleted(uow, delete(ContactRow).where(ContactRow.id == contact_id))
    uow.connection.execute(update(Wire).where(Wire.contact_id == contact_id).values(uid=None, state=2))
    return {name: count for name, count in sorted(counts.items()) if count}


def _deleted(uow: UnitOfWork, statement: Any) -> int:
    return int(uow.connection.execute(statement).rowcount)


def tombstone_of(connection: Connection, contact_id: int) -> Tombstone:
    """Return what a contact leaves on the wire."""
    return Tombstone(*connection.execute(select(Wire.href, Wire.uid_mac).where(Wire.contact_id == contact_id)).one())


def put_tombstone(uow: UnitOfWork, href: str, uid_mac: str | None) -> None:
    """Put a tombstone for a contact that this database never had, under a number that nobody gets."""
    values = {"kind": "person", "created_at": uow.now, "changed_at": uow.now}
    contact_id = uow.connection.execute(insert(ContactRow).values(**values).returning(ContactRow.id)).scalar_one()
    uow.connection.execute(delete(ContactRow).where(ContactRow.id == contact_id))
    uow.connection.execute(insert(Wire).values(contact_id=contact_id, href=href, uid=None, uid_mac=uid_mac, state=2))


def delete_relations(uow: UnitOfWork, contact_id: int) -> None:
    """Delete what relates a contact, in both directions."""
    either = or_(RelationRow.contact_id == contact_id, RelationRow.other_id == contact_id)
    uow.connection.execute(delete(RelationRow).where(either))


def strip_history(uow: UnitOfWork, contact_id: int, classes: Iterable[str]) -> None:
    """Take some field classes out of a contact's history; that they changed stays."""
    gone = set(classes)
    rows = uow.connection.execute(
        select(History.id, History.before, History.after).where(History.contact_id == contact_id)
    ).all()
    for row in rows:
        left = [{key: value for key, value in part.items() if key not in gone} for part in (row.before, row.after)]
        if left != [row.before, row.after]:
            statement = update(History).where(History.id == row.id).values(before=left[0], after=left[1])
            uow.connection.execute(statement)


class OldText(NamedTuple):
    """The folded text of a rendition that no card shows: a base of merges."""

    rendition_id: int
    contact_id: int
    text: str


def list_old_texts(connection: Connection) -> list[OldText]:
    """List what renditions say that no card shows any more."""
    kept = [select(table.rendition_id) for table in (CardPast, Fetched)]
    based = select(ProposalRow.base_id).where(ProposalRow.base_id.is_not(None))
    asked = connection.scalars(union(*kept, based)).all()
    ids = {number for number in asked if number is not None}
    found: list[OldText] = []
    shows = (Card.contact_id == Rendition.contact_id, Card.rendition_id == Rendition.id)
    for chunk in chunks(sorted(ids)):
        shown = select(Card.rendition_id).where(*shows)
        statement = (
            select(Rendition.id, Rendition.contact_id, RenditionSearch.text)
            .join(RenditionSearch, RenditionSearch.rendition_id == Rendition.id)
            .where(Rendition.id.in_(chunk), ~shown.exists())
        )
        found.extend(OldText(*row) for row in connection.execute(statement))
    return found


def forget_renditions(uow: UnitOfWork, rendition_ids: Iterable[int]) -> None:
    """Forget renditions that no card shows, and that devices may have them: edits from there become conflicts."""
    for chunk in chunks(sorted(rendition_ids)):
        for table in (CardPast, Fetched):
            uow.connection.execute(delete(table).where(table.rendition_id.in_(chunk)))
        uow.connection.execute(update(ProposalRow).where(ProposalRow.base_id.in_(chunk)).values(base_id=None))
        uow.connection.execute(delete(RenditionSearch).where(RenditionSearch.rendition_id.in_(chunk)))
        uow.connection.execute(delete(Rendition).where(Rendition.id.in_(chunk)))


def list_gone_names(connection: Connection) -> list[tuple[int, str]]:
    """List names under which clients put cards that are not there: they may be made of a person's name."""
    rows = connection.execute(select(GoneName.id, GoneName.name).where(GoneName.name.is_not(None)))
    return [(number, name) for number, name in rows if name]


def forget_gone_names(uow: UnitOfWork, ids: Sequence[int]) -> None:
    """Forget such names; the rows stay, for tokens carry their seq."""
    uow.connection.execute(update(GoneName).where(GoneName.id.in_(ids)).values(name=None))


def list_bodies_of_proposals(connection: Connection) -> list[tuple[int, int, bytes]]:
    """List (proposal, contact, card as it was sent) of those that keep it."""
    rows = connection.execute(
        select(ProposalRow.id, ProposalRow.contact_id, ProposalRow.body).where(ProposalRow.body.is_not(None))
    )
    return [(number, contact_id, body) for number, contact_id, body in rows if body]


def delete_proposals(uow: UnitOfWork, ids: Sequence[int]) -> None:
    """Delete proposals."""
    uow.connection.execute(delete(ProposalRow).where(ProposalRow.id.in_(ids)))


def find_by_href(connection: Connection, href: str) -> tuple[int, int] | None:
    """Find a contact and its state by its name on the wire."""
    row = connection.execute(select(Wire.contact_id, Wire.state).where(Wire.href == href)).first()
    return None if row is None else (row.contact_id, row.state)
