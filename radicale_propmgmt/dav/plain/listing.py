"""PROPFIND, GET and HEAD on a collection of one's own and its items."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING

from radicale_propmgmt.dav.conditionals import read_preconditions
from radicale_propmgmt.dav.multistatus import response
from radicale_propmgmt.dav.properties import CONTENT_TYPE, select
from radicale_propmgmt.dav.propfind import multistatus_response, read_depth
from radicale_propmgmt.dav.request import PROPFIND_BYTES
from radicale_propmgmt.dav.resources import Kind
from radicale_propmgmt.dav.responses import Headers, Response
from radicale_propmgmt.dav.xml_request import read_propfind
from radicale_propmgmt.db.repositories import collections as rows
from radicale_propmgmt.domain.collections import CollectionKind
from radicale_propmgmt.domain.errors import PreconditionFailedError

from .calendar_object import parse_calendar_object
from .pages import fetch, in_chunks, template_of, write_items
from .resources import CALENDAR_TYPE

if TYPE_CHECKING:
    from radicale_propmgmt.db.repositories.collections import ItemRow
    from radicale_propmgmt.db.unit_of_work import Database

    from .context import Plain

_TYPES = {CollectionKind.ADDRESSBOOK: CONTENT_TYPE, CollectionKind.CALENDAR: CALENDAR_TYPE}
_CALENDAR_HEAD = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//propmgmt//NONSGML calendar//DE\r\n"
_CALENDAR_END = b"END:VCALENDAR\r\n"


def answer_propfind(plain: Plain) -> Response:
    """Answer PROPFIND, Depth 0 and 1."""
    request = plain.request
    depth = read_depth(request.header("Depth"), is_card=plain.names_item)
    asked = read_propfind(request.xml_chunks(PROPFIND_BYTES))
    with plain.database.read() as connection:
        collection = plain.get(connection)
        resource = plain.resource(connection, collection)
        if plain.names_item:
            items = [plain.get_item(connection, collection)]
        else:
            items = rows.list_items(connection, collection) if depth == "1" else []
    template = template_of(replace(resource, kind=Kind.CARD), asked, minimal=request.wants_minimal)
    pieces = write_items(plain.database, template, items)
    if not plain.names_item:
        selected = select(asked, resource, resource.table)
        pieces = chain([response(resource.href, selected, minimal=request.wants_minimal)], pieces)
    return multistatus_response(plain.handling, pieces)


def answer_get(plain: Plain) -> Response:
    """Answer GET and HEAD: an item as it was sent, or all of them in one file."""
    preconditions = read_preconditions(plain.request)
    with plain.database.read() as connection:
        collection = plain.get(connection)
        if plain.names_item:
            item = plain.get_item(connection, collection)
            body = rows.bodies(connection, [item.id])[item.id]
            etag = f'"{item.etag}"'
        else:
            token = str(plain.token(connection, collection))
            etag = f'W/"{token}"'
    known = item.etag if plain.names_item else token
    if preconditions.if_match is not None and (etag[0] == "W" or not preconditions.if_match.names(known, weak=False)):
        raise PreconditionFailedError
    headers: Headers = [("ETag", etag)]
    if preconditions.if_none_match is not None and preconditions.if_none_match.names(known, weak=True):
        return Response(304, headers)
    headers.insert(0, ("Content-Type", _TYPES[collection.kind]))
    if plain.names_item:
        return Response(200, headers, body)
    with plain.database.read() as connection:
        items = rows.list_items(connection, collection)
    is_calendar = collection.kind is CollectionKind.CALENDAR
    name = re.sub("[^0-9A-Za-z_-]", "_", collection.segment)
    headers.append(("Content-Disposition", f'attachment; filename="{name}.{"ics" if is_calendar else "vcf"}"'))
    return Response(
        200, headers, _one_calendar(plain.database, items) if is_calendar else _cards(plain.database, items)
    )


def _cards(database: Database, items: Sequence[ItemRow]) -> Iterator[bytes]:
    for chunk in in_chunks(items):
        yield b"".join(body if body.endswith(b"\n") else body + b"\r\n" for body in fetch(database, chunk).values())


def _one_calendar(database: Database, items: Sequence[ItemRow]) -> Iterator[bytes]:
    """Put all objects into one calendar, each zone once."""
    zones: set[str] = set()
    yield _CALENDAR_HEAD
    for chunk in in_chunks(items):
        parts: list[bytes] = []
        for body in fetch(database, chunk).values():
            found = parse_calendar_object(body)
            for component in found.calendar.inner:
                zone = component.first("TZID") if component.name == "VTIMEZONE" else None
                if zone is None or zone.value not in zones:
                    parts.append(component.to_bytes())
                if zone is not None:
                    zones.add(zone.value)
        yield b"".join(parts)
    yield _CALENDAR_END
