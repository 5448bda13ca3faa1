"""Entries of the inbox: cards that clients created and nobody has released yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Connection, insert, select, update

from radicale_propmgmt.db.tables import Account, AudienceRow, GroupRow, InboxRow, ObjectRow
from radicale_propmgmt.domain.audiences import Audience

if TYPE_CHECKING:
    from radicale_propmgmt.db.unit_of_work import UnitOfWork

OPEN, ACCEPTED, REJECTED = "open", "accepted", "rejected"


class Entry(NamedTuple):
    """One entry; ``matches`` are contacts it may be, hidden ones included: for the command line only."""

    id: int
    account_id: int
    login: str
    device_id: int | None
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


def add(uow: UnitOfWork, **values: Any) -> int:
    """Keep a new entry; returns its id."""
    statement = insert(InboxRow).values(**values, device_id=uow.device_id, created_at=uow.now, state=OPEN)
    return uow.connection.execute(statement.returning(InboxRow.id)).scalar_one()


def list_entries(connection: Connection, *, only_open: bool = True, entry_id: int | None = None) -> list[Entry]:
    """List entries, oldest first."""
    statement = (
        select(
            InboxRow.id,
            InboxRow.account_id,
            Account.login,
            InboxRow.device_id,
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
        .outerjoin(GroupRow, GroupRow.id == InboxRow.group_id)
        .outerjoin(ObjectRow, ObjectRow.id == InboxRow.object_id)
        .order_by(InboxRow.id)
    )
    if only_open:
        statement = statement.where(InboxRow.state == OPEN)
    if entry_id is not None:
        statement = statement.where(InboxRow.id == entry_id)
    return [Entry._make(row) for row in connection.execute(statement)]


def decide(uow: UnitOfWork, entry_id: int, state: str, contact_id: int | None = None) -> None:
    """Note how an entry was decided; what was sent is not kept any longer."""
    uow.connection.execute(
        update(InboxRow)
        .where(InboxRow.id == entry_id)
        .values(state=state, decided_at=uow.now, decided_by=uow.actor, contact_id=contact_id, body=None, matches=[])
    )


def list_readers(connection: Connection) -> list[tuple[int, Audience]]:
    """List the enabled accounts with their audiences: who may look into the inbox follows from the rules."""
    statement = (
        select(Account.id, AudienceRow.key)
        .join(AudienceRow, AudienceRow.id == Account.audience_id)
        .where(Account.disabled.is_(False))
        .order_by(Account.id)
    )
    return [(account_id, Audience.from_key(key)) for account_id, key in connection.execute(statement)]
