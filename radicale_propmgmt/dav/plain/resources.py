"""Collections and items as resources: their properties (RFC 4791 §5.2, RFC 6352 §6.2), and which of them there are."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from radicale_propmgmt.dav import properties
from radicale_propmgmt.dav.hrefs import write_href
from radicale_propmgmt.dav.names import Name, caldav, dav, element, escape, href_element
from radicale_propmgmt.dav.properties import Value
from radicale_propmgmt.dav.resources import Kind, Resource
from radicale_propmgmt.domain.changes import SyncToken
from radicale_propmgmt.domain.collections import INBOX_SEGMENT, Collection, CollectionKind
from radicale_propmgmt.domain.labels import BOOKS
from radicale_propmgmt.domain.writing import BookRights

from .calendar_object import COMPONENTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from radicale_propmgmt.dav.handling import Handling

    from .stored import Stored

ALL_RIGHTS = BookRights(write_content=True, bind=True, unbind=True)
CALENDAR_DATA = caldav("calendar-data")
CALENDAR_TYPE = "text/calendar; charset=utf-8"
_COMPONENT_SET = caldav("supported-calendar-component-set")
_COMPONENT = re.compile(r'name="([A-Za-z]+)"')
#: Instances that one report looks through, and the announced bound of one object.
INSTANCES = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainResource(Resource):
    """A collection of one's own, or (kind CARD) what its items have in common."""

    collection: Collection

    @property
    def href(self) -> str:
        """The encoded path of the collection."""
        return write_href(self.viewer.login, self.collection.segment)

    @property
    def title(self) -> str:
        """The display name, where its maker gave it none."""
        if self.collection.segment == INBOX_SEGMENT:
            return BOOKS[INBOX_SEGMENT].in_language(self.language)
        return self.collection.segment

    @property
    def table(self) -> Mapping[Name, Value]:
        """The properties it has."""
        if self.collection.segment == INBOX_SEGMENT and self.kind is not Kind.CARD:
            return _INBOX
        return TABLES[self.collection.kind, self.kind is Kind.CARD]


def plain_resource(handling: Handling, collection: Collection, stored: Stored, epoch: int) -> PlainResource:
    """Make the resource of a collection; the viewer may do everything there, but only read in the inbox."""
    return PlainResource(
        kind=Kind.BOOK,
        viewer=handling.request.viewer,
        limits=handling.limits,
        language=handling.language,
        rights=BookRights() if collection.segment == INBOX_SEGMENT else ALL_RIGHTS,
        token=str(SyncToken(epoch, collection.token_id, collection.seq)),
        stored=stored,
        collection=collection,
    )


def components_of(stored: Stored) -> frozenset[str]:
    """Tell which components a calendar holds: those its maker named, else all (RFC 4791 §5.2.3)."""
    named = {name.upper() for name in _COMPONENT.findall(stored.get(_COMPONENT_SET, ""))}
    return frozenset(named & COMPONENTS) or COMPONENTS


def _resource_id(resource: Resource) -> str:
    if not isinstance(resource, PlainResource):
        raise TypeError
    return href_element(f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, f'book:{resource.collection.token_id}')}")


def _add_member(resource: Resource) -> str:
    """Write RFC 5995 §3.2.1: <!ELEMENT add-member (href)>."""
    return href_element(resource.href)


def _own_size(resource: Resource) -> str:
    return str(resource.limits.card_bytes)


def _title(resource: Resource) -> str:
    return escape(resource.title)


def _constant(content: str) -> Value:
    return lambda _resource: content


def _reports(*names: Name) -> Value:
    return _constant("".join(element(dav("supported-report"), element(dav("report"), element(name))) for name in names))


_MULTIGET, _QUERY, _FREE_BUSY = caldav("calendar-multiget"), caldav("calendar-query"), caldav("free-busy-query")
_SHARED = ("current-user-principal", "current-user-privilege-set", "principal-collection-set", "supportedlock", "owner")
_COMMON = {dav(name): properties.BOOK[dav(name)] for name in _SHARED}
_OWN: dict[Name, Value] = {dav("resource-id"): _resource_id, dav("add-member"): _add_member}
_COMP = f'<X:comp xmlns:X="{_COMPONENT_SET.namespace}" name="{{}}"/>'
_COLLATIONS = "".join(
    element(caldav("supported-collation"), name) for name in ("i;ascii-casemap", "i;octet", "i;unicode-casemap")
)

_CALENDAR: dict[Name, Value] = {
    dav("resourcetype"): _constant(f"<D:collection/>{element(caldav('calendar'))}"),
    dav("displayname"): _title,
    **_COMMON,
    **_OWN,
    properties.SYNC_TOKEN: properties.BOOK[properties.SYNC_TOKEN],
    properties.GETCTAG: properties.BOOK[properties.GETCTAG],
    dav("supported-report-set"): _reports(dav("sync-collection"), _MULTIGET, _QUERY, _FREE_BUSY),
    _COMPONENT_SET: _constant("".join(_COMP.format(name) for name in sorted(COMPONENTS))),
    caldav("supported-calendar-data"): _constant(
        f'<X:calendar-data xmlns:X="{_COMPONENT_SET.namespace}" content-type="text/calendar" version="2.0"/>'
    ),
    caldav("supported-collation-set"): _constant(_COLLATIONS),
    caldav("max-resource-size"): _own_size,
    caldav("max-instances"): _constant(str(INSTANCES)),
}
_EVENT: dict[Name, Value] = {
    dav("resourcetype"): _constant(""),
    dav("getcontenttype"): _constant(CALENDAR_TYPE),
    **_COMMON,
    dav("supported-report-set"): _reports(_MULTIGET, _QUERY),
}
_INBOX: dict[Name, Value] = {**properties.BOOK, dav("resource-id"): _resource_id}
#: (Kind of collection, whether of its items) → properties.
TABLES: Mapping[tuple[CollectionKind, bool], Mapping[Name, Value]] = {
    (CollectionKind.ADDRESSBOOK, False): {**properties.BOOK, **_OWN},
    (CollectionKind.ADDRESSBOOK, True): properties.CARD,
    (CollectionKind.CALENDAR, False): _CALENDAR,
    (CollectionKind.CALENDAR, True): _EVENT,
}
