"""GET and HEAD: a card, a whole book as one file, and a line of text for what holds none (RFC 9110 §9.3.1)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from radicale_propmgmt.domain.errors import PreconditionFailedError
from radicale_propmgmt.ledger import deliveries
from radicale_propmgmt.projection import reading
from radicale_propmgmt.vcard.card import to_version_4

from .address_data import convert
from .pages import fetch_bodies
from .properties import CONTENT_TYPE
from .resources import Kind
from .responses import Headers, Response
from .xml_request import AddressData

if TYPE_CHECKING:
    from radicale_propmgmt.db.unit_of_work import Database
    from radicale_propmgmt.projection.reading import CardRow

    from .handling import Handling
    from .request import Request

_ETAG = re.compile(r'(?:W/)?"([^"]*)"')
_VERSION_4 = "text/vcard; version=4.0; charset=utf-8"


def answer_get(handling: Handling) -> Response:
    """Answer GET and HEAD."""
    if handling.kind is Kind.CARD:
        return _card(handling)
    if handling.kind is Kind.BOOK:
        return _book(handling)
    return Response(200, [("Content-Type", "text/plain; charset=utf-8")], b"CardDAV\n")


def _card(handling: Handling) -> Response:
    request = handling.request
    with handling.read() as connection:
        book = handling.get_book(connection)
        standing = deliveries.look(connection, request.viewer, book)
        row, body = handling.get_whole_card(connection, book)
    if (wanted := request.header("If-Match")) and not _names(wanted, row.etag, weak=False):
        raise PreconditionFailedError
    headers: Headers = [("ETag", f'"{row.etag}"'), ("Vary", "Accept")]
    if _is_known(request, row.etag):
        return Response(304, headers)
    if request.method == "GET":
        deliveries.deliver_cards(handling.database, standing, [row])
    if prefers_version_4(request.header("Accept")):
        return Response(200, [("Content-Type", _VERSION_4), *headers], to_version_4(body))
    return Response(200, [("Content-Type", CONTENT_TYPE), *headers], body)


def _book(handling: Handling) -> Response:
    """Answer with all cards of a book; its tag is weak, for their order is the database's."""
    with handling.read() as connection:
        book = handling.get_book(connection)
        token = str(reading.current_token(connection, book, handling.head.epoch))
        known = _is_known(handling.request, token)
        standing = deliveries.look(connection, handling.request.viewer, book)
        rows = [] if known else reading.list_cards(connection, book)
    headers: Headers = [("ETag", f'W/"{token}"'), ("Vary", "Accept")]
    if known:
        return Response(304, headers)
    if handling.request.method == "GET":  # who downloads a book need not be the program that syncs it
        deliveries.deliver_cards(handling.database, standing, rows, bodies=False)
    version_4 = prefers_version_4(handling.request.header("Accept"))
    name = re.sub("[^0-9A-Za-z_-]", "_", book.segment)
    headers.append(("Content-Disposition", f'attachment; filename="{name}.vcf"'))
    headers.insert(0, ("Content-Type", _VERSION_4 if version_4 else CONTENT_TYPE))
    return Response(200, headers, _cards(handling.database, rows, AddressData("4.0" if version_4 else "3.0")))


def _cards(database: Database, rows: Sequence[CardRow], wanted: AddressData) -> Iterator[bytes]:
    for chunk in reading.in_chunks(rows):
        bodies = convert(fetch_bodies(database, chunk), wanted)
        yield b"".join([bodies[row.rendition_id] for row in chunk if row.rendition_id in bodies])


def _is_known(request: Request, etag: str | None) -> bool:
    """Tell whether If-None-Match names what would be sent."""
    known = request.header("If-None-Match")
    return bool(known) and _names(known, etag, weak=True)


def _names(header: str, etag: str | None, *, weak: bool) -> bool:
    """Tell whether an entity-tag list names an etag, by strong or weak comparison (RFC 9110 §8.8.3.2)."""
    if header.strip() == "*":
        return True
    return any(found[1] == etag and (weak or not found[0].startswith("W/")) for found in _ETAG.finditer(header))


def prefers_version_4(accept: str) -> bool:
    """Tell whether 4.0 is asked for, and not less than 3.0 (RFC 9110 §12.5.1); whatever else is asked gets 3.0."""
    quality = {"": 0.0, "3.0": 0.0, "4.0": 0.0}
    for entry in accept.lower().split(",")[:50]:
        media_type, *params = (part.strip() for part in entry.split(";"))
        if media_type == "text/vcard":
            values = {key.strip(): value.strip(' "') for key, _, value in (p.partition("=") for p in params)}
            version = values.get("version", "")
            if version in quality:
                quality[version] = max(quality[version], _quality(values.get("q", "1")))
    return quality["4.0"] > 0 and quality["4.0"] >= max(quality[""], quality["3.0"])


def _quality(text: str) -> float:
    return float(text) if re.fullmatch(r"[01](\.[0-9]{0,3})?", text) else 0.0
