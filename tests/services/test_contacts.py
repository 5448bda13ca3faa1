"""Contacts are added, found and edited, and every book follows in the same transaction."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import func, select

from radicale_propmgmt.db.repositories import history
from radicale_propmgmt.db.tables import AuditRow, Outbox, Wire
from radicale_propmgmt.domain.contacts import BankAccount, ContactData, Name
from radicale_propmgmt.domain.errors import ContactLockedError, NotFoundError, UsageError
from radicale_propmgmt.services import contacts, gdpr, groups
from radicale_propmgmt.services.entry import find_contacts
from radicale_propmgmt.transfer.merging import own_data
from tests.services.conftest import Office, person


def test_a_contact_added_is_at_once_in_the_books_that_may_show_it(office: Office):
    contact_id = office.add()
    assert "Anna Müller" in office.sees("chef")[contact_id]
    assert office.sees("horst") == {}


def test_a_contact_without_a_group_is_refused_with_what_to_do(sqlite_office: Office):
    with sqlite_office.write() as uow, pytest.raises(UsageError, match="--group"):
        contacts.add_contact(uow, person(), groups=[])


def test_a_random_uid_is_kept_and_a_telling_one_is_replaced_always_by_the_same(sqlite_office: Office):
    """DESIGN §3: nothing about a contact stands in what clients see; a second import must still find it."""
    random = "a1b2c3d4-e5f6-4711-8899-aabbccddeeff"
    secrets = sqlite_office.database.secrets
    assert contacts.wire_uid(secrets, random) == random
    telling = contacts.wire_uid(secrets, "anna.mueller@example.org")
    assert "anna" not in telling
    assert telling == contacts.wire_uid(secrets, "anna.mueller@example.org")
    with sqlite_office.write() as uow:
        contact_id = contacts.add_contact(uow, person(), uid=random, groups=["mieter"])
        wire = uow.connection.execute(select(Wire.href, Wire.uid).where(Wire.contact_id == contact_id)).one()
    assert wire.uid == random
    assert random not in wire.href


def test_a_contact_is_found_by_id_uid_and_key(sqlite_office: Office):
    contact_id = sqlite_office.add(key="4711")
    with sqlite_office.database.read() as connection:
        uid = contacts.get_contact(connection, contact_id).uid
        for reference in (str(contact_id), uid, "4711", "key:4711", f"id:{contact_id}"):
            assert contacts.find_contact(connection, reference) == contact_id
        with pytest.raises(NotFoundError):
            contacts.find_contact(connection, "99999999999999999999")


def test_a_key_that_is_anothers_id_is_refused_until_it_is_said_which(sqlite_office: Office):
    first = sqlite_office.add()
    second = sqlite_office.add(key=str(first))
    with sqlite_office.database.read() as connection:
        with pytest.raises(UsageError, match="id:"):
            contacts.find_contact(connection, str(first))
        assert contacts.find_contact(connection, f"id:{first}") == first
        assert contacts.find_contact(connection, f"key:{first}") == second


def test_an_equal_edit_writes_nothing(office: Office):
    """I3: a token moves only if a card does."""
    contact_id = office.add()
    before = office.seq("chef")
    with office.write() as uow:
        stored = own_data(contacts.get_contact(uow.connection, contact_id))
        assert contacts.edit_contact(uow, contact_id, stored) == []
    assert office.seq("chef") == before
    with office.database.read() as connection:
        assert history.list_history(connection, contact_id) == []


def test_an_edit_is_kept_with_before_and_after_per_field_class(office: Office):
    contact_id = office.add()
    with office.write() as uow:
        stored = own_data(contacts.get_contact(uow.connection, contact_id))
        changed = contacts.edit_contact(uow, contact_id, replace(stored, note="Hund"))
    assert changed == ["note"]
    assert "NOTE:Hund" in office.sees("chef")[contact_id]
    with office.database.read() as connection:
        (entry,) = history.list_history(connection, contact_id)
    assert (entry.fields, entry.before, entry.after) == (["note"], {"note": None}, {"note": {"note": "Hund"}})


def test_a_hidden_edit_moves_no_token_of_who_may_not_see_it(office: Office):
    contact_id = office.add(groups=("mieter",))
    with office.write() as uow:
        from radicale_propmgmt.services import links

        links.add_link(uow, contact_id, object_number="0815", group="mieter")
    before = office.seq("horst")
    with office.write() as uow:
        stored = own_data(contacts.get_contact(uow.connection, contact_id))
        contacts.edit_contact(uow, contact_id, replace(stored, internal_note="geheim"))
    assert office.seq("horst") == before
    assert "geheim" in office.sees("chef")[contact_id]


def test_a_blocked_contact_can_not_be_changed(sqlite_office: Office):
    contact_id = sqlite_office.add()
    with sqlite_office.write() as uow:
        gdpr.block(uow, contact_id, "claims", record={"file": "1 C 2/26"})
    with sqlite_office.write() as uow, pytest.raises(ContactLockedError):
        contacts.edit_contact(uow, contact_id, person("Anders"))
    with sqlite_office.write() as uow, pytest.raises(ContactLockedError):
        groups.join_group(uow, contact_id, "makler")


@pytest.mark.parametrize(
    ("data", "field"),
    [
        (ContactData(), "name"),
        (replace(person(), bank_accounts=(BankAccount("DE89370400440532013001"),)), "iban"),
        (replace(person(), bank_accounts=(BankAccount("DE8937040044053201300"),)), "iban"),
        (replace(person(), birthday="31.02.1980"), "birthday"),
    ],
)
def test_what_can_not_be_stored_is_refused_by_field(data: ContactData, field: str):
    with pytest.raises(UsageError, match=f"^{field}: "):
        contacts.checked(data)


def test_days_and_ibans_are_stored_in_one_form():
    data = replace(person(), birthday="14.3.1984", bank_accounts=(BankAccount("de89 3704 0044 0532 0130 00"),))
    found = contacts.checked(data)
    assert (found.birthday, found.bank_accounts[0].iban) == ("1984-03-14", "DE89370400440532013000")


@pytest.mark.parametrize(
    "text", ["müller", "Mueller", "MULLER anna", "0171 3920001", "+49 171 39200", "0049171392", "example.org"]
)
def test_a_contact_is_found_however_it_is_written(sqlite_office: Office, text: str):
    contact_id = sqlite_office.add()
    with sqlite_office.database.read() as connection:
        assert find_contacts(connection, text, limit=10) == [contact_id]
        assert find_contacts(connection, "schmidt", limit=10) == []


def test_a_blocked_contact_is_not_found_unless_asked_for(sqlite_office: Office):
    contact_id = sqlite_office.add()
    with sqlite_office.write() as uow:
        gdpr.block(uow, contact_id, "ret", record={"law": "AGG 21"})
    with sqlite_office.database.read() as connection:
        assert find_contacts(connection, "müller", limit=10) == []
        assert find_contacts(connection, "müller", limit=10, blocked=True) == [contact_id]


def test_every_change_leaves_an_audit_row_and_an_event_in_its_transaction(office: Office):
    with office.database.read() as connection:
        audits, events = (connection.scalar(select(func.count()).select_from(t)) for t in (AuditRow, Outbox))
    contact_id = office.add()
    with office.write() as uow:
        contacts.edit_contact(uow, contact_id, replace(person(), name=Name(family="Neu")))
    with office.database.read() as connection:
        assert connection.scalar(select(func.count()).select_from(AuditRow)) == audits + 2
        assert connection.scalar(select(func.count()).select_from(Outbox)) == events + 2
        facts = connection.scalars(select(AuditRow.facts).where(AuditRow.contact_id == contact_id)).all()
    assert "Neu" not in str(facts)
    assert "Müller" not in str(facts)
