"""Links between contacts and property objects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from radicale_propmgmt.db.repositories import facts, lookups
from radicale_propmgmt.db.repositories.audit import record_audit, record_event, record_history
from radicale_propmgmt.domain.errors import NotFoundError, UsageError
from radicale_propmgmt.projection.project import project
from radicale_propmgmt.services.contacts import known_groups, require_unlocked
from radicale_propmgmt.services.property_objects import get_object

if TYPE_CHECKING:
    from datetime import date

    from radicale_propmgmt.db.unit_of_work import UnitOfWork
    from radicale_propmgmt.domain.links import Link


def check_window(starts: date | None, until: date | None) -> None:
    """Refuse a window that ends before it begins.

    Raises:
        UsageError: It does.
    """
    if starts is not None and until is not None and until < starts:
        raise UsageError("until: the window ends before it begins")


def add_link(
    uow: UnitOfWork,
    contact_id: int,
    *,
    object_number: str,
    group: str,
    unit: str | None = None,
    role: str | None = None,
    starts: date | None = None,
    until: date | None = None,
) -> int:
    """Link a contact to a property object and project it.

    Raises:
        NotFoundError: Object, unit or group does not exist.
        ContactLockedError: The contact is restricted.
    """
    require_unlocked(uow, contact_id)
    check_window(starts, until)
    found = get_object(uow.connection, object_number)
    group_id = known_groups(uow.connection, [group])[group].id
    unit_id = None
    if unit:
        known = lookups.units(uow.connection).get((found.id, unit))
        if known is None:
            raise NotFoundError(f"object {object_number!r} has no unit {unit!r} (see `propmgmt units add`)")
        unit_id = known.id
    row = {
        "contact_id": contact_id,
        "object_id": found.id,
        "unit_id": unit_id,
        "group_id": group_id,
        "role": role,
        "starts": starts,
        "until": until,
    }
    link_id = facts.insert_links(uow, [row])[0]
    after = {"object": object_number, "unit": unit, "group": group, "role": role, **_window(starts, until)}
    record(uow, "link.added", contact_id, link_id, {}, after)
    project(uow, [contact_id])
    return link_id


def get_link(uow: UnitOfWork, link_id: int) -> tuple[int, Link]:
    """Return a link and its contact.

    Raises:
        NotFoundError: There is none.
    """
    found = facts.find_link(uow, link_id)
    if found is None:
        raise NotFoundError(f"no link {link_id} (see `propmgmt links list`)")
    return found


def end_link(uow: UnitOfWork, link_id: int, on: date) -> None:
    """Let a link hold up to and including a day.

    Raises:
        UsageError: The day is before the link begins.
    """
    contact_id, link = get_link(uow, link_id)
    require_unlocked(uow, contact_id)
    check_window(link.starts, on)
    if link.until == on:
        return
    set_window(uow, contact_id, link, link.starts, on)
    project(uow, [contact_id])


def remove_link(uow: UnitOfWork, link_id: int) -> None:
    """Remove a link that never held, such as one that began today; its history stays."""
    contact_id, link = get_link(uow, link_id)
    require_unlocked(uow, contact_id)
    facts.delete_link(uow, link_id)
    before = {"object": link.object_number, "unit": link.unit, "group": link.group, "role": link.role}
    record(uow, "link.removed", contact_id, link_id, {**before, **_window(link.starts, link.until)}, {})
    project(uow, [contact_id])


def set_window(uow: UnitOfWork, contact_id: int, link: Link, starts: date | None, until: date | None) -> None:
    """Change when a link holds, without projecting yet."""
    facts.update_link_window(uow, link.id, starts, until)
    record(uow, "link.changed", contact_id, link.id, _window(link.starts, link.until), _window(starts, until))


def record(
    uow: UnitOfWork, action: str, contact_id: int, link_id: int, before: dict[str, Any], after: dict[str, Any]
) -> None:
    """Record a change of a link in audit, history and outbox."""
    record_audit(uow, action, contact_id=contact_id, facts={"link": link_id}, personal=uow.reason)
    record_history(uow, contact_id, ["unit"], {"link": link_id, **before}, {"link": link_id, **after})
    record_event(uow, action, contact_id, {"link": link_id})


def _window(starts: date | None, until: date | None) -> dict[str, str | None]:
    return {"from": starts.isoformat() if starts else None, "until": until.isoformat() if until else None}
