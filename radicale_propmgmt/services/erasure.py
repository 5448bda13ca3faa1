"""Erasure (Löschung): nothing of a person is left but a tombstone (GDPR Art. 17, DESIGN §7, I8).

Rows, cards, bases of merges and what clients sent go in one transaction, with a line in the journal outside the
database written before the commit. What the files still hold of the deleted rows is ``db.sweep``'s.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from radicale_propmgmt.db.journal import ERASE
from radicale_propmgmt.db.repositories import contact_writes, identities, lookups, suppression
from radicale_propmgmt.db.repositories import erasure as rows
from radicale_propmgmt.db.repositories.audit import record_audit, record_event
from radicale_propmgmt.db.repositories.contacts import load_contacts, related_ids
from radicale_propmgmt.domain.contacts import ContactData, Name
from radicale_propmgmt.domain.errors import NotFoundError, RefusedError, UsageError
from radicale_propmgmt.domain.fields import FieldClass, class_of
from radicale_propmgmt.domain.text import fold
from radicale_propmgmt.ledger import bases
from radicale_propmgmt.projection.project import project
from radicale_propmgmt.services import contacts, forgetting, inbox, proposals
from radicale_propmgmt.transfer.merging import own_data
from radicale_propmgmt.vcard.names import formatted_name, person_name
from radicale_propmgmt.vcard.values import unescape

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from radicale_propmgmt.db.unit_of_work import UnitOfWork
    from radicale_propmgmt.domain.contacts import Contact
    from radicale_propmgmt.domain.fields import Fields

_ACTIVE, _RESTRICTED, _ERASED = 0, 1, 2
#: How long addresses and numbers of an erased person are kept as MACs, where that is switched on. Unit: seconds.
SUPPRESSED_FOR = 365 * 86400
#: Shorter texts are found everywhere.
_SHORTEST = 4


@dataclass(frozen=True, slots=True)
class Erased:
    """What was deleted of one contact: rows by table."""

    contact: int
    rows: dict[str, int]


def find_contact(connection: Connection, reference: str) -> tuple[int, bool]:
    """Find a contact, or the tombstone of an erased one by its number; tells whether it was erased.

    Raises:
        NotFoundError: There is neither.
    """
    try:
        return contacts.find_contact(connection, reference), False
    except NotFoundError:
        number = reference.strip().removeprefix("id:")
        is_number = number.isascii() and number.isdecimal() and int(number) <= lookups.LARGEST_ID
        if is_number and lookups.contact_state(connection, int(number)) == _ERASED:
            return int(number), True
        raise


def erase(uow: UnitOfWork, contact_id: int, *, force: bool = False) -> Erased:
    """Erase one contact; see ``erase_all``."""
    return erase_all(uow, [contact_id], force=force)[0]


def erase_all(
    uow: UnitOfWork, contact_ids: Iterable[int], *, force: bool = False, journal: bool = True, suppress: bool = False
) -> list[Erased]:
    """Erase contacts: every row with their data, and what other people's old cards say of them.

    Args:
        uow: The unit of work; its reason is kept, so it must not name the persons.
        contact_ids: Whom.
        force: Although they are not restricted.
        journal: Write it into the journal: not while the journal itself is followed.
        suppress: Keep addresses and numbers as keyed MACs for a year, so that who has them waits in the inbox.

    Raises:
        NotFoundError: One does not exist.
        RefusedError: One is not restricted, and nobody forced it; or it was erased before.
        UsageError: The reason names one of them, or is missing where it is forced.
    """
    ids = sorted(set(contact_ids))
    found = load_contacts(uow.connection, ids)
    for contact_id in ids:
        _require_erasable(uow, contact_id, force=force)
        if journal:
            _require_impersonal(uow.reason, found[contact_id])
    near = related_ids(uow.connection, ids)
    for contact_id in ids:
        suppression.remember(uow, contact_id, uow.now + SUPPRESSED_FOR if suppress else None)
        forgetting.forget(uow, contact_id)
        rows.delete_relations(uow, contact_id)
        contact_writes.set_state(uow, contact_id, _ERASED)
    project(uow, near.union(ids))
    uow.finish()  # group cards, too: what they were until now is about to go
    _forget_mentions(uow, list(found.values()), near)
    uow.database.reached("erase:projected")
    return [_delete(uow, contact_id, journal=journal) for contact_id in ids]


def _require_erasable(uow: UnitOfWork, contact_id: int, *, force: bool) -> None:
    state = lookups.contact_state(uow.connection, contact_id)
    if state is None:
        raise NotFoundError(f"no contact {contact_id}")
    if state == _ERASED:
        raise RefusedError(f"contact {contact_id} was erased before")
    if state != _RESTRICTED and not force:
        raise RefusedError(f"contact {contact_id} is not restricted: `gdpr block` first, or --force with a reason")
    if force and not uow.reason.strip():
        raise UsageError("erasing by force needs a reason: --reason TEXT")


def _require_impersonal(reason: str, contact: Contact) -> None:
    """Keep names out of the one text that outlives the person."""
    folded = fold(reason)
    told = re.findall(r"\w+", folded)
    own = {fold(part) for part in (contact.name.family, contact.name.given) if len(part) >= _SHORTEST}
    if own.intersection(told) or any(text in folded for text in _needles(contact)):
        raise UsageError("reason: it outlives the person, so it must not name them: write a file number")


def _needles(contact: Contact) -> set[str]:
    """Name the texts by which a card or a name tells of a contact, folded."""
    names = {formatted_name(contact), person_name(contact.name), contact.name.formatted}
    names.add(f"{contact.name.given} {contact.name.family}".strip())
    mails = {unescape(value.value) for value in contact.values if value.name == "EMAIL"}
    return {fold(text) for text in {*names, *mails, contact.uid} if len(text) >= _SHORTEST}


def _forget_mentions(uow: UnitOfWork, gone: Collection[Contact], near: Collection[int]) -> None:
    """Forget what old cards, cards sent in and names of cards of others tell of contacts.

    Of those who were related to them no old card stays at all. Their notes are theirs: ``gdpr mentions``.
    """
    needles = set().union(*map(_needles, gone))

    def tells(text: str) -> bool:
        return any(needle in text for needle in needles)

    old = rows.list_old_texts(uow.connection)
    told = {text.rendition_id for text in old if text.contact_id in near or tells(text.text)}
    rows.forget_renditions(uow, told)
    sent = rows.list_bodies_of_proposals(uow.connection)
    rows.delete_proposals(uow, [number for number, _, body in sent if tells(_folded(body))])
    names = rows.list_gone_names(uow.connection)
    words = needles | {word for needle in needles for word in re.split(r"\W+", needle) if len(word) >= _SHORTEST}
    rows.forget_gone_names(uow, [number for number, name in names if any(word in fold(name) for word in words)])


def _folded(body: bytes) -> str:
    return fold(unescape(re.sub(r"\r?\n[ \t]", "", body.decode(errors="replace"))))


def _delete(uow: UnitOfWork, contact_id: int, *, journal: bool) -> Erased:
    left = rows.tombstone_of(uow.connection, contact_id)
    counts = rows.delete_contact(uow, contact_id)
    record_audit(uow, "contact.erased", contact_id=contact_id, facts={"rows": counts}, personal=uow.reason)
    record_event(uow, "contact.erased", contact_id)
    if journal:
        uow.note(ERASE, contact=contact_id, href=left.href, uid_mac=left.uid_mac)
    return Erased(contact_id, counts)


def erase_classes(uow: UnitOfWork, contact_id: int, classes: Fields, *, journal: bool = True) -> list[str]:
    """Erase some field classes of a contact, with all that its past says of them: the first phase of a retention.

    Args:
        uow: The unit of work.
        contact_id: A contact, restricted or not.
        classes: ``domain.fields.COMM``, or others.
        journal: Write it into the journal.

    Returns:
        The classes of which there was something.

    Raises:
        NotFoundError: There is no such contact.
        RefusedError: It was erased as a whole, or nothing would be left to name it by.
    """
    state = lookups.contact_state(uow.connection, contact_id)
    if state == _ERASED:
        raise RefusedError(f"contact {contact_id} was erased before")
    stored = load_contacts(uow.connection, [contact_id]).get(contact_id)
    if state is None or stored is None:
        raise NotFoundError(f"no contact {contact_id}")
    if left_out := sorted(classes & _WHOLE_ONLY):
        raise RefusedError(f"{', '.join(left_out)}: goes with the whole contact only: `gdpr erase`")
    inbox.forget(uow, contact_id)
    proposals.forget(uow.connection, contact_id)
    identities.forget_moves(uow.connection, contact_id)
    rows.strip_history(uow, contact_id, classes)
    near = related_ids(uow.connection, [contact_id]) if FieldClass.RELATION in classes else set()
    if near:
        rows.delete_relations(uow, contact_id)
    data = without(own_data(stored), classes)
    contact_writes.update_contact(uow, contact_id, data, contacts.search_key(data, stored.key))
    contact_writes.set_source(uow, contact_id, source_hash="")
    project(uow, {contact_id, *near})
    uow.finish()
    bases.forget(uow, contact_id)
    if near:
        _forget_mentions(uow, [stored], near)
    done = sorted(classes & _filled(stored, relations=bool(near)))
    left = rows.tombstone_of(uow.connection, contact_id)
    record_audit(uow, "contact.partially_erased", contact_id=contact_id, facts={"fields": done})
    record_event(uow, "contact.partially_erased", contact_id, {"fields": done})
    if journal:
        uow.note(ERASE, contact=contact_id, href=left.href, uid_mac=left.uid_mac, classes=sorted(classes))
    return [str(field_class) for field_class in done]


def without(data: ContactData, classes: Fields) -> ContactData:
    """Return a contact without some field classes."""
    cleared = {name: default for field_class in classes for name, default in _CLEARED.get(field_class, {}).items()}
    values = tuple(value for value in data.values if (class_of(value.name) or FieldClass.OTHER) not in classes)
    return replace(data, values=values, **cleared)  # type: ignore[arg-type]


def _filled(data: ContactData, *, relations: bool) -> Fields:
    empty = ContactData(name=Name())
    columns = {
        field_class
        for field_class, cleared in _CLEARED.items()
        if any(getattr(data, name) != getattr(empty, name) for name in cleared)
    }
    values = {class_of(value.name) or FieldClass.OTHER for value in data.values}
    return frozenset(columns | values | ({FieldClass.RELATION} if relations else set()))


#: What is no field class of the contact's own: links and agreements, and the name that a tombstone must not have.
_WHOLE_ONLY = frozenset({FieldClass.NAME, FieldClass.UNIT, FieldClass.CONSENT, FieldClass.DOCUMENT})
_CLEARED: dict[FieldClass, dict[str, object]] = {
    FieldClass.SALUTATION: {"salutation": "", "letter_salutation": ""},
    FieldClass.ORGANISATION: {"organisation": ()},
    FieldClass.FUNCTION: {"title": "", "role": "", "expertise": ""},
    FieldClass.BIRTHDAY: {"birthday": "", "anniversary": "", "deathdate": ""},
    FieldClass.NOTE: {"note": ""},
    FieldClass.INTERNAL_NOTE: {"internal_note": ""},
    FieldClass.CATEGORY: {"tags": frozenset()},
    FieldClass.BANK: {"bank_accounts": ()},
    FieldClass.SEPA: {"mandates": ()},
}
