"""DELETE, MOVE and COPY of cards: links and memberships end and begin, contacts are never erased (DESIGN §6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from radicale_propmgmt.domain.errors import DavError, NotVisibleError, PreconditionFailedError
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


class Target(NamedTuple):
    """Where a card is to go: another book of the same account, the name asked for there, and how.

    The card keeps its own name. With ``overwrite`` one that is there already is as good as moved (RFC 4918 §10.6);
    with ``keeps`` it stays here, too: COPY instead of MOVE.
    """

    segment: str
    name: str
    overwrite: bool
    keeps: bool


def transfer(desk: Desk, target: Target | DavError, *, lacking: str) -> Outcome:
    """Give a contact the place that a new card of another book would get, and take its place here.

    Args:
        desk: At the source.
        target: Or why the request names none: that counts only behind the right.
        lacking: The privilege that a refusal names.

    Raises:
        DavError: The request names no target.
        NotVisibleError: There is no such card here.
        PreconditionFailedError: It is another representation, or is there already.
    """
    card = desk.find(desk.write.name)
    if not desk.rights.unbind:
        return desk.refuse(desk.lacks(lacking), card, kind="")
    if isinstance(target, DavError):
        raise target
    to = bookshelf.find_book(desk.uow.connection, desk.viewer, target.segment)
    if to is None or desk.creation_in(to).how != "yes":
        return desk.refuse(desk.lacks("bind"), card, kind="")
    if card is None:
        raise NotVisibleError
    if desk.write.preconditions.fail(card.row.etag):
        raise PreconditionFailedError
    links = within(desk.own_book, desk.may(card).unlinks)
    if not links or card.id < 0:
        return desk.refuse(desk.lacks(lacking), card, kind="")
    return _transfer(desk, card, to, target)


def _transfer(desk: Desk, card: SeenCard, to: Book, target: Target) -> Outcome:
    name = target.name
    is_there = desk.find(card.row.href, to) is not None
    if (is_there and not target.overwrite) or (name != card.row.href and desk.find(name, to) is not None):
        raise PreconditionFailedError
    links = within(desk.own_book, desk.may(card).unlinks)
    if not is_there:
        bind(desk, card.id, desk.creation_in(to))
    if not target.keeps and to.segment != desk.own_book.segment:
        staying = within(to, links)
        unbind(desk, card.id, [link for link in links if link not in staying])
    own_name = None if name == card.row.href else card.row.href
    return Outcome(is_new=not is_there, name=own_name, segment=to.segment)
