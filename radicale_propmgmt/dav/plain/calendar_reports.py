"""calendar-multiget and calendar-query by our own code as far as that goes; time ranges that depend on zones or rules,
free-busy and expansion by Radicale's (RFC 4791 §7). What that may cost is bounded before it begins.
"""  # noqa: D205 - one sentence

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from defusedxml.ElementTree import fromstring
from radicale.app.report import free_busy_report, xml_report

from radicale_propmgmt.dav.hrefs import find_name
from radicale_propmgmt.dav.multistatus import CONTENT_TYPE
from radicale_propmgmt.dav.names import Name, caldav
from radicale_propmgmt.dav.propfind import multistatus_response
from radicale_propmgmt.dav.resources import Kind
from radicale_propmgmt.dav.responses import Response
from radicale_propmgmt.dav.xml_request import Multiget, Propfind, Selection, read_selection
from radicale_propmgmt.db.repositories import collections as rows
from radicale_propmgmt.domain.errors import BadRequestError, TooManyMatchesError, UnsupportedReportError

from .calendar_object import parse_calendar_object
from .core import CalendarItem, ReadCalendar
from .named import write_named
from .pages import AS_SENT, fetch, in_chunks, template_of, write_items
from .resources import INSTANCES
from .times import BEGINNING, FOREVER, read_instant

if TYPE_CHECKING:
    from radicale_propmgmt.dav.xml_tree import Element
    from radicale_propmgmt.db.repositories.collections import ItemRow

    from .context import Plain

_MULTIGET, _QUERY, _FREE_BUSY = caldav("calendar-multiget"), caldav("calendar-query"), caldav("free-busy-query")
CALENDAR_REPORTS = frozenset({_MULTIGET, _QUERY, _FREE_BUSY})
_COMP_FILTER, _TIME_RANGE = caldav("comp-filter"), caldav("time-range")
#: Steps of recurrences and objects parsed by vobject that one report may cost: some seconds. Large objects count more.
STEPS = 200_000
PARSED = 2000
_LINES = 50
YEAR = 366 * 86400


def answer_calendar_report(plain: Plain, root: Element, raw: bytes) -> Response:
    """Answer a report that only calendars have."""
    expand = _find(root, caldav("expand"))
    if root.name == _FREE_BUSY:
        return _free_busy(plain, root, raw)
    if root.name == _MULTIGET and expand is None:
        return _multiget(plain, root)
    if root.name == _QUERY and expand is None and (component := _only_component(root)) is not None:
        return _listing(plain, root, component)
    return _by_core(plain, root, raw, expand)


def _props(root: Element) -> Propfind:
    return read_selection(root) or Propfind(Selection.PROP)


def _multiget(plain: Plain, root: Element) -> Response:
    """Answer RFC 4791 §7.9 with the objects as they were sent."""
    report = Multiget(hrefs=tuple(dict.fromkeys(root.hrefs)), props=_props(root))
    with plain.database.read() as connection:
        item = replace(plain.resource(connection, plain.get(connection)), kind=Kind.CARD)
    template = template_of(item, report.props, wanted=report.address_data, minimal=plain.request.wants_minimal)
    return multistatus_response(plain.handling, write_named(plain, template, report))


def _only_component(root: Element) -> str | None:
    """Tell which component a filter asks for, if that is all it asks; "" = any."""
    found = root.find(caldav("filter"))
    if found is None or not found.children:
        return ""
    calendar = found.children[0]
    if len(found.children) > 1 or calendar.name != _COMP_FILTER:
        return None
    if calendar.attributes.get("name", "").upper() != "VCALENDAR" or len(calendar.children) > 1:
        return None
    if not calendar.children:
        return ""
    inner = calendar.children[0]
    is_plain = inner.name == _COMP_FILTER and not inner.children
    return inner.attributes.get("name", "").upper() or None if is_plain else None


def _listing(plain: Plain, root: Element, component: str) -> Response:
    """Answer a query that asks for a kind of component at most."""
    with plain.database.read() as connection:
        collection = plain.get(connection)
        item = replace(plain.resource(connection, collection), kind=Kind.CARD)
        if plain.names_item:
            items = [plain.get_item(connection, collection)]
            items = [found for found in items if component in {"", found.component}]
        else:
            items = rows.list_items(connection, collection, component or None)
    template = template_of(item, _props(root), wanted=AS_SENT, minimal=plain.request.wants_minimal)
    return multistatus_response(plain.handling, write_items(plain.database, template, items))


def _free_busy(plain: Plain, root: Element, raw: bytes) -> Response:
    """Answer RFC 4791 §7.10 with a VFREEBUSY; of an item there is none."""
    if plain.names_item:
        raise UnsupportedReportError
    span = _range_of(root.find(_TIME_RANGE))
    if span is None or span[1] == FOREVER or span[0] >= span[1]:
        raise BadRequestError("free-busy needs a time range")
    calendar = ReadCalendar(_path(plain))
    Candidates(plain=plain, horizon=span[1]).gather(calendar, span, component="VEVENT")
    status, text = guarded(
        lambda: free_busy_report("", f"/{calendar.path}/", fromstring(raw), calendar, "utf-8", _no_lock, INSTANCES)
    )
    return Response(status, [("Content-Type", "text/calendar; charset=utf-8")], str(text).encode())


def _by_core(plain: Plain, root: Element, raw: bytes, expand: Element | None) -> Response:
    """Answer a query or multiget whose filter or expansion is Radicale's to decide."""
    asked = _range_of(expand)
    if expand is not None and (asked is None or asked[1] == FOREVER or asked[0] >= asked[1]):
        raise BadRequestError("expand needs a time range")
    wanted = _simple_range(root)
    if asked is not None:
        horizon = asked[1]
    else:
        horizon = min(wanted[1], max(wanted[0], 0) + YEAR) if wanted is not None else plain.database.clock.now() + YEAR
    calendar = ReadCalendar(_path(plain))
    found = Candidates(plain=plain, horizon=horizon, expands=expand is not None)
    names = {find_name(href, plain.href, plain.request) for href in root.hrefs}
    found.gather(
        calendar, wanted, component="VEVENT" if wanted else None, names=names if root.name == _MULTIGET else None
    )
    path = f"/{calendar.path}/{plain.name}" if plain.names_item else f"/{calendar.path}/"
    status, answer = guarded(lambda: xml_report("", path, fromstring(raw), calendar, "utf-8", _no_lock, INSTANCES))
    body = ET.tostring(answer, encoding="utf-8", xml_declaration=True)
    return Response(status, [CONTENT_TYPE], body)


def _path(plain: Plain) -> str:
    return "/".join(plain.request.path.segments[:2])


def _no_lock() -> None:
    """Let go of the storage lock that the core thinks it has."""


def guarded(ask: Callable[[], tuple[int, Any]]) -> tuple[int, Any]:
    """Ask the core; what it stumbles over is the request, for every object was tried when it was stored.

    Raises:
        TooManyMatchesError: It came to a cap of ours.
        BadRequestError: Anything else.
    """
    try:
        return ask()
    except ValueError as error:
        if "occurrences limit" in str(error):
            raise TooManyMatchesError from None
        raise BadRequestError("the report cannot be read") from None
    except Exception:  # noqa: BLE001 - the core and vobject raise whatever they stumble over
        raise BadRequestError("the report cannot be read") from None


@dataclass(kw_only=True)
class Candidates:
    """Items that the core has to look at, as long as they cost no more than one report may."""

    plain: Plain
    horizon: int  # seconds since 1970: so far its rules are followed
    expands: bool = False
    parsed: int = 0
    steps: int = 0

    def gather(
        self,
        calendar: ReadCalendar,
        wanted: tuple[int, int] | None,
        *,
        component: str | None,
        names: set[str | None] | None = None,
    ) -> None:
        """Fill a calendar with what may match, each with whether it does for sure.

        Raises:
            TooManyMatchesError: Looking at them would cost too much.
        """
        with self.plain.database.read() as connection:
            collection = self.plain.get(connection)
            if self.plain.names_item:
                items = [self.plain.get_item(connection, collection)]
            elif names is not None:
                items = list(rows.find_items(connection, collection, [name for name in names if name]).values())
            else:
                items = rows.list_items(connection, collection, component)
        for chunk in in_chunks(items):
            bodies = fetch(self.plain.database, chunk)
            for item in chunk:
                if item.id in bodies:
                    self._look(calendar, item, bodies[item.id], wanted)

    def _look(self, calendar: ReadCalendar, item: ItemRow, body: bytes, wanted: tuple[int, int] | None) -> None:
        found = parse_calendar_object(body)
        matches = None
        if wanted is not None and found.component == "VEVENT" and (span := found.span) is not None:
            matches = span.compare(*wanted)
        if matches is False:
            return
        if matches is None or self.expands or wanted is None:
            self.parsed += 1 + body.count(b"\n") // _LINES
            self.steps += found.steps(self.horizon, expands=self.expands)
        if self.parsed > PARSED or self.steps > STEPS:
            raise TooManyMatchesError
        calendar.items.append((CalendarItem(calendar, item.name, item.etag or "", body, found), bool(matches)))


def _simple_range(root: Element) -> tuple[int, int] | None:
    """Return the time range of a filter that asks for events in it and for nothing else."""
    found = root.find(caldav("filter"))
    for name in ("VCALENDAR", "VEVENT"):
        if found is None or len(found.children) != 1 or found.children[0].name != _COMP_FILTER:
            return None
        found = found.children[0]
        if found.attributes.get("name", "").upper() != name:
            return None
    if found is None or len(found.children) != 1 or found.children[0].name != _TIME_RANGE:
        return None
    return _range_of(found.children[0])


def _range_of(found: Element | None) -> tuple[int, int] | None:
    """Read a time range; an open end is the end of all days.

    Raises:
        BadRequestError: It is malformed: neither start nor end, or no time in UTC (RFC 4791 §9.9).
    """
    if found is None:
        return None
    texts = [found.attributes.get(name) for name in ("start", "end")]
    instants = [None if text is None else read_instant(text) for text in texts]
    if texts == [None, None] or any(text is not None and not text.endswith("Z") for text in texts):
        raise BadRequestError("no time range")
    if any(text is not None and at is None for text, at in zip(texts, instants, strict=True)):
        raise BadRequestError("no time range")
    start, end = instants
    return (BEGINNING if start is None else start, FOREVER if end is None else end)


def _find(root: Element, name: Name) -> Element | None:
    """Find an element anywhere below."""
    for child in root.children:
        if child.name == name:
            return child
        if (found := _find(child, name)) is not None:
            return found
    return None
