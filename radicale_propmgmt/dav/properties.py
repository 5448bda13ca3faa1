"""Live properties: one table per kind of resource; what stands in no table is a 404 propstat."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from .names import GETETAG, Name, caldav, calendarserver, carddav, dav, element, escape, href_element
from .resources import Kind, Resource
from .xml_request import Propfind, Selection

Value = Callable[[Resource], str]

GETCTAG = calendarserver("getctag")
SYNC_TOKEN = dav("sync-token")
PRIVILEGES = dav("current-user-privilege-set")
#: Properties whose value costs a look at the book's newest seq.
TOKEN_PROPERTIES = frozenset({GETCTAG, SYNC_TOKEN})
CONTENT_TYPE = "text/vcard; charset=utf-8"
_CARD_REPORTS = (carddav("addressbook-multiget"), carddav("addressbook-query"))
_REPORTS = (dav("sync-collection"), *_CARD_REPORTS)
_COLLATIONS = ("i;ascii-casemap", "i;octet", "i;unicode-casemap")


def _constant(content: str) -> Value:
    return lambda _resource: content


def _reports(names: Iterable[Name]) -> Value:
    """Write RFC 3253 §3.1.5: <!ELEMENT supported-report-set (supported-report*)>."""
    return _constant("".join(element(dav("supported-report"), element(dav("report"), element(name))) for name in names))


def _home_href(resource: Resource) -> str:
    return href_element(resource.home)


def _title(resource: Resource) -> str:
    return escape(resource.title)


def _token(resource: Resource) -> str:
    return escape(resource.token)


def _description(resource: Resource) -> str:
    return escape(resource.title)


def _privileges(resource: Resource) -> str:
    """Write RFC 3744 §5.4: <!ELEMENT current-user-privilege-set (privilege*)>, each right by itself.

    Everybody may PROPPATCH how they see a book, but a read-only one does not say so: Thunderbird takes write-properties
    for a right to edit, once, when it subscribes.
    """
    rights, is_book = resource.rights, resource.kind is Kind.BOOK
    names = ["read", "read-current-user-privilege-set"]
    names += ["write-properties"] if is_book and rights.any else []
    names += ["all", "write"] if is_book and all(rights) else []
    names += ["write-content"] if rights.write_content else []
    names += ["bind"] if rights.bind and is_book else []
    names += ["unbind"] if rights.unbind and is_book else []
    return "".join(element(dav("privilege"), element(dav(name))) for name in names)


def _resource_id(resource: Resource) -> str:
    """Write RFC 5842 §3.1: a URN that stays when names change."""
    key = f"account:{resource.viewer.account_id}" if resource.book is None else f"book:{resource.book.token_id}"
    return href_element(f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, key)}")


def _card_size(resource: Resource) -> str:
    return str(resource.limits.card_bytes)


def _image_size(resource: Resource) -> str:
    return str(resource.limits.photo_bytes)


_COMMON: dict[Name, Value] = {
    dav("current-user-principal"): _home_href,
    PRIVILEGES: _privileges,
    dav("principal-collection-set"): _constant(href_element("/")),
    dav("supportedlock"): _constant(""),
}
_NO_REPORTS: dict[Name, Value] = {dav("supported-report-set"): _constant("")}

ROOT: Mapping[Name, Value] = {dav("resourcetype"): _constant("<D:collection/>"), **_COMMON, **_NO_REPORTS}

HOME: Mapping[Name, Value] = {
    dav("resourcetype"): _constant("<D:collection/><D:principal/>"),
    dav("displayname"): _title,
    **_COMMON,
    **_NO_REPORTS,
    dav("owner"): _home_href,
    dav("principal-URL"): _home_href,
    dav("alternate-URI-set"): _constant(""),
    dav("group-membership"): _constant(""),
    dav("group-member-set"): _constant(""),
    dav("resource-id"): _resource_id,
    carddav("addressbook-home-set"): _home_href,
    caldav("calendar-home-set"): _home_href,
    caldav("calendar-user-address-set"): _home_href,
    calendarserver("email-address-set"): _constant(""),
}

BOOK: Mapping[Name, Value] = {
    dav("resourcetype"): _constant("<D:collection/><CR:addressbook/>"),
    dav("displayname"): _title,
    **_COMMON,
    dav("owner"): _home_href,
    dav("resource-id"): _resource_id,
    SYNC_TOKEN: _token,
    GETCTAG: _token,
    dav("supported-report-set"): _reports(_REPORTS),
    carddav("addressbook-description"): _description,
    carddav("supported-address-data"): _constant(
        '<CR:address-data-type content-type="text/vcard" version="3.0"/>'
        '<CR:address-data-type content-type="text/vcard" version="4.0"/>'
    ),
    carddav("supported-collation-set"): _constant(
        "".join(element(carddav("supported-collation"), name) for name in _COLLATIONS)
    ),
    carddav("max-resource-size"): _card_size,
    carddav("max-image-size"): _image_size,
}

#: ``getetag`` is in no table: each row brings its own.
CARD: Mapping[Name, Value] = {
    dav("resourcetype"): _constant(""),
    dav("getcontenttype"): _constant(CONTENT_TYPE),
    **_COMMON,
    dav("owner"): _home_href,
    dav("supported-report-set"): _reports(_CARD_REPORTS),
}

TABLES = {Kind.ROOT: ROOT, Kind.HOME: HOME, Kind.BOOK: BOOK, Kind.CARD: CARD}
#: What allprop answers: RFC 4918's own, without the costly (RFC 6578 §4, RFC 3744 §5 say "SHOULD NOT" for theirs).
_ALLPROP = (
    *(dav(name) for name in ("resourcetype", "displayname", "getcontenttype", "supportedlock")),
    GETETAG,
)


class Selected(NamedTuple):
    """The properties of an answer: found ones as XML, missing ones by name, and what each row must add."""

    found: str
    missing: tuple[Name, ...]
    with_etag: bool = False


def wanted_names(asked: Propfind, kind: Kind, known: Mapping[Name, Value] | None = None) -> tuple[Name, ...]:
    """Name the properties a request asks of a kind of resource; ``known`` is its table, if not that of the kind."""
    known = TABLES[kind] if known is None else known
    if asked.selection is Selection.PROP:
        return asked.props
    if asked.selection is Selection.PROPNAME:
        return (*known, GETETAG) if kind is Kind.CARD else tuple(known)
    own = (name for name in _ALLPROP if name in known or (name == GETETAG and kind is Kind.CARD))
    return tuple(dict.fromkeys((*own, *asked.props)))


def select(asked: Propfind, resource: Resource, known: Mapping[Name, Value] | None = None) -> Selected:
    """Find the values of what is asked; the etag of a card is left to its row.

    What the account itself set comes before what we would say (RFC 4918 §4.2), except of cards.
    """
    known = TABLES[resource.kind] if known is None else known
    is_card = resource.kind is Kind.CARD
    stored = {} if is_card else resource.stored
    names = wanted_names(asked, resource.kind, known)
    if asked.selection is not Selection.PROP:
        names = tuple(dict.fromkeys((*names, *stored)))
    if asked.selection is Selection.PROPNAME:
        return Selected("".join(map(element, names)), ())
    found = "".join(
        stored[name] if name in stored else element(name, known[name](resource))
        for name in names
        if name in stored or name in known
    )
    unknown = (name for name in names if name not in stored and name not in known)
    missing = tuple(name for name in unknown if not (is_card and name == GETETAG))
    return Selected(found, missing, is_card and GETETAG in names)
