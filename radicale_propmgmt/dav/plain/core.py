"""Radicale's own calendar code, behind our gate: time ranges, expansion and free-busy (RFC 4791 §7.4, §7.8, §9.6.5).

It parses with vobject, whose line pattern is exponential on lines that it does not match, and which keeps zones by
name for the whole process. So it never sees what a client sent, but the same object written anew: parameters plainly,
zones by a digest of what they say. Clients get the bytes that were sent, except where they ask for instances.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from hashlib import blake2b
from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

from radicale.item import Item, find_time_range
from radicale.item import filter as core_filter
from radicale.storage import BaseCollection

from radicale_propmgmt.domain.errors import InvalidCalendarDataError

from .calendar_object import CalendarObject, Component, parse_calendar_object

if TYPE_CHECKING:
    import xml.etree.ElementTree as ET
    from collections.abc import Mapping

    from radicale_propmgmt.vcard.contentline import Property

_DATE = "Thu, 01 Jan 1970 00:00:00 GMT"  # no client is shown it


class CalendarItem(Item):
    """An item that serialises to what was sent, and is parsed from what we write."""

    def __init__(self, collection: BaseCollection, name: str, etag: str, body: bytes, found: CalendarObject) -> None:
        super().__init__(
            collection=collection,
            href=name,
            last_modified=_DATE,
            text=body.decode(),
            etag=f'"{etag}"',
            uid=found.uid,
            name="VCALENDAR",
            component_name=found.component,
            time_range=(core_filter.TIMESTAMP_MIN, core_filter.TIMESTAMP_MAX),
        )
        self._found = found

    def __copy__(self) -> CalendarItem:
        """Return the item unparsed: the core copies it before it takes the parsed object apart."""
        made = CalendarItem.__new__(CalendarItem)
        made.__dict__.update(self.__dict__, _vobject_item=None)
        return made

    @property
    def vobject_item(self) -> Any:
        """The object as vobject sees it."""
        if self._vobject_item is None:
            self._vobject_item = Item(collection_path="x", text=rewritten(self._found)).vobject_item
        return self._vobject_item

    def serialize(self) -> str:
        """Return the text that was sent, whatever became of the parsed object."""
        return self._text or ""


class ReadCalendar(BaseCollection):
    """The candidates of one report, as a collection of Radicale's."""

    def __init__(self, path: str) -> None:
        self._path = path
        self.items: list[tuple[CalendarItem, bool]] = []

    @property
    def path(self) -> str:
        """The path without slashes at its ends."""
        return self._path

    @property
    def tag(self) -> str:
        """The kind of content."""
        return "VCALENDAR"

    @property
    def last_modified(self) -> str:
        """A date that nobody is shown."""
        return _DATE

    def get_multi(self, hrefs: Iterable[str]) -> Iterator[tuple[str, Item | None]]:
        """Find items by name; the names are consumed, which the core counts on."""
        by_name = {str(item.href): item for item, _ in self.items}
        return iter([(name, by_name.get(name)) for name in dict.fromkeys(hrefs)])

    def get_all(self) -> Iterable[Item]:
        """List the candidates."""
        return [item for item, _ in self.items]

    def get_filtered(self, filters: Iterable[ET.Element]) -> Iterable[tuple[Item, bool]]:  # noqa: ARG002
        """List the candidates, each with whether it is known to match."""
        return self.items

    def get_meta(self, key: str | None = None) -> Any:
        """Return properties: the core needs none."""
        values: Mapping[str, str] = {"tag": self.tag}
        return values if key is None else values.get(key)

    def set_meta(self, props: Mapping[str, str]) -> None:
        """Refuse."""
        raise NotImplementedError

    def upload(self, href: str, item: Item) -> tuple[Item, Item | None]:
        """Refuse."""
        raise NotImplementedError

    def delete(self, href: str | None = None) -> None:
        """Refuse."""
        raise NotImplementedError


def check_with_core(body: bytes, now: int) -> None:
    """Let the core look once at what will be stored, so that it never fails on it later.

    Raises:
        InvalidCalendarDataError: It cannot read it.
        TooManyInstancesError: Its rules are too long.
    """
    found = parse_calendar_object(body)
    found.require_steps(now)
    item = CalendarItem(ReadCalendar("x"), "x", "", body, found)
    try:
        find_time_range(item.vobject_item, found.component)
    except Exception:  # noqa: BLE001 - vobject raises whatever it stumbles over: RecursionError, KeyError, binascii, …
        raise InvalidCalendarDataError from None


@cache
def _known_zones() -> set[str]:
    """Return the names of zones that Python knows; finding them reads many files."""
    return available_timezones()


def rewritten(found: CalendarObject) -> str:
    """Write an object for vobject: known zones by their name, others by a digest, which nobody else can claim."""
    known = _known_zones()
    names: dict[str, str | None] = {}
    kept: list[Component] = []
    for zone in found.zones:
        line = zone.first("TZID")
        if line is None or line.value in known:
            continue
        digest = blake2b(zone.to_bytes(), digest_size=12).hexdigest()
        names[line.value] = f"zone-{digest}"
        lines = [replace(own, value=names[line.value] or "") if own.name == "TZID" else own for own in zone.lines]
        kept.append(Component(zone.name, lines, zone.inner))
    mains = [_renamed(main, names, known) for main in found.mains]
    return Component("VCALENDAR", found.calendar.lines, kept + mains).to_bytes().decode()


def _renamed(component: Component, names: Mapping[str, str | None], known: set[str]) -> Component:
    lines = [_line(line, names, known) for line in component.lines]
    return Component(component.name, lines, [_renamed(inner, names, known) for inner in component.inner])


def _line(line: Property, names: Mapping[str, str | None], known: set[str]) -> Property:
    """Name the zone of a time as ``rewritten`` does; without a zone that is known, the time is floating."""
    params = []
    for key, values in line.params:
        if key != "TZID":
            params.append((key, tuple(value.replace('"', "'") for value in values)))
        elif values and values[0] in names:
            params.append((key, (names[values[0]] or "",)))
        elif values and values[0] in known:
            params.append((key, values[:1]))
    return replace(line, params=tuple(params))
