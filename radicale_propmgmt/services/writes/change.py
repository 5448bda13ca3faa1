"""PUT on a card that is visible: what the client changed is merged into the whole contact (DESIGN §6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from radicale_propmgmt.db.repositories import identities
from radicale_propmgmt.domain.errors import (
    InvalidAddressDataError,
    PreconditionFailedError,
    ResourceTooLargeError,
    UidConflictError,
    UsageError,
)
from radicale_propmgmt.ledger import bases, deliveries
from radicale_propmgmt.services.contacts import edit_contact, get_contact
from radicale_propmgmt.services.writes.desk import Desk, Outcome, SeenCard
from radicale_propmgmt.transfer.merging import own_data
from radicale_propmgmt.vcard.capabilities import capabilities_of
from radicale_propmgmt.vcard.errors import CardTooLargeError, ParseError
from radicale_propmgmt.vcard.merge import Merged, merge
from radicale_propmgmt.vcard.sent import SentCard, read_sent

if TYPE_CHECKING:
    from radicale_propmgmt.domain.contacts import ContactData
    from radicale_propmgmt.domain.fields import Fields
    from radicale_propmgmt.domain.writing import WriteRights

_URN = "urn:uuid:"


class _Base(NamedTuple):
    """The rendition an edit starts from; ``is_stale`` if If-Match named an older one, ``body`` None if not known."""

    id: int | None
    body: bytes | None
    is_stale: bool = False


def change(desk: Desk, card: SeenCard, body: bytes) -> Outcome:
    """Merge a sent card into the contact it names."""
    rights = desk.may(card)
    if not rights.writable:
        return desk.refuse(desk.lacks("write-content", of_book=False), card, body=body)
    base = _find_base(desk, card)
    if base is None:
        raise PreconditionFailedError
    try:
        sent = read_card(desk, body)
        check_uid(desk, sent, card)
        merged = _merge(desk, card, sent, base, rights)
        if base.is_stale and merged.edited & merged.moved:
            raise PreconditionFailedError
        return _store(desk, card, body, base, merged)
    except (InvalidAddressDataError, ResourceTooLargeError, UidConflictError) as error:
        return desk.refuse(error, card)


def read_card(desk: Desk, body: bytes) -> SentCard:
    """Read a sent card.

    Raises:
        ResourceTooLargeError: The card or its photo is larger than may be.
        InvalidAddressDataError: It cannot be understood.
    """
    try:
        sent = read_sent(body)
    except CardTooLargeError:
        raise ResourceTooLargeError from None
    except ParseError:
        raise InvalidAddressDataError from None
    photos = (value.value for value in sent.data.values if value.name in {"PHOTO", "LOGO"})
    if any(len(photo) > desk.write.photo_bytes * 4 // 3 + 100 for photo in photos):
        raise ResourceTooLargeError
    return sent


def plain_uid(uid: str) -> str:
    """Return a UID without the URN scheme that some clients add (RFC 6350 §6.7.6)."""
    return uid[len(_URN) :] if uid.lower().startswith(_URN) else uid


def check_uid(desk: Desk, sent: SentCard, card: SeenCard) -> None:
    """Refuse a card that says it is another one (RFC 6352 §6.3.2.1).

    Raises:
        UidConflictError: Its UID is not that of the card it was put to.
    """
    own = identities.uid_of(desk.uow.connection, card.id)
    if sent.uid is not None and plain_uid(sent.uid) != own:
        raise UidConflictError(desk.write.card_href)


def _find_base(desk: Desk, card: SeenCard) -> _Base | None:
    """Find what the client started from; None = none of its tags names anything we issued: 412."""
    write, connection = desk.write, desk.uow.connection
    current = _Base(card.row.rendition_id, card.body)
    if write.preconditions.if_none_match is not None and write.preconditions.if_none_match.names(
        card.row.etag, weak=True
    ):
        return None
    tags = write.preconditions.if_match
    if tags is not None and not tags.is_any:
        if tags.names(card.row.etag, weak=False):
            return current
        for tag in tags.strong:
            older = bases.find_named(connection, desk.viewer, card.id, tag)
            if older is not None:
                return _Base(older.rendition_id, older.body, is_stale=True)
        return None
    known = bases.find_base(connection, desk.viewer, desk.own_book, card.id)
    return _Base(None, None) if known is None else _Base(known.rendition_id, known.body)


def _merge(desk: Desk, card: SeenCard, sent: SentCard, base: _Base, rights: WriteRights) -> Merged:
    return merge(
        base=base.body,
        sent=sent,
        current=own_data(get_contact(desk.uow.connection, card.id)),
        visible=card.view.fields,
        writable=rights.writable,
        capabilities=capabilities_of(desk.write.user_agent),
        seen_as=card.body,
        region=desk.write.country,
    )


def _store(desk: Desk, card: SeenCard, body: bytes, base: _Base, merged: Merged) -> Outcome:
    if merged.refused and not merged.changed and not merged.conflicts:
        return desk.refuse(desk.lacks("write-content", of_book=False), card, body=body, fields=merged.refused)
    _write(desk, card, merged.data)
    lost: Fields = merged.conflicts | (merged.refused if desk.keeps_proposals else frozenset())
    if lost:
        desk.propose(card, "edit", body, lost, base.id)
    if merged.refused or merged.conflicts:
        desk.heal(card)
        return Outcome()
    after = desk.find(desk.write.name)
    if after is None or after.body != body:
        return Outcome()
    deliveries.received(desk.uow, desk.viewer, desk.own_book, card.id, after.row.rendition_id or 0)
    return Outcome(etag=after.row.etag)


def _write(desk: Desk, card: SeenCard, data: ContactData) -> None:
    """Store the merged contact.

    Raises:
        InvalidAddressDataError: A day or account number in it is none.
    """
    try:
        edit_contact(desk.uow, card.id, data)
    except UsageError:
        raise InvalidAddressDataError from None
