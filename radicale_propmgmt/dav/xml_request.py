"""Request bodies as values: what PROPFIND and REPORT ask for (RFC 4918 §9.1, RFC 6352 §8, RFC 6578 §3)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum

from radicale_propmgmt.domain.errors import BadRequestError, UnsupportedAddressDataError, UnsupportedReportError

from .filter_request import Filter, read_filter
from .names import ADDRESS_DATA, Name, carddav, dav
from .xml_tree import Element, read_tree

PROPERTIES = 200
_LEVELS = frozenset({"1", "infinite", "infinity"})
_PROP = dav("prop")
_CARD_PROP = carddav("prop")


class Selection(Enum):
    """How a PROPFIND names what it wants."""

    PROP = "prop"
    ALLPROP = "allprop"
    PROPNAME = "propname"


@dataclass(frozen=True, slots=True)
class AddressData:
    """How a client wants cards: version, and which properties (None = all) with or without their values."""

    version: str = "3.0"
    only: tuple[tuple[str, bool], ...] | None = None  # (upper-case name, perhaps with group; value left out)


@dataclass(frozen=True, slots=True)
class Propfind:
    """A PROPFIND; without a body it asks for allprop."""

    selection: Selection = Selection.ALLPROP
    props: tuple[Name, ...] = ()  # of <prop>, or of <include> (RFC 4918 §14.8)


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncCollection:
    """A sync-collection report; an empty token is the initial sync.

    Its level is not kept: a book holds no collections, so that all levels are one (RFC 6352 §5.2).
    """

    token: str
    limit: int | None = None
    props: Propfind = field(default_factory=Propfind)
    address_data: AddressData = field(default_factory=AddressData)


@dataclass(frozen=True, slots=True, kw_only=True)
class Multiget:
    """An addressbook-multiget report; hrefs as the client wrote them."""

    hrefs: tuple[str, ...]
    props: Propfind = field(default_factory=Propfind)
    address_data: AddressData = field(default_factory=AddressData)


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """An addressbook-query report."""

    filter: Filter
    limit: int | None = None
    props: Propfind = field(default_factory=Propfind)
    address_data: AddressData = field(default_factory=AddressData)


Report = SyncCollection | Multiget | Query


def read_propfind(chunks: Iterable[bytes]) -> Propfind:
    """Read the body of a PROPFIND.

    <!ELEMENT propfind ( propname | (allprop, include?) | prop ) >

    Raises:
        BadRequestError: It is none.
    """
    root = read_tree(chunks)
    if root is None:
        return Propfind()
    if root.name != dav("propfind"):
        raise BadRequestError("no propfind")
    selection = read_selection(root)
    if selection is None:
        raise BadRequestError("a propfind that asks for nothing")
    return selection


def read_report(chunks: Iterable[bytes], depth: str = "") -> Report:
    """Read the body of a REPORT.

    Args:
        chunks: The body.
        depth: The Depth header; it counts only where a sync-collection names no level.

    Raises:
        BadRequestError: It is malformed.
        UnsupportedReportError: A report we do not have.
        UnsupportedFilterError, UnsupportedCollationError, UnsupportedAddressDataError: Parts we do not have.
    """
    root = read_tree(chunks)
    if root is None:
        raise BadRequestError("a report without a body")
    reader = _REPORTS.get(root.name)
    if reader is None:
        raise UnsupportedReportError
    return reader(root, depth)


def _read_sync_collection(root: Element, depth: str) -> SyncCollection:
    """Read RFC 6578 §6.1; clients of its drafts say by Depth what sync-level says (Appendix A).

    <!ELEMENT sync-collection (sync-token, sync-level, limit?, prop)>
    """
    token = root.find(dav("sync-token"))
    level = root.find(dav("sync-level"))
    if token is None:
        raise BadRequestError("sync-token is required")
    if (depth.strip().lower() if level is None else level.text.strip()) not in _LEVELS:
        raise BadRequestError("sync-level is 1 or infinite")
    limit = root.find(dav("limit"))
    return SyncCollection(
        token=token.text.strip(),
        limit=_read_limit(limit, dav("nresults")),
        props=read_selection(root) or Propfind(Selection.PROP),
        address_data=_read_address_data(root),
    )


def _read_multiget(root: Element, _depth: str) -> Multiget:
    """Read RFC 6352 §10.7.

    <!ELEMENT addressbook-multiget ((DAV:allprop | DAV:propname | DAV:prop)?, DAV:href+)>
    """
    return Multiget(
        hrefs=tuple(dict.fromkeys(root.hrefs)),
        props=read_selection(root) or Propfind(Selection.PROP),
        address_data=_read_address_data(root),
    )


def _read_query(root: Element, _depth: str) -> Query:
    """Read RFC 6352 §10.3; an absent filter matches everything, as clients mean it.

    <!ELEMENT addressbook-query ((DAV:allprop | DAV:propname | DAV:prop)?, filter, limit?)>
    """
    return Query(
        filter=read_filter(root.find(carddav("filter"))),
        limit=_read_limit(root.find(carddav("limit")), carddav("nresults")),
        props=read_selection(root) or Propfind(Selection.PROP),
        address_data=_read_address_data(root),
    )


_REPORTS: dict[Name, Callable[[Element, str], Report]] = {
    dav("sync-collection"): _read_sync_collection,
    carddav("addressbook-multiget"): _read_multiget,
    carddav("addressbook-query"): _read_query,
}


def read_selection(root: Element) -> Propfind | None:
    """Read which properties a request names; None where it names none at all."""
    prop = root.find(_PROP)
    if prop is not None:
        return Propfind(Selection.PROP, _names(prop))
    if root.find(dav("propname")) is not None:
        return Propfind(Selection.PROPNAME)
    if root.find(dav("allprop")) is not None:
        include = root.find(dav("include"))
        return Propfind(Selection.ALLPROP, () if include is None else _names(include))
    return None


def _names(prop: Element) -> tuple[Name, ...]:
    names = tuple(dict.fromkeys(child.name for child in prop.children))
    if len(names) > PROPERTIES:
        raise BadRequestError("too many properties")
    return names


def _read_limit(limit: Element | None, name: Name) -> int | None:
    if limit is None:
        return None
    found = limit.find(name)
    digits = "" if found is None else found.text.strip()
    if not (digits.isascii() and digits.isdigit()):
        raise BadRequestError("nresults is a number")
    return int(digits) if len(digits) < 10 else None


def _read_address_data(root: Element) -> AddressData:
    """Read RFC 6352 §10.4.

    <!ELEMENT address-data (allprop | prop*)>  content-type CDATA "text/vcard"  version CDATA "3.0"
    """
    prop = root.find(_PROP)
    asked = None if prop is None else prop.find(ADDRESS_DATA)
    if asked is None:
        return AddressData()
    content_type = asked.attributes.get("content-type", "text/vcard").partition(";")[0].strip().lower()
    version = asked.attributes.get("version", "3.0").strip()
    if content_type != "text/vcard" or version not in {"3.0", "4.0"}:
        raise UnsupportedAddressDataError
    only = tuple(dict.fromkeys(_card_props(asked)))
    return AddressData(version, only or None)


def _card_props(asked: Element) -> Iterator[tuple[str, bool]]:
    """Read <!ELEMENT prop EMPTY>  name CDATA #REQUIRED  novalue (yes | no) "no"."""
    for prop in asked.find_all(_CARD_PROP):
        name = prop.attributes.get("name", "").strip().upper()
        novalue = prop.attributes.get("novalue", "no")
        if not name or novalue not in {"yes", "no"}:
            raise BadRequestError("a property without a name")
        yield name, novalue == "yes"
