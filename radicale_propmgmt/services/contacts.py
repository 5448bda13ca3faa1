"""Add, edit and find contacts."""

from __future__ import annotations

import re
import uuid
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from radicale_propmgmt.db.repositories import contact_writes, lookups
from radicale_propmgmt.db.repositories.audit import record_audit, record_event, record_history
from radicale_propmgmt.db.repositories.audit_batches import record_many
from radicale_propmgmt.db.repositories.contact_writes import NewContact
from radicale_propmgmt.db.repositories.contacts import load_contacts
from radicale_propmgmt.domain.errors import ContactLockedError, NotFoundError, UsageError
from radicale_propmgmt.domain.secrets import mac
from radicale_propmgmt.domain.text import search_forms
from radicale_propmgmt.projection.project import project
from radicale_propmgmt.transfer import values
from radicale_propmgmt.transfer.merging import by_field_class, changed_classes, own_data
from radicale_propmgmt.vcard.values import split_structured, unescape

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

    from radicale_propmgmt.db.unit_of_work import UnitOfWork
    from radicale_propmgmt.domain.contacts import Contact, ContactData
    from radicale_propmgmt.domain.property_objects import Group
    from radicale_propmgmt.domain.secrets import Secrets
    from radicale_propmgmt.transfer.drafts import Draft

_RANDOM_LOOKING = re.compile(r"(?:urn:uuid:)?([0-9A-Fa-f-]{32,})")


def find_contact(connection: Connection, reference: str) -> int:
    """Find a contact by key, UID or id; ``id:17`` and ``key:17`` say which where both exist.

    Raises:
        NotFoundError: None has it.
        UsageError: It names two contacts.
    """
    ids = lookups.contact_ids(connection, reference.strip())
    if not ids:
        raise NotFoundError(f"no contact {reference!r}: name it by id, UID or key (see `propmgmt contacts find`)")
    if len(ids) > 1:
        raise UsageError(f"{reference!r} is the key of one contact and the id of another: write id:… or key:…")
    return ids[0]


def get_contact(connection: Connection, contact_id: int) -> Contact:
    """Load one contact.

    Raises:
        NotFoundError: There is none.
    """
    contact = load_contacts(connection, [contact_id]).get(contact_id)
    if contact is None:
        raise NotFoundError(f"no contact {contact_id}")
    return contact


def require_unlocked(uow: UnitOfWork, *contact_ids: int) -> None:
    """Refuse to touch restricted contacts.

    Raises:
        ContactLockedError: One is restricted or erased.
        NotFoundError: One does not exist.
    """
    for contact_id in contact_ids:
        state = lookups.contact_state(uow.connection, contact_id)
        if state is None:
            raise NotFoundError(f"no contact {contact_id}")
        if state != 0:
            raise ContactLockedError(f"contact {contact_id} is restricted: only `gdpr unblock` may change it")


def wire_uid(secrets: Secrets, given: str | None) -> str:
    """Return the UID a contact gets: the given one if it looks random, else a new one.

    A telling UID maps to a keyed pseudonym, always the same one, so that a second import finds its contact.
    """
    if not given:
        return str(uuid.uuid4())
    match = _RANDOM_LOOKING.fullmatch(given.strip())
    if match and len(match[1].replace("-", "")) >= 32:
        return match[1]
    return str(uuid.UUID(mac(secrets.uid, b"imported", given.encode()), version=4))


def uid_mac(secrets: Secrets, uid: str) -> str:
    """Return the keyed MAC of a UID: what a tombstone keeps of it."""
    return mac(secrets.uid, uid.encode())


def search_key(data: ContactData, key: str | None) -> str:
    """Return the folded text that ``contacts find`` searches: names, companies, addresses, numbers in all forms."""
    name = data.name
    words = [key or "", name.prefix, name.given, name.additional, name.family, name.suffix, name.nickname]
    words += [name.formatted, *(text for _, text in name.extra), *data.organisation]
    for value in data.values:
        if value.name == "TEL":
            words += values.dialled_forms(unescape(value.value).removeprefix("tel:"))
        elif value.name == "ADR":
            words += split_structured(value.value)
        elif value.name == "EMAIL":
            words.append(unescape(value.value))
    return search_forms(" ".join(filter(None, words)))


def checked(data: ContactData) -> ContactData:
    """Check what a user entered and return it in stored form.

    Raises:
        UsageError: No name at all, or an IBAN or day that is none. The field is named, its value is not.
    """
    name = data.name
    if not any((name.family, name.given, name.formatted, name.nickname, *data.organisation)):
        raise UsageError("name: a contact needs a name or an organisation")
    accounts = []
    for account in data.bank_accounts:
        try:
            accounts.append(replace(account, iban=values.iban(account.iban)))
        except UsageError as error:
            raise UsageError(f"iban: {error}") from None
    days: dict[str, Any] = {}
    for field in ("birthday", "anniversary", "deathdate"):
        try:
            days[field] = values.vcard_day(getattr(data, field))
        except UsageError as error:
            raise UsageError(f"{field}: {error}") from None
    return replace(data, bank_accounts=tuple(accounts), tags=frozenset(filter(None, data.tags)), **days)


def known_groups(connection: Connection, slugs: Iterable[str]) -> dict[str, Group]:
    """Return groups by slug.

    Raises:
        NotFoundError: One does not exist.
    """
    groups = lookups.groups_by_slug(connection)
    missing = sorted(set(slugs) - groups.keys())
    if missing:
        raise NotFoundError(f"no group {missing[0]!r}: there are {', '.join(groups)} (see `propmgmt groups add`)")
    return groups


def add_contact(
    uow: UnitOfWork, data: ContactData, *, key: str | None = None, uid: str | None = None, groups: Sequence[str]
) -> int:
    """Add a contact to at least one group and project it.

    Raises:
        UsageError: No group, no name, a bad value, or the key is taken.
    """
    if not groups:
        raise UsageError("a contact belongs to at least one group: name it with --group SLUG")
    by_slug = known_groups(uow.connection, groups)
    if key and lookups.known_contacts(uow.connection, keys=[key]):
        raise UsageError(f"key {key!r} belongs to another contact")
    data = checked(data)
    contact_id = insert(uow, [new_contact(uow.secrets, data, key=key, uid=uid)])[0]
    contact_writes.add_memberships(uow, [(contact_id, by_slug[slug].id) for slug in groups])
    project(uow, [contact_id])
    return contact_id


def new_contact(
    secrets: Secrets, data: ContactData, *, key: str | None = None, uid: str | None = None, source_hash: str = ""
) -> NewContact:
    """Give a new contact its identity on the wire: a random name, and a UID that tells nothing."""
    own = wire_uid(secrets, uid)
    return NewContact(
        data, key or None, own, uid_mac(secrets, own), f"{uuid.uuid4()}.vcf", search_key(data, key), source_hash
    )


def insert(uow: UnitOfWork, new: Sequence[NewContact]) -> list[int]:
    """Insert contacts with audit and event, without projecting them yet."""
    ids = contact_writes.insert_contacts(uow, new)
    fields = [{"fields": sorted(by_field_class(contact.data))} for contact in new]
    record_many(uow, "contact.added", list(zip(ids, fields, strict=True)))
    return ids


def record_creation(uow: UnitOfWork, contact_id: int, data: ContactData) -> None:
    """Begin a contact's history with what a client sent: an acknowledged write stands there whole."""
    after = by_field_class(data)
    record_history(uow, contact_id, sorted(after), {}, after)


def add_contacts(uow: UnitOfWork, drafts: Sequence[Draft]) -> list[int]:
    """Add many checked contacts and project them once; links and groups must exist.

    Returns:
        Their ids, in the order given.
    """
    ids = insert(
        uow,
        [
            new_contact(
                uow.secrets, draft.data, key=draft.key, uid=draft.uid, source_hash=source_hash(uow.secrets, draft)
            )
            for draft in drafts
        ],
    )
    slugs = lookups.groups_by_slug(uow.connection)
    contact_writes.add_memberships(
        uow, [(i, slugs[slug].id) for i, draft in zip(ids, drafts, strict=True) for slug in draft.groups]
    )
    return ids


def source_hash(secrets: Secrets, draft: Draft) -> str:
    """Return the keyed MAC of an imported record: an equal one changes nothing."""
    return mac(secrets.uid, b"source", draft.source) if draft.source else ""


def edit_contact(uow: UnitOfWork, contact_id: int, data: ContactData) -> list[str]:
    """Replace what is entered about a contact; an equal one writes nothing.

    Returns:
        The field classes that changed.

    Raises:
        ContactLockedError: It is restricted.
    """
    changed = write_changes(uow, contact_id, data)
    if changed:
        project(uow, [contact_id])
    return changed


def write_changes(uow: UnitOfWork, contact_id: int, data: ContactData, *, stored: Contact | None = None) -> list[str]:
    """Do what ``edit_contact`` does, but leave projecting to the caller, who changes several."""
    require_unlocked(uow, contact_id)
    stored = stored or get_contact(uow.connection, contact_id)
    data = checked(data)
    before, after = by_field_class(stored), by_field_class(data)
    changed = changed_classes(before, after)
    if not changed:
        return []
    contact_writes.update_contact(uow, contact_id, data, search_key(data, stored.key))
    record_history(
        uow,
        contact_id,
        changed,
        {name: before.get(name) for name in changed},
        {name: after.get(name) for name in changed},
    )
    record_audit(uow, "contact.changed", contact_id=contact_id, facts={"fields": changed}, personal=uow.reason)
    record_event(uow, "contact.changed", contact_id, {"fields": changed})
    return changed


def set_tags(uow: UnitOfWork, contact_id: int, *, add: Iterable[str] = (), remove: Iterable[str] = ()) -> list[str]:
    """Set or clear tags (Merkmale) such as vip."""
    stored = own_data(get_contact(uow.connection, contact_id))
    return edit_contact(uow, contact_id, replace(stored, tags=(stored.tags | set(add)) - set(remove)))
