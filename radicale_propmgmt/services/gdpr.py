"""Blocks (Sperren): restriction of processing (GDPR Art. 18, BDSG §35)."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

from radicale_propmgmt.db.repositories import contact_writes, facts, lookups
from radicale_propmgmt.db.repositories.audit import record_audit, record_event
from radicale_propmgmt.domain.errors import InformedOnMissingError, NotFoundError, RefusedError, UsageError
from radicale_propmgmt.domain.labels import BLOCK_REASONS
from radicale_propmgmt.projection.project import project
from radicale_propmgmt.services.contacts import get_contact, require_unlocked

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from radicale_propmgmt.db.unit_of_work import UnitOfWork

_ACTIVE, _RESTRICTED, _ERASED = 0, 1, 2

#: Days after which a block is looked at again if nobody names a day; other codes stay open.
REVIEW_DAYS = {"art18-1c": 365, "art18-1d": 31, "claims": 365, "dup": 30}


def block(
    uow: UnitOfWork,
    contact_id: int,
    code: str,
    until: date | None = None,
    record: Mapping[str, str] | None = None,
    reason: str = "",
) -> int:
    """Restrict a contact: from the commit on no protocol shows it.

    A second block of the same code changes nothing; one of another code is a further reason, and all of them hold
    until the contact is unblocked.

    Args:
        uow: The unit of work.
        contact_id: Whom to restrict.
        code: A key of ``domain.labels.BLOCK_REASONS``.
        until: Day of review; a block never ends by itself.
        record: What the code demands to be recorded.
        reason: Free text; the unit of work's if empty.

    Returns:
        The block's id.

    Raises:
        UsageError: Unknown code, or neither what it demands nor a reason is recorded.
        RefusedError: The contact was erased.
    """
    if code not in BLOCK_REASONS:
        raise UsageError(f"code: unknown {code!r}, one of {', '.join(BLOCK_REASONS)}")
    uow.reason = reason or uow.reason
    details = dict(record or {})
    wanted = BLOCK_REASONS[code].needs_record
    if wanted and not details.get(wanted, "").strip() and not uow.reason.strip():
        raise UsageError(f"record: code {code} must record {wanted}: --record {wanted}=… or --reason TEXT")
    _require_not_erased(uow, contact_id)
    present = facts.open_blocks(uow, contact_id)
    if code in present:
        return present[code]
    days = REVIEW_DAYS.get(code)
    review = until or (uow.today + timedelta(days=days) if days else None)
    block_id = facts.insert_block(uow, contact_id, code, until=review, record=details)
    contact_writes.set_state(uow, contact_id, _RESTRICTED)
    about = {"block": block_id, "code": code, "until": review.isoformat() if review else None}
    personal = json.dumps({"reason": uow.reason, "record": details}, ensure_ascii=False, sort_keys=True)
    record_audit(uow, "contact.blocked", contact_id=contact_id, facts=about, personal=personal)
    record_event(uow, "contact.blocked", contact_id, {"code": code})
    project(uow, [contact_id])
    return block_id


def unblock(uow: UnitOfWork, contact_id: int, reason: str, informed_on: date | None = None) -> None:
    """Lift every block of a contact.

    Raises:
        UsageError: No reason, or the day of informing lies ahead.
        InformedOnMissingError: An Art. 18 block needs the day the person was informed (GDPR Art. 18(3)).
        RefusedError: The contact is not blocked.
    """
    if not reason.strip():
        raise UsageError("unblocking needs a reason: --reason TEXT")
    _require_not_erased(uow, contact_id)
    present = facts.open_blocks(uow, contact_id)
    if not present:
        raise RefusedError(f"contact {contact_id} is not blocked")
    if informed_on is None and any(BLOCK_REASONS[code].is_art18 for code in present):
        raise InformedOnMissingError("the person must be informed before (GDPR Art. 18(3)): --informed-on DAY")
    if informed_on is not None and informed_on > uow.today:
        raise UsageError("informed-on: the day lies ahead, but the person must be informed before (GDPR Art. 18(3))")
    uow.reason = reason
    facts.lift_blocks(uow, contact_id, informed_on)
    contact_writes.set_state(uow, contact_id, _ACTIVE)
    about = {"codes": sorted(present), "informed_on": informed_on.isoformat() if informed_on else None}
    record_audit(uow, "contact.unblocked", contact_id=contact_id, facts=about, personal=reason)
    record_event(uow, "contact.unblocked", contact_id)
    project(uow, [contact_id])


def protect(uow: UnitOfWork, contact_id: int, *, protected: bool = True) -> bool:
    """Set or clear the information block of §51 BMG; tells whether it changed.

    Raises:
        RefusedError: The contact is restricted, hence frozen, or erased.
    """
    require_unlocked(uow, contact_id)
    if get_contact(uow.connection, contact_id).protected is protected:
        return False
    contact_writes.set_protected(uow, contact_id, protected=protected)
    action = "contact.protected" if protected else "contact.unprotected"
    record_audit(uow, action, contact_id=contact_id, personal=uow.reason)
    record_event(uow, action, contact_id)
    project(uow, [contact_id])
    return True


def _require_not_erased(uow: UnitOfWork, contact_id: int) -> None:
    state = lookups.contact_state(uow.connection, contact_id)
    if state is None:
        raise NotFoundError(f"no contact {contact_id}")
    if state == _ERASED:
        raise RefusedError(f"contact {contact_id} was erased")
