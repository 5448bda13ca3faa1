"""Names on the wire: namespaces, and qualified names as (namespace, local) pairs."""

from __future__ import annotations

from typing import NamedTuple

DAV = "DAV:"
CARDDAV = "urn:ietf:params:xml:ns:carddav"
CALDAV = "urn:ietf:params:xml:ns:caldav"
CALENDARSERVER = "http://calendarserver.org/ns/"

#: Prefixes that every answer of ours declares on its root element.
PREFIXES = {DAV: "D", CARDDAV: "CR", CALENDARSERVER: "CS"}
DECLARATIONS = " ".join(f'xmlns:{prefix}="{namespace}"' for namespace, prefix in PREFIXES.items())
XML_HEAD = '<?xml version="1.0" encoding="utf-8"?>\n'

#: Bound to its prefix for ever (Namespaces in XML 1.0 §3).
_XML = "http://www.w3.org/XML/1998/namespace"
#: What XML 1.0 §2.2 has no character for.
_NO_CHARACTERS = dict.fromkeys([*({*range(32)} - {9, 10, 13}), 0xFFFE, 0xFFFF], "")
_ESCAPES = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}
)
_ESCAPES.update(_NO_CHARACTERS)


class Name(NamedTuple):
    """The qualified name of an element or property."""

    namespace: str
    local: str


def dav(local: str) -> Name:
    """Name something of RFC 4918, 3253, 3744, 5397, 5842 or 6578."""
    return Name(DAV, local)


def carddav(local: str) -> Name:
    """Name something of RFC 6352."""
    return Name(CARDDAV, local)


def caldav(local: str) -> Name:
    """Name something of RFC 4791."""
    return Name(CALDAV, local)


def calendarserver(local: str) -> Name:
    """Name something of Apple's extensions."""
    return Name(CALENDARSERVER, local)


GETETAG = dav("getetag")
ADDRESS_DATA = carddav("address-data")


def escape(text: str) -> str:
    """Escape a text for element content or a quoted attribute: white space stays what it is for the parser."""
    return text.translate(_ESCAPES)


def element(name: Name, content: str = "") -> str:
    """Write one element; ``content`` is XML. An unknown namespace is declared where it stands."""
    prefix = "xml" if name.namespace == _XML else PREFIXES.get(name.namespace)
    if prefix is not None:
        tag, declaration = f"{prefix}:{name.local}", ""
    elif name.namespace:
        tag, declaration = f"X:{name.local}", f' xmlns:X="{escape(name.namespace)}"'
    else:
        tag, declaration = name.local, ""
    return f"<{tag}{declaration}>{content}</{tag}>" if content else f"<{tag}{declaration}/>"


def href_element(href: str) -> str:
    """Write a DAV:href; the argument is already percent-encoded."""
    return f"<D:href>{escape(href)}</D:href>"
