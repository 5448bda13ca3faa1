"""Links, grants, consents, disclosures, relations and blocks: whatever decides who sees what, at once and recorded."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from radicale_propmgmt.db.repositories import listings
from radicale_propmgmt.db.tables import AuditPersonal, AuditRow, Wire
from radicale_propmgmt.domain.errors import (
    ContactLockedError,
    InformedOnMissingError,
    NotFoundError,
    RefusedError,
    UsageError,
)
from radicale_propmgmt.services import (
    accounts,
    consents,
    contacts,
    disclosures,
    gdpr,
    grants,
    groups,
    links,
    property_objects,
    relations,
)
from radicale_propmgmt.transfer.merging import own_data
from tests.services.conftest import Office

TODAY = date(2026, 6, 15)


@pytest.fixture
def tenant(office: Office) -> int:
    """Anna, tenant of 0815/WE03."""
    contact_id = office.add(key="k01", groups=("sonstige",))
    with office.write() as uow:
        links.add_link(uow, contact_id, object_number="0815", unit="WE03", group="mieter", role="hauptmieter")
    return contact_id


def test_a_link_opens_the_books_of_its_object_and_its_end_closes_them(office: Office, tenant: int):
    assert tenant in office.sees("horst")
    with office.database.read() as connection:
        (link,) = listings.list_links(connection, contact_id=tenant)
    with office.write() as uow:
        links.end_link(uow, link.id, date(2026, 6, 14))
    assert tenant not in office.sees("horst")


def test_a_link_to_what_does_not_exist_is_refused(office: Office, tenant: int):
    for wrong in ({"object_number": "9"}, {"unit": "WE99"}, {"group": "nachbarn"}):
        arguments = {"object_number": "0815", "group": "mieter"} | wrong
        with office.write() as uow, pytest.raises(NotFoundError):
            links.add_link(uow, tenant, **arguments)
    with office.write() as uow, pytest.raises(UsageError, match="until"):
        links.add_link(uow, tenant, object_number="0815", group="mieter", starts=TODAY, until=date(2026, 6, 14))


def test_a_renamed_object_moves_the_cards_that_carry_its_name(office: Office, tenant: int):
    before = office.seq("chef")
    with office.write() as uow:
        property_objects.rename_object(uow, "0815", "Miethaus Neu")
    assert "Miethaus Neu" in office.sees("chef")[tenant]
    assert office.seq("chef") == before + 1


def test_a_renamed_group_moves_the_cards_that_carry_its_name(office: Office, tenant: int):
    with office.write() as uow:
        groups.rename_group(uow, "mieter", "Bewohner")
    assert "Bewohner" in office.sees("chef")[tenant]


def test_a_membership_comes_and_goes(office: Office, tenant: int):
    with office.write() as uow:
        assert groups.join_group(uow, tenant, "makler")
        assert not groups.join_group(uow, tenant, "makler")
    assert "Makler" in office.sees("chef")[tenant]
    with office.write() as uow:
        assert groups.leave_group(uow, tenant, "makler")
    assert "Makler" not in office.sees("chef")[tenant]


def test_a_grant_shows_one_contact_to_one_account_until_it_is_revoked(office: Office, tenant: int):
    """The account gets an audience of its own, or its colleagues would see the contact too."""
    with office.write("Vermittlung") as uow:
        grant_id = grants.add_grant(uow, tenant, "petra", "kommunikation")
    assert set(office.sees("petra")) == {tenant}
    assert office.sees("azra") == {}
    with office.write() as uow:
        grants.revoke_grant(uow, grant_id)
    assert office.sees("petra") == {}
    with office.write() as uow, pytest.raises(NotFoundError):
        grants.revoke_grant(uow, grant_id)


def test_a_grant_to_a_team_shows_it_to_who_joins_later_too(office: Office, tenant: int):
    with office.write("Ausbildung") as uow:
        grants.add_grant(uow, tenant, "team:azubi", "minimal")
        accounts.set_teams(uow, "petra", ["azubi"])
    assert tenant in office.sees("azra")
    assert tenant in office.sees("petra")


@pytest.mark.parametrize(
    ("to", "profile", "reason"), [("nobody", "voll", "x"), ("team:no", "voll", "x"), ("petra", "alles", "x")]
)
def test_a_grant_to_nobody_or_with_no_profile_is_refused(office: Office, tenant: int, to, profile, reason):
    with office.write(reason) as uow, pytest.raises(NotFoundError):
        grants.add_grant(uow, tenant, to, profile)


def test_a_grant_needs_a_reason(office: Office, tenant: int):
    with office.write("") as uow, pytest.raises(UsageError, match="--reason"):
        grants.add_grant(uow, tenant, "petra", "voll")


def test_a_consent_opens_fields_until_it_is_withdrawn(office: Office, tenant: int):
    """GDPR Art. 7(3): withdrawing is as easy as giving, and works at once."""
    assert "EMAIL" not in office.sees("beirat")[tenant]
    with office.write() as uow:
        consents.give(uow, tenant, "weg_kontakt", text_version="v1", channel="Papier")
    assert "EMAIL" in office.sees("beirat")[tenant]
    with office.write() as uow:
        consents.withdraw(uow, tenant, "weg_kontakt")
    assert "EMAIL" not in office.sees("beirat")[tenant]
    with office.write() as uow, pytest.raises(NotFoundError):
        consents.withdraw(uow, tenant, "weg_kontakt")
    with office.database.read() as connection:
        (entry,) = listings.list_consents(connection, contact_id=tenant)
    assert entry.withdrawn_at is not None


def test_a_disclosure_agreement_opens_the_contact_until_it_ends(office: Office, tenant: int):
    assert office.sees("schulze") == {}
    with office.write() as uow:
        disclosures.start(uow, tenant, "weitergabe_handwerker", recipient="Schulze")
    assert tenant in office.sees("schulze")
    with office.write() as uow:
        disclosures.end(uow, tenant, "weitergabe_handwerker")
    assert office.sees("schulze") == {}


def test_a_relation_stands_on_both_cards_and_a_block_takes_it_off_the_other(office: Office, tenant: int):
    """A name on a neighbour's card would outlive the block (M3)."""
    other = office.add("Öztürk")
    with office.write() as uow:
        assert relations.add(uow, tenant, "kind", other)
        assert not relations.add(uow, other, "elternteil", tenant)
    assert "Öztürk" in office.sees("chef")[tenant]
    assert "Müller" in office.sees("chef")[other]
    with office.write() as uow:
        gdpr.block(uow, other, "ret", record={"law": "x"})
    assert "Öztürk" not in office.sees("chef")[tenant]
    with office.write() as uow, pytest.raises(ContactLockedError):
        relations.remove(uow, tenant, "kind", other)
    with office.write() as uow:
        gdpr.unblock(uow, other, "Frist verkürzt")
        relations.remove(uow, other, "elternteil", tenant)
    assert "Öztürk" not in office.sees("chef")[tenant]


def test_a_block_takes_the_contact_from_every_book_and_its_lifting_brings_it_back(office: Office, tenant: int):
    with office.write("Bestritten") as uow:
        block_id = gdpr.block(uow, tenant, "claims", record={"file": "1 C 2/26"})
        assert gdpr.block(uow, tenant, "claims", record={"file": "1 C 2/26"}) == block_id
    assert tenant not in office.sees("chef")
    assert tenant not in office.sees("horst")
    with office.write() as uow:
        gdpr.unblock(uow, tenant, "Verfahren beendet")
    assert tenant in office.sees("horst")
    with office.database.read() as connection:
        (entry,) = listings.list_blocks(connection, tenant)
    assert (entry.reason, entry.lift_reason, entry.until) == ("Bestritten", "Verfahren beendet", date(2027, 6, 15))


def test_an_article_18_block_is_lifted_only_after_the_person_was_told(office: Office, tenant: int):
    """GDPR Art. 18(3), even if it came on top of another block."""
    with office.write() as uow:
        gdpr.block(uow, tenant, "ret", record={"law": "AO 147"})
        gdpr.block(uow, tenant, "art18-1a", record={"contested": "Anschrift"})
    with office.write() as uow, pytest.raises(InformedOnMissingError):
        gdpr.unblock(uow, tenant, "geprüft")
    with office.write() as uow, pytest.raises(UsageError, match="informed-on"):
        gdpr.unblock(uow, tenant, "geprüft", date(2026, 6, 16))
    with office.write() as uow:
        gdpr.unblock(uow, tenant, "geprüft", date(2026, 6, 14))
    assert tenant in office.sees("horst")
    with office.write() as uow, pytest.raises(RefusedError):
        gdpr.unblock(uow, tenant, "noch einmal", TODAY)


def test_a_block_records_what_its_code_demands_or_a_reason(office: Office, tenant: int):
    with office.write("") as uow, pytest.raises(UsageError, match="--record law="):
        gdpr.block(uow, tenant, "ret")
    with office.write() as uow, pytest.raises(UsageError, match="unknown"):
        gdpr.block(uow, tenant, "just-so")
    with office.write("") as uow:
        gdpr.block(uow, tenant, "ret", record={"law": "AO 147"})


def test_the_audit_chain_keeps_personal_text_apart(office: Office, tenant: int):
    """I8: salt and text can be erased, the chain still verifies."""
    with office.write("Frau Müller bestreitet") as uow:
        gdpr.block(uow, tenant, "art18-1a", record={"contested": "Hauptstr. 5"})
    with office.database.read() as connection:
        row = connection.execute(select(AuditRow).where(AuditRow.action == "contact.blocked")).one()
        text = connection.scalar(select(AuditPersonal.text).where(AuditPersonal.seq == row.seq))
    assert "Hauptstr" not in str(row.facts)
    assert "Hauptstr. 5" in text


def test_an_information_block_hides_how_to_reach_a_person(office: Office, tenant: int):
    """§51 BMG."""
    with office.write() as uow:
        assert gdpr.protect(uow, tenant)
        assert not gdpr.protect(uow, tenant)
    assert "TEL" not in office.sees("chef")[tenant]
    with office.write() as uow:
        gdpr.protect(uow, tenant, protected=False)
    assert "TEL" in office.sees("chef")[tenant]


def test_a_blocked_contact_is_frozen_for_everything_but_unblocking(office: Office, tenant: int):
    with office.write() as uow:
        gdpr.block(uow, tenant, "ret", record={"law": "x"})
        stored = own_data(contacts.get_contact(uow.connection, tenant))
        (link,) = listings.list_links(uow.connection, contact_id=tenant)
    attempts = [
        lambda uow: contacts.edit_contact(uow, tenant, replace(stored, note="x")),
        lambda uow: links.add_link(uow, tenant, object_number="0816", group="mieter"),
        lambda uow: links.end_link(uow, link.id, TODAY),
        lambda uow: groups.leave_group(uow, tenant, "sonstige"),
        lambda uow: grants.add_grant(uow, tenant, "petra", "voll"),
        lambda uow: consents.give(uow, tenant, "weg_kontakt"),
        lambda uow: consents.withdraw(uow, tenant, "weg_kontakt"),
        lambda uow: disclosures.start(uow, tenant, "weitergabe_handwerker"),
        lambda uow: disclosures.end(uow, tenant, "weitergabe_handwerker"),
        lambda uow: gdpr.protect(uow, tenant),
    ]
    for attempt in attempts:
        with office.write() as uow, pytest.raises(ContactLockedError):
            attempt(uow)


def test_an_erased_contact_can_not_be_blocked_or_unblocked(office: Office, tenant: int):
    with office.write() as uow:
        uow.connection.execute(Wire.__table__.update().where(Wire.contact_id == tenant).values(state=2, uid=None))
    with office.write() as uow, pytest.raises(RefusedError):
        gdpr.block(uow, tenant, "ret", record={"law": "x"})
    with office.write() as uow, pytest.raises(RefusedError):
        gdpr.unblock(uow, tenant, "x", TODAY)
