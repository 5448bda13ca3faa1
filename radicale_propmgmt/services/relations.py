"""Typed relations between contacts: always both directions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from radicale_propmgmt.db.repositories import facts
from radicale_propmgmt.db.repositories.audit import record_audit, record_event, record_history
from radicale_propmgmt.domain.errors import NotFoundError, UsageError
from radicale_propmgmt.domain.labels import RELATIONS
from radicale_propmgmt.projection.project import project
from radicale_propmgmt.services.contacts import require_unlocked

if TYPE_CHECKING:
    from radicale_propmgmt.db.unit_of_work import UnitOfWork


def add(uow: UnitOfWork, contact_id: int, kind: str, other_id: int) -> bool:
    """Relate two contacts: the other one is the contact's ``kind``; tells whether that was new.

    Raises:
        UsageError: Unknown kind, or a contact related to itself.
        ContactLockedError: One of them is restricted.
    """
    if contact_id == other_id:
        raise UsageError("a contact is not related to itself")
    require_unlocked(uow, contact_id, other_id)
    rows = [(contact_id, other_id, kind), (other_id, contact_id, _inverse(kind))]
    if not facts.insert_relations(uow, rows):
        return False
    _record(uow, "relation.added", rows)
    project(uow, [contact_id, other_id])
    return True


def remove(uow: UnitOfWork, contact_id: int, kind: str, other_id: int) -> None:
    """Remove a relation in both directions.

    Raises:
        NotFoundError: There is none.
    """
    require_unlocked(uow, contact_id, other_id)
    rows = [(contact_id, other_id, kind), (other_id, contact_id, _inverse(kind))]
    deleted = [facts.delete_relation(uow, *row) for row in rows]
    if not any(deleted):
        raise NotFoundError(f"no relation {kind!r} between these contacts")
    _record(uow, "relation.removed", rows)
    project(uow, [contact_id, other_id])


def _inverse(kind: str) -> str:
    if kind not in RELATIONS:
        raise UsageError(f"type: unknown {kind!r}, one of {', '.join(RELATIONS)}")
    return RELATIONS[kind].inverse


def _record(uow: UnitOfWork, action: str, rows: list[tuple[int, int, str]]) -> None:
    added = action == "relation.added"
    for contact_id, other_id, kind in rows:
        relation = {"type": kind, "other": other_id}
        record_audit(uow, action, contact_id=contact_id, facts=relation, personal=uow.reason)
        record_history(uow, contact_id, ["relation"], {} if added else relation, relation if added else {})
        record_event(uow, action, contact_id, {"fields": ["relation"]})
