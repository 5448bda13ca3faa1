"""Plain collections: make, change and remove calendars and address books of one's own, and what lies in them.

Items are kept byte for byte. Contacts of the company never come in here: they would escape every lock.
"""

from __future__ import annotations

import secrets as random_source
from typing import TYPE_CHECKING

from radicale_propmgmt.db.repositories import collections as rows
from radicale_propmgmt.db.repositories import view_properties
from radicale_propmgmt.db.repositories.audit import record_audit
from radicale_propmgmt.domain.collections import COLLECTIONS, ITEMS, CollectionKind
from radicale_propmgmt.domain.errors import (
    CalendarUidConflictError,
    NotVisibleError,
    PreconditionFailedError,
    QuotaExceededError,
    RefusedError,
    ResourceExistsError,
    UidConflictError,
)
from radicale_propmgmt.domain.preconditions import UNCONDITIONAL
from radicale_propmgmt.projection.wanted import item_etag
from radicale_propmgmt.services.contacts import uid_mac

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy import Connection

    from radicale_propmgmt.db.repositories.collections import ItemRow
    from radicale_propmgmt.db.unit_of_work import UnitOfWork
    from radicale_propmgmt.domain.collections import Collection, ItemContent
    from radicale_propmgmt.domain.preconditions import Preconditions
    from radicale_propmgmt.domain.viewers import Viewer

#: Properties and characters of their values that one account may set on one collection.
PROPERTIES = 100
PROPERTY_CHARACTERS = 64 * 1024
_URN = "urn:uuid:"


def get_collection(connection: Connection, viewer: Viewer, segment: str) -> Collection:
    """Get a collection of the viewer.

    Raises:
        NotVisibleError: There is none of that name.
    """
    found = rows.find_collection(connection, viewer.account_id, segment)
    if found is None:
        raise NotVisibleError
    return found


def make_collection(
    uow: UnitOfWork, viewer: Viewer, segment: str, kind: CollectionKind, properties: Mapping[str, str]
) -> Collection:
    """Make an empty collection with the properties its maker gave it.

    Raises:
        ResourceExistsError: There is one of that name.
        QuotaExceededError: The account has as many as it may.
    """
    present = rows.list_collections(uow.connection, viewer.account_id)
    if any(collection.segment == segment for collection in present):
        raise ResourceExistsError
    if len(present) >= COLLECTIONS:
        raise QuotaExceededError
    made = rows.insert_collection(uow, viewer.account_id, segment, kind, random_source.token_hex(12))
    set_properties(uow, viewer, segment, properties)
    record_audit(uow, "collection.made", facts={"collection": made.id, "kind": kind.value})
    return made


def delete_collection(uow: UnitOfWork, viewer: Viewer, collection: Collection) -> None:
    """Take a collection away, with its items and properties."""
    rows.delete_collection(uow, collection)
    view_properties.remove_properties(uow, viewer.account_id, collection.segment)
    record_audit(uow, "collection.deleted", facts={"collection": collection.id, "kind": collection.kind.value})


def set_properties(uow: UnitOfWork, viewer: Viewer, segment: str, values: Mapping[str, str | None]) -> None:
    """Set or remove (None) properties that only this account is shown.

    Raises:
        QuotaExceededError: More or larger ones than one may set.
    """
    if any(value is not None and len(value) > PROPERTY_CHARACTERS for value in values.values()):
        raise QuotaExceededError
    view_properties.set_properties(uow, viewer.account_id, segment, values)
    present = view_properties.list_properties(uow.connection, viewer.account_id, segment).get(segment, {})
    if len(present) > PROPERTIES:
        raise QuotaExceededError


def put_item(
    uow: UnitOfWork,
    viewer: Viewer,
    collection: Collection,
    name: str,
    content: ItemContent,
    *,
    preconditions: Preconditions = UNCONDITIONAL,
    href_of: Callable[[str], str] = str,
) -> tuple[str, bool]:
    """Store an item under a name.

    Args:
        uow: The unit of work; what is decided here is decided in it.
        viewer: Whose collection it is.
        collection: Where to.
        name: Its name there.
        content: What the gate let through.
        preconditions: What the client says is there.
        href_of: Makes the encoded path of a name there, for the refusal that names another item.

    Returns:
        Its ETag, and whether it is new.

    Raises:
        PreconditionFailedError: Something else is there.
        RefusedError: It is a contact of the company.
        UidConflictError: Another item here has its UID.
        QuotaExceededError: The collection is full.
    """
    present = rows.find_item(uow.connection, collection, name)
    if preconditions.fail(None if present is None else present.etag):
        raise PreconditionFailedError
    _refuse_contact(uow, viewer, content.uid)
    other = rows.find_name_of_uid(uow.connection, collection, content.uid)
    if other is not None and other != name:
        raise _conflict(collection, href_of(other))
    etag = item_etag(uow.secrets, collection.id, content.body)
    if present is not None and present.etag == etag:
        return etag, False
    if present is None and rows.count_items(uow.connection, collection) >= ITEMS:
        raise QuotaExceededError
    rows.put_item(uow, collection, name, content, etag)
    return etag, present is None


def _refuse_contact(uow: UnitOfWork, viewer: Viewer, uid: str) -> None:
    """Refuse a contact that this account was ever shown; to others it says nothing of its existence (I4)."""
    for known in {uid, uid.removeprefix(_URN), uid.lower().removeprefix(_URN)}:
        if rows.was_served_contact(uow.connection, viewer.account_id, uid_mac(uow.secrets, known)):
            raise RefusedError("contacts of the company are not kept in collections of one's own")


def _conflict(collection: Collection, href: str) -> UidConflictError:
    if collection.kind is CollectionKind.CALENDAR:
        return CalendarUidConflictError(href)
    return UidConflictError(href)


def remove_item(
    uow: UnitOfWork, collection: Collection, name: str, *, preconditions: Preconditions = UNCONDITIONAL
) -> ItemRow:
    """Remove an item; its name stays as a tombstone for those who know it.

    Raises:
        NotVisibleError: There is none of that name.
        PreconditionFailedError: It is another than the client says.
    """
    present = rows.find_item(uow.connection, collection, name)
    if preconditions.fail(None if present is None else present.etag):
        raise PreconditionFailedError
    if present is None:
        raise NotVisibleError
    rows.remove_item(uow, collection, name)
    return present
