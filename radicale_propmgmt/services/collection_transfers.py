"""Copy and move items and whole collections within one account (RFC 4918 §9.8, §9.9)."""

from __future__ import annotations

import secrets as random_source
from dataclasses import dataclass
from typing import TYPE_CHECKING

from radicale_propmgmt.db.repositories import collections as rows
from radicale_propmgmt.db.repositories import view_properties
from radicale_propmgmt.db.repositories.audit import record_audit
from radicale_propmgmt.domain.collections import ItemContent
from radicale_propmgmt.domain.errors import NotVisibleError, PreconditionFailedError
from radicale_propmgmt.projection.wanted import item_etag
from radicale_propmgmt.services.collections import delete_collection, make_collection, put_item

if TYPE_CHECKING:
    from collections.abc import Callable

    from radicale_propmgmt.db.unit_of_work import UnitOfWork
    from radicale_propmgmt.domain.collections import Collection
    from radicale_propmgmt.domain.preconditions import Preconditions
    from radicale_propmgmt.domain.viewers import Viewer

_CHUNK = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """How something is copied or moved; preconditions speak of the source (RFC 9110 §13.1)."""

    preconditions: Preconditions
    is_move: bool
    overwrite: bool
    with_members: bool = True  # Depth: infinity


def transfer_item(
    uow: UnitOfWork,
    viewer: Viewer,
    source: tuple[Collection, str],
    target: tuple[Collection, str],
    how: Transfer,
    *,
    href_of: Callable[[str], str] = str,
) -> tuple[str, bool]:
    """Copy or move an item to a name in this or another collection of the same kind.

    Returns:
        Its ETag there, and whether nothing was there before.

    Raises:
        NotVisibleError, PreconditionFailedError, UidConflictError, QuotaExceededError: As when it is put.
    """
    (collection, name), (into, new_name) = source, target
    present = rows.find_item(uow.connection, collection, name)
    if how.preconditions.fail(None if present is None else present.etag):
        raise PreconditionFailedError
    if present is None:
        raise NotVisibleError
    if not how.overwrite and rows.find_item(uow.connection, into, new_name) is not None:
        raise PreconditionFailedError
    body = rows.bodies(uow.connection, [present.id])[present.id]
    content = ItemContent(body, rows.uid_of(uow.connection, present.id), present.component)
    if how.is_move:
        rows.remove_item(uow, collection, name)
    return put_item(uow, viewer, into, new_name, content, href_of=href_of)


def transfer_collection(uow: UnitOfWork, viewer: Viewer, collection: Collection, segment: str, how: Transfer) -> bool:
    """Copy or rename a collection; what lies under the new name is taken away first.

    Returns:
        Whether nothing was there before.

    Raises:
        PreconditionFailedError: Something is there, and must not be overwritten.
        QuotaExceededError: The account has as many collections as it may.
    """
    there = rows.find_collection(uow.connection, viewer.account_id, segment)
    if there is not None:
        if not how.overwrite:
            raise PreconditionFailedError
        delete_collection(uow, viewer, there)
    if how.is_move:
        _rename(uow, viewer, collection, segment)
    else:
        _copy(uow, viewer, collection, segment, with_members=how.with_members)
    return there is None


def _rename(uow: UnitOfWork, viewer: Viewer, collection: Collection, segment: str) -> None:
    """Give a collection another segment, and another token: a URL's history is not handed to another URL."""
    rows.rename_collection(uow, collection, segment, random_source.token_hex(12))
    values = view_properties.list_properties(uow.connection, viewer.account_id, collection.segment)
    view_properties.remove_properties(uow, viewer.account_id, collection.segment)
    view_properties.set_properties(uow, viewer.account_id, segment, dict(values.get(collection.segment, {})))
    record_audit(uow, "collection.renamed", facts={"collection": collection.id})


def _copy(uow: UnitOfWork, viewer: Viewer, collection: Collection, segment: str, *, with_members: bool) -> None:
    values = view_properties.list_properties(uow.connection, viewer.account_id, collection.segment)
    made = make_collection(uow, viewer, segment, collection.kind, values.get(collection.segment, {}))
    items = rows.list_items(uow.connection, collection) if with_members else []
    for start in range(0, len(items), _CHUNK):
        chunk = items[start : start + _CHUNK]
        bodies = rows.bodies(uow.connection, [item.id for item in chunk])
        for item in chunk:
            content = ItemContent(bodies[item.id], rows.uid_of(uow.connection, item.id), item.component)
            rows.put_item(uow, made, item.name, content, item_etag(uow.secrets, made.id, content.body))
