"""REPORT on a collection of one's own: sync, multiget and query; what only calendars have is elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING

from radicale_propmgmt.dav.clients import never_recovers_from_a_refused_token
from radicale_propmgmt.dav.filters import matches
from radicale_propmgmt.dav.multistatus import more_to_come
from radicale_propmgmt.dav.names import element, escape
from radicale_propmgmt.dav.properties import SYNC_TOKEN
from radicale_propmgmt.dav.propfind import multistatus_response
from radicale_propmgmt.dav.request import REPORT_BYTES
from radicale_propmgmt.dav.resources import Kind
from radicale_propmgmt.dav.xml_request import Multiget, Query, SyncCollection, read_report
from radicale_propmgmt.dav.xml_tree import read_tree
from radicale_propmgmt.db.repositories import collections as rows
from radicale_propmgmt.domain.changes import NO_CONTACT, SyncToken
from radicale_propmgmt.domain.collections import CollectionKind
from radicale_propmgmt.domain.errors import (
    BadRequestError,
    InvalidSyncTokenError,
    TooManyMatchesError,
    UnsupportedReportError,
)

from .calendar_reports import CALENDAR_REPORTS, answer_calendar_report
from .context import read_token
from .named import write_named
from .pages import fetch, in_chunks, template_of, write_data, write_items

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from radicale_propmgmt.dav.multistatus import CardTemplate
    from radicale_propmgmt.dav.responses import Response
    from radicale_propmgmt.db.repositories.collections import ItemRow
    from radicale_propmgmt.domain.collections import Collection

    from .context import Plain


def answer_report(plain: Plain) -> Response:
    """Answer a REPORT."""
    raw = b"".join(plain.request.xml_chunks(REPORT_BYTES))
    root = read_tree([raw])
    if root is None:
        raise BadRequestError("a report without a body")
    with plain.database.read() as connection:
        collection = plain.get(connection)
        if plain.names_item:
            plain.get_item(connection, collection)
    is_calendar = collection.kind is CollectionKind.CALENDAR
    if root.name in CALENDAR_REPORTS and is_calendar:
        return answer_calendar_report(plain, root, raw)
    report = read_report([raw], plain.request.header("Depth"))
    if isinstance(report, SyncCollection):
        return _sync(plain, report)
    if is_calendar:
        raise UnsupportedReportError
    return _multiget(plain, report) if isinstance(report, Multiget) else _query(plain, report)


def item_template(
    plain: Plain, connection: Connection, collection: Collection, report: SyncCollection | Multiget | Query
) -> CardTemplate:
    """Build the template of a report's items."""
    item = replace(plain.resource(connection, collection), kind=Kind.CARD)
    return template_of(item, report.props, wanted=report.address_data, minimal=plain.request.wants_minimal)


def _sync(plain: Plain, report: SyncCollection) -> Response:
    """Answer RFC 6578 §3.2; a cut page says so by 507 on the collection (§3.6)."""
    if report.limit == 0:
        raise TooManyMatchesError
    if plain.names_item:
        raise UnsupportedReportError
    with plain.database.read() as connection:
        collection = plain.get(connection)
        template = item_template(plain, connection, collection, report)
        whole = plain.token(connection, collection)
        items = _find_changes(plain, connection, collection, report, whole)
    token, cut = whole, None
    if report.limit is not None and len(items) > report.limit:
        items = items[: report.limit]
        token, cut = replace(whole, seq=items[-1].seq, contact=items[-1].id), more_to_come(plain.href)
    pieces = write_items(plain.database, template, items, report.address_data)
    tail = element(SYNC_TOKEN, escape(str(token))) + "\n"
    return multistatus_response(plain.handling, chain(pieces, [cut] if cut else []), tail)


def _find_changes(
    plain: Plain, connection: Connection, collection: Collection, report: SyncCollection, whole: SyncToken
) -> list[ItemRow]:
    """List what changed since a token.

    Thunderbird, which would repeat a refused token for ever, gets everything there is and was instead.
    """
    limit = None if report.limit is None else report.limit + 1
    if not report.token:
        return rows.changed_items(connection, collection, (0, NO_CONTACT), 0, tombstones=False, limit=limit)
    try:
        token = read_token(connection, collection, report.token, whole)
    except InvalidSyncTokenError:
        if not never_recovers_from_a_refused_token(plain.request.header("User-Agent")):
            raise
        return rows.changed_items(connection, collection, (0, 0), NO_CONTACT)
    return rows.changed_items(connection, collection, (token.seq, token.contact), token.seq, limit=limit)


def _multiget(plain: Plain, report: Multiget) -> Response:
    """Answer RFC 6352 §8.7: one response per href; what names nothing here is a 404."""
    with plain.database.read() as connection:
        template = item_template(plain, connection, plain.get(connection), report)
    return multistatus_response(plain.handling, write_named(plain, template, report))


def _query(plain: Plain, report: Query) -> Response:
    """Answer RFC 6352 §8.6; more matches than ``nresults`` are cut, and said so on the collection (§8.6.2)."""
    with plain.database.read() as connection:
        collection = plain.get(connection)
        template = item_template(plain, connection, collection, report)
        items = (
            [plain.get_item(connection, collection)] if plain.names_item else rows.list_items(connection, collection)
        )
    return multistatus_response(plain.handling, _matching(plain, report, template, items))


def _matching(plain: Plain, report: Query, template: CardTemplate, items: Sequence[ItemRow]) -> Iterator[bytes]:
    left = len(items) if report.limit is None else report.limit
    for chunk in in_chunks(items):
        bodies = fetch(plain.database, chunk)
        matched = [item for item in chunk if item.id in bodies and matches(report.filter, bodies[item.id])]
        yield write_data(template, matched[:left], bodies, report.address_data)
        if len(matched) > left:
            yield more_to_come(plain.href)
            return
        left -= len(matched)
