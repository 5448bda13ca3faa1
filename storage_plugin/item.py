"""One card as Radicale's core sees it."""

from __future__ import annotations

from collections.abc import Sequence
from email.utils import formatdate
from typing import TYPE_CHECKING

from radicale.item import Item
from radicale.item.filter import TIMESTAMP_MAX, TIMESTAMP_MIN

from radicale_propmgmt.projection import reading
from radicale_propmgmt.projection.reading import CardRow
from radicale_propmgmt.vcard.contentline import parse_lines

if TYPE_CHECKING:
    from radicale.storage import BaseCollection

    from radicale_propmgmt.db.unit_of_work import Database


def read_date(database: Database) -> str:
    """Return the present as an HTTP date.

    It stands where Radicale wants a date of last change. There is none to tell: the true one would also move with what
    this viewer must not see, and ETags say all that a client needs.
    """
    return formatdate(database.clock.now(), usegmt=True)


class Renditions:
    """Bodies of one listing, fetched in chunks when the first of a chunk is asked for.

    PROPFIND lists cards under the storage lock and renders them after it; usually it wants no bodies at all.
    """

    def __init__(self, database: Database, rows: Sequence[CardRow]) -> None:
        self._database = database
        self._chunk_of: dict[int, list[int]] = {}
        self._bodies: dict[int, bytes] = {}
        for chunk in reading.in_chunks(rows):
            ids = [row.rendition_id for row in chunk if row.rendition_id is not None]
            self._chunk_of.update(dict.fromkeys(ids, ids))

    def body(self, rendition_id: int) -> bytes:
        """Return a body; an empty one if its contact was blocked since the listing (the next sync says so)."""
        if rendition_id not in self._bodies:
            chunk = self._chunk_of[rendition_id]
            with self._database.read() as connection:
                found = reading.bodies(connection, chunk)
            self._bodies = {wanted: found.get(wanted, b"") for wanted in chunk}
        return self._bodies[rendition_id]


class Card(Item):
    """A card with everything given that Radicale would else parse out of its text with vobject."""

    def __init__(self, collection: BaseCollection, row: CardRow, body: bytes | Renditions, date: str) -> None:
        super().__init__(
            collection=collection,
            href=row.href,
            last_modified=date,
            text="",
            etag=f'"{row.etag}"',
            name="VCARD",
            component_name="",
            time_range=(TIMESTAMP_MIN, TIMESTAMP_MAX),
        )
        self._rendition_id = row.rendition_id or 0
        self._body = body

    @property
    def body(self) -> bytes:
        """The bytes as they are served."""
        return self._body if isinstance(self._body, bytes) else self._body.body(self._rendition_id)

    def serialize(self) -> str:
        """Return the card as it is served."""
        self._text = self.body.decode()
        return self._text

    @property
    def uid(self) -> str:
        """The card's UID, read from its bytes: only writes ask for it."""
        if self._uid is None:
            self._uid = next((line.text for line in parse_lines(self.body) if line.name == "UID"), "")
        return self._uid

    @property
    def vobject_item(self) -> object:
        """The card parsed by vobject, which Radicale's own filter works on."""
        self.serialize()
        return super().vobject_item
