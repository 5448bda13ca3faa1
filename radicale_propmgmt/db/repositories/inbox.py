"""Entries of the inbox: cards that clients created and nobody has released yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Connection, and_, delete, insert, select, update

from radicale_propmgmt.db.tables import (
    Account,
    AudienceRow,
    CollectionItem,
    CollectionRow,
    Device,
    GroupRow,
    InboxRow,
    ObjectRow,
)
from radicale_propmgmt.domain.audiences import Audience
from radicale_propmgmt.domain.collections import INBOX_SEGMENT

if TYPE_CHECKING:
    from radicale_propmgmt.db.unit_of_work import UnitOfWork

OPEN, ACCEPTED, REJECTED = "open", "accepted", "rejected"


class Entry(NamedTuple):
    """One entry; ``matches`` are contacts it may be, hidden ones included: for the command line only."""

    id: int
    account_id: int
    login: str
    device_id: int | None
    device: str | None
    name: str
    uid: str
    segment: str
    group: str | None
    object_number: str | None
    body: bytes | None
    matches: list[int]
    created_at: int
    state: str
    decided_at: int | None
    decided_by: str | None
    contact_id: int | None


class Waiting(NamedTuple):
    """An open entry without its bytes."""

    id: int
    account_id: int
    name: str
    uid: str


class Reader(NamedTuple):
    """An account and what it may look at."""

    account_id: int
    audience: Audience
    disabled: bool


def add(uow: UnitOfWork, **values: Any) -> int:
    """Keep a new entry; returns its id."""
    statement = insert(InboxRow).values(**values, device_id=uow.device_id, created_at=uow.now, state=OPEN)
    return uow.connection.execute(statement.returning(InboxRow.id)).scalar_one()


def list_entries(
    connection: Connection, *, only_open: bool = True, entry_id: int | None = None, account_id: int | None = None
) -> list[Entry]:
    """List entries, oldest first; all, one, or those of an account."""
    statement = (
        select(
            InboxRow.id,
            InboxRow.account_id,
            Account.login,
            InboxRow.device_id,
            Device.label,
            InboxRow.name,
            InboxRow.uid,
            InboxRow.segment,
            GroupRow.slug,
            ObjectRow.number,
            InboxRow.body,
            InboxRow.matches,
            InboxRow.created_at,
            InboxRow.state,
            InboxRow.decided_at,
            InboxRow.decided_by,
            InboxRow.contact_id,
        )
        .join(Account, Account.id == InboxRow.account_id)
        .outerjoin(Device, Device.id == InboxRow.device_id)
        .outerjoin(GroupRow, GroupRow.id == InboxRow.group_id)
        .outerjoin(ObjectRow, ObjectRow.id == InboxRow.object_id)
        .order_by(InboxRow.id)
    )
    if only_open:
        statement = statement.where(InboxRow.state == OPEN)
    if entry_id is not None:
        statement = statement.where(InboxRow.id == entry_id)
    if account_id is not None:
        statement = statement.where(InboxRow.account_id == account_id)
    return [Entry._make(row) for row in connection.execute(statement)]


def decide(uow: UnitOfWork, entry_id: int, state: str, contact_id: int | None = None) -> None:
    """Note how an entry was decided; what was sent is not kept any longer."""
    uow.connection.execute(
        update(InboxRow)
        .where(InboxRow.id == entry_id)
        .values(state=state, decided_at=uow.now, decided_by=uow.actor, contact_id=contact_id, body=None, matches=[])
    )


def forget_entries(connection: Connection, contact_id: int) -> None:
    """Forget the entries that became a contact; its UID stands in them."""
    connection.execute(delete(InboxRow).where(InboxRow.contact_id == contact_id))


def list_waiting(connection: Connection) -> list[Waiting]:
    """List the open entries, oldest first."""
    statement = select(InboxRow.id, InboxRow.account_id, InboxRow.name, InboxRow.uid)
    return [Waiting(*row) for row in connection.execute(statement.where(InboxRow.state == OPEN).order_by(InboxRow.id))]


def body_of(connection: Connection, entry_id: int) -> bytes:
    """Return the bytes of an entry; empty once it is decided."""
    return connection.scalar(select(InboxRow.body).where(InboxRow.id == entry_id)) or b""


def list_shown(connection: Connection) -> dict[int, set[str]]:
    """Map the accounts that have an inbox to the names of the cards in it."""
    live = and_(CollectionItem.collection_id == CollectionRow.id, CollectionItem.etag.is_not(None))
    statement = (
        select(CollectionRow.account_id, CollectionItem.name)
        .outerjoin(CollectionItem, live)
        .where(CollectionRow.segment == INBOX_SEGMENT, CollectionRow.gone.is_(False))
    )
    found: dict[int, set[str]] = {}
    for account_id, name in connection.execute(statement):
        found.setdefault(account_id, set()).update({name} if name is not None else ())
    return found


def list_readers(connection: Connection) -> list[Reader]:
    """List the accounts with their audiences: who may look into the inbox follows from the rules."""
    statement = (
        select(Account.id, AudienceRow.key, Account.disabled)
        .join(AudienceRow, AudienceRow.id == Account.audience_id)
        .order_by(Account.id)
    )
    return [Reader(number, Audience.from_key(key), disabled) for number, key, disabled in connection.execute(statement)]
