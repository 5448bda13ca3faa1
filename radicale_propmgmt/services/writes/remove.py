"""DELETE, MOVE and COPY of cards: links and memberships end and begin, contacts are never erased (DESIGN §6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from radicale_propmgmt.domain.errors import NotVisibleError, PreconditionFailedError
from radicale_propmgmt.projection import bookshelf
from radicale_propmgmt.services.writes.desk import Desk, Outcome, SeenCard
from radicale_propmgmt.services.writes.places import bind, unbind, within

if TYPE_CHECKING:
    from radicale_propmgmt.domain.books import Book


def remove(desk: Desk) -> Outcome:
    """Take a card out of its book, where a rule lets its links be ended.

    Raises:
        NotVisibleError: There is none; a client takes that for done.
        PreconditionFailedError: It is not the representation the client means.
    """
    card = desk.find(desk.write.name)
    if not desk.rights.unbind:
        return desk.refuse(desk.lacks("unbind"), card, kind="delete")
    if card is None:
        raise NotVisibleError
    if desk.write.preconditions.fail(card.row.etag):
        raise PreconditionFailedError
    if not unbind(desk, card.id, within(desk.own_book, desk.may(card).unlinks)):
        return desk.refuse(desk.lacks("unbind"), card, kind="delete")
    if desk.find(desk.write.name) is not None:  # another link still shows it here
        desk.heal(card)
    return Outcome()


def transfer(desk: Desk, target: str, name: str, *, overwrite: bool, keeps: bool) -> Outcome:
    """Give a contact the place that a new card of another book would get; without ``keeps`` take its place here.

    Args:
        desk: At the source.
        target: Segment of the other book of the same account.
        name: Name asked for there; the card keeps its own.
        overwrite: Whether a card already there is as good as moved (RFC 4918 §10.6).
        keeps: COPY instead of MOVE.

    Raises:
        NotVisibleError: There is no such card here.
        PreconditionFailedError: It is another representation, or is there already.
    """
    to = bookshelf.find_book(desk.uow.connection, desk.viewer, target)
    making = desk.creation_in(to)
    card = desk.find(desk.write.name)
    if not desk.rights.unbind:
        return desk.refuse(desk.lacks("unbind"), card, kind="delete")
    if to is None or making.how != "yes":
        return desk.refuse(desk.lacks("bind"), card)
    if card is None:
        raise NotVisibleError
    if desk.write.preconditions.fail(card.row.etag):
        raise PreconditionFailedError
    links = within(desk.own_book, desk.may(card).unlinks)
    if not links or card.id < 0:
        return desk.refuse(desk.lacks("unbind"), card, kind="delete")
    return _transfer(desk, card, to, name, overwrite=overwrite, keeps=keeps)


def _transfer(desk: Desk, card: SeenCard, to: Book, name: str, *, overwrite: bool, keeps: bool) -> Outcome:
    is_there = desk.find(card.row.href, to) is not None
    if (is_there and not overwrite) or (name != card.row.href and desk.find(name, to) is not None):
        raise PreconditionFailedError
    links = within(desk.own_book, desk.may(card).unlinks)
    if not is_there:
        bind(desk, card.id, desk.creation_in(to))
    if not keeps and to.segment != desk.own_book.segment:
        staying = within(to, links)
        unbind(desk, card.id, [link for link in links if link not in staying])
    own_name = None if name == card.row.href else card.row.href
    return Outcome(is_new=not is_there, name=own_name, segment=to.segment)
