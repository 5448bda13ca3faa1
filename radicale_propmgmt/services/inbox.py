"""The inbox (Eingang): cards that clients created and somebody has to release. None of them is a contact yet.

Its creator sees them in ``/{login}/eingang/``, and so do the accounts whose rules say so; no book of contacts shows
them. ``projection.inbox`` decides who sees which.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, NamedTuple

from radicale_propmgmt.db.repositories import identities, lookups
from radicale_propmgmt.db.repositories import inbox as rows
from radicale_propmgmt.db.repositories.audit import record_audit, record_event
from radicale_propmgmt.domain.collections import INBOX_SEGMENT
from radicale_propmgmt.domain.contacts import ContactState
from radicale_propmgmt.domain.errors import NotFoundError, RefusedError, UsageError
from radicale_propmgmt.domain.fingerprints import fingerprints
from radicale_propmgmt.domain.labels import ROLES
from radicale_propmgmt.projection.inbox import project_inbox
from radicale_propmgmt.services import contacts, groups, links
from radicale_propmgmt.services.entry import from_card, with_stored_numbers
from radicale_propmgmt.vcard.identity import with_uid
from radicale_propmgmt.vcard.sent import read_sent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from radicale_propmgmt.db.repositories.inbox import Entry
    from radicale_propmgmt.db.unit_of_work import UnitOfWork
    from radicale_propmgmt.domain.books import Book
    from radicale_propmgmt.domain.viewers import Viewer

#: Open entries of one account; a device in a loop fills no disk.
MOST_OPEN = 500
STATES = tuple(state.value for state in ContactState)


def receive(
    uow: UnitOfWork,
    viewer: Viewer,
    book: Book | None,
    body: bytes,
    *,
    group: str | None,
    object_number: str | None,
    matches: Sequence[int] = (),
) -> None:
    """Keep a card that a client created, under a name and a UID of its own.

    Raises:
        RefusedError: The account has too many that wait.
    """
    waiting = rows.list_entries(uow.connection, account_id=viewer.account_id)
    if len(waiting) >= MOST_OPEN:
        raise RefusedError("too many cards wait in the inbox")
    if any(entry.body is not None and _without_uid(entry.body) == _without_uid(body) for entry in waiting):
        return
    groups, objects = lookups.groups_by_slug(uow.connection), lookups.objects_by_number(uow.connection)
    uid = str(uuid.uuid4())
    entry_id = rows.add(
        uow,
        account_id=viewer.account_id,
        name=f"{uuid.uuid4()}.vcf",
        uid=uid,
        segment=book.segment if book is not None else INBOX_SEGMENT,
        group_id=groups[group].id if group in groups else None,
        object_id=objects[object_number].id if object_number in objects else None,
        body=with_uid(body, uid),
        matches=sorted(matches),
    )
    record_audit(uow, "inbox.received", facts={"entry": entry_id})
    record_event(uow, "inbox.received", facts={"entry": entry_id})
    project_inbox(uow)


def _without_uid(body: bytes) -> bytes:
    return with_uid(body, "")


def list_open(connection: Connection) -> list[Entry]:
    """List the entries that wait, oldest first."""
    return rows.list_entries(connection)


def get_entry(connection: Connection, entry_id: int) -> Entry:
    """Get an open entry.

    Raises:
        NotFoundError: There is none, or it is decided.
    """
    found = rows.list_entries(connection, entry_id=entry_id)
    if not found:
        raise NotFoundError(f"no open entry {entry_id} (see `propmgmt contacts inbox list`)")
    return found[0]


def accept(
    uow: UnitOfWork,
    entry_id: int,
    *,
    group: str | None = None,
    object_number: str | None = None,
    country: str = "DE",
    force: bool = False,
) -> int:
    """Make a contact of an entry.

    Args:
        uow: The unit of work.
        entry_id: The entry.
        group: Another group than that of the book it was created in.
        object_number: Another object.
        country: Country of phone numbers that name none.
        force: Although it may be somebody who is restricted or erased.

    Returns:
        The contact. Its history begins with what the client sent; the device is that of the client.

    Raises:
        UsageError: No group is known, or the card lacks what a contact needs.
        NotFoundError: No such entry, group or object.
        RefusedError: It may be a restricted or erased contact, and nobody forced it.
    """
    entry = get_entry(uow.connection, entry_id)
    slug = group or entry.group
    if slug is None:
        raise UsageError("group: the book it was created in has none: name it with --group SLUG")
    hidden = [match.contact for match in list_matches(uow.connection, entry) if match.state != "active"]
    if hidden and not force:
        raise RefusedError(f"entry {entry_id} may be contact {hidden[0]}, which is no longer shown: --force accepts it")
    data = from_card(read_sent(entry.body or b"").data, country)
    uow.device_id = entry.device_id
    contact_id = contacts.insert(uow, [contacts.new_contact(uow.secrets, data, uid=entry.uid)])[0]
    contacts.record_creation(uow, contact_id, data)
    groups.join_group(uow, contact_id, slug)
    number = object_number or entry.object_number
    if number is not None:
        role = slug if slug in ROLES else None
        links.add_link(uow, contact_id, object_number=number, group=slug, role=role, starts=uow.today)
    uow.device_id = None
    _decide(uow, entry_id, rows.ACCEPTED, contact_id)
    return contact_id


class Match(NamedTuple):
    """A contact that an entry may be; ``state`` is active, restricted or erased."""

    contact: int
    state: str


def list_matches(connection: Connection, entry: Entry) -> list[Match]:
    """List who an entry may be, as it stands now."""
    states = identities.states_of(connection, entry.matches)
    return [
        Match(contact_id, STATES[states[contact_id]])
        for contact_id in entry.matches
        if contact_id in states and contact_id > 0
    ]


def reject(uow: UnitOfWork, entry_id: int) -> None:
    """Drop an entry; its creator's device is told that the card is gone."""
    get_entry(uow.connection, entry_id)
    _decide(uow, entry_id, rows.REJECTED, None)


def _decide(uow: UnitOfWork, entry_id: int, state: str, contact_id: int | None) -> None:
    rows.decide(uow, entry_id, state, contact_id)
    record_audit(uow, f"inbox.{state}", contact_id=contact_id, facts={"entry": entry_id}, personal=uow.reason)
    project_inbox(uow)


def forget(uow: UnitOfWork, contact_id: int, country: str = "DE") -> None:
    """Drop every waiting card that may be a contact, and forget those that became it (GDPR Art. 17).

    A card that shares an e-mail address or a number with the contact goes, too: it would keep them.
    """
    macs = identities.macs_of(uow.connection, contact_id)
    for entry in rows.list_entries(uow.connection):
        data = with_stored_numbers(read_sent(entry.body or b"").data, country)
        if contact_id in entry.matches or fingerprints(data, uow.secrets) & macs:
            rows.decide(uow, entry.id, rows.REJECTED)
            record_audit(uow, "inbox.forgotten", facts={"entry": entry.id})
            project_inbox(uow)
    rows.forget_entries(uow.connection, contact_id)
