"""PROPFIND, Depth 0 and 1 (RFC 4918 §9.1)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING

from radicale_propmgmt.domain.errors import BadRequestError, FiniteDepthError
from radicale_propmgmt.ledger import deliveries
from radicale_propmgmt.projection import bookshelf, reading

from .multistatus import CONTENT_TYPE, multistatus, response
from .names import GETETAG
from .pages import card_template, write_cards
from .plain.home import list_collections
from .plain.stored import read_all_stored, read_stored
from .properties import PRIVILEGES, TOKEN_PROPERTIES, select, wanted_names
from .request import PROPFIND_BYTES
from .resources import NO_RIGHTS, Kind, Resource
from .responses import Headers, Response
from .xml_request import Propfind, read_propfind

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from radicale_propmgmt.domain.books import Book

    from .handling import Handling

_NOTHING = Propfind()


def answer_propfind(handling: Handling) -> Response:
    """Answer a PROPFIND on root, home, book or card of the viewer."""
    request = handling.request
    depth = read_depth(request.header("Depth"), is_card=handling.kind is Kind.CARD)
    asked = read_propfind(request.xml_chunks(PROPFIND_BYTES))
    pieces = _PIECES[handling.kind](handling, asked, depth)
    return multistatus_response(handling, pieces)


def multistatus_response(handling: Handling, pieces: Iterator[bytes], tail: str = "") -> Response:
    """Answer 207 with the headers that all multistatus answers have."""
    headers: Headers = [CONTENT_TYPE, ("Vary", "Brief, Prefer")]
    if handling.request.prefers_minimal:
        headers.append(("Preference-Applied", "return=minimal"))
    return Response(207, headers, multistatus(pieces, tail))


def read_depth(header: str, *, is_card: bool) -> str:
    """Read Depth. Infinity is refused on collections; absent counts as 0: tsdav sends none while it looks around."""
    depth = header.strip().lower() or "0"
    if depth == "infinity":
        if not is_card:
            raise FiniteDepthError
        return "0"
    if depth not in {"0", "1"}:
        raise BadRequestError("Depth is 0, 1 or infinity")
    return depth


def _root(handling: Handling, asked: Propfind, _depth: str) -> Iterator[bytes]:
    """Answer for the root alone: other homes are nobody's business, and the own one is current-user-principal."""
    return iter([_one(handling, handling.resource(Kind.ROOT), asked)])


def _home(handling: Handling, asked: Propfind, depth: str) -> Iterator[bytes]:
    with handling.read() as connection:
        stored = read_all_stored(connection, handling.request.viewer)
        pieces = [_one(handling, replace(handling.resource(Kind.HOME), stored=stored.get("", {})), asked)]
        if depth == "1":
            for book in bookshelf.list_books(connection, handling.request.viewer):
                resource = book_resource(handling, connection, book, asked)
                own = stored.get(book.segment, {})
                pieces.append(_one(handling, replace(resource, stored=own), asked))
            pieces += list_collections(handling, connection, asked, stored, handling.head.epoch)
    return iter(pieces)


def _book(handling: Handling, asked: Propfind, depth: str) -> Iterator[bytes]:
    with handling.read() as connection:
        book = handling.get_book(connection)
        resource = book_resource(handling, connection, book, asked)
        stored = read_stored(connection, handling.request.viewer, book.segment)
        standing = deliveries.look(connection, handling.request.viewer, book) if depth == "1" else None
        rows = reading.list_cards(connection, book) if depth == "1" else []
    if GETETAG in wanted_names(asked, Kind.CARD):
        deliveries.deliver_listing(handling.database, standing, rows, confirms=True)
    else:
        deliveries.deliver_cards(handling.database, standing, rows, bodies=False)
    template = card_template(replace(resource, kind=Kind.CARD), asked, minimal=handling.request.wants_minimal)
    return chain(
        [_one(handling, replace(resource, stored=stored), asked)], write_cards(handling.database, template, rows)
    )


def _card(handling: Handling, asked: Propfind, _depth: str) -> Iterator[bytes]:
    with handling.read() as connection:
        book = handling.get_book(connection)
        row = handling.get_card(connection, book)
        resource = book_resource(handling, connection, book, _NOTHING)
    template = card_template(replace(resource, kind=Kind.CARD), asked, minimal=handling.request.wants_minimal)
    return iter([template.write([row])])


_PIECES = {Kind.ROOT: _root, Kind.HOME: _home, Kind.BOOK: _book, Kind.CARD: _card}


def book_resource(handling: Handling, connection: Connection, book: Book, asked: Propfind) -> Resource:
    """Gather what a book's properties need: its newest seq, and what may be written, only if one of them tells it."""
    names = {*wanted_names(asked, Kind.BOOK), *asked.props}
    needs_token = not TOKEN_PROPERTIES.isdisjoint(names)
    return replace(
        handling.resource(Kind.BOOK),
        book=book,
        rights=handling.rights(connection, book) if PRIVILEGES in names else NO_RIGHTS,
        token=str(reading.current_token(connection, book, handling.head.epoch)) if needs_token else "",
    )


def _one(handling: Handling, resource: Resource, asked: Propfind) -> bytes:
    return response(resource.href, select(asked, resource), minimal=handling.request.wants_minimal)
