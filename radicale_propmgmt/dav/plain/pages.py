"""Items of a listing or report, fetched and written chunk by chunk; no transaction is open while one is sent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from radicale_propmgmt.dav.address_data import reduce_card
from radicale_propmgmt.dav.multistatus import CardTemplate
from radicale_propmgmt.dav.names import ADDRESS_DATA, element
from radicale_propmgmt.dav.pages import ROWS
from radicale_propmgmt.dav.properties import select
from radicale_propmgmt.dav.xml_request import AddressData, Propfind, Selection
from radicale_propmgmt.db.repositories import collections as rows
from radicale_propmgmt.db.repositories.contacts import CHUNK
from radicale_propmgmt.domain.collections import CollectionKind
from radicale_propmgmt.vcard.card import to_version_4
from radicale_propmgmt.vcard.errors import ParseError

from .context import card_row
from .resources import CALENDAR_DATA

if TYPE_CHECKING:
    from radicale_propmgmt.db.repositories.collections import ItemRow
    from radicale_propmgmt.db.unit_of_work import Database

    from .resources import PlainResource

AS_SENT = AddressData()


def template_of(
    item: PlainResource, asked: Propfind, *, wanted: AddressData | None = None, minimal: bool = False
) -> CardTemplate:
    """Build the template of a collection's items; ``wanted`` is None where the data are no property (PROPFIND)."""
    is_calendar = item.collection.kind is CollectionKind.CALENDAR
    data = CALENDAR_DATA if is_calendar else ADDRESS_DATA
    selected = select(asked, item, item.table)
    if wanted is None or asked.selection is not Selection.PROP or data not in asked.props:
        return CardTemplate.build(item.href, selected, minimal=minimal)
    selected = selected._replace(missing=tuple(name for name in selected.missing if name != data))
    made = CardTemplate.build(item.href, selected, minimal=minimal, version=wanted.version)
    if not is_calendar:
        return made
    opened, _, closed = element(CALENDAR_DATA, "|").partition("|")
    return replace(
        made,
        after_etag=made.after_etag.replace("<CR:address-data>", opened),
        after_data=made.after_data.replace("</CR:address-data>", closed, 1),
    )


def in_chunks(items: Sequence[ItemRow], size: int = CHUNK) -> Iterator[Sequence[ItemRow]]:
    """Cut rows for streaming."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def fetch(database: Database, items: Sequence[ItemRow]) -> dict[int, bytes]:
    """Fetch the bodies of live items in a transaction of its own, in the order given."""
    ids = [item.id for item in items if item.etag is not None]
    if not ids:
        return {}
    with database.read() as connection:
        return rows.bodies(connection, ids)


def write_items(
    database: Database, template: CardTemplate, items: Sequence[ItemRow], wanted: AddressData = AS_SENT
) -> Iterator[bytes]:
    """Write items in pieces; one that went meanwhile is a 404."""
    if not template.with_data:
        for chunk in in_chunks(items, ROWS):
            yield template.write([card_row(item) for item in chunk])
        return
    for chunk in in_chunks(items):
        yield write_data(template, chunk, fetch(database, chunk), wanted)


def write_data(
    template: CardTemplate, items: Sequence[ItemRow], bodies: dict[int, bytes], wanted: AddressData = AS_SENT
) -> bytes:
    """Write items whose bodies are at hand."""
    if not template.with_data:
        return template.write([card_row(item) for item in items])
    shown = {item.id: as_wanted(bodies[item.id], wanted) for item in items if item.id in bodies}
    return template.write_data([card_row(item) for item in items], shown)


def as_wanted(body: bytes, wanted: AddressData) -> bytes:
    """Show a card as it was sent, unless the client names a version it is not of, or single properties."""
    try:
        if wanted.version == "4.0" and b"VERSION:4.0" not in body:
            body = to_version_4(body)
        return body if wanted.only is None else reduce_card(body, dict(wanted.only))
    except ParseError:  # larger than a contact's card may be
        return body
