"""Deliveries: what leaves for a device stands in the ledger first (DESIGN §7).

One row per (device, book). ``issued`` tells what may have reached the device: an upper bound, for whoever asks to whom
a card was made available. ``whole`` tells what surely did, for merges: from a base that the device never received, the
office's changes would look as if the device had undone them (M7). A card fetched by itself lies between the two and has
a row of its own until all of the book is told again. A confirmation may be lost, a delivery never.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from radicale_propmgmt.db.repositories import deliveries as rows
from radicale_propmgmt.db.side_writes import aside
from radicale_propmgmt.domain.changes import NO_CONTACT

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

    from radicale_propmgmt.db.unit_of_work import Database, UnitOfWork
    from radicale_propmgmt.domain.books import Book
    from radicale_propmgmt.domain.changes import SyncToken
    from radicale_propmgmt.domain.viewers import Viewer

#: Single cards noted per answer; of more, a device's next whole listing tells.
SINGLE_CARDS = 500


class Row(Protocol):
    """A card as it is answered."""

    @property
    def contact_id(self) -> int:
        """The contact."""
        ...

    @property
    def rendition_id(self) -> int | None:
        """Its bytes; None for a card that is gone."""
        ...

    @property
    def seq(self) -> int:
        """When it last moved in the book."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a device stands in a book, read before the rows of an answer and in the same transaction."""

    device_id: int
    book: Book
    newest: int
    issued: int
    whole: int
    confirmed: int


def look(connection: Connection, viewer: Viewer, book: Book) -> Standing | None:
    """Read where the viewer's device stands in a book; None for a viewer without one. One statement."""
    if viewer.device_id is None:
        return None
    found = rows.find(connection, book, viewer.device_id)
    return Standing(device_id=viewer.device_id, book=book, **found._asdict())


def deliver_listing(database: Database, standing: Standing | None, listed: Iterable[Row], *, confirms: bool) -> None:
    """Note that a device is told all cards of a book.

    Args:
        database: Where it is noted, before the first byte leaves.
        standing: Where the device stood.
        listed: The rows of the answer.
        confirms: It lists in order to compare: then it holds the listing before. That is how a client without tokens
            confirms (KDAV, Evolution: ctag and listing).

    Raises:
        UnavailableError: It could not be noted; then nothing may leave.
    """
    if standing is None:
        return
    confirmed = max(standing.confirmed, standing.whole) if confirms else standing.confirmed
    issued = max([standing.issued, standing.newest, *(row.seq for row in listed)])
    told = replace(standing, issued=issued, whole=standing.newest, confirmed=confirmed)
    _write(database, told, standing, is_whole=True)


def deliver_page(
    database: Database, standing: Standing | None, presented: SyncToken | None, token: SyncToken, listed: Iterable[Row]
) -> None:
    """Note an answer to sync-collection, and what the presented token confirms.

    Inside a paged answer a card that moved twice was told in neither form yet, so a device there stands where its last
    whole token does, and what its pages told are single cards. A token of a page confirms nothing.

    Raises:
        UnavailableError: It could not be noted; then nothing may leave.
    """
    if standing is None:
        return
    told = replace(standing, issued=max([standing.issued, token.seq, *(row.seq for row in listed)]))
    foreign = presented if presented is not None and presented.book != token.book else None
    has = 0 if presented is None else presented.seq
    if foreign is None and _is_whole(presented):
        told = replace(told, confirmed=max(standing.confirmed, has))
    if _is_whole(token):
        _write(database, replace(told, whole=token.seq), standing, foreign=foreign, is_whole=True)
        return
    if presented is None or _is_whole(presented):
        told = replace(told, whole=has)
    fetched = {row.contact_id: row.rendition_id for row in listed if row.rendition_id}
    _write(database, told, standing, fetched=fetched if len(fetched) <= SINGLE_CARDS else {})


def deliver_cards(database: Database, standing: Standing | None, listed: Sequence[Row], *, bodies: bool = True) -> None:
    """Note that a device is sent some cards of a book, with their bytes or without.

    Raises:
        UnavailableError: It could not be noted; then nothing may leave.
    """
    if standing is None or not listed:
        return
    told = replace(standing, issued=max([standing.issued, standing.newest, *(row.seq for row in listed)]))
    newer = {row.contact_id: row.rendition_id for row in listed if row.rendition_id and row.seq > standing.whole}
    if not bodies or len(newer) > SINGLE_CARDS:
        newer = {}
    if newer and told == standing:
        with database.read() as connection:
            known = rows.find_fetched(connection, standing.device_id, standing.book.id, newer)
        newer = dict(newer.items() - known.items())
    _write(database, told, standing, fetched=newer)


def received(uow: UnitOfWork, viewer: Viewer, book: Book, contact_id: int, rendition_id: int) -> None:
    """Note that a device holds a card as it now stands: it sent it, and was answered with its ETag."""
    if viewer.device_id is not None:
        rows.put_fetched(uow.connection, viewer.device_id, book.id, uow.now, {contact_id: rendition_id})


def _is_whole(token: SyncToken | None) -> bool:
    """Tell whether a token stands for all of its seq, and not for a page inside it."""
    return token is not None and token.contact == NO_CONTACT


def _write(
    database: Database,
    told: Standing,
    before: Standing,
    *,
    fetched: dict[int, int] | None = None,
    foreign: SyncToken | None = None,
    is_whole: bool = False,
) -> None:
    """Write what moved, committed when this returns; nothing moved, nothing is written."""
    if told == before and not fetched and foreign is None:
        return
    device_id, book, now = told.device_id, told.book, database.clock.now()
    moved = told.whole != before.whole
    with aside(database) as connection:
        rows.put(
            connection,
            device_id,
            book.id,
            now,
            issued=told.issued,
            whole=told.whole if moved else None,
            confirmed=told.confirmed,
        )
        if moved:
            rows.leave_other_books(connection, device_id, book)
        if is_whole:
            rows.forget_fetched(connection, device_id, book)
        if foreign is not None and _is_whole(foreign):
            rows.confirm_elsewhere(connection, device_id, foreign.book, foreign.seq, now)
        if told.confirmed > before.confirmed:
            rows.settle_other_books(connection, device_id, book, now)
        if fetched:
            rows.put_fetched(connection, device_id, book.id, now, fetched)
