"""The gate: what a client sends is read by our own content-line layer, in linear time, before anything else does.

It lets through or refuses; it changes nothing. Radicale's and vobject's parsers see only what came through here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from radicale_propmgmt.dav.errors import RequestTooLargeError
from radicale_propmgmt.dav.request import read_body
from radicale_propmgmt.domain.collections import CollectionKind, ItemContent
from radicale_propmgmt.domain.errors import (
    CalendarObjectTooLargeError,
    InvalidAddressDataError,
    InvalidCalendarDataError,
    ResourceTooLargeError,
    UnsupportedAddressDataError,
    UnsupportedCalendarDataError,
    UnsupportedComponentError,
)
from radicale_propmgmt.vcard.contentline import parse_lines
from radicale_propmgmt.vcard.errors import ParseError
from radicale_propmgmt.vcard.limits import UID_LENGTH, Caps

from .calendar_object import COMPONENTS, read_calendar_object

if TYPE_CHECKING:
    from collections.abc import Collection as Names

    from radicale_propmgmt.dav.request import Request
    from radicale_propmgmt.dav.resources import DavLimits
    from radicale_propmgmt.domain.errors import DavError
    from radicale_propmgmt.vcard.contentline import Property

#: Sent by scripts that do not say what they send.
_UNTOLD = frozenset({"", "text/plain", "application/octet-stream", "application/x-www-form-urlencoded"})
_CARD_TYPES = _UNTOLD | {"text/vcard", "text/x-vcard", "text/directory"}
_CALENDAR_TYPES = _UNTOLD | {"text/calendar", "text/x-vcalendar"}
_UTF_8 = frozenset({"", "utf-8", "utf8", "us-ascii"})
_VERSIONS = frozenset({"3.0", "4.0"})
CALENDAR_PROPERTIES = 6000  # a series with 500 changed instances


def read_content(request: Request, kind: CollectionKind, limits: DavLimits, components: Names[str]) -> ItemContent:
    """Read the body of a PUT into a collection of a kind.

    Args:
        request: Its body is read here, and only as far as it may be long.
        kind: Of the collection it is for.
        limits: Sizes.
        components: Kinds of component that this calendar holds.

    Raises:
        UnsupportedAddressDataError, UnsupportedCalendarDataError: Another media type, charset or version.
        ResourceTooLargeError, CalendarObjectTooLargeError: Too many bytes.
        InvalidAddressDataError, InvalidCalendarDataError: What cannot be read, or breaks a cap.
        UnsupportedComponentError: A component that this calendar does not hold.
        TooManyInstancesError: A recurrence that never ends, for those who must look through it.
    """
    is_calendar = kind is CollectionKind.CALENDAR
    media_type, charset = request.media_type
    if media_type not in (_CALENDAR_TYPES if is_calendar else _CARD_TYPES) or charset not in _UTF_8:
        raise UnsupportedCalendarDataError if is_calendar else UnsupportedAddressDataError
    try:
        body = b"".join(read_body(request.environ, limits.card_bytes))
    except RequestTooLargeError:
        raise (CalendarObjectTooLargeError if is_calendar else ResourceTooLargeError) from None
    return check_calendar_object(body, components) if is_calendar else check_card(body)


def check_card(body: bytes) -> ItemContent:
    """Check one card: whole, alone, of a version we hold, with one UID."""
    lines = _lines(body, Caps(octets=len(body)), InvalidAddressDataError)
    if [line.name for line in (lines[0], lines[-1])] != ["BEGIN", "END"] or lines[0].value.strip().upper() != "VCARD":
        raise InvalidAddressDataError
    if sum(line.name == "BEGIN" for line in lines) != 1:
        raise InvalidAddressDataError
    versions = {line.value.strip() for line in lines if line.name == "VERSION"}
    if not versions <= _VERSIONS:
        raise UnsupportedAddressDataError
    if len(versions) != 1:
        raise InvalidAddressDataError
    return ItemContent(body, _only_uid(lines, InvalidAddressDataError), "VCARD")


def check_calendar_object(body: bytes, components: Names[str] = COMPONENTS) -> ItemContent:
    """Check one calendar object: one kind of component, one UID, and recurrences that can be looked through."""
    caps = Caps(octets=len(body), properties=CALENDAR_PROPERTIES, nesting=3)
    found = read_calendar_object(_lines(body, caps, InvalidCalendarDataError))
    if found.component not in components:
        raise UnsupportedComponentError
    if not 0 < len(found.uid) <= UID_LENGTH:
        raise InvalidCalendarDataError
    found.require_affordable()
    return ItemContent(body, found.uid, found.component)


def _lines(body: bytes, caps: Caps, refusal: type[DavError]) -> list[Property]:
    try:
        body.decode()  # whatever CHARSET a property declares: these bytes end up in XML that says UTF-8
        lines = parse_lines(body, caps)
    except (UnicodeDecodeError, ParseError):
        raise refusal from None
    if not lines:
        raise refusal
    return lines


def _only_uid(lines: list[Property], refusal: type[DavError]) -> str:
    uids = [line.text.strip() for line in lines if line.name == "UID"]
    if len(uids) != 1 or not 0 < len(uids[0]) <= UID_LENGTH:
        raise refusal
    return uids[0]
