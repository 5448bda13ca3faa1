"""REPORT on a book: sync-collection; on a book or card: addressbook-multiget, addressbook-query (RFC 6352 §8)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from radicale_propmgmt.db.repositories.contacts import CHUNK
from radicale_propmgmt.domain.changes import SyncToken
from radicale_propmgmt.domain.errors import (
    InvalidSyncTokenError,
    TooManyMatchesError,
    UnsupportedReportError,
)
from radicale_propmgmt.ledger import deliveries
from radicale_propmgmt.projection import reading

from .address_data import convert
from .clients import never_recovers_from_a_refused_token
from .filters import find_needles, matches, matches_everything
from .hrefs import find_name
from .multistatus import CardTemplate, gone, more_to_come
from .names import element, escape
from .pages import card_template, fetch_bodies, write_cards
from .properties import SYNC_TOKEN
from .propfind import book_resource, multistatus_response
from .request import REPORT_BYTES
from .resources import Kind
from .xml_request import Multiget, Propfind, Query, SyncCollection, read_report

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from radicale_propmgmt.domain.books import Book
    from radicale_propmgmt.projection.reading import CardRow, SyncPage

    from .filter_request import Filter
    from .handling import Handling
    from .responses import Response
    from .xml_request import AddressData

_NO_PROPERTIES = Propfind()


def answer_report(handling: Handling) -> Response:
    """Answer a REPORT. Depth does not count: Thunderbird sends 1 where RFC 6578 §3.2 wants 0, Evolution none."""
    kind = handling.kind
    report = read_report(handling.request.xml_chunks(REPORT_BYTES), handling.request.header("Depth"))
    if kind not in {Kind.BOOK, Kind.CARD}:
        raise UnsupportedReportError
    match report:
        case SyncCollection():
            return _sync(handling, report)
        case Multiget():
            return _multiget(handling, report)
        case Query():
            return _query(handling, report)


def _template(
    handling: Handling, connection: Connection, book: Book, report: SyncCollection | Multiget | Query
) -> CardTemplate:
    card = replace(book_resource(handling, connection, book, _NO_PROPERTIES), kind=Kind.CARD)
    return card_template(card, report.props, report.address_data, minimal=handling.request.wants_minimal)


def _sync(handling: Handling, report: SyncCollection) -> Response:
    """Answer RFC 6578 §3.2; a cut page says so by 507 on the collection (§3.6)."""
    if report.limit == 0:
        raise TooManyMatchesError
    with handling.read() as connection:
        book = handling.get_book(connection)
        if handling.kind is Kind.CARD:
            handling.get_card(connection, book)
            raise UnsupportedReportError
        template = _template(handling, connection, book, report)
        standing = deliveries.look(connection, handling.request.viewer, book)
        token, page = _find_changes(handling, connection, book, report)
    deliveries.deliver_page(handling.database, standing, token, page.token, page.rows)
    pieces = write_cards(handling.database, template, page.rows, report.address_data)
    if page.truncated:
        pieces = chain(pieces, [more_to_come(handling.href)])
    return multistatus_response(handling, pieces, element(SYNC_TOKEN, escape(str(page.token))) + "\n")


def _find_changes(
    handling: Handling, connection: Connection, book: Book, report: SyncCollection
) -> tuple[SyncToken | None, SyncPage]:
    """Find the page that answers a token, and return both; None is the initial sync, and what is answered like it."""
    epoch = handling.head.epoch
    try:
        token = SyncToken.parse(report.token) if report.token else None
        page = reading.changes_since(connection, handling.request.viewer, book, token, epoch, report.limit)
    except InvalidSyncTokenError:
        if never_recovers_from_a_refused_token(handling.request.header("User-Agent")):
            return None, reading.all_and_tombstones(connection, book, epoch)
        raise
    return token, page


def _multiget(handling: Handling, report: Multiget) -> Response:
    """Answer RFC 6352 §8.7: one response per href; what names nothing visible in this book is a 404."""
    request, base = handling.request, handling.book_href
    names = {href: find_name(href, base, request) for href in report.hrefs}
    with handling.read() as connection:
        book = handling.get_book(connection)
        template = _template(handling, connection, book, report)
        own = handling.get_card(connection, book).href if handling.kind is Kind.CARD else None
        if own is not None:  # then the one href is to be that card's
            names = {href: name if name == own else None for href, name in names.items()}
        named = _Named(book, template, list(dict.fromkeys(filter(None, names.values()))))
        first = named.find(handling, connection, 0)
    return multistatus_response(handling, _named_cards(handling, named, first, report.address_data, names))


class _Chunk(NamedTuple):
    """Cards of a multiget as one statement found them, and where the device stood just before."""

    standing: deliveries.Standing | None
    names: Sequence[str]
    rows: dict[str, CardRow]
    bodies: dict[int, bytes]


class _Named(NamedTuple):
    """The names of one book that a multiget asks for."""

    book: Book
    template: CardTemplate
    names: Sequence[str]

    def find(self, handling: Handling, connection: Connection, start: int) -> _Chunk:
        standing = deliveries.look(connection, handling.request.viewer, self.book)
        names = self.names[start : start + CHUNK]
        return _Chunk(standing, names, *reading.find_whole_cards(connection, self.book, names))


def _named_cards(
    handling: Handling, named: _Named, chunk: _Chunk, wanted: AddressData, hrefs: Mapping[str, str | None]
) -> Iterator[bytes]:
    """Write cards in the order of the request, chunk by chunk, and at the end the hrefs without one."""
    known: set[str] = set()
    for start in range(0, len(named.names), CHUNK):
        if start:
            with handling.database.read() as connection:
                chunk = named.find(handling, connection, start)
        rows = [chunk.rows[name] for name in chunk.names if name in chunk.rows]
        deliveries.deliver_cards(handling.database, chunk.standing, rows, bodies=named.template.with_data)
        known |= chunk.rows.keys()
        yield _write(named.template, rows, chunk.bodies, wanted)
    missing = [href for href, name in hrefs.items() if name not in known]
    if missing:
        yield gone(missing)


def _query(handling: Handling, report: Query) -> Response:
    """Answer RFC 6352 §8.6; more matches than ``nresults`` are cut, and said so on the collection (§8.6.2)."""
    with handling.read() as connection:
        book = handling.get_book(connection)
        template = _template(handling, connection, book, report)
        standing = deliveries.look(connection, handling.request.viewer, book)
        if handling.kind is Kind.CARD:
            rows: Sequence[CardRow] = [handling.get_card(connection, book)]
        else:
            rows = _candidates(connection, book, report.filter)
    if matches_everything(report.filter):
        limit = len(rows) if report.limit is None else report.limit
        if limit < len(rows) or handling.kind is Kind.CARD:
            deliveries.deliver_cards(handling.database, standing, rows[:limit], bodies=template.with_data)
        else:
            deliveries.deliver_listing(handling.database, standing, rows, confirms=True)
        pieces = write_cards(handling.database, template, rows[:limit], report.address_data)
        cut = [more_to_come(handling.href)] if limit < len(rows) else []
        return multistatus_response(handling, chain(pieces, cut))
    deliveries.deliver_cards(handling.database, standing, rows, bodies=False)
    return multistatus_response(handling, _filtered(handling, report, template, rows))


def _candidates(connection: Connection, book: Book, wanted: Filter) -> Sequence[CardRow]:
    """Find a superset of the matches: by folded text where the filter allows it, else all cards."""
    needles = None if matches_everything(wanted) else find_needles(wanted)
    if needles is None:
        return reading.list_cards(connection, book)
    found = {row.contact_id: row for words in needles for row in reading.search(connection, book, sorted(words))}
    return list(found.values())


def _filtered(handling: Handling, report: Query, template: CardTemplate, rows: Sequence[CardRow]) -> Iterator[bytes]:
    left = len(rows) if report.limit is None else report.limit
    for chunk in reading.in_chunks(rows):
        bodies = fetch_bodies(handling.database, chunk)
        matched = [row for row in chunk if _row_matches(row, bodies, report.filter)]
        yield _write(template, matched[:left], bodies, report.address_data)
        if len(matched) > left:
            yield more_to_come(handling.href)
            return
        left -= len(matched)


def _row_matches(row: CardRow, bodies: dict[int, bytes], wanted: Filter) -> bool:
    body = None if row.rendition_id is None else bodies.get(row.rendition_id)
    return body is not None and matches(wanted, body)


def _write(template: CardTemplate, rows: Sequence[CardRow], bodies: dict[int, bytes], wanted: AddressData) -> bytes:
    if not template.with_data:
        return template.write(rows)
    if len(rows) < len(bodies):
        ids = {row.rendition_id for row in rows}
        bodies = {key: body for key, body in bodies.items() if key in ids}
    return template.write_data(rows, convert(bodies, wanted))
