"""PUT, POST and DELETE in a collection of one's own: strictly by RFC 9110, RFC 4918 and RFC 5995."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from radicale_propmgmt.dav.conditionals import read_preconditions
from radicale_propmgmt.dav.refusals import refuse_write
from radicale_propmgmt.dav.responses import Response
from radicale_propmgmt.db.repositories import collections as rows
from radicale_propmgmt.domain.collections import CollectionKind
from radicale_propmgmt.domain.errors import (
    BadRequestError,
    NoParentError,
    NotVisibleError,
    PreconditionFailedError,
    RefusedError,
)
from radicale_propmgmt.domain.preconditions import UNCONDITIONAL
from radicale_propmgmt.services.collections import delete_collection, put_item, remove_item

from .answers import stored
from .core import check_with_core
from .gate import read_content
from .resources import components_of
from .stored import read_stored

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from radicale_propmgmt.domain.collections import Collection, ItemContent
    from radicale_propmgmt.domain.preconditions import Preconditions

    from .context import Plain

NAME_LENGTH = 255
_EXTENSIONS = {CollectionKind.ADDRESSBOOK: "vcf", CollectionKind.CALENDAR: "ics"}


def answer_put(plain: Plain) -> Response:
    """Store what is sent, byte for byte, so that the ETag may be told (RFC 9110 §9.3.4)."""
    if not plain.names_item:
        raise refuse_write(plain.request)
    if len(plain.name) > NAME_LENGTH:
        raise BadRequestError("too long a name")
    preconditions = read_preconditions(plain.request)
    with plain.database.read() as connection:
        collection = get_parent(plain, connection)
        present = rows.find_item(connection, collection, plain.name)
    if preconditions.fail(None if present is None else present.etag):
        raise PreconditionFailedError  # before the body is read; decided again where it is stored
    content = _read(plain, collection)
    etag, is_new = _store(plain, plain.name, content, preconditions)
    return stored(etag, is_new=is_new)


def answer_post(plain: Plain) -> Response:
    """Store what is sent under a name of ours (RFC 5995)."""
    if plain.names_item:
        raise refuse_write(plain.request)
    with plain.database.read() as connection:
        collection = get_parent(plain, connection)
    content = _read(plain, collection)
    name = f"{uuid.uuid4()}.{_EXTENSIONS[collection.kind]}"
    etag, _ = _store(plain, name, content, UNCONDITIONAL)
    return stored(etag, is_new=True, location=plain.item_href(name))


def get_parent(plain: Plain, connection: Connection) -> Collection:
    """Get the collection in which something is to be made.

    Raises:
        NoParentError: There is none (RFC 4918 §9.7.1).
    """
    try:
        return plain.get(connection)
    except NotVisibleError:
        raise NoParentError from None


def _read(plain: Plain, collection: Collection) -> ItemContent:
    with plain.database.read() as connection:
        components = components_of(read_stored(connection, plain.viewer, collection.segment))
    content = read_content(plain.request, collection.kind, plain.handling.limits, components)
    if collection.kind is CollectionKind.CALENDAR:
        check_with_core(content.body, plain.database.clock.now())
    return content


def _store(plain: Plain, name: str, content: ItemContent, preconditions: Preconditions) -> tuple[str, bool]:
    try:
        with plain.write() as uow:
            collection = get_parent(plain, uow.connection)
            return put_item(
                uow, plain.viewer, collection, name, content, preconditions=preconditions, href_of=plain.item_href
            )
    except RefusedError:
        raise refuse_write(plain.request) from None


def answer_delete(plain: Plain) -> Response:
    """Remove an item, or the collection with all its items."""
    preconditions = read_preconditions(plain.request)
    if not plain.names_item and plain.request.header("Depth").strip().lower() not in {"", "infinity"}:
        raise BadRequestError("a collection is removed with what is in it")
    with plain.write() as uow:
        collection = plain.get(uow.connection)
        if plain.names_item:
            remove_item(uow, collection, plain.name, preconditions=preconditions)
        else:
            if preconditions.fail(str(plain.token(uow.connection, collection))):
                raise PreconditionFailedError
            delete_collection(uow, plain.viewer, collection)
    return Response(204)
