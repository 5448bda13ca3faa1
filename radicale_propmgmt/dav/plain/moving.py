"""COPY and MOVE of items and collections of one's own (RFC 4918 §9.8, §9.9). Contacts never come in this way."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from radicale_propmgmt.dav.conditionals import read_preconditions
from radicale_propmgmt.dav.errors import ForeignDestinationError, ForeignHomeError
from radicale_propmgmt.dav.hrefs import find_path, is_ours, write_href
from radicale_propmgmt.dav.refusals import refuse_write
from radicale_propmgmt.dav.request import Path
from radicale_propmgmt.db.repositories import collections as rows
from radicale_propmgmt.domain.collections import CollectionKind, is_free
from radicale_propmgmt.domain.errors import (
    BadRequestError,
    NeedPrivilegesError,
    NoParentError,
    PreconditionFailedError,
    UnsupportedAddressDataError,
    UnsupportedCalendarDataError,
    UnsupportedComponentError,
)
from radicale_propmgmt.services.collection_transfers import Transfer, transfer_collection, transfer_item

from .answers import stored
from .making import SEGMENT_LENGTH
from .resources import components_of
from .stored import read_stored
from .writing import NAME_LENGTH

if TYPE_CHECKING:
    from radicale_propmgmt.dav.responses import Response
    from radicale_propmgmt.db.unit_of_work import UnitOfWork
    from radicale_propmgmt.domain.collections import Collection

    from .context import Plain


def answer_transfer(plain: Plain) -> Response:
    """Answer COPY and MOVE."""
    how = _read_how(plain)
    target = read_destination(plain)
    if target.segments == plain.request.path.segments:
        raise refuse_write(plain.request)  # RFC 4918 §9.8.5: 403 where both are the same
    if plain.names_item:
        return _item(plain, target, how)
    return _collection(plain, target, how)


def _read_how(plain: Plain) -> Transfer:
    request = plain.request
    overwrite = request.header("Overwrite").strip().upper() or "T"
    depth = request.header("Depth").strip().lower() or "infinity"
    is_move = request.method == "MOVE"
    if overwrite not in {"T", "F"}:
        raise BadRequestError("Overwrite is T or F")
    if depth not in ({"infinity"} if is_move and not plain.names_item else {"0", "infinity"}):
        raise BadRequestError("Depth is infinity, or 0 for COPY")
    return Transfer(
        preconditions=read_preconditions(request),
        is_move=is_move,
        overwrite=overwrite == "T",
        with_members=depth == "infinity",
    )


def read_destination(plain: Plain) -> Path:
    """Read where to; only the free part of the own home is allowed.

    Raises:
        BadRequestError: No destination, or none that is a path.
        ForeignDestinationError: Another server.
        ForeignHomeError: Somebody else's home, whether or not it exists.
        NeedPrivilegesError: The root, the home, or a book of contacts.
    """
    header = plain.request.header("Destination").strip()
    try:
        parts = urlsplit(header)
        is_foreign = bool(parts.scheme or parts.netloc) and not is_ours(parts, plain.request)
    except ValueError:
        raise BadRequestError("no destination") from None
    if is_foreign:
        raise ForeignDestinationError
    segments = find_path(header, plain.request)
    if segments is None:
        raise BadRequestError("no destination")
    if segments[0] != plain.viewer.login:
        raise ForeignHomeError
    if len(segments) < 2 or not is_free(segments[1]):
        raise NeedPrivilegesError(write_href(*segments[:-1]), "bind")
    return Path(segments, header.endswith("/"))


def _item(plain: Plain, target: Path, how: Transfer) -> Response:
    if len(target.segments) != 3 or target.is_slashed or len(target.segments[2]) > NAME_LENGTH:
        raise NeedPrivilegesError(write_href(*target.segments[:-1]), "bind")
    with plain.write() as uow:
        source = plain.get(uow.connection)
        into = _find_target(plain, uow, target.segments[1])
        _require_kind(plain, uow, source, into)
        etag, is_new = transfer_item(
            uow,
            plain.viewer,
            (source, plain.name),
            (into, target.segments[2]),
            how,
            href_of=lambda name: write_href(*target.segments[:2], name, is_collection=False),
        )
    where = write_href(*target.segments, is_collection=False)
    return stored(etag, is_new=is_new, location=where)


def _find_target(plain: Plain, uow: UnitOfWork, segment: str) -> Collection:
    found = rows.find_collection(uow.connection, plain.viewer.account_id, segment)
    if found is None:
        raise NoParentError
    return found


def _require_kind(plain: Plain, uow: UnitOfWork, source: Collection, into: Collection) -> None:
    """Let items go only where a PUT could put them."""
    if source.kind is not into.kind:
        is_calendar = into.kind is CollectionKind.CALENDAR
        raise UnsupportedCalendarDataError if is_calendar else UnsupportedAddressDataError
    if into.kind is CollectionKind.CALENDAR:
        present = rows.find_item(uow.connection, source, plain.name)
        held = components_of(read_stored(uow.connection, plain.viewer, into.segment))
        if present is not None and present.component not in held:
            raise UnsupportedComponentError


def _collection(plain: Plain, target: Path, how: Transfer) -> Response:
    if len(target.segments) != 2 or len(target.segments[1]) > SEGMENT_LENGTH:
        raise NeedPrivilegesError(write_href(*target.segments[:-1]), "bind")
    with plain.write() as uow:
        source = plain.get(uow.connection)
        if how.preconditions.fail(str(plain.token(uow.connection, source))):
            raise PreconditionFailedError
        is_new = transfer_collection(uow, plain.viewer, source, target.segments[1], how)
    return stored(is_new=is_new, location=write_href(*target.segments))
