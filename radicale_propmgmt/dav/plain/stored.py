"""Properties that an account set: elements kept as they are answered, and which of them may be set (RFC 4918 §15)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from radicale_propmgmt.dav.names import CALDAV, CALENDARSERVER, CARDDAV, DAV, DECLARATIONS, Name, dav, element, escape
from radicale_propmgmt.dav.xml_tree import read_tree
from radicale_propmgmt.db.repositories import view_properties

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from radicale_propmgmt.dav.xml_tree import Element
    from radicale_propmgmt.domain.viewers import Viewer

Stored = dict[Name, str]

_XML = "http://www.w3.org/XML/1998/namespace"
#: What may be set in the namespaces whose properties are the server's; elsewhere everything may.
_SETTABLE: Mapping[str, frozenset[str]] = {
    DAV: frozenset({"displayname"}),
    CARDDAV: frozenset({"addressbook-description"}),
    CALDAV: frozenset(
        {
            *("calendar-description", "calendar-timezone", "calendar-timezone-id", "calendar-availability"),
            *("schedule-calendar-transp", "default-alarm-vevent-datetime", "default-alarm-vevent-date"),
            *("default-alarm-vtodo-datetime", "default-alarm-vtodo-date"),
        }
    ),
}
_PROTECTED = frozenset({"getctag", "email-address-set"})  # of Apple's namespace


def is_settable(name: Name) -> bool:
    """Tell whether a property is the account's to set: not one that the server computes, or may come to compute."""
    if name.namespace == CALENDARSERVER:
        return name.local not in _PROTECTED
    settable = _SETTABLE.get(name.namespace)
    return settable is None or name.local in settable


def key_of(name: Name) -> str:
    """Write a name as it is stored: {namespace}local."""
    return f"{{{name.namespace}}}{name.local}"


def _name_of(key: str) -> Name:
    namespace, _, local = key.removeprefix("{").rpartition("}")
    return Name(namespace, local)


def read_stored(connection: Connection, viewer: Viewer, segment: str) -> Stored:
    """Read what the viewer set on its home (""), a book or a collection."""
    found = view_properties.list_properties(connection, viewer.account_id, segment).get(segment, {})
    return {_name_of(key): value for key, value in found.items()}


def read_all_stored(connection: Connection, viewer: Viewer) -> dict[str, Stored]:
    """Read what the viewer set anywhere, by segment."""
    found = view_properties.list_properties(connection, viewer.account_id)
    return {where: {_name_of(key): value for key, value in values.items()} for where, values in found.items()}


def element_xml(found: Element) -> str:
    """Write an element of a request as it will be answered; hrefs come last, comments and the like are lost."""
    content = escape(found.text) if found.text.strip() or not found.children else ""
    content += "".join(element_xml(child) for child in found.children)
    content += "".join(element(dav("href"), escape(href)) for href in found.hrefs)
    opened = element(found.name).removesuffix("/>")
    attributes = "".join(_attribute(number, *pair) for number, pair in enumerate(found.attributes.items()))
    closed = opened[1:].partition(" ")[0]
    return f"<{opened[1:]}{attributes}>{content}</{closed}>" if content else f"<{opened[1:]}{attributes}/>"


def text_of(value: str) -> str:
    """Read the text of a stored element."""
    root = read_tree([f"<stored {DECLARATIONS}>{value}</stored>".encode()])
    return root.children[0].text if root is not None and root.children else ""


def _attribute(number: int, name: str, value: str) -> str:
    namespace, _, local = name.rpartition(" ")
    if not namespace:
        return f' {local}="{escape(value)}"'
    if namespace == _XML:
        return f' xml:{local}="{escape(value)}"'
    return f' xmlns:A{number}="{escape(namespace)}" A{number}:{local}="{escape(value)}"'
