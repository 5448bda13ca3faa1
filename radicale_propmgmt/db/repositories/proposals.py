"""Edits and deletions that clients asked for and the office decides on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Connection, insert, select, update

from radicale_propmgmt.db.tables import Account, ProposalRow, Rendition

if TYPE_CHECKING:
    from radicale_propmgmt.db.unit_of_work import UnitOfWork

OPEN, ACCEPTED, REJECTED = "open", "accepted", "rejected"


class Proposal(NamedTuple):
    """One proposal; ``base`` are the bytes that the edit started from."""

    id: int
    contact_id: int
    account_id: int
    login: str
    device_id: int | None
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
        Its id; None if the same account has the same one open.
    """
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
            ProposalRow.device_id,
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
        .outerjoin(Rendition, Rendition.id == ProposalRow.base_id)
        .order_by(ProposalRow.id)
    )
    if only_open:
        statement = statement.where(ProposalRow.state == OPEN)
    if proposal_id is not None:
        statement = statement.where(ProposalRow.id == proposal_id)
    return [Proposal._make(row) for row in connection.execute(statement)]


def decide(uow: UnitOfWork, proposal_id: int, state: str) -> None:
    """Note how a proposal was decided; what was sent is not kept any longer."""
    uow.connection.execute(
        update(ProposalRow)
        .where(ProposalRow.id == proposal_id)
        .values(state=state, decided_at=uow.now, decided_by=uow.actor, body=None, base_id=None)
    )
