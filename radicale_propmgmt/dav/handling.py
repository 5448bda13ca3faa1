"""One request being answered: what it is about, and how its handlers reach the projection."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from radicale_propmgmt.domain.errors import NotVisibleError
from radicale_propmgmt.projection import bookshelf, due, reading

from .hrefs import write_href
from .resources import DavLimits, Kind, Resource

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from radicale_propmgmt.db.unit_of_work import Database
    from radicale_propmgmt.domain.books import Book
    from radicale_propmgmt.projection.reading import CardRow, Head

    from .request import Request

_KINDS = (Kind.ROOT, Kind.HOME, Kind.BOOK, Kind.CARD)


@dataclass(kw_only=True)
class Handling:
    """A request within the viewer's own home, with the database behind it."""

    request: Request
    database: Database
    limits: DavLimits
    language: str

    @cached_property
    def kind(self) -> Kind:
        """The kind of resource that the path names.

        Raises:
            NotVisibleError: No resource of ours lies so deep, or a card's path ends in a slash.
        """
        path = self.request.path
        depth = len(path.segments)
        if depth > 3 or (depth == 3 and path.is_slashed):
            raise NotVisibleError
        return _KINDS[depth]

    @cached_property
    def head(self) -> Head:
        """Where the database stands, once everything due for this audience is projected."""
        return due.ensure_current(self.database, self.request.viewer.audience_id)

    def catch_up(self) -> None:
        """Project what is due before anything is read."""
        _ = self.head

    def resource(self, kind: Kind) -> Resource:
        """Start the resource of a kind; a book adds its own."""
        return Resource(kind=kind, viewer=self.request.viewer, limits=self.limits, language=self.language)

    @property
    def href(self) -> str:
        """The encoded path of the resource of this request."""
        return write_href(*self.request.path.segments, is_collection=self.kind is not Kind.CARD)

    @property
    def book_href(self) -> str:
        """The encoded path of the book of this request."""
        return write_href(*self.request.path.segments[:2])

    def get_book(self, connection: Connection) -> Book:
        """Get the book of the path.

        Raises:
            NotVisibleError: The viewer reaches no such book.
        """
        book = bookshelf.find_book(connection, self.request.viewer, self.request.path.segments[1])
        if book is None:
            raise NotVisibleError
        return book

    def get_card(self, connection: Connection, book: Book) -> CardRow:
        """Get the card of the path.

        Raises:
            NotVisibleError: It never existed, is not the viewer's, is blocked or erased.
        """
        name = self.request.path.segments[2]
        row = reading.find_cards(connection, book, [name]).get(name)
        if row is None:
            raise NotVisibleError
        return row
