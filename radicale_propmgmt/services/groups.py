"""Contact groups and plain memberships."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from radicale_propmgmt.db.repositories import contact_writes, facts, lookups
from radicale_propmgmt.db.repositories.audit import record_audit, record_event, record_history
from radicale_propmgmt.domain.errors import UsageError
from radicale_propmgmt.projection.project import project, project_group
from radicale_propmgmt.services.contacts import known_groups, require_unlocked

if TYPE_CHECKING:
    from radicale_propmgmt.db.unit_of_work import UnitOfWork

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


def add_group(uow: UnitOfWork, slug: str, name: str) -> int:
    """Add an own group.

    Raises:
        UsageError: The slug is taken, or is not made of a-z, 0-9 and single dashes (it stands in URLs).
    """
    if not _SLUG.fullmatch(slug):
        raise UsageError("a group's slug stands in URLs: use a-z, 0-9 and single dashes")
    if slug in lookups.groups_by_slug(uow.connection):
        raise UsageError(f"group {slug!r} exists")
    group_id = facts.insert_group(uow, slug, name, system=False)
    record_audit(uow, "group.added", facts={"group": slug}, personal=uow.reason)
    return group_id


def rename_group(uow: UnitOfWork, slug: str, name: str) -> None:
    """Rename a group; every card that carries the name changes with it."""
    group = known_groups(uow.connection, [slug])[slug]
    if group.name == name:
        return
    facts.update_group(uow, group.id, name)
    record_audit(uow, "group.renamed", facts={"group": slug}, personal=uow.reason)
    project(uow, lookups.contacts_of_group(uow.connection, group.id))
    project_group(uow, group.id)


def join_group(uow: UnitOfWork, contact_id: int, slug: str) -> bool:
    """Make a contact a plain member of a group; tells whether it was not yet."""
    require_unlocked(uow, contact_id)
    group = known_groups(uow.connection, [slug])[slug]
    if not contact_writes.add_memberships(uow, [(contact_id, group.id)]):
        return False
    _record(uow, "membership.added", contact_id, slug, before=None, after=slug)
    project(uow, [contact_id])
    return True


def leave_group(uow: UnitOfWork, contact_id: int, slug: str) -> bool:
    """End a plain membership; tells whether there was one."""
    require_unlocked(uow, contact_id)
    group = known_groups(uow.connection, [slug])[slug]
    if not contact_writes.remove_membership(uow, contact_id, group.id):
        return False
    _record(uow, "membership.ended", contact_id, slug, before=slug, after=None)
    project(uow, [contact_id])
    return True


def _record(uow: UnitOfWork, action: str, contact_id: int, slug: str, *, before: str | None, after: str | None) -> None:
    record_audit(uow, action, contact_id=contact_id, facts={"group": slug}, personal=uow.reason)
    record_history(uow, contact_id, ["category"], {"group": before}, {"group": after})
    record_event(uow, action, contact_id, {"group": slug})
