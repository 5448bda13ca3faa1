"""Looks at all books of some accounts with few statements: after every step of a history, that is what takes time."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select

from radicale_propmgmt.db.tables import BookRow
from radicale_propmgmt.projection import bookshelf, due, reading

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from radicale_propmgmt.domain.books import Book
    from radicale_propmgmt.domain.changes import SyncToken
    from radicale_propmgmt.domain.viewers import Viewer
    from tests.support.world import World


class Seen(NamedTuple):
    """One book: its token, href → ETag, contact id → bytes."""

    token: SyncToken | None
    etags: dict[str, str]
    bodies: dict[int, bytes]


class Observer:
    """Keeps what never changes: which book a URL names for an audience, and the bytes of a rendition."""

    def __init__(self, world: World, logins: list[str], segments: list[str]) -> None:
        self._world = world
        self._logins = logins
        self._segments = segments
        self._books: dict[tuple[int, str], Book] = {}
        self._renditions: dict[int, bytes] = {}

    def look(self) -> dict[str, dict[str, Seen]]:
        """Login → segment → what a fresh listing and a download would hold."""
        return {login: self._look(login) for login in self._logins}

    def _look(self, login: str) -> dict[str, Seen]:
        viewer = self._world.viewer(login)
        head = due.ensure_current(self._world.database, viewer.audience_id)
        with self._world.database.read() as connection:
            self._find_new_books(connection, viewer)
            books = {segment: self._books.get((viewer.audience_id, segment)) for segment in self._segments}
            return {
                segment: Seen(None, {}, {}) if book is None else self._see(connection, book, head.epoch)
                for segment, book in books.items()
            }

    def _find_new_books(self, connection: Connection, viewer: Viewer) -> None:
        for segment in connection.scalars(select(BookRow.segment).where(BookRow.audience_id == viewer.audience_id)):
            if (viewer.audience_id, segment) not in self._books:
                self._books[viewer.audience_id, segment] = bookshelf.find_book(connection, viewer, segment)

    def _see(self, connection: Connection, book: Book, epoch: int) -> Seen:
        rows = reading.list_cards(connection, book)
        missing = [row.rendition_id for row in rows if row.rendition_id not in self._renditions]
        if missing:
            self._renditions.update(reading.bodies(connection, missing))
        return Seen(
            reading.current_token(connection, book, epoch),
            {row.href: row.etag for row in rows},
            {row.contact_id: self._renditions[row.rendition_id] for row in rows},
        )
