"""MKCOL with a type (RFC 5689) and MKCALENDAR (RFC 4791 §5.3.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from radicale_propmgmt.dav.errors import MethodNotAllowedError
from radicale_propmgmt.dav.names import DECLARATIONS, XML_HEAD, Name, caldav, carddav, dav, element
from radicale_propmgmt.dav.refusals import refuse_write
from radicale_propmgmt.dav.request import PROPFIND_BYTES
from radicale_propmgmt.dav.responses import Response
from radicale_propmgmt.dav.xml_tree import read_tree
from radicale_propmgmt.domain.collections import CollectionKind
from radicale_propmgmt.domain.errors import (
    BadRequestError,
    InvalidResourceTypeError,
    NoParentError,
    NotVisibleError,
    ResourceExistsError,
)
from radicale_propmgmt.services.collections import make_collection

from .answers import stored
from .calendar_object import COMPONENTS
from .stored import element_xml, is_settable, key_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from radicale_propmgmt.dav.xml_tree import Element

    from .context import Plain

SEGMENT_LENGTH = 200
_RESOURCE_TYPE = dav("resourcetype")
_COMPONENT_SET = caldav("supported-calendar-component-set")
_KINDS = {
    frozenset({dav("collection"), carddav("addressbook")}): CollectionKind.ADDRESSBOOK,
    frozenset({dav("collection"), caldav("calendar")}): CollectionKind.CALENDAR,
}


def answer_mkcol(plain: Plain) -> Response:
    """Make a collection of the type that its body names; without one it would be a folder, which a home has none of."""
    _require_place(plain)
    root = read_tree(plain.request.xml_chunks(PROPFIND_BYTES))
    if root is None:
        raise InvalidResourceTypeError
    if root.name != dav("mkcol"):
        raise BadRequestError("no mkcol")
    wanted = _properties(root)
    types = [frozenset(child.name for child in found.children) for found in wanted if found.name == _RESOURCE_TYPE]
    kind = _KINDS.get(types[0]) if len(types) == 1 else None
    if kind is None:
        raise InvalidResourceTypeError
    try:
        return _make(plain, kind, wanted, "mkcol-response")
    except ResourceExistsError:
        raise MethodNotAllowedError from None


def answer_mkcalendar(plain: Plain) -> Response:
    """Make a calendar; the body is optional."""
    _require_place(plain)
    root = read_tree(plain.request.xml_chunks(PROPFIND_BYTES))
    if root is not None and root.name != caldav("mkcalendar"):
        raise BadRequestError("no mkcalendar")
    wanted = [] if root is None else _properties(root)
    return _make(plain, CollectionKind.CALENDAR, wanted, "mkcalendar-response")


def _require_place(plain: Plain) -> None:
    """Collections lie in the home, and nowhere deeper (RFC 4791 §4.2, RFC 6352 §5.2)."""
    segments = plain.request.path.segments
    if len(segments) > 2:
        with plain.database.read() as connection:
            try:
                plain.get(connection)
            except NotVisibleError:
                raise NoParentError from None
        raise refuse_write(plain.request)
    if len(plain.segment) > SEGMENT_LENGTH:
        raise BadRequestError("too long a name")


def _properties(root: Element) -> list[Element]:
    """Read <!ELEMENT mkcol (set+)>  <!ELEMENT set (prop)>."""
    return [
        found for part in root.find_all(dav("set")) for prop in part.find_all(dav("prop")) for found in prop.children
    ]


def _make(plain: Plain, kind: CollectionKind, wanted: list[Element], answer: str) -> Response:
    if kind is CollectionKind.ADDRESSBOOK and not plain.personal_books:
        raise refuse_write(plain.request)
    wanted = [found for found in wanted if found.name != _RESOURCE_TYPE]
    refused = [found.name for found in wanted if not _may_be_given(found, kind)]
    if refused:
        others = [found.name for found in wanted if found.name not in refused]
        return _refused(answer, refused, others)
    values = {key_of(found.name): element_xml(found) for found in wanted}
    with plain.write() as uow:
        make_collection(uow, plain.viewer, plain.segment, kind, values)
    return stored(is_new=True, location=plain.href)


def _may_be_given(found: Element, kind: CollectionKind) -> bool:
    if found.name == _COMPONENT_SET and kind is CollectionKind.CALENDAR:
        named = {child.attributes.get("name", "").upper() for child in found.children}
        return bool(named) and named <= COMPONENTS
    return is_settable(found.name)


def _refused(answer: str, refused: Iterable[Name], others: Iterable[Name]) -> Response:
    """Answer that nothing was made, and why (RFC 5689 §3.4, §5.2).

    <!ELEMENT mkcol-response (propstat+)>
    """
    name = caldav(answer) if answer == "mkcalendar-response" else dav(answer)
    protected = element(dav("error"), element(dav("cannot-modify-protected-property")))
    content = propstat(refused, "403 Forbidden", protected) + propstat(others, "424 Failed Dependency")
    head, _, rest = element(name, content).partition(">")
    body = f"{XML_HEAD}{head} {DECLARATIONS}>{rest}\n"
    return Response(403, [("Content-Type", "application/xml; charset=utf-8")], body.encode())


def propstat(names: Iterable[Name], status: str, error: str = "") -> str:
    """Write a propstat of properties without values; nothing for none."""
    content = "".join(map(element, names))
    stated = f"<D:propstat><D:prop>{content}</D:prop><D:status>HTTP/1.1 {status}</D:status>{error}</D:propstat>"
    return stated if content else ""
