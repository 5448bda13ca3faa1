"""PUT and DELETE of group cards: members come and go by the same rules as in books per group (DESIGN §6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from radicale_propmgmt.db.repositories import identities, lookups
from radicale_propmgmt.db.repositories.contacts import load_subjects
from radicale_propmgmt.domain.books import Book, BookKind
from radicale_propmgmt.domain.errors import InvalidAddressDataError, PreconditionFailedError
from radicale_propmgmt.domain.writing import write_rights
from radicale_propmgmt.services.contacts import uid_mac
from radicale_propmgmt.services.writes.desk import Desk, Outcome, SeenCard
from radicale_propmgmt.services.writes.places import bind, unbind
from radicale_propmgmt.vcard.contentline import parse_lines
from radicale_propmgmt.vcard.errors import ParseError
from radicale_propmgmt.vcard.group_card import is_group_card, read_members

if TYPE_CHECKING:
    from radicale_propmgmt.vcard.contentline import Property


def change_group(desk: Desk, card: SeenCard, body: bytes) -> Outcome:
    """Add and remove the members that a sent group card names more or fewer than the served one.

    The name is the group's own; who may not come or go stays as he was, and the device fetches that back.

    Raises:
        PreconditionFailedError: The client starts from another representation: members may have come since.
    """
    if not desk.rights.any:
        return desk.refuse(desk.lacks("write-content", of_book=False), card)
    if desk.write.preconditions.fail(card.row.etag):
        raise PreconditionFailedError
    try:
        properties = parse_lines(body)
        wanted = set(_members(properties))
    except ParseError:
        return desk.refuse(InvalidAddressDataError(), card)
    served = set(_members(parse_lines(card.body)))
    slug = _slug(desk, card)
    done = [_join(desk, uid, slug) for uid in sorted(wanted - served)]
    done += [_leave(desk, uid, slug) for uid in sorted(served - wanted)]
    if done and not any(done):
        return desk.refuse(desk.lacks("write-content", of_book=False), card)
    desk.heal(desk.find(desk.write.name))
    return Outcome()


def _members(properties: list[Property]) -> list[str]:
    if not is_group_card(properties):
        raise ParseError("no group", field="KIND")
    return read_members(properties)[1]


def _slug(desk: Desk, card: SeenCard) -> str:
    groups = lookups.groups_by_slug(desk.uow.connection).values()
    return next(group.slug for group in groups if group.id == -card.id)


def _group_book(desk: Desk, slug: str) -> Book:
    """Return the book of a group, whether or not it is listed: its rules decide."""
    return Book(id=0, audience_id=desk.viewer.audience_id, segment="", kind=BookKind.GROUP, token_id="", group=slug)


def _shown(desk: Desk, uid: str) -> int | None:
    found = identities.find_by_uid(desk.uow.connection, uid, uid_mac(desk.uow.secrets, uid))
    if found is None or found.contact_id < 0:
        return None
    shown = identities.list_shown(desk.uow.connection, desk.viewer.audience_id, [found.contact_id])
    return found.contact_id if shown else None


def _join(desk: Desk, uid: str, slug: str) -> bool:
    making = desk.creation_in(_group_book(desk, slug))
    contact_id = _shown(desk, uid)
    if contact_id is None or making.how != "yes":
        return False
    bind(desk, contact_id, making)
    return True


def _leave(desk: Desk, uid: str, slug: str) -> bool:
    contact_id = _shown(desk, uid)
    if contact_id is None:
        return False
    subject = load_subjects(desk.uow.connection, [contact_id])[contact_id]
    view = desk.visibility.of(subject)
    rights = write_rights(desk.viewer.audience, subject, view, desk.rules, desk.uow.today)
    return unbind(desk, contact_id, [link for link in rights.unlinks if link.group == slug])
