"""The base of a merge is what the device last received, never what the office wrote since (DESIGN §6, M7)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from radicale_propmgmt.db.tables import Card, CardPast, Rendition
from radicale_propmgmt.ledger import bases, deliveries
from tests.ledger.conftest import Device, href_of
from tests.support.world import World, write


@pytest.fixture
def contact(world: World) -> int:
    return world.add_contact("Muster", groups=["mieter"], phone="+49 30 1")


@pytest.fixture
def device(world: World) -> Device:
    return Device(world)


def change(world: World, contact_id: int, phone: str) -> None:
    world.set_values(contact_id, phone=phone, email=None)


def test_the_base_is_what_the_device_was_told_last(world: World, contact: int, device: Device) -> None:
    """Thunderbird and Evolution send no If-Match: with the current card as base they would undo the office's change."""
    token = device.client.sync(device.path()).token
    received = device.body(contact)
    change(world, contact, "+49 30 2")
    change(world, contact, "+49 30 3")
    assert device.base(contact) == received
    device.client.sync(device.path(), token)
    assert device.base(contact) == device.body(contact)


def test_a_card_fetched_by_itself_says_nothing_of_the_others(world: World, contact: int, device: Device) -> None:
    """Evolution fetches the card it just wrote: what the office changed elsewhere is still unknown to it."""
    other = world.add_contact("Anders", groups=["mieter"])
    device.client.propfind(device.path(), "D:getetag", depth="1")
    received = device.body(contact)
    change(world, contact, "+49 30 2")
    change(world, other, "+49 30 9")
    device.client.request("GET", device.path() + href_of(world, other))
    assert device.base(contact) == received
    assert device.base(other) == device.body(other)


def test_what_a_device_sent_and_was_answered_with_its_etag_is_its_base(
    world: World, contact: int, device: Device
) -> None:
    """Else its second edit of a field would look like a conflict with its own first."""
    device.client.sync(device.path())
    change(world, contact, "+49 30 2")
    book = world.find_book("anna", "alle")
    with write(world.database) as uow:
        rendition_id = uow.connection.scalar(
            select(Card.rendition_id).where(Card.contact_id == contact, Card.audience_id == book.audience_id)
        )
        deliveries.received(uow, device.viewer, book, contact, rendition_id)
    mine = device.body(contact)
    assert device.base(contact) == mine
    change(world, contact, "+49 30 3")
    assert device.base(contact) == mine


def test_a_nudged_etag_names_the_same_base(world: World, contact: int, device: Device) -> None:
    received = device.body(contact)
    etag = world.listing("anna")[href_of(world, contact)]
    change(world, contact, "+49 30 2")
    assert device.base(contact, etag=etag) == received
    assert device.base(contact, etag=f"{etag}.7") == received


def test_an_etag_of_another_audience_names_nothing(world: World, contact: int, device: Device) -> None:
    """Its rendition may hold fields that this viewer must not see; the ledger decides."""
    horst = Device(world, "horst")
    horst.client.sync(horst.path())
    foreign = world.listing("anna")[href_of(world, contact)]
    assert horst.base(contact, etag=foreign) == horst.body(contact)
    assert horst.base(contact, etag="0" * 32) == horst.body(contact)


def test_a_device_edits_what_the_earlier_audience_gave_it(world: World, contact: int, device: Device) -> None:
    """It changed its team and has not synced yet: the card on it is still the old one."""
    token = device.client.sync(device.path()).token
    received = device.body(contact)
    etag = world.listing("anna")[href_of(world, contact)]
    world.set_teams("anna", ["yard"])
    assert device.base(contact) == received
    assert device.base(contact, etag=etag) == received
    device.client.sync(device.path(), token)
    assert device.base(contact) == device.body(contact) != received
    narrow = device.body(contact)
    world.set_teams("anna", ["office"])
    assert device.base(contact) == narrow
    device.client.propfind(device.path(), "D:getetag", depth="1")
    assert device.base(contact) == device.body(contact) == received


def test_a_device_in_mid_page_has_what_its_pages_told(world: World, contact: int, device: Device) -> None:
    """A card that moved twice comes at its last seq: in between the device has neither form of it."""
    other = world.add_contact("Anders", groups=["mieter"])
    token = device.client.sync(device.path()).token
    before = device.body(contact), device.body(other)
    change(world, contact, "+49 30 2")
    change(world, other, "+49 30 2")
    change(world, contact, "+49 30 3")
    device.client.sync(device.path(), token, limit=1)
    assert (device.base(contact), device.base(other)) == (before[0], device.body(other))


def test_a_first_listing_cut_short_leaves_no_base(world: World, device: Device) -> None:
    """Of a card that it did not bring nobody knows what the device holds: nothing may be deleted by what comes back."""
    one, two = (world.add_contact(family, groups=["mieter"]) for family in ("A", "B"))
    change(world, one, "+49 30 2")
    received = device.body(two)
    device.client.sync(device.path(), limit=1)
    change(world, two, "+49 30 2")
    assert (device.base(one), device.base(two)) == (None, received)


def test_who_was_never_given_the_card_edits_the_current_one(world: World, contact: int, device: Device) -> None:
    """DESIGN §6: else the current one. So does who has no device."""
    assert device.base(contact) == device.body(contact)
    device.client.sync(device.path())
    newcomer = world.add_contact("Neu", groups=["mieter"])
    assert device.base(newcomer) == device.body(newcomer)
    book = world.find_book("anna", "alle")
    with world.database.read() as connection:
        nobody = replace(device.viewer, device_id=None)
        assert bases.find_base(connection, nobody, book, contact).body == device.body(contact)


def test_a_base_that_is_gone_is_none(world: World, contact: int, device: Device) -> None:
    """A device that was away longer than bases are kept: nothing it lacks may be deleted."""
    device.client.sync(device.path())
    change(world, contact, "+49 30 2")
    with write(world.database) as uow:
        uow.connection.execute(CardPast.__table__.delete())
    assert device.base(contact) is None


def test_a_card_that_was_gone_has_no_base_from_that_time(world: World, contact: int, device: Device) -> None:
    token = device.client.sync(device.path()).token
    world.set_state(contact, 1)
    device.client.sync(device.path(), token)
    world.set_state(contact, 0)
    assert device.base(contact) is None


def test_a_blocked_contact_has_no_base(world: World, contact: int, device: Device) -> None:
    """Second line of defence: its bytes are given to nobody."""
    device.client.sync(device.path())
    etag = world.listing("anna")[href_of(world, contact)]
    world.set_state(contact, 1)
    assert device.base(contact) is None
    assert device.base(contact, etag=etag) is None


def test_an_erased_contact_loses_all_renditions_at_once(world: World, contact: int, device: Device) -> None:
    """GDPR Art. 17: a base is a copy."""
    device.client.sync(device.path())
    change(world, contact, "+49 30 2")
    device.client.request("GET", device.path() + href_of(world, contact))
    world.set_state(contact, 2)
    with write(world.database) as uow:
        bases.forget(uow, contact)
    with world.database.read() as connection:
        for table in (Rendition, CardPast):
            assert connection.scalars(select(table.contact_id).where(table.contact_id == contact)).all() == []
    assert device.client.request("GET", device.path() + href_of(world, contact)).status == 404
