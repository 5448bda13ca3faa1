"""Grants (Einzelfreigaben): one contact shown to one account or team."""

from __future__ import annotations

from typing import TYPE_CHECKING

from radicale_propmgmt.db.repositories import facts, lookups
from radicale_propmgmt.db.repositories.audit import record_audit, record_event
from radicale_propmgmt.domain.errors import NotFoundError, UsageError
from radicale_propmgmt.projection.audiences import name_account
from radicale_propmgmt.projection.project import project
from radicale_propmgmt.projection.rules import rules_of
from radicale_propmgmt.services.contacts import require_unlocked
from radicale_propmgmt.services.links import check_window

if TYPE_CHECKING:
    from datetime import date

    from radicale_propmgmt.db.unit_of_work import UnitOfWork


def add_grant(
    uow: UnitOfWork,
    contact_id: int,
    to: str,
    profile: str,
    *,
    starts: date | None = None,
    until: date | None = None,
) -> int:
    """Grant one contact to an account or a team; the reason is the unit of work's and must be given.

    Args:
        uow: The unit of work.
        contact_id: Whom to show.
        to: ``LOGIN``, ``account:LOGIN`` or ``team:NAME``.
        profile: A profile of the rule file, or a built-in one.
        starts: First day.
        until: Last day.

    Raises:
        NotFoundError: Account, team or profile does not exist.
    """
    require_unlocked(uow, contact_id)
    check_window(starts, until)
    if not uow.reason.strip():
        raise UsageError("a grant needs a reason: --reason TEXT")
    subject = to if ":" in to else f"account:{to}"
    if not lookups.subject_exists(uow.connection, subject):
        raise NotFoundError(f"no {subject!r}: name a login or team:NAME (see `propmgmt accounts list`)")
    profiles = rules_of(uow).profiles
    if profile not in profiles:
        raise NotFoundError(f"no profile {profile!r}: there are {', '.join(sorted(profiles))}")
    grant_id = facts.insert_grant(uow, contact_id, subject, profile, starts=starts, until=until)
    _record(uow, "grant.added", contact_id, grant_id)
    kind, _, name = subject.partition(":")
    if kind == "account":
        name_account(uow, name)
    project(uow, [contact_id])
    return grant_id


def revoke_grant(uow: UnitOfWork, grant_id: int) -> None:
    """Revoke a grant.

    Raises:
        NotFoundError: There is none, or it was revoked before.
    """
    contact_id = lookups.grant_contact(uow.connection, grant_id)
    if contact_id is None:
        raise NotFoundError(f"no grant {grant_id} that still holds (see `propmgmt grants list`)")
    require_unlocked(uow, contact_id)
    facts.revoke_grant(uow, grant_id)
    _record(uow, "grant.revoked", contact_id, grant_id)
    project(uow, [contact_id])


def _record(uow: UnitOfWork, action: str, contact_id: int, grant_id: int) -> None:
    record_audit(uow, action, contact_id=contact_id, facts={"grant": grant_id}, personal=uow.reason)
    record_event(uow, action, contact_id, {"grant": grant_id})
