"""Radicale's storage: finds what lies under a path for the authenticated viewer. Everything here can only be read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from radicale import types
from radicale.item import Item
from radicale.storage import BaseCollection, BaseStorage

from radicale_propmgmt.accounts import context
from radicale_propmgmt.domain.collections import is_free
from radicale_propmgmt.domain.errors import NeedPrivilegesError
from radicale_propmgmt.projection import bookshelf, doctor, due
from radicale_propmgmt.runtime import open_core, read_settings

from .collection import AddressBook, Collection
from .plain import OwnCollection, find_own, list_own
from .replies import in_words_of_the_core

if TYPE_CHECKING:
    from radicale_propmgmt.accounts.context import Session

#: Option of Radicale's section ``[storage]``: path of our settings file. Only ``radicale --verify-storage`` needs it.
OPTION = "propmgmt_config"


class Storage(BaseStorage):
    """Books and cards of whoever was authenticated. Which database that is, the session says."""

    _supports_unicode = True
    _supports_trailing_whitespace = True
    _supports_problematic_chars = True
    _is_collision_free = True

    def discover(
        self,
        path: str,
        depth: str = "0",
        child_context_manager: Callable[[str, str | None], AbstractContextManager[None]] | None = None,  # noqa: ARG002
        user_groups: AbstractSet[str] = frozenset(),  # noqa: ARG002 - teams are in the viewer
    ) -> Iterator[types.CollectionOrItem]:
        """Yield what lies at a path, then its children; nothing for what is not there or not the viewer's.

        Lazily: Radicale takes the first only, on every request. The root names no children: nobody learns of others.

        Raises:
            NoViewerError: Nobody was authenticated.
            UnavailableError: The database is away or busy.
        """
        session = context.current()
        segments = path.strip("/").split("/")
        if segments == [""]:
            yield Collection(session, "")
        elif segments[0] != session.viewer.login or "\0" in path:
            return
        elif len(segments) == 1:
            yield Collection(session, segments[0])
            if depth != "0":
                yield from _books(session)
        elif len(segments) == 2:
            yield from _book(session, segments[1], depth)
        elif len(segments) == 3:
            yield from _card(session, segments[1], segments[2])

    @types.contextmanager
    def acquire_lock(self, mode: str, user: str = "", *args: Any, **kwargs: Any) -> Iterator[None]:  # noqa: ARG002
        """Check that it is the viewer who asks. There is nothing to lock: every read is one transaction of its own.

        Raises:
            NoViewerError: It is somebody else.
        """
        if user:
            context.current(user)
        yield

    def create_collection(
        self,
        href: str,
        items: Iterable[Item] | None = None,  # noqa: ARG002
        props: Mapping[str, str] | None = None,  # noqa: ARG002
    ) -> tuple[BaseCollection, dict[str, Item], list[str]]:
        """Refuse: books follow from the rules."""
        raise in_words_of_the_core(NeedPrivilegesError(href, "bind"))

    def move(self, item: Item, to_collection: BaseCollection, to_href: str) -> None:  # noqa: ARG002
        """Refuse."""
        raise in_words_of_the_core(NeedPrivilegesError(to_href, "bind"))

    def verify(self) -> bool:
        """Tell whether the projected cards are those that the rules make of the contacts."""
        chosen = self.configuration.get("storage", OPTION) if OPTION in self.configuration.options("storage") else None
        database = open_core(read_settings(chosen)).database
        try:
            return not doctor.check(database)
        finally:
            database.engine.dispose()


def _books(session: Session) -> list[AddressBook | OwnCollection]:
    head = due.ensure_current(session.database, session.viewer.audience_id)
    with session.database.read() as connection:
        books = [
            AddressBook.at_present(session, connection, book, head.epoch)
            for book in bookshelf.list_books(connection, session.viewer)
        ]
        return [*books, *list_own(session, connection)]


def _book(session: Session, segment: str, depth: str) -> Iterator[types.CollectionOrItem]:
    found = _find(session, segment)
    if found is not None:
        yield found
        if depth != "0":
            yield from found.get_all()


def _card(session: Session, segment: str, name: str) -> Iterator[types.CollectionOrItem]:
    found = _find(session, segment)
    if found is not None:
        yield from (card for _, card in found.get_multi([name]) if card is not None)


def _find(session: Session, segment: str) -> AddressBook | OwnCollection | None:
    head = due.ensure_current(session.database, session.viewer.audience_id)
    with session.database.read() as connection:
        if is_free(segment):
            return find_own(session, connection, segment)
        book = bookshelf.find_book(connection, session.viewer, segment)
        return None if book is None else AddressBook.at_present(session, connection, book, head.epoch)
