"""Write contacts: whole rows in, ids out; whoever calls this also calls ``project``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import delete, insert, select, update

from radicale_propmgmt.db.repositories.contacts import chunks
from radicale_propmgmt.db.tables import (
    BankAccountRow,
    ContactRow,
    ContactTag,
    ContactValue,
    Fingerprint,
    MandateRow,
    Membership,
    Wire,
)
from radicale_propmgmt.domain.fingerprints import fingerprints

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from radicale_propmgmt.db.unit_of_work import UnitOfWork
    from radicale_propmgmt.domain.contacts import ContactData


class NewContact(NamedTuple):
    """Everything a new contact is stored with."""

    data: ContactData
    key: str | None
    uid: str
    uid_mac: str
    href: str
    search_key: str
    source_hash: str


def insert_contacts(uow: UnitOfWork, new: Sequence[NewContact]) -> list[int]:
    """Insert contacts with their values, tags, bank accounts and mandates, a few statements for all.

    Returns:
        Their ids, in the order given.
    """
    if not new:
        return []
    statement = insert(ContactRow).returning(ContactRow.id, sort_by_parameter_order=True)
    rows = [
        _columns(contact.data)
        | {
            "key": contact.key,
            "search_key": contact.search_key,
            "source_hash": contact.source_hash,
            "created_at": uow.now,
            "changed_at": uow.now,
        }
        for contact in new
    ]
    ids = list(uow.connection.scalars(statement, rows))
    uow.connection.execute(
        insert(Wire),
        [
            {"contact_id": i, "href": contact.href, "uid": contact.uid, "uid_mac": contact.uid_mac, "state": 0}
            for i, contact in zip(ids, new, strict=True)
        ],
    )
    _insert_parts(uow, [(i, contact.data) for i, contact in zip(ids, new, strict=True)])
    return ids


def update_contact(uow: UnitOfWork, contact_id: int, data: ContactData, search_key: str) -> None:
    """Replace what a user entered about a contact; identity, links and locks stay."""
    uow.connection.execute(
        update(ContactRow)
        .where(ContactRow.id == contact_id)
        .values(**_columns(data), search_key=search_key, changed_at=uow.now)
    )
    for table in (ContactValue, ContactTag, BankAccountRow, MandateRow, Fingerprint):
        uow.connection.execute(delete(table).where(table.contact_id == contact_id))
    _insert_parts(uow, [(contact_id, data)])


def touch(uow: UnitOfWork, contact_id: int) -> None:
    """Note that something about a contact changed now."""
    uow.connection.execute(update(ContactRow).where(ContactRow.id == contact_id).values(changed_at=uow.now))


def set_source(uow: UnitOfWork, contact_id: int, *, source_hash: str, key: str | None = None) -> None:
    """Note the record a contact was last imported from, and its external key if it had none."""
    values: dict[str, Any] = {"source_hash": source_hash}
    if key is not None:
        values["key"] = key
    uow.connection.execute(update(ContactRow).where(ContactRow.id == contact_id).values(**values))


def set_protected(uow: UnitOfWork, contact_id: int, *, protected: bool) -> None:
    """Set or clear the information block of §51 BMG."""
    uow.connection.execute(update(ContactRow).where(ContactRow.id == contact_id).values(protected=protected))


def set_state(uow: UnitOfWork, contact_id: int, state: int) -> None:
    """Set the state on the wire: 0 active, 1 restricted, 2 erased."""
    uow.connection.execute(update(Wire).where(Wire.contact_id == contact_id).values(state=state))


def add_memberships(uow: UnitOfWork, pairs: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Add plain memberships (contact, group); returns those that were new."""
    wanted = set(pairs)
    if not wanted:
        return []
    present: set[tuple[int, int]] = set()
    for chunk in chunks({contact_id for contact_id, _ in wanted}):
        statement = select(Membership.contact_id, Membership.group_id).where(Membership.contact_id.in_(chunk))
        present.update((contact_id, group_id) for contact_id, group_id in uow.connection.execute(statement))
    new = sorted(wanted - present)
    if new:
        uow.connection.execute(
            insert(Membership), [{"contact_id": contact_id, "group_id": group_id} for contact_id, group_id in new]
        )
    return new


def remove_membership(uow: UnitOfWork, contact_id: int, group_id: int) -> bool:
    """Remove a plain membership; tells whether there was one."""
    found = uow.connection.execute(
        delete(Membership)
        .where(Membership.contact_id == contact_id, Membership.group_id == group_id)
        .returning(Membership.group_id)
    ).first()
    return found is not None


def _columns(data: ContactData) -> dict[str, Any]:
    name = data.name
    return {
        "kind": data.kind.value,
        "family": name.family,
        "given": name.given,
        "additional": name.additional,
        "prefix": name.prefix,
        "suffix": name.suffix,
        "nickname": name.nickname,
        "formatted": name.formatted,
        "sort_as": name.sort_as,
        "phonetic_given": name.phonetic_given,
        "phonetic_family": name.phonetic_family,
        "name_extra": [list(pair) for pair in name.extra],
        "salutation": data.salutation,
        "letter_salutation": data.letter_salutation,
        "organisation": list(data.organisation),
        "title": data.title,
        "role": data.role,
        "expertise": data.expertise,
        "birthday": data.birthday,
        "anniversary": data.anniversary,
        "deathdate": data.deathdate,
        "note": data.note,
        "internal_note": data.internal_note,
    }


def _insert_parts(uow: UnitOfWork, contacts: Sequence[tuple[int, ContactData]]) -> None:
    rows: dict[type[Any], list[dict[str, Any]]] = {
        ContactValue: [
            {
                "contact_id": i,
                "position": position,
                "name": value.name,
                "value": value.value,
                "params": [[name, list(values)] for name, values in value.params],
                "label": value.label,
            }
            for i, data in contacts
            for position, value in enumerate(data.values)
        ],
        ContactTag: [{"contact_id": i, "tag": tag} for i, data in contacts for tag in sorted(data.tags)],
        BankAccountRow: [row for i, data in contacts for row in _bank_rows(i, data)],
        MandateRow: [row for i, data in contacts for row in _mandate_rows(i, data)],
        Fingerprint: [
            {"contact_id": i, "mac": found} for i, data in contacts for found in sorted(fingerprints(data, uow.secrets))
        ],
    }
    for table, values in rows.items():
        if values:
            uow.connection.execute(insert(table), values)


def _bank_rows(contact_id: int, data: ContactData) -> list[dict[str, Any]]:
    return [
        {
            "contact_id": contact_id,
            "position": position,
            "iban": account.iban,
            "bic": account.bic,
            "holder": account.holder,
            "bank_name": account.bank_name,
        }
        for position, account in enumerate(data.bank_accounts)
    ]


def _mandate_rows(contact_id: int, data: ContactData) -> list[dict[str, Any]]:
    return [
        {
            "contact_id": contact_id,
            "position": position,
            "reference": mandate.reference,
            "creditor_id": mandate.creditor_id,
            "signed_on": mandate.signed_on,
            "sequence": mandate.sequence,
            "scheme": mandate.scheme,
        }
        for position, mandate in enumerate(data.mandates)
    ]
