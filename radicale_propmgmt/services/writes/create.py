"""PUT under a name that is not visible: a new contact, one for the inbox, or nothing (DESIGN §6, tombstones).

What is hidden must not show in the answer. A client that may not create gets one refusal. One that may gets one answer,
which depends on what it sent alone; whether the card becomes a contact or waits in the inbox is seen later, by those
who may see it.
"""

from __future__ import annotations

import re
import uuid
from dataclasses import replace
from typing import TYPE_CHECKING

from radicale_propmgmt.db.repositories import contact_writes, identities
from radicale_propmgmt.domain.errors import (
    InvalidAddressDataError,
    PreconditionFailedError,
    ResourceTooLargeError,
    UidConflictError,
    UsageError,
)
from radicale_propmgmt.domain.fingerprints import fingerprints
from radicale_propmgmt.services import inbox
from radicale_propmgmt.services.contacts import insert, known_groups, new_contact, record_creation, uid_mac
from radicale_propmgmt.services.entry import from_card
from radicale_propmgmt.services.writes.change import plain_uid, read_card
from radicale_propmgmt.services.writes.desk import Desk, Outcome
from radicale_propmgmt.services.writes.places import bind

if TYPE_CHECKING:
    from radicale_propmgmt.db.repositories.identities import Identity
    from radicale_propmgmt.vcard.sent import SentCard

#: A client may put a card back elsewhere this long after it took it out: a move. Unit: seconds.
MOVE_WITHIN = 30 * 86400
_RANDOM_NAME = re.compile(r"([0-9A-Fa-f-]+)\.vcf")


def looks_random(name: str) -> bool:
    """Tell whether a card's name may become the contact's own: hex and dashes, 32 hex digits or more (DESIGN §3)."""
    match = _RANDOM_NAME.fullmatch(name)
    return match is not None and len(name) <= 80 and len(match[1].replace("-", "")) >= 32


def create(desk: Desk, body: bytes) -> Outcome:
    """Make of a sent card what the rules of the book say."""
    write, connection = desk.write, desk.uow.connection
    if desk.creation_in(desk.book).how == "no":
        return desk.refuse(desk.lacks("bind"))
    if write.preconditions.if_match is not None:
        raise PreconditionFailedError
    named = identities.find_by_name(connection, write.name) if write.name else None
    try:
        sent = read_card(desk, body)
        uid = plain_uid(sent.uid) if sent.uid else ""
        known = identities.find_by_uid(connection, uid, uid_mac(desk.uow.secrets, uid)) if uid else None
        return _decide(desk, _normal(sent, write.country), body, named, known)
    except (InvalidAddressDataError, ResourceTooLargeError, UidConflictError) as error:
        return desk.refuse(error)


def _normal(sent: SentCard, country: str) -> SentCard:
    """Read the card as a contact of its own.

    Raises:
        InvalidAddressDataError: No name at all, or a day or account number that is none.
    """
    try:
        return replace(sent, data=from_card(sent.data, country))
    except UsageError:
        raise InvalidAddressDataError from None


def _decide(desk: Desk, sent: SentCard, body: bytes, named: Identity | None, known: Identity | None) -> Outcome:
    """Decide between a place for a contact the writer knows, a refusal, the inbox and a new contact."""
    uow, viewer = desk.uow, desk.viewer
    who = known or named
    shown = identities.list_shown(uow.connection, viewer.audience_id, [who.contact_id]) if who else set()
    alike = identities.find_alike(uow.connection, fingerprints(sent.data, uow.secrets))
    seen_alike = identities.list_shown(uow.connection, viewer.audience_id, alike) if alike else set()
    matches = [contact_id for contact_id in alike if contact_id not in seen_alike]
    making = desk.creation_in(desk.book)
    if known is not None and (known.contact_id in shown or _is_being_moved(desk, known)):
        if desk.find(known.href) is not None or making.how != "yes" or known.contact_id < 0:
            raise UidConflictError(desk.write.href_of(known.href))
        bind(desk, known.contact_id, making)
        return _answer(desk, known.href)
    if any(_was_served(desk, other) for other in (named, known)):
        return desk.refuse(desk.lacks("bind"))
    if making.how == "inbox" or who is not None or matches:
        inbox.receive(
            uow,
            viewer,
            desk.book,
            body,
            group=making.group,
            object_number=making.object_number,
            matches=_matches(alike, who),
        )
        return _answer(desk, None)
    return _answer(desk, _make(desk, sent))


def _matches(alike: list[int], who: Identity | None) -> list[int]:
    return sorted({*alike, who.contact_id} if who else set(alike))


def _is_being_moved(desk: Desk, known: Identity) -> bool:
    """Tell whether this account itself took an active contact out of a book a while ago."""
    at = identities.unlinked_at(desk.uow.connection, desk.viewer.account_id, known.contact_id)
    return known.state == 0 and at is not None and desk.uow.now - at <= MOVE_WITHIN


def _was_served(desk: Desk, other: Identity | None) -> bool:
    if other is None:
        return False
    return identities.was_served(desk.uow.connection, desk.viewer.account_id, other.contact_id)


def _make(desk: Desk, sent: SentCard) -> str:
    """Make a contact of the book's group, linked to the book's object; returns the name of its card."""
    uow, making = desk.uow, desk.creation_in(desk.book)
    name = desk.write.name if looks_random(desk.write.name) else f"{uuid.uuid4()}.vcf"
    new = new_contact(uow.secrets, sent.data, uid=plain_uid(sent.uid) if sent.uid else None)._replace(href=name)
    contact_id = insert(uow, [new])[0]
    record_creation(uow, contact_id, sent.data)
    if making.object_number is not None and making.group is not None:
        group = known_groups(uow.connection, [making.group])[making.group]
        contact_writes.add_memberships(uow, [(contact_id, group.id)])
    bind(desk, contact_id, making)
    return name


def _answer(desk: Desk, name: str | None) -> Outcome:
    """Answer 201, with the real name only if the one that was sent never becomes a card's (DESIGN §3).

    No ETag, whatever was stored: it would tell a new contact from one that waits. A name that did not become the
    card's is told as gone in the book's next delta.
    """
    if name != desk.write.name:
        desk.heal(None)
    if looks_random(desk.write.name):
        return Outcome(is_new=True)
    return Outcome(is_new=True, name=name or f"{uuid.uuid4()}.vcf")
