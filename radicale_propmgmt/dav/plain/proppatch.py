"""PROPPATCH everywhere (RFC 4918 §9.2): all or nothing, of the account that asks, never shown to another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from radicale_propmgmt.dav.multistatus import CONTENT_TYPE, multistatus
from radicale_propmgmt.dav.names import Name, dav, element, href_element
from radicale_propmgmt.dav.refusals import refuse_write
from radicale_propmgmt.dav.request import PROPFIND_BYTES
from radicale_propmgmt.dav.resources import Kind
from radicale_propmgmt.dav.responses import Response
from radicale_propmgmt.dav.xml_tree import read_tree
from radicale_propmgmt.domain.collections import is_collection
from radicale_propmgmt.domain.errors import BadRequestError, QuotaExceededError
from radicale_propmgmt.services.collections import get_collection, set_properties

from .making import propstat
from .stored import element_xml, is_settable, key_of

if TYPE_CHECKING:
    from radicale_propmgmt.dav.handling import Handling
    from radicale_propmgmt.dav.xml_tree import Element

_CHANGES = frozenset({dav("set"), dav("remove")})


def answer_proppatch(handling: Handling) -> Response:
    """Set and remove properties of the home, a book or a collection, as this account sees it."""
    request = handling.request
    if len(request.path.segments) not in {1, 2}:
        raise refuse_write(request)  # of the root and of cards and items nothing can be set
    values = _read(read_tree(request.xml_chunks(PROPFIND_BYTES)))
    names = list(values)
    refused = [name for name in names if not is_settable(name)]
    _require_resource(handling)
    if refused:
        others = [name for name in names if name not in refused]
        protected = element(dav("error"), element(dav("cannot-modify-protected-property")))
        content = propstat(refused, "403 Forbidden", protected) + propstat(others, "424 Failed Dependency")
        return _answer(handling, content)
    try:
        _set(handling, values)
    except QuotaExceededError:
        return _answer(handling, propstat(names, "507 Insufficient Storage"))
    return _answer(handling, propstat(names, "200 OK"))


def _read(root: Element | None) -> dict[Name, str | None]:
    """Read what each property is to be in the end; None = removed. Instructions count in their order.

    <!ELEMENT propertyupdate (remove | set)+ >  <!ELEMENT set (prop) >
    """
    if root is None or root.name != dav("propertyupdate"):
        raise BadRequestError("no propertyupdate")
    values: dict[Name, str | None] = {}
    for part in root.children:
        if part.name in _CHANGES:
            for prop in part.find_all(dav("prop")):
                for found in prop.children:
                    values[found.name] = element_xml(found) if part.name == dav("set") else None
    if not values:
        raise BadRequestError("a propertyupdate of nothing")
    return values


def _require_resource(handling: Handling) -> None:
    segments = handling.request.path.segments
    if handling.kind is Kind.BOOK:
        with handling.read() as connection:
            if is_collection(segments[1]):
                get_collection(connection, handling.request.viewer, segments[1])
            else:
                handling.get_book(connection)


def _set(handling: Handling, values: dict[Name, str | None]) -> None:
    viewer, segments = handling.request.viewer, handling.request.path.segments
    with handling.database.write(f"account:{viewer.login}") as uow:
        if handling.kind is Kind.BOOK and is_collection(segments[1]):
            get_collection(uow.connection, viewer, segments[1])
        segment = segments[1] if handling.kind is Kind.BOOK else ""
        set_properties(uow, viewer, segment, {key_of(name): value for name, value in values.items()})


def _answer(handling: Handling, content: str) -> Response:
    made = f"<D:response>{href_element(handling.href)}{content}</D:response>\n"
    return Response(207, [CONTENT_TYPE], b"".join(multistatus([made.encode()])))
