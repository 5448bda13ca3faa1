"""All queries of the delivery ledger: what devices were issued, fetched by themselves and confirmed."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Delete,
    Select,
    Update,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from radicale_propmgmt.db.tables import BookRow, Card, Delivery, Fetched, GoneName, Place, RefusedWrites

if TYPE_CHECKING:
    from collections.abc import Iterable

    from radicale_propmgmt.domain.books import Book


#: ``whole`` of a book that a device gave up for another audience's, as it confirmed.
REPLACED = -1


class Delivered(NamedTuple):
    """The newest seq of a book, and what one device was issued of it so far; 0 for nothing."""

    newest: int
    issued: int
    whole: int
    confirmed: int


class Told(NamedTuple):
    """As of when an audience's book told a device of all its cards (0: never), and up to when of some."""

    audience_id: int
    whole: int
    issued: int


@cache
def _find(*, in_slot: bool) -> Select[*tuple[Any, ...]]:
    newest = select(func.max(Card.seq)).where(Card.audience_id == bindparam("audience"))
    if in_slot:
        newest = select(func.max(Place.seq)).where(
            Place.audience_id == bindparam("audience"), Place.slot_id == bindparam("slot")
        )
    own = (GoneName.book_id == bindparam("book")) & (GoneName.account_id == bindparam("account"))
    gone = select(func.max(GoneName.seq)).where(own)
    mine = and_(Delivery.book_id == BookRow.id, Delivery.device_id == bindparam("device"))
    return (
        select(
            func.coalesce(newest.scalar_subquery(), 0),
            func.coalesce(gone.scalar_subquery(), 0),
            func.coalesce(Delivery.issued, 0),
            func.coalesce(Delivery.whole, 0),
            func.coalesce(Delivery.confirmed, 0),
        )
        .select_from(BookRow)
        .outerjoin(Delivery, mine)
        .where(BookRow.id == bindparam("book"))
    )


def find(connection: Connection, book: Book, device_id: int) -> Delivered:
    """Find what a device was issued of a book. One statement, index seeks only."""
    values = {"audience": book.audience_id, "slot": book.slot_id, "book": book.id}
    statement = _find(in_slot=book.slot_id is not None)
    row = connection.execute(statement, values | {"device": device_id, "account": book.account_id}).one()
    return Delivered(max(row[0], row[1]), *row[2:])


def find_fetched(connection: Connection, device_id: int, book_id: int, contact_ids: Iterable[int]) -> dict[int, int]:
    """Find which of some cards a device fetched by themselves: contact → rendition."""
    mine = (Fetched.device_id == device_id) & (Fetched.book_id == book_id)
    statement = select(Fetched.contact_id, Fetched.rendition_id)
    return dict(connection.execute(statement.where(mine, Fetched.contact_id.in_(list(contact_ids)))).all())


def put(
    connection: Connection, device_id: int, book_id: int, now: int, *, issued: int, whole: int | None, confirmed: int
) -> None:
    """Put a device's row of a book; ``issued`` and ``confirmed`` never go back; a ``whole`` of None stays."""
    row = {
        "device_id": device_id,
        "book_id": book_id,
        "issued": issued,
        "issued_at": now,
        "whole": whole or 0,
        "confirmed": confirmed,
        "confirmed_at": now if confirmed else None,
    }
    connection.execute(_put(connection.dialect.name, is_whole=whole is not None), row)


@cache
def _put(dialect: str, *, is_whole: bool) -> Any:
    made = _dialect_of(dialect).insert(Delivery)
    later, confirms = made.excluded.issued > Delivery.issued, made.excluded.confirmed > Delivery.confirmed
    changes = {
        "issued": case((later, made.excluded.issued), else_=Delivery.issued),
        "issued_at": case((later, made.excluded.issued_at), else_=Delivery.issued_at),
        "confirmed": case((confirms, made.excluded.confirmed), else_=Delivery.confirmed),
        "confirmed_at": case((confirms, made.excluded.confirmed_at), else_=Delivery.confirmed_at),
    }
    if is_whole:
        changes["whole"] = made.excluded.whole
    return made.on_conflict_do_update(index_elements=["device_id", "book_id"], set_=changes)


def leave_other_books(connection: Connection, device_id: int, book: Book) -> None:
    """Note that what a device holds under a segment comes from this book now, and from no other audience's."""
    connection.execute(_leave(), {"device": device_id, "book": book.id, "segment": book.segment})


@cache
def _leave() -> Update:
    others = (Delivery.device_id == bindparam("device")) & (Delivery.book_id != bindparam("book"))
    return update(Delivery).where(others, Delivery.whole > 0, _of_segment(Delivery.book_id)).values(whole=0)


def _of_segment(book_id: Any) -> ColumnElement[bool]:
    return exists().where(BookRow.id == book_id, BookRow.segment == bindparam("segment"))


def settle_other_books(connection: Connection, device_id: int, book: Book, now: int) -> None:
    """Note that a device confirmed to hold this book instead of those of other audiences under its segment."""
    connection.execute(_settle(), {"device": device_id, "book": book.id, "segment": book.segment, "at": now})


@cache
def _settle() -> Update:
    others = (Delivery.device_id == bindparam("device")) & (Delivery.book_id != bindparam("book"))
    changes = {"whole": REPLACED, "confirmed": Delivery.issued, "confirmed_at": bindparam("at")}
    return update(Delivery).where(others, Delivery.whole == 0, _of_segment(Delivery.book_id)).values(changes)


def confirm_elsewhere(connection: Connection, device_id: int, token_id: str, seq: int, now: int) -> None:
    """Note that a device presented a token of another book, of which it was issued that much."""
    named = exists().where(BookRow.id == Delivery.book_id, BookRow.token_id == token_id)
    mine = (Delivery.device_id == device_id) & (Delivery.confirmed < seq) & (Delivery.issued >= seq)
    connection.execute(update(Delivery).where(mine, named).values(confirmed=seq, confirmed_at=now))


def forget_fetched(connection: Connection, device_id: int, book: Book) -> None:
    """Forget single cards of a book, once all of it was told."""
    connection.execute(_forget(), {"device": device_id, "segment": book.segment})


@cache
def _forget() -> Delete:
    return delete(Fetched).where(Fetched.device_id == bindparam("device"), _of_segment(Fetched.book_id))


def put_fetched(connection: Connection, device_id: int, book_id: int, now: int, renditions: dict[int, int]) -> None:
    """Put cards that a device fetched by themselves: contact → rendition."""
    made = _dialect(connection).insert(Fetched)
    changes = {"rendition_id": made.excluded.rendition_id, "fetched_at": made.excluded.fetched_at}
    rows = [
        {"device_id": device_id, "book_id": book_id, "contact_id": key, "rendition_id": value, "fetched_at": now}
        for key, value in sorted(renditions.items())  # in one order: two workers never wait for each other
    ]
    keys = ["device_id", "book_id", "contact_id"]
    connection.execute(made.on_conflict_do_update(index_elements=keys, set_=changes), rows)


def find_told(connection: Connection, device_id: int, segment: str) -> Told | None:
    """Find what a device was last told of the cards under a segment, by this audience or an earlier one."""
    row = connection.execute(
        select(BookRow.audience_id, Delivery.whole, Delivery.issued)
        .join(BookRow, BookRow.id == Delivery.book_id)
        .where(Delivery.device_id == device_id, BookRow.segment == segment)
        .order_by((Delivery.whole > 0).desc(), Delivery.issued_at.desc())
        .limit(1)
    ).first()
    return None if row is None else Told(*row)


def find_own_fetch(connection: Connection, device_id: int, book: Book, contact_id: int) -> int | None:
    """Find the rendition of a card that a device fetched after it was told all cards under the book's segment."""
    return connection.scalar(
        select(Fetched.rendition_id)
        .join(BookRow, BookRow.id == Fetched.book_id)
        .where(Fetched.device_id == device_id, Fetched.contact_id == contact_id, BookRow.segment == book.segment)
        .order_by(Fetched.fetched_at.desc(), (Fetched.book_id == book.id).desc())
        .limit(1)
    )


def count_refused(connection: Connection, key: str, hour: int) -> int:
    """Count one more refused write under a key, and return how many there were in its hour."""
    made = _dialect(connection).insert(RefusedWrites).values(key=key, hour=hour, count=1)
    again = case((RefusedWrites.hour == made.excluded.hour, RefusedWrites.count + 1), else_=1)
    statement = made.on_conflict_do_update(
        index_elements=["key"], set_={"hour": made.excluded.hour, "count": again}
    ).returning(RefusedWrites.count)
    return int(connection.execute(statement).scalar_one())


def forget_refused(connection: Connection, before: int) -> None:
    """Forget what was counted in hours before an instant."""
    connection.execute(delete(RefusedWrites).where(RefusedWrites.hour < before))


def _dialect(connection: Connection) -> Any:
    return _dialect_of(connection.dialect.name)


def _dialect_of(name: str) -> Any:
    return sqlite if name == "sqlite" else postgresql
