"""Cards of a listing or report, fetched and written chunk by chunk; no transaction is open while one is sent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from radicale_propmgmt.projection import reading
from radicale_propmgmt.projection.reading import CardRow

from .address_data import convert
from .multistatus import CardTemplate
from .names import ADDRESS_DATA
from .properties import select
from .resources import Resource
from .xml_request import AddressData, Propfind, Selection

if TYPE_CHECKING:
    from radicale_propmgmt.db.unit_of_work import Database

#: Rows per piece where no bodies are needed.
ROWS = 2000


def card_template(
    card: Resource, asked: Propfind, wanted: AddressData | None = None, *, minimal: bool = False
) -> CardTemplate:
    """Build the template of a book's cards; ``wanted`` is None where address data is no property (PROPFIND)."""
    with_data = wanted is not None and asked.selection is Selection.PROP and ADDRESS_DATA in asked.props
    version = wanted.version if wanted is not None and with_data else None
    return CardTemplate.build(card.href, select(asked, card), minimal=minimal, version=version)


def write_cards(
    database: Database, template: CardTemplate, rows: Sequence[CardRow], wanted: AddressData | None = None
) -> Iterator[bytes]:
    """Write rows in pieces; bodies come by id, re-checked, so a card blocked meanwhile is a 404."""
    if not template.with_data or wanted is None:
        for chunk in reading.in_chunks(rows, ROWS):
            yield template.write(chunk)
        return
    for chunk in reading.in_chunks(rows):
        yield template.write_data(chunk, convert(fetch_bodies(database, chunk), wanted))


def fetch_bodies(database: Database, rows: Sequence[CardRow]) -> dict[int, bytes]:
    """Fetch the bodies of live rows in a transaction of its own."""
    ids = [row.rendition_id for row in rows if row.etag is not None and row.rendition_id is not None]
    if not ids:
        return {}
    with database.read() as connection:
        return reading.bodies(connection, ids)
