"""Epochs: a restore begins a new one, and notes up to where the tokens of the ended ones are good (DESIGN §2.5, M6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import Connection, Integer, delete, func, insert, literal, select, update

from radicale_propmgmt.db.repositories import pasts
from radicale_propmgmt.db.tables import (
    AudienceRow,
    BookRow,
    CollectionRow,
    Delivery,
    Fetched,
    LedgerHead,
    RestoredRow,
)

if TYPE_CHECKING:
    from radicale_propmgmt.db.unit_of_work import UnitOfWork


class Position(NamedTuple):
    """Where a database stands towards the journal outside of it."""

    rev: int
    epoch: int
    line: int  # of the journal, up to which it was followed
    demo: bool


def position(connection: Connection) -> Position:
    """Read where the database stands."""
    columns = (LedgerHead.rev, LedgerHead.epoch, LedgerHead.journal, LedgerHead.demo)
    return Position(*connection.execute(select(*columns)).one())


def follow(uow: UnitOfWork, line: int) -> None:
    """Note that the database holds all that the journal says up to a line."""
    uow.connection.execute(update(LedgerHead).values(journal=line))


def good_until(connection: Connection, scope: str, scope_id: int, epoch: int) -> int:
    """Return up to which seq a token of an ended epoch was issued in the time that this database continues.

    After several restores the lowest branch counts that lies after the token's epoch.
    """
    lowest = select(func.min(RestoredRow.seq)).where(
        RestoredRow.scope == scope, RestoredRow.scope_id == scope_id, RestoredRow.epoch >= epoch
    )
    return connection.scalar(lowest) or 0


def begin_epoch(uow: UnitOfWork, epoch: int, rev: int = 0) -> None:
    """Begin a new epoch on a restored database.

    Args:
        uow: The unit of work; the epoch that ends is its own. Those between, if there are any, were never this
            database's: their tokens count as never issued.
        epoch: The new one.
        rev: A revision that was never reached in the lost time: numbers go on from there, so that none is used twice.
    """
    for scope, table in (("audience", AudienceRow), ("collection", CollectionRow)):
        rows = select(literal(scope), table.id, literal(uow.epoch, Integer), table.seq)
        uow.connection.execute(insert(RestoredRow).from_select(["scope", "scope_id", "epoch", "seq"], rows))
    _forget_what_devices_hold(uow)
    now = max(uow.now, uow.database.clock.now())  # a backup may be old: that is no jump of the clock
    uow.connection.execute(update(LedgerHead).values(epoch=epoch, rev=max(uow.rev, rev), now=now))


def _forget_what_devices_hold(uow: UnitOfWork) -> None:
    """Take back what devices surely hold: in the lost time they were given other cards, which nobody knows now.

    Then no edit is merged from a base they may have left behind, and each counts as having been given all there is.
    """
    newest = (
        select(AudienceRow.seq)
        .join(BookRow, BookRow.audience_id == AudienceRow.id)
        .where(BookRow.id == Delivery.book_id)
        .scalar_subquery()
    )
    uow.connection.execute(update(Delivery).where(Delivery.issued < newest).values(issued=newest))
    uow.connection.execute(update(Delivery).values(whole=0))
    fetched = set(uow.connection.scalars(select(Fetched.rendition_id)))
    uow.connection.execute(delete(Fetched))
    pasts.forget_unneeded(uow.connection, fetched)
