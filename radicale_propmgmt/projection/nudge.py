"""The nudge: refusing is not reverting, so what a device holds wrongly is listed to it once more (DESIGN §6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, and_, delete, exists, insert, select, update

from radicale_propmgmt.db.tables import (
    Account,
    AudienceRow,
    BookRow,
    Card,
    CardPast,
    Delivery,
    Device,
    GoneName,
    Nudge,
    Place,
    Rendition,
    Wire,
)
from radicale_propmgmt.projection.project import wire_etag

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from radicale_propmgmt.db.unit_of_work import UnitOfWork
    from radicale_propmgmt.domain.books import Book
    from radicale_propmgmt.domain.viewers import Viewer


def nudge(uow: UnitOfWork, account_id: int, audience_id: int, contact_id: int) -> bool:
    """Move a card's ETag and the tokens of its books, so that devices fetch it again: also one they deleted.

    Args:
        uow: A unit of work that stands; a refused write's own is undone.
        account_id: Whose device holds it wrongly.
        audience_id: The account's audience.
        contact_id: The contact. What the audience does not see is never nudged.

    Returns:
        Whether it was moved: not while the account's devices have yet to fetch the last nudge of this card.
    """
    own = and_(Card.audience_id == audience_id, Card.contact_id == contact_id)
    card = uow.connection.execute(
        select(Card.seq, Card.rendition_id, Card.nudges, Rendition.etag)
        .join(Rendition, Rendition.id == Card.rendition_id)
        .join(Wire, and_(Wire.contact_id == Card.contact_id, Wire.state == 0))
        .where(own, Card.etag.is_not(None))
    ).first()
    if card is None or _is_pending(uow.connection, account_id, audience_id, contact_id):
        return False
    seq = _next_seq(uow, audience_id)
    nudges = card.nudges + 1
    uow.connection.execute(
        insert(CardPast).values(
            audience_id=audience_id,
            contact_id=contact_id,
            seq=card.seq,
            until=seq,
            rendition_id=card.rendition_id,
            ended_at=uow.now,
        )
    )
    uow.connection.execute(update(Card).where(own).values(seq=seq, nudges=nudges, etag=wire_etag(card.etag, nudges)))
    places = and_(Place.audience_id == audience_id, Place.contact_id == contact_id, Place.live.is_(True))
    uow.connection.execute(update(Place).where(places).values(seq=seq))
    _note(uow.connection, account_id, audience_id, contact_id, seq)
    return True


def nudge_gone(uow: UnitOfWork, viewer: Viewer, book: Book, name: str) -> bool:
    """Tell the devices of an account that a name they put in a book is not there: a 404 in their next delta.

    Args:
        uow: A unit of work that stands.
        viewer: Who put it; no other account hears of the name.
        book: The book it was put in.
        name: The name that was sent. It may hold personal data: it is forgotten once all devices confirmed.

    Returns:
        Whether it is told: not if a card of the book has the name, nor while the name is told already.
    """
    is_live: ColumnElement[bool] = exists().where(
        Wire.href == name,
        Wire.state == 0,
        Card.contact_id == Wire.contact_id,
        Card.audience_id == book.audience_id,
        Card.etag.is_not(None),
    )
    if book.slot_id is not None:
        is_live = is_live & exists().where(
            Wire.href == name,
            Place.contact_id == Wire.contact_id,
            Place.audience_id == book.audience_id,
            Place.slot_id == book.slot_id,
            Place.live.is_(True),
        )
    own = (GoneName.book_id == book.id) & (GoneName.account_id == viewer.account_id)
    told = uow.connection.scalar(select(GoneName.seq).where(own, GoneName.name == name).order_by(GoneName.seq.desc()))
    pending = told is not None and not _was_issued(uow.connection, viewer.account_id, told, BookRow.id == book.id)
    if pending or uow.connection.scalar(select(is_live)):
        return False
    uow.connection.execute(delete(GoneName).where(own, GoneName.name == name))
    seq = _next_seq(uow, book.audience_id)
    uow.connection.execute(
        insert(GoneName).values(book_id=book.id, account_id=viewer.account_id, seq=seq, name=name, gone_at=uow.now)
    )
    return True


def _next_seq(uow: UnitOfWork, audience_id: int) -> int:
    statement = update(AudienceRow).where(AudienceRow.id == audience_id).values(seq=AudienceRow.seq + 1)
    return uow.connection.execute(statement.returning(AudienceRow.seq)).scalar_one()


def _is_pending(connection: Connection, account_id: int, audience_id: int, contact_id: int) -> bool:
    """Tell whether the last nudge of a card waits to be fetched by a device of the account."""
    own = and_(Nudge.account_id == account_id, Nudge.contact_id == contact_id, Nudge.audience_id == audience_id)
    seq = connection.scalar(select(Nudge.seq).where(own))
    return seq is not None and not _was_issued(connection, account_id, seq, BookRow.audience_id == audience_id)


def _was_issued(connection: Connection, account_id: int, seq: int, of_books: ColumnElement[bool]) -> bool:
    """Tell whether a live device of the account was issued a seq; true where none could be: nothing to wait for."""
    issued = connection.scalars(
        select(Delivery.issued)
        .join(BookRow, and_(BookRow.id == Delivery.book_id, of_books))
        .join(Device, and_(Device.id == Delivery.device_id, Device.revoked_at.is_(None)))
        .join(Account, and_(Account.id == Device.account_id, Account.id == account_id))
    ).all()
    return not issued or max(issued) >= seq


def _note(connection: Connection, account_id: int, audience_id: int, contact_id: int, seq: int) -> None:
    own = and_(Nudge.account_id == account_id, Nudge.contact_id == contact_id)
    connection.execute(delete(Nudge).where(own))
    connection.execute(
        insert(Nudge).values(account_id=account_id, contact_id=contact_id, audience_id=audience_id, seq=seq)
    )
