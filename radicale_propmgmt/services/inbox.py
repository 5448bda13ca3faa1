"""The inbox (Eingang): cards that clients created and somebody has to release. None of them is a contact yet.

Its creator sees them in ``/{login}/eingang/``, and so do the accounts whose rules say so; no book of contacts shows
them. Who sees what follows from entries and rules: ``refresh`` makes it so after each change of either.
"""

from __future__ import annotations

import secrets as random_source
import uuid
from typing import TYPE_CHECKING

from radicale_propmgmt.db.repositories import collections as collection_rows
from radicale_propmgmt.db.repositories import inbox as rows
from radicale_propmgmt.db.repositories import lookups
from radicale_propmgmt.db.repositories.audit import record_audit, record_event
from radicale_propmgmt.domain.collections import INBOX_SEGMENT, CollectionKind, ItemContent
from radicale_propmgmt.domain.errors import NotFoundError, RefusedError, UsageError
from radicale_propmgmt.domain.labels import ROLES
from radicale_propmgmt.domain.writing import reviews_inbox
from radicale_propmgmt.projection.rules import rules_of
from radicale_propmgmt.services import contacts, links
from radicale_propmgmt.services.collections import item_etag
from radicale_propmgmt.vcard.identity import with_uid
from radicale_propmgmt.vcard.sent import read_sent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from radicale_propmgmt.db.repositories.inbox import Entry
    from radicale_propmgmt.db.unit_of_work import UnitOfWork
    from radicale_propmgmt.domain.books import Book
    from radicale_propmgmt.domain.viewers import Viewer

#: Open entries of one account; a device in a loop fills no disk.
MOST_OPEN = 500


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
    waiting = [entry for entry in rows.list_entries(uow.connection) if entry.account_id == viewer.account_id]
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
    refresh(uow)


def _without_uid(body: bytes) -> bytes:
    return with_uid(body, "")


def get_entry(uow: UnitOfWork, entry_id: int) -> Entry:
    """Get an open entry.

    Raises:
        NotFoundError: There is none, or it is decided.
    """
    found = rows.list_entries(uow.connection, entry_id=entry_id)
    if not found:
        raise NotFoundError(f"no open entry {entry_id} (see `propmgmt contacts inbox list`)")
    return found[0]


def accept(uow: UnitOfWork, entry_id: int, *, group: str | None = None, object_number: str | None = None) -> int:
    """Make a contact of an entry.

    Args:
        uow: The unit of work.
        entry_id: The entry.
        group: Another group than that of the book it was created in.
        object_number: Another object.

    Returns:
        The contact.

    Raises:
        UsageError: No group is known.
        NotFoundError: No such entry, group or object.
    """
    entry = get_entry(uow, entry_id)
    slug = group or entry.group
    if slug is None:
        raise UsageError("group: the book it was created in has none: name it with --group SLUG")
    data = read_sent(entry.body or b"").data
    contact_id = contacts.add_contact(uow, data, uid=entry.uid, groups=[slug])
    number = object_number or entry.object_number
    if number is not None:
        role = slug if slug in ROLES else None
        links.add_link(uow, contact_id, object_number=number, group=slug, role=role, starts=uow.today)
    _decide(uow, entry_id, rows.ACCEPTED, contact_id)
    return contact_id


def reject(uow: UnitOfWork, entry_id: int) -> None:
    """Drop an entry; its creator's device is told that the card is gone."""
    get_entry(uow, entry_id)
    _decide(uow, entry_id, rows.REJECTED, None)


def _decide(uow: UnitOfWork, entry_id: int, state: str, contact_id: int | None) -> None:
    rows.decide(uow, entry_id, state, contact_id)
    record_audit(uow, f"inbox.{state}", contact_id=contact_id, facts={"entry": entry_id}, personal=uow.reason)
    refresh(uow)


def refresh(uow: UnitOfWork) -> None:
    """Show every account the entries that it may see, and take the others away from its devices."""
    entries = rows.list_entries(uow.connection)
    rules = rules_of(uow)
    for account_id, audience in rows.list_readers(uow.connection):
        sees_all = reviews_inbox(audience, rules, uow.today)
        own = [entry for entry in entries if sees_all or entry.account_id == account_id]
        _show(uow, account_id, own, is_wanted=sees_all or bool(own))


def _show(uow: UnitOfWork, account_id: int, entries: Sequence[Entry], *, is_wanted: bool) -> None:
    collection = collection_rows.find_collection(uow.connection, account_id, INBOX_SEGMENT)
    if collection is None:
        if not is_wanted:
            return
        kind, token_id = CollectionKind.ADDRESSBOOK, random_source.token_hex(12)
        collection = collection_rows.insert_collection(uow, account_id, INBOX_SEGMENT, kind, token_id)
    present = {item.name for item in collection_rows.list_items(uow.connection, collection)}
    wanted = {entry.name: entry for entry in entries}
    for name in present - wanted.keys():
        collection_rows.remove_item(uow, collection, name)
    for name in wanted.keys() - present:
        entry = wanted[name]
        body = entry.body or b""
        content = ItemContent(body, entry.uid, "VCARD")
        collection_rows.put_item(uow, collection, name, content, item_etag(uow.secrets, collection, body))
