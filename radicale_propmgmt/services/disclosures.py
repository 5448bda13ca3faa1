"""Disclosure agreements (Weitergabe): who agreed that data may be passed on, for what, how long."""

from __future__ import annotations

from typing import TYPE_CHECKING

from radicale_propmgmt.db.repositories import facts
from radicale_propmgmt.db.repositories.audit import record_audit, record_event
from radicale_propmgmt.domain.errors import NotFoundError
from radicale_propmgmt.projection.project import project
from radicale_propmgmt.services.consents import check_purpose
from radicale_propmgmt.services.contacts import require_unlocked
from radicale_propmgmt.services.links import check_window

if TYPE_CHECKING:
    from datetime import date

    from radicale_propmgmt.db.unit_of_work import UnitOfWork


def start(
    uow: UnitOfWork,
    contact_id: int,
    purpose: str,
    *,
    recipient: str = "",
    basis: str = "",
    starts: date | None = None,
    until: date | None = None,
) -> int:
    """Record an agreement to pass data on."""
    require_unlocked(uow, contact_id)
    check_purpose(purpose)
    check_window(starts, until)
    disclosure_id = facts.insert_disclosure(
        uow, contact_id, purpose=purpose, recipient=recipient, basis=basis, starts=starts, until=until
    )
    _record(uow, "disclosure.started", contact_id, {"disclosures": [disclosure_id], "purpose": purpose})
    project(uow, [contact_id])
    return disclosure_id


def end(uow: UnitOfWork, contact_id: int, purpose: str) -> list[int]:
    """End every open agreement for a purpose, effective at once.

    Raises:
        NotFoundError: None is open.
    """
    require_unlocked(uow, contact_id)
    ids = facts.end_disclosures(uow, contact_id, purpose)
    if not ids:
        raise NotFoundError(f"no open disclosure agreement for {purpose!r}")
    _record(uow, "disclosure.ended", contact_id, {"disclosures": ids, "purpose": purpose})
    project(uow, [contact_id])
    return ids


def _record(uow: UnitOfWork, action: str, contact_id: int, about: dict[str, object]) -> None:
    record_audit(uow, action, contact_id=contact_id, facts=about, personal=uow.reason)
    record_event(uow, action, contact_id, about)
