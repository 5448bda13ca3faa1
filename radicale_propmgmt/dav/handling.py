"""One request being answered: what it is about, and how its handlers reach the projection."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from radicale_propmgmt.domain.clock import local_day
from radicale_propmgmt.domain.errors import NotVisibleError
from radicale_propmgmt.domain.writing import BookRights, book_rights
from radicale_propmgmt.projection import bookshelf, due, reading
from radicale_propmgmt.projection.rules import rules_at

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
    country: str = "DE"
    proposes_for_apple: bool = True
    head: Head = field(init=False)  # where the database stood when it was last read

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

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a read-only transaction in which everything due for this audience is projected; ``head`` is its."""
        with due.read_current(self.database, self.request.viewer.audience_id) as (connection, self.head):
            yield connection

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

    def rights(self, connection: Connection, book: Book) -> BookRights:
        """Tell what the viewer may do in a book today."""
        rules = rules_at(self.database, connection, self.head.rules_version)
        today = local_day(due.effective_now(self.database, self.head), self.database.zone)
        return book_rights(self.request.viewer.audience, book, rules, today)

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

    def get_whole_card(self, connection: Connection, book: Book) -> tuple[CardRow, bytes]:
        """Get the card of the path and its bytes.

        Raises:
            NotVisibleError: As ``get_card``.
        """
        rows, bodies = reading.find_whole_cards(connection, book, [self.request.path.segments[2]])
        if not rows:
            raise NotVisibleError
        return next(iter(rows.values())), next(iter(bodies.values()))
