"""PUT, POST, DELETE, MOVE and COPY on books of contacts: read what was sent, let services decide, answer."""

from __future__ import annotations

import uuid
from functools import partial
from typing import TYPE_CHECKING

from radicale_propmgmt.domain.errors import (
    BadRequestError,
    DavError,
    NeedPrivilegesError,
    ResourceTooLargeError,
    UnsupportedAddressDataError,
)
from radicale_propmgmt.projection import due
from radicale_propmgmt.services.writes.change import change
from radicale_propmgmt.services.writes.create import create
from radicale_propmgmt.services.writes.desk import Desk, Outcome, Write, at_desk
from radicale_propmgmt.services.writes.groups import change_group
from radicale_propmgmt.services.writes.remove import Target, remove, transfer

from .clients import stops_syncing_at_a_refusal
from .conditionals import read_preconditions
from .errors import RequestTooLargeError, UnsupportedMediaTypeError
from .hrefs import find_path, write_href
from .refusals import refuse_write
from .request import content_length, read_body
from .resources import Kind
from .responses import Headers, Response

if TYPE_CHECKING:
    from .handling import Handling
    from .request import Request

_CARD_TYPES = frozenset({"", "text/vcard", "text/x-vcard", "text/directory", "application/octet-stream", "text/plain"})
_UTF_8 = frozenset({"", "utf-8", "utf8", "us-ascii"})


def answer_put(handling: Handling) -> Response:
    """Answer PUT on a card (RFC 6352 §6.3.2, RFC 9110 §9.3.4)."""
    _require(handling, Kind.CARD)
    return _answer_sent(handling, handling.request.path.segments[2], is_post=False)


def answer_post(handling: Handling) -> Response:
    """Answer POST on a book: a new card whose name the server chooses (RFC 5995 §3.1)."""
    _require(handling, Kind.BOOK)
    return _answer_sent(handling, f"{uuid.uuid4()}.vcf", is_post=True)


def _require(handling: Handling, kind: Kind) -> None:
    """Refuse a write to another kind of resource, or to none, as one whose right is missing: never 404 on PUT.

    Raises:
        NeedPrivilegesError: The path is not that of such a resource.
    """
    path = handling.request.path
    is_one = len(path.segments) == (3 if kind is Kind.CARD else 2) and not (kind is Kind.CARD and path.is_slashed)
    if not is_one:
        raise refuse_write(handling.request)


def _answer_sent(handling: Handling, name: str, *, is_post: bool) -> Response:
    write = _write(handling, name, is_named=not is_post)
    due.ensure_current(handling.database, write.viewer.audience_id)
    sent = _read_card(handling)
    outcome = at_desk(handling.database, write, partial(_put, sent=sent))
    response = _answer(handling, outcome)
    if is_post and outcome.refusal is None and outcome.name is None:
        response.headers.append(("Location", write.card_href))
    return response


def _put(desk: Desk, sent: bytes | Exception) -> Outcome:
    """Decide in the fixed order: right, visibility, precondition, content."""
    card = desk.find(desk.write.name)
    if not (desk.rights.write_content or desk.rights.bind):
        lacking = desk.lacks("write-content", of_book=False) if desk.write.is_named else desk.lacks("bind")
        return desk.refuse(lacking, card, body=sent if isinstance(sent, bytes) else None)
    if isinstance(sent, Exception):
        return desk.refuse(_refusal_of(sent), card)
    if card is None:
        return create(desk, sent)
    return change(desk, card, sent) if card.id > 0 else change_group(desk, card, sent)


def _refusal_of(problem: Exception) -> ResourceTooLargeError | UnsupportedAddressDataError:
    if isinstance(problem, RequestTooLargeError):
        return ResourceTooLargeError()
    return UnsupportedAddressDataError()


def _read_card(handling: Handling) -> bytes | Exception:
    """Read the body, or why it cannot be a card: that counts only after right, visibility and precondition.

    Raises:
        BadRequestError: It ended early.
    """
    environ = handling.request.environ
    media_type, _, params = str(environ.get("CONTENT_TYPE") or "").lower().partition(";")
    charset = params.partition("charset=")[2].partition(";")[0].strip(" \"'")
    if media_type.strip() not in _CARD_TYPES or charset not in _UTF_8:
        return UnsupportedMediaTypeError()
    most = handling.limits.card_bytes
    if (content_length(environ) or 0) > most:
        return RequestTooLargeError()
    try:
        return b"".join(read_body(environ, most))
    except RequestTooLargeError as error:
        return error


def answer_delete(handling: Handling) -> Response:
    """Answer DELETE on a card: its links end; a book itself is never deleted."""
    _require(handling, Kind.CARD)
    write = _write(handling, handling.request.path.segments[2])
    due.ensure_current(handling.database, write.viewer.audience_id)
    return _answer(handling, at_desk(handling.database, write, remove))


def answer_transfer(handling: Handling) -> Response:
    """Answer MOVE and COPY of a card between books of one account (RFC 4918 §9.8, §9.9)."""
    request = handling.request
    _require(handling, Kind.CARD)
    keeps = request.method == "COPY"
    write = _write(handling, request.path.segments[2])
    due.ensure_current(handling.database, write.viewer.audience_id)
    work = partial(transfer, target=_read_target(request, keeps=keeps), lacking="bind" if keeps else "unbind")
    return _answer(handling, at_desk(handling.database, write, work))


def _read_target(request: Request, *, keeps: bool) -> Target | DavError:
    """Read Destination and Overwrite (RFC 4918 §10.3, §10.6), or why they name no place for a card."""
    target = find_path(request.header("Destination"), request)
    if target is None:
        return BadRequestError("Destination names nothing here")
    if len(target) != 3 or target[0] != request.viewer.login:
        return NeedPrivilegesError(write_href(*target[:2]), "bind")
    overwrite = request.header("Overwrite").strip().upper() or "T"
    if overwrite not in {"T", "F"}:
        return BadRequestError("Overwrite is T or F")
    return Target(target[1], target[2], overwrite == "T", keeps)


def _write(handling: Handling, name: str, *, is_named: bool = True) -> Write:
    request = handling.request
    segments = request.path.segments
    agent = request.header("User-Agent")
    return Write(
        viewer=request.viewer,
        segment=segments[1],
        name=name,
        is_named=is_named,
        book_href=write_href(*segments[:2]),
        card_href=write_href(*segments[:2], name, is_collection=False),
        preconditions=read_preconditions(request),
        user_agent=agent,
        proposes=handling.proposes_for_apple and stops_syncing_at_a_refusal(agent),
        country=handling.country,
        photo_bytes=handling.limits.photo_bytes,
    )


def _answer(handling: Handling, outcome: Outcome) -> Response:
    if outcome.refusal is not None:
        raise outcome.refusal
    headers: Headers = []
    if outcome.etag is not None:
        headers.append(("ETag", f'"{outcome.etag}"'))
    if outcome.name is not None:
        segments = handling.request.path.segments
        path = write_href(segments[0], outcome.segment or segments[1], outcome.name, is_collection=False)
        headers.append(("Location", path))
    if outcome.is_new:
        return Response(201, [("Content-Type", "text/plain; charset=utf-8"), *headers])
    return Response(204, headers)
