"""What was changed about a contact, by whom, and undoing it (DESIGN §4, ``contacts history`` and ``contacts undo``)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from radicale_propmgmt.db.repositories import facts
from radicale_propmgmt.db.repositories import history as rows
from radicale_propmgmt.db.repositories.audit import record_audit
from radicale_propmgmt.domain.errors import NotFoundError, RefusedError, UsageError
from radicale_propmgmt.projection.project import project
from radicale_propmgmt.services import groups, links
from radicale_propmgmt.services.contacts import edit_contact, get_contact, require_unlocked
from radicale_propmgmt.transfer.merging import by_field_class, own_data
from radicale_propmgmt.transfer.restoring import restored

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

    from radicale_propmgmt.db.repositories.history import HistoryEntry
    from radicale_propmgmt.db.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field class, as history writes it; None = empty."""

    field: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


@dataclass(slots=True)
class Undone:
    """What undoing did: fields put back, places put back, and what only a person can decide."""

    fields: list[FieldChange] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)


def list_changes(connection: Connection, contact_id: int) -> list[HistoryEntry]:
    """List what was changed about a contact, newest first."""
    return rows.list_history(connection, contact_id)[::-1]


def undo(uow: UnitOfWork, contact_id: int, to: int) -> Undone:
    """Put a contact back as it was right after a revision: everything recorded later is undone, by one more change.

    Fields are put back whole. Plain memberships, windows of links and links that were taken away come back; a link
    that was added since stays, and so do relations: these are listed.

    Args:
        uow: The unit of work.
        contact_id: The contact.
        to: A revision of its history; 0 = before the first.

    Raises:
        ContactLockedError: It is restricted or erased.
        NotFoundError: Its history has no such revision.
        UsageError: The contact was made later.
        RefusedError: An object, unit or group that it belonged to exists no longer.
    """
    require_unlocked(uow, contact_id)
    entries = rows.list_history(uow.connection, contact_id)
    if to and to not in {entry.rev for entry in entries}:
        raise NotFoundError(f"contact {contact_id} has no revision {to} (see `propmgmt contacts history`)")
    later = [entry for entry in entries if entry.rev > to]
    if any(entry.kind == "created" for entry in later):
        raise UsageError(f"to: contact {contact_id} was made after revision {to}")
    done = Undone()
    _undo_fields(uow, contact_id, [entry for entry in later if entry.kind == "fields"], done)
    _undo_memberships(uow, contact_id, [entry for entry in later if entry.kind == "membership"], done)
    _undo_links(uow, contact_id, [entry for entry in later if entry.kind == "link"], done)
    done.left += _relations([entry for entry in later if entry.kind == "relation"])
    if done.fields or done.places:
        record_audit(uow, "contact.undone", contact_id=contact_id, facts={"to": to}, personal=uow.reason)
    return done


def _undo_fields(uow: UnitOfWork, contact_id: int, later: Iterable[HistoryEntry], done: Undone) -> None:
    wanted: dict[str, Any] = {}
    for entry in later:
        for name in entry.fields:
            wanted.setdefault(name, entry.before.get(name))
    stored = get_contact(uow.connection, contact_id)
    data = restored(own_data(stored), wanted)
    changed = edit_contact(uow, contact_id, data)
    now, then = by_field_class(stored), by_field_class(data)
    done.fields += [FieldChange(name, now.get(name), then.get(name)) for name in changed]


def _undo_memberships(uow: UnitOfWork, contact_id: int, later: Iterable[HistoryEntry], done: Undone) -> None:
    belonged: dict[str, bool] = {}
    for entry in later:
        slug = entry.before["group"] or entry.after["group"]
        belonged.setdefault(slug, entry.before["group"] is not None)
    for slug, was_member in belonged.items():
        if was_member:
            if groups.join_group(uow, contact_id, slug):
                done.places.append(f"group {slug} joined again")
        elif groups.leave_group(uow, contact_id, slug):
            done.places.append(f"group {slug} left again")


def _undo_links(uow: UnitOfWork, contact_id: int, later: Sequence[HistoryEntry], done: Undone) -> None:
    by_link: dict[int, list[HistoryEntry]] = {}
    for entry in later:
        by_link.setdefault(entry.after["link"], []).append(entry)
    for link_id, changes in by_link.items():
        first = changes[0].before
        found = facts.find_link(uow, link_id)
        was_there = "until" in first
        if not was_there:
            if found is not None:
                done.left.append(f"link {link_id} was added since: end it with `links end {link_id} --on DAY`")
            continue
        window = {"starts": _day(first["from"]), "until": _day(first["until"])}
        if found is None:
            removed = next(entry.before for entry in changes if "object" in entry.before)
            done.places.append(f"link {link_id} added again as {_add_again(uow, contact_id, removed, window)}")
            continue
        link = found[1]
        if (link.starts, link.until) != (window["starts"], window["until"]):
            links.set_window(uow, contact_id, link, window["starts"], window["until"])
            project(uow, [contact_id])
            done.places.append(f"link {link_id} holds from {first['from'] or 'ever'} until {first['until'] or 'ever'}")


def _add_again(uow: UnitOfWork, contact_id: int, removed: dict[str, Any], window: dict[str, date | None]) -> int:
    try:
        return links.add_link(
            uow,
            contact_id,
            object_number=removed["object"],
            group=removed["group"],
            unit=removed["unit"],
            role=removed["role"],
            **window,
        )
    except NotFoundError as error:
        raise RefusedError(f"a link cannot come back: {error}") from None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _relations(later: Iterable[HistoryEntry]) -> list[str]:
    found = []
    for entry in later:
        what = "removed" if entry.before else "added"
        relation = entry.before or entry.after
        found.append(f"relation {relation['type']} to contact {relation['other']} was {what} since: see `relations`")
    return found


def forget(connection: Connection, contact_id: int) -> None:
    """Forget what was changed about a contact; the audit chain still verifies (GDPR Art. 17)."""
    rows.forget_history(connection, contact_id)
