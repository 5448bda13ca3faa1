"""What lies under a path, as Radicale's core sees it: root and homes without content, and address books."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, overload

from radicale.item import Item
from radicale.storage import BaseCollection

from radicale_propmgmt.domain.changes import SyncToken
from radicale_propmgmt.domain.errors import (
    BadRequestError,
    InvalidSyncTokenError,
    NeedPrivilegesError,
    UnsupportedCollationError,
    UnsupportedFilterError,
)
from radicale_propmgmt.domain.labels import BOOKS
from radicale_propmgmt.ledger import deliveries
from radicale_propmgmt.projection import reading

from .filtering import candidates, meets, read_filters
from .item import Card, Renditions, read_date
from .replies import in_words_of_the_core

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from radicale_propmgmt.accounts.context import Session
    from radicale_propmgmt.domain.books import Book
    from radicale_propmgmt.projection.reading import CardRow


class Collection(BaseCollection):
    """A collection without cards: the root, or a home. Nothing in it can be changed from here."""

    def __init__(self, session: Session, path: str) -> None:
        self._session = session
        self._path = path

    @property
    def path(self) -> str:
        """The path without slashes at its ends."""
        return self._path

    @property
    def tag(self) -> str:
        """The kind of content: none."""
        return ""

    @property
    def last_modified(self) -> str:
        """The present."""
        return read_date(self._session.database)

    def get_all(self) -> Iterable[Item]:
        """List no cards."""
        return ()

    def get_multi(self, hrefs: Iterable[str]) -> Iterable[tuple[str, Item | None]]:
        """Find no cards; the names are consumed, which Radicale counts on."""
        return [(href, None) for href in dict.fromkeys(hrefs)]

    def get_filtered(self, filters: Iterable[ET.Element]) -> Iterable[tuple[Item, bool]]:  # noqa: ARG002
        """Match no cards."""
        return ()

    def has_uid(self, uid: str) -> bool:
        """Tell whether a card that the viewer sees here has a UID. Only writes ask, and rights refuse those first."""
        return any(item.uid == uid for item in self.get_all())

    @overload
    def get_meta(self, key: None = None) -> Mapping[str, str]: ...

    @overload
    def get_meta(self, key: str) -> str | None: ...

    def get_meta(self, key: str | None = None) -> Mapping[str, str] | str | None:
        """Return one property, or all."""
        properties = self._properties()
        return properties if key is None else properties.get(key)

    def _properties(self) -> Mapping[str, str]:
        return {"D:displayname": self._session.viewer.login} if self.is_principal else {}

    def set_meta(self, props: Mapping[str, str]) -> None:  # noqa: ARG002
        """Refuse."""
        raise self._refusal("write-properties")

    def upload(self, href: str, item: Item) -> tuple[Item, Item | None]:  # noqa: ARG002
        """Refuse."""
        raise self._refusal("write-content")

    def delete(self, href: str | None = None) -> None:  # noqa: ARG002
        """Refuse."""
        raise self._refusal("unbind")

    def _refusal(self, privilege: str) -> ValueError:
        return in_words_of_the_core(NeedPrivilegesError(f"/{self._path}/", privilege))


class AddressBook(Collection):
    """One book of one viewer, at one point of its history.

    Radicale renders PROPFIND after it has released storage: what costs nothing is held here, everything else opens a
    short read transaction of its own. Token and ETag stand at the point where the book was found: rows read later are
    never older than they, so that a client at most fetches a change twice and never misses one.
    """

    def __init__(self, session: Session, book: Book, token: SyncToken) -> None:
        super().__init__(session, f"{session.viewer.login}/{book.segment}")
        self._book = book
        self._token = token

    @classmethod
    def at_present(cls, session: Session, connection: Connection, book: Book, epoch: int) -> AddressBook:
        """Return a book as it stands in this transaction."""
        return cls(session, book, reading.current_token(connection, book, epoch))

    @property
    def tag(self) -> str:
        """The kind of content."""
        return "VADDRESSBOOK"

    @property
    def etag(self) -> str:
        """The ETag, and CS:getctag: moves with the token."""
        return f'"{self._token}"'

    def _properties(self) -> Mapping[str, str]:
        label = BOOKS.get(self._book.segment)
        name = self._book.display_name or (label.in_language(self._session.language) if label else self._book.segment)
        return {"tag": self.tag, "D:displayname": name}

    def sync(self, old_token: str = "") -> tuple[str, Iterable[str]]:
        """Return the token that holds, and what to fetch or drop since an old one (RFC 6578 §3.2).

        Raises:
            ValueError: A token we never issued; raised here and not by the names, as the core expects.
        """
        if not old_token:
            return str(self._token), self._names()
        database, viewer = self._session.database, self._session.viewer
        try:
            token = SyncToken.parse(old_token)
            with database.read() as connection:
                page = reading.changes_since(connection, viewer, self._book, token, self._token.epoch)
        except InvalidSyncTokenError as refusal:
            raise in_words_of_the_core(refusal) from None
        self._deliver(page.rows)
        return str(page.token), [row.href for row in page.rows]

    def _names(self) -> Iterator[str]:
        """List the names of all cards, if anybody wants them: PROPFIND asks for the token only."""
        yield from (row.href for row in self._rows())

    def _rows(self) -> list[CardRow]:
        with self._session.database.read() as connection:
            rows = reading.list_cards(connection, self._book)
        self._deliver(rows)
        return rows

    def _deliver(self, rows: Sequence[CardRow]) -> None:
        """Note that these may leave for the viewer's device. What the core then leaves out counts as delivered, too."""
        database = self._session.database
        with database.read() as connection:
            standing = deliveries.look(connection, self._session.viewer, self._book)
        deliveries.deliver_cards(database, standing, rows, bodies=False)

    def get_all(self) -> Iterator[Item]:
        """List all cards; bodies follow when they are asked for."""
        rows, date = self._rows(), self.last_modified
        bodies = Renditions(self._session.database, rows)
        return (Card(self, row, bodies, date) for row in rows)

    def get_multi(self, hrefs: Iterable[str]) -> Iterator[tuple[str, Item | None]]:
        """Find cards by name; None for what never existed, is not the viewer's, blocked or erased."""
        names = list(dict.fromkeys(hrefs))
        with self._session.database.read() as connection:
            found = reading.find_cards(connection, self._book, [name for name in names if "\0" not in name])
            cards = {str(card.href): card for card in self._complete(connection, list(found.values()))}
        self._deliver(list(found.values()))
        return ((name, cards.get(name)) for name in names)

    def get_filtered(self, filters: Iterable[ET.Element]) -> Iterator[tuple[Item, bool]]:
        """List the cards that meet all filters, complete and decided: the core tests none of them again.

        Raises:
            ValueError: A filter has parts we do not know.
        """
        try:
            wanted = read_filters(filters)
        except (BadRequestError, UnsupportedFilterError, UnsupportedCollationError) as refusal:
            raise in_words_of_the_core(refusal) from None
        with self._session.database.read() as connection:
            rows = candidates(connection, self._book, wanted)
            cards = [(card, True) for card in self._complete(connection, rows) if meets(wanted, card.body)]
        self._deliver(rows)
        return iter(cards)

    def serialize(self, vcf_to_ics: bool = False, ShareActions: dict[str, object] | None = None) -> str:  # noqa: ARG002, FBT001, FBT002, N803
        """Return all cards in one text."""
        with self._session.database.read() as connection:
            rows = reading.list_cards(connection, self._book)
            text = "".join(card.serialize() for card in self._complete(connection, rows))
        self._deliver(rows)
        return text

    def _complete(self, connection: Connection, rows: list[CardRow]) -> Iterator[Card]:
        """Make cards with their bodies, from one transaction: REPORT wants them all, and after the lock."""
        bodies, date = reading.bodies(connection, [row.rendition_id or 0 for row in rows]), self.last_modified
        for row in rows:
            body = bodies.get(row.rendition_id or 0)
            if body is not None:
                yield Card(self, row, body, date)
