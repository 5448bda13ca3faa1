"""Merge bases: what a device last received of a card (DESIGN §6, M7)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from radicale_propmgmt.db.repositories import deliveries, pasts

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from radicale_propmgmt.db.unit_of_work import UnitOfWork
    from radicale_propmgmt.domain.books import Book
    from radicale_propmgmt.domain.viewers import Viewer


class Base(NamedTuple):
    """The rendition that an edit started from."""

    rendition_id: int
    body: bytes


def find_base(
    connection: Connection, viewer: Viewer, book: Book, contact_id: int, etag: str | None = None
) -> Base | None:
    """Find what a device edited: the rendition its ETag names, else by the ledger, else the current one.

    Args:
        connection: The unit of work of the edit.
        viewer: Who sent it; one without a device stands in no ledger.
        book: The book it was sent to.
        contact_id: A card that the viewer sees.
        etag: The opaque tag of If-Match, if there is one; whether it matches is not asked here.

    Returns:
        None where the device holds an older rendition that is no longer known: then nothing may be deleted, and what
        differs is a conflict. An ETag that we never gave this account counts as none.
    """
    named = None if etag is None else find_named(connection, viewer, contact_id, etag)
    if named is not None:
        return named
    current = pasts.find_card(connection, viewer.audience_id, contact_id)
    held = None if current is None else current.rendition_id
    if viewer.device_id is not None:
        held = _by_ledger(connection, viewer.device_id, book, contact_id, held)
    found = None if held is None else pasts.find_bytes(connection, contact_id, held)
    return None if found is None else Base(*found)


def find_named(connection: Connection, viewer: Viewer, contact_id: int, etag: str) -> Base | None:
    """Find the rendition that an opaque tag names, if this account was ever given it; nudges do not count."""
    named = pasts.find_named(connection, viewer.account_id, viewer.audience_id, contact_id, etag.partition(".")[0])
    return None if named is None else Base(*named)


def _by_ledger(connection: Connection, device_id: int, book: Book, contact_id: int, current: int | None) -> int | None:
    """Find the rendition that a device holds; ``current`` if it was never issued the card, None if nobody knows."""
    fetched = deliveries.find_own_fetch(connection, device_id, book, contact_id)
    if fetched is not None:
        return fetched
    told = deliveries.find_told(connection, device_id, book.segment)
    card = None if told is None else pasts.find_card(connection, told.audience_id, contact_id)
    if told is None or card is None or card.first_seq > told.issued:
        return current
    if card.seq <= told.whole:
        return card.rendition_id
    return pasts.find_past(connection, told.audience_id, contact_id, told.whole)


def forget(uow: UnitOfWork, contact_id: int) -> None:
    """Forget all bytes of a contact that no card shows any more; an erased one has none left (GDPR Art. 17)."""
    pasts.forget_contact(uow.connection, contact_id)
