"""Consents (GDPR Art. 7): given, withdrawn, never deleted while the proof is needed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from radicale_propmgmt.db.repositories import facts
from radicale_propmgmt.db.repositories.audit import record_audit, record_event
from radicale_propmgmt.domain.errors import NotFoundError, UsageError
from radicale_propmgmt.projection.project import project
from radicale_propmgmt.services.contacts import require_unlocked
from radicale_propmgmt.services.links import check_window

if TYPE_CHECKING:
    from datetime import date

    from radicale_propmgmt.db.unit_of_work import UnitOfWork

_PURPOSE = re.compile(r"[a-z0-9_]+")


def check_purpose(purpose: str) -> None:
    """Refuse a purpose that no rule could name.

    Raises:
        UsageError: Not a word of a-z, 0-9 and underscores.
    """
    if not _PURPOSE.fullmatch(purpose):
        raise UsageError("a purpose is one word of a-z, 0-9 and _, such as weg_kontakt")


def give(
    uow: UnitOfWork,
    contact_id: int,
    purpose: str,
    *,
    on: date | None = None,
    valid_until: date | None = None,
    text_version: str = "",
    channel: str = "",
    proof: str = "",
) -> int:
    """Record a consent; today's unless a day is named."""
    require_unlocked(uow, contact_id)
    check_purpose(purpose)
    given_on = on or uow.today
    check_window(given_on, valid_until)
    consent_id = facts.insert_consent(
        uow,
        contact_id,
        purpose=purpose,
        given_on=given_on,
        valid_until=valid_until,
        text_version=text_version,
        channel=channel,
        proof=proof,
    )
    _record(uow, "consent.given", contact_id, {"consents": [consent_id], "purpose": purpose})
    project(uow, [contact_id])
    return consent_id


def withdraw(uow: UnitOfWork, contact_id: int, purpose: str) -> list[int]:
    """Withdraw every open consent to a purpose, effective at once.

    Raises:
        NotFoundError: None is open.
    """
    require_unlocked(uow, contact_id)
    ids = facts.withdraw_consents(uow, contact_id, purpose)
    if not ids:
        raise NotFoundError(f"no open consent to {purpose!r}")
    _record(uow, "consent.withdrawn", contact_id, {"consents": ids, "purpose": purpose})
    project(uow, [contact_id])
    return ids


def _record(uow: UnitOfWork, action: str, contact_id: int, about: dict[str, object]) -> None:
    record_audit(uow, action, contact_id=contact_id, facts=about, personal=uow.reason)
    record_event(uow, action, contact_id, about)
