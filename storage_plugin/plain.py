"""Collections of an account's own, as Radicale's core sees them: to be read only, as everything here.

The core's PUT would hand the client's bytes to its own parser before us; our application has a gate there.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from radicale.item import Item
from radicale.item.filter import TIMESTAMP_MAX, TIMESTAMP_MIN

from radicale_propmgmt.dav.names import dav
from radicale_propmgmt.dav.plain.calendar_object import parse_calendar_object
from radicale_propmgmt.dav.plain.context import read_token
from radicale_propmgmt.dav.plain.core import CalendarItem
from radicale_propmgmt.dav.plain.stored import read_stored, text_of
from radicale_propmgmt.db.repositories import collections as rows
from radicale_propmgmt.domain.changes import NO_CONTACT, SyncToken
from radicale_propmgmt.domain.collections import CollectionKind
from radicale_propmgmt.domain.errors import (
    BadRequestError,
    InvalidSyncTokenError,
    UnsupportedCollationError,
    UnsupportedFilterError,
)
from radicale_propmgmt.projection.reading import read_head

from .collection import Collection
from .filtering import meets, read_filters
from .item import read_date
from .replies import in_words_of_the_core

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from radicale_propmgmt.accounts.context import Session
    from radicale_propmgmt.db.repositories.collections import ItemRow
    from radicale_propmgmt.domain.collections import Collection as Row

_CHUNK = 200


class OwnCollection(Collection):
    """One calendar or address book of the viewer, at one point of its history."""

    def __init__(self, session: Session, row: Row, name: str, epoch: int) -> None:
        super().__init__(session, f"{session.viewer.login}/{row.segment}")
        self._row = row
        self._name = name
        self._token = SyncToken(epoch, row.token_id, row.seq)

    @property
    def _is_calendar(self) -> bool:
        return self._row.kind is CollectionKind.CALENDAR

    @property
    def tag(self) -> str:
        """The kind of content."""
        return "VCALENDAR" if self._is_calendar else "VADDRESSBOOK"

    @property
    def etag(self) -> str:
        """The ETag, and CS:getctag: moves with the token."""
        return f'"{self._token}"'

    def _properties(self) -> Mapping[str, str]:
        return {"tag": self.tag, "D:displayname": self._name}

    def sync(self, old_token: str = "") -> tuple[str, Iterable[str]]:
        """Return the token that holds, and what to fetch or drop since an old one (RFC 6578 §3.2).

        Raises:
            ValueError: A token we never issued.
        """
        with self._session.database.read() as connection:
            cursor, since = (0, NO_CONTACT), 0
            if old_token:
                try:
                    token = read_token(connection, self._row, old_token, self._token)
                except InvalidSyncTokenError as refusal:
                    raise in_words_of_the_core(refusal) from None
                cursor, since = (token.seq, token.contact), token.seq
            changed = rows.changed_items(connection, self._row, cursor, since, tombstones=bool(old_token))
        return str(self._token), [item.name for item in changed]

    def get_all(self) -> Iterator[Item]:
        """List all items."""
        with self._session.database.read() as connection:
            found = rows.list_items(connection, self._row)
        return self._items(found)

    def get_multi(self, hrefs: Iterable[str]) -> Iterator[tuple[str, Item | None]]:
        """Find items by name."""
        names = list(dict.fromkeys(hrefs))
        with self._session.database.read() as connection:
            found = rows.find_items(connection, self._row, [name for name in names if "\0" not in name])
        items = {str(item.href): item for item in self._items(list(found.values()))}
        return ((name, items.get(name)) for name in names)

    def get_filtered(self, filters: Iterable[ET.Element]) -> Iterator[tuple[Item, bool]]:
        """List the cards that meet all filters; of calendars all objects, for the core to test.

        Raises:
            ValueError: A filter of cards has parts we do not know.
        """
        if self._is_calendar:
            return ((item, False) for item in self.get_all())
        try:
            wanted = read_filters(filters)
        except (BadRequestError, UnsupportedFilterError, UnsupportedCollationError) as refusal:
            raise in_words_of_the_core(refusal) from None
        return ((item, True) for item in self.get_all() if meets(wanted, item.serialize().encode()))

    def _items(self, found: list[ItemRow]) -> Iterator[Item]:
        date = read_date(self._session.database)
        for start in range(0, len(found), _CHUNK):
            chunk = found[start : start + _CHUNK]
            with self._session.database.read() as connection:
                bodies = rows.bodies(connection, [item.id for item in chunk])
            for item in chunk:
                if item.id in bodies:
                    yield self._item(item, bodies[item.id], date)

    def _item(self, item: ItemRow, body: bytes, date: str) -> Item:
        if self._is_calendar:
            return CalendarItem(self, item.name, item.etag or "", body, parse_calendar_object(body))
        return Item(
            collection=self,
            href=item.name,
            last_modified=date,
            text=body.decode(),
            etag=f'"{item.etag}"',
            name="VCARD",
            component_name="",
            time_range=(TIMESTAMP_MIN, TIMESTAMP_MAX),
        )


def find_own(session: Session, connection: Connection, segment: str) -> OwnCollection | None:
    """Find a collection of the viewer by its segment."""
    row = rows.find_collection(connection, session.viewer.account_id, segment)
    return None if row is None else _own(session, connection, row)


def list_own(session: Session, connection: Connection) -> list[OwnCollection]:
    """List the collections of the viewer."""
    return [_own(session, connection, row) for row in rows.list_collections(connection, session.viewer.account_id)]


def _own(session: Session, connection: Connection, row: Row) -> OwnCollection:
    named = read_stored(connection, session.viewer, row.segment).get(dav("displayname"))
    name = row.segment if named is None else text_of(named)
    return OwnCollection(session, row, name, read_head(connection).epoch)
