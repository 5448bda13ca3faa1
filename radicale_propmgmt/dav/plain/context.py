"""One request on a plain collection, and how its handlers reach the rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from radicale_propmgmt.dav.hrefs import quote_name, write_href
from radicale_propmgmt.dav.resources import Kind
from radicale_propmgmt.db.repositories import collections as rows
from radicale_propmgmt.db.repositories import restores
from radicale_propmgmt.domain.changes import SyncToken
from radicale_propmgmt.domain.errors import InvalidSyncTokenError, NeedPrivilegesError, NotVisibleError
from radicale_propmgmt.projection.reading import CardRow, read_head
from radicale_propmgmt.services.collections import get_collection

from .resources import PlainResource, plain_resource
from .stored import read_stored

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from sqlalchemy import Connection

    from radicale_propmgmt.dav.handling import Handling
    from radicale_propmgmt.dav.request import Request
    from radicale_propmgmt.db.repositories.collections import ItemRow
    from radicale_propmgmt.db.unit_of_work import Database, UnitOfWork
    from radicale_propmgmt.domain.collections import Collection
    from radicale_propmgmt.domain.viewers import Viewer


@dataclass(frozen=True, slots=True, kw_only=True)
class Plain:
    """A request whose path names a free segment of the viewer's home, or something below it."""

    handling: Handling
    personal_books: bool

    @property
    def request(self) -> Request:
        """The request."""
        return self.handling.request

    @property
    def database(self) -> Database:
        """The database."""
        return self.handling.database

    @property
    def viewer(self) -> Viewer:
        """Who asks."""
        return self.request.viewer

    @property
    def segment(self) -> str:
        """The segment of the collection."""
        return self.request.path.segments[1]

    @property
    def names_item(self) -> bool:
        """Tell whether the path names an item.

        Raises:
            NotVisibleError: Nothing lies so deep.
        """
        return self.handling.kind is Kind.CARD

    @property
    def name(self) -> str:
        """The name of the item of the path."""
        return self.request.path.segments[2]

    @property
    def href(self) -> str:
        """The encoded path of the collection."""
        return write_href(self.viewer.login, self.segment)

    def item_href(self, name: str) -> str:
        """Write the encoded path of an item of the collection."""
        return self.href + quote_name(name)

    def write(self) -> AbstractContextManager[UnitOfWork]:
        """Open the unit of work of this request."""
        return self.database.write(f"account:{self.viewer.login}")

    def get(self, connection: Connection) -> Collection:
        """Get the collection of the path.

        Raises:
            NotVisibleError: There is none.
        """
        return get_collection(connection, self.viewer, self.segment)

    def get_item(self, connection: Connection, collection: Collection) -> ItemRow:
        """Get the item of the path.

        Raises:
            NotVisibleError: There is none.
        """
        found = rows.find_item(connection, collection, self.name)
        if found is None:
            raise NotVisibleError
        return found

    def resource(self, connection: Connection, collection: Collection) -> PlainResource:
        """Gather what a collection's properties need."""
        stored = read_stored(connection, self.viewer, collection.segment)
        return plain_resource(self.handling, collection, stored, read_head(connection).epoch)

    def token(self, connection: Connection, collection: Collection) -> SyncToken:
        """Return the token that a fresh listing stands at."""
        return SyncToken(read_head(connection).epoch, collection.token_id, collection.seq)

    def refusal(self, privilege: str) -> NeedPrivilegesError:
        """Make the refusal of what nobody may do with the resource of this request."""
        path = self.request.path
        return NeedPrivilegesError(write_href(*path.segments, is_collection=path.is_slashed), privilege)


def read_token(connection: Connection, collection: Collection, text: str, whole: SyncToken) -> SyncToken:
    """Read a token of a collection that now stands at ``whole``; of an ended epoch it is good up to the restore (M6).

    Raises:
        InvalidSyncTokenError: It was never issued for it, or for one that had this name before.
    """
    token = SyncToken.parse(text)
    newest = whole.seq
    if token.epoch < whole.epoch:
        newest = restores.good_until(connection, "collection", collection.id, token.epoch)
    if token.book != whole.book or token.epoch > whole.epoch or token.seq > newest:
        raise InvalidSyncTokenError
    return token


def card_row(item: ItemRow) -> CardRow:
    """Show an item to what writes listings of cards."""
    return CardRow(item.name, item.etag, item.id, item.id, item.seq)
