"""Filters of a query, from Radicale's element tree to our own: its vobject never sees a card of ours."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterable
from typing import TYPE_CHECKING

from radicale_propmgmt.dav.filter_request import Filter, read_filter
from radicale_propmgmt.dav.filters import find_needles, matches, matches_everything
from radicale_propmgmt.dav.names import Name
from radicale_propmgmt.dav.xml_tree import Element
from radicale_propmgmt.projection import reading

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from radicale_propmgmt.domain.books import Book
    from radicale_propmgmt.projection.reading import CardRow


def read_filters(filters: Iterable[ET.Element]) -> list[Filter]:
    """Read filters; those that every card meets are left out.

    Raises:
        BadRequestError, UnsupportedFilterError, UnsupportedCollationError: Parts we do not know.
    """
    read = [read_filter(_element(root)) for root in filters]
    return [wanted for wanted in read if not matches_everything(wanted)]


def candidates(connection: Connection, book: Book, filters: list[Filter]) -> list[CardRow]:
    """List a superset of the cards that meet all filters, by SQL as far as that goes."""
    needles = next((found for wanted in filters if (found := find_needles(wanted)) is not None), None)
    if needles is None:
        return reading.list_cards(connection, book)
    rows = {row.href: row for texts in needles for row in reading.search(connection, book, sorted(texts))}
    return list(rows.values())


def meets(filters: list[Filter], body: bytes) -> bool:
    """Test one card exactly."""
    return all(matches(wanted, body) for wanted in filters)


def _element(element: ET.Element) -> Element:
    namespace, _, local = element.tag.removeprefix("{").rpartition("}")
    children = [_element(child) for child in element]
    return Element(Name(namespace, local), dict(element.attrib), children, text=element.text or "")
