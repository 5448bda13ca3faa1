"""Edits and deletions that clients asked for and the office decides on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Connection, delete, func, insert, select, update

from radicale_propmgmt.db.tables import Account, AudienceRow, Device, ProposalRow, Rendition

if TYPE_CHECKING:
    from radicale_propmgmt.db.unit_of_work import UnitOfWork

OPEN, ACCEPTED, REJECTED = "open", "accepted", "rejected"
#: Open proposals of one account; a device in a loop fills no disk.
MOST_OPEN = 500


class Proposal(NamedTuple):
    """One proposal; ``base`` are the bytes that the edit started from."""

    id: int
    contact_id: int
    account_id: int
    login: str
    audience_id: int
    audience: str  # its key
    device_id: int | None
    device: str | None
    segment: str
    kind: str
    user_agent: str
    body: bytes | None
    base: bytes | None
    fields: list[str]
    created_at: int
    state: str
    decided_at: int | None
    decided_by: str | None


def add(uow: UnitOfWork, **values: Any) -> int | None:
    """Keep a proposal.

    Returns:
        Its id; None if the same account has the same one open, or too many.
    """
    mine = (ProposalRow.account_id == values["account_id"]) & (ProposalRow.state == OPEN)
    if (uow.connection.scalar(select(func.count()).select_from(ProposalRow).where(mine)) or 0) >= MOST_OPEN:
        return None
    same = select(ProposalRow.id).where(
        ProposalRow.contact_id == values["contact_id"],
        ProposalRow.account_id == values["account_id"],
        ProposalRow.kind == values["kind"],
        ProposalRow.segment == values["segment"],
        ProposalRow.body == values["body"] if values["body"] is not None else ProposalRow.body.is_(None),
        ProposalRow.state == OPEN,
    )
    if uow.connection.scalar(same) is not None:
        return None
    statement = insert(ProposalRow).values(**values, device_id=uow.device_id, created_at=uow.now, state=OPEN)
    return uow.connection.execute(statement.returning(ProposalRow.id)).scalar_one()


def list_proposals(connection: Connection, *, only_open: bool = True, proposal_id: int | None = None) -> list[Proposal]:
    """List proposals, oldest first."""
    statement = (
        select(
            ProposalRow.id,
            ProposalRow.contact_id,
            ProposalRow.account_id,
            Account.login,
            AudienceRow.id,
            AudienceRow.key,
            ProposalRow.device_id,
            Device.label,
            ProposalRow.segment,
            ProposalRow.kind,
            ProposalRow.user_agent,
            ProposalRow.body,
            Rendition.body,
            ProposalRow.fields,
            ProposalRow.created_at,
            ProposalRow.state,
            ProposalRow.decided_at,
            ProposalRow.decided_by,
        )
        .join(Account, Account.id == ProposalRow.account_id)
        .join(AudienceRow, AudienceRow.id == Account.audience_id)
        .outerjoin(Device, Device.id == ProposalRow.device_id)
        .outerjoin(Rendition, Rendition.id == ProposalRow.base_id)
        .order_by(ProposalRow.id)
    )
    if only_open:
        statement = statement.where(ProposalRow.state == OPEN)
    if proposal_id is not None:
        statement = statement.where(ProposalRow.id == proposal_id)
    return [Proposal._make(row) for row in connection.execute(statement)]


def decide(uow: UnitOfWork, proposal_id: int, state: str) -> None:
    """Note how a proposal was decided; what was sent is not kept any longer, its base as long as others need it."""
    uow.connection.execute(
        update(ProposalRow)
        .where(ProposalRow.id == proposal_id)
        .values(state=state, decided_at=uow.now, decided_by=uow.actor, body=None)
    )


def forget_proposals(connection: Connection, contact_id: int) -> None:
    """Forget all proposals on a contact."""
    connection.execute(delete(ProposalRow).where(ProposalRow.contact_id == contact_id))
