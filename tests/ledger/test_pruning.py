"""Prior renditions are copies of personal data: kept while a device may edit them, and no longer (DESIGN §6)."""

from __future__ import annotations

import pytest
from sqlalchemy import insert, select, update

from radicale_propmgmt.db.tables import Account, CardPast, Delivery, ProposalRow, Rendition, RenditionSearch
from radicale_propmgmt.ledger.pruning import LONGEST, prune
from radicale_propmgmt.projection import reading
from tests.ledger.conftest import Device, href_of
from tests.support.clock import TestClock
from tests.support.world import World, write


@pytest.fixture
def contact(world: World) -> int:
    return world.add_contact("Muster", groups=["mieter"], phone="+49 30 1")


def change(world: World, contact_id: int, phone: str = "+49 30 2") -> None:
    world.set_values(contact_id, phone=phone, email=None)


def renditions(world: World, contact_id: int) -> set[int]:
    with world.database.read() as connection:
        return set(connection.scalars(select(Rendition.id).where(Rendition.contact_id == contact_id)))


def prune_after(world: World, clock: TestClock, **duration: float) -> int:
    clock.advance(**duration)
    return prune(world.database)


def test_what_nobody_was_given_goes_after_an_hour(world: World, contact: int, clock: TestClock) -> None:
    """Not sooner: an answer in flight reads its bodies later (M12)."""
    before = renditions(world, contact)
    change(world, contact)
    assert prune_after(world, clock, minutes=59) == 0
    assert before < renditions(world, contact)
    assert prune_after(world, clock, minutes=2) == len(before)
    assert not before & renditions(world, contact)
    with world.database.read() as connection:
        texts = set(connection.scalars(select(RenditionSearch.rendition_id)))
        assert texts == set(connection.scalars(select(Rendition.id)))


def test_bodies_of_an_answer_in_flight_are_still_there(world: World, contact: int, clock: TestClock) -> None:
    with world.database.read() as connection:
        rows = reading.list_cards(connection, world.find_book("anna", "alle"))
    change(world, contact)
    prune_after(world, clock, minutes=30)
    with world.database.read() as connection:
        assert reading.bodies(connection, [row.rendition_id for row in rows])


def test_a_base_stays_until_every_device_confirmed(world: World, contact: int, clock: TestClock) -> None:
    one, two = Device(world), Device(world, "ben")
    tokens = [device.client.sync(device.path()).token for device in (one, two)]
    received = one.body(contact)
    change(world, contact)
    new = one.client.sync(one.path(), tokens[0]).token
    one.client.sync(one.path(), new)
    prune_after(world, clock, hours=2)
    assert two.base(contact) == received
    new = two.client.sync(two.path(), tokens[1]).token
    prune_after(world, clock, hours=2)
    assert received in {body for (body,) in world_bodies(world, contact)}
    two.client.sync(two.path(), new)
    assert prune_after(world, clock, hours=2) == 1
    assert received not in {body for (body,) in world_bodies(world, contact)}


def world_bodies(world: World, contact_id: int) -> list[tuple[bytes]]:
    with world.database.read() as connection:
        return connection.execute(select(Rendition.body).where(Rendition.contact_id == contact_id)).all()


@pytest.mark.parametrize("how", ["revoked", "disabled", "90 days", "another audience"])
def test_a_device_that_never_confirms_keeps_nothing_for_ever(
    world: World, contact: int, clock: TestClock, how: str
) -> None:
    device = Device(world)
    token = device.client.sync(device.path()).token
    received = device.body(contact)
    change(world, contact)
    prune_after(world, clock, days=80)
    assert device.base(contact) == received
    if how == "revoked":
        world.revoke_device(device.id)
    elif how == "disabled":
        with write(world.database) as uow:
            uow.connection.execute(update(Account).where(Account.login == "anna").values(disabled=True))
    elif how == "another audience":
        world.set_teams("anna", ["yard"])
        new = device.client.sync(device.path(), token).token
        assert prune_after(world, clock, hours=2) == 0
        device.client.sync(device.path(), new)
    else:
        clock.advance(days=11)
    prune_after(world, clock, seconds=1)
    assert received not in {body for (body,) in world_bodies(world, contact)}


def test_a_fetched_card_stays_its_devices_base(world: World, contact: int, clock: TestClock) -> None:
    """A device without any listing, which nothing else holds on to."""
    device = Device(world)
    device.client.request("GET", device.path() + href_of(world, contact))
    received = device.body(contact)
    change(world, contact)
    with write(world.database) as uow:
        uow.connection.execute(update(Delivery).values(confirmed=Delivery.issued + 9))
    assert prune_after(world, clock, hours=2) > 0
    assert device.base(contact) == received
    clock.advance(seconds=LONGEST)
    prune(world.database)
    assert device.base(contact) is None


def test_an_open_proposal_keeps_its_base(world: World, contact: int, clock: TestClock) -> None:
    """The office sees what the edit started from, however long it takes to decide."""
    base_id = min(renditions(world, contact))
    viewer = world.viewer("anna")
    with write(world.database) as uow:
        uow.connection.execute(
            insert(ProposalRow).values(
                contact_id=contact,
                account_id=viewer.account_id,
                device_id=None,
                segment="alle",
                kind="edit",
                user_agent="",
                body=b"",
                base_id=base_id,
                fields=[],
                created_at=uow.now,
                state="open",
            )
        )
    change(world, contact)
    prune_after(world, clock, days=100)
    assert base_id in renditions(world, contact)
    with write(world.database) as uow:
        uow.connection.execute(update(ProposalRow).values(state="rejected"))
    prune(world.database)
    assert base_id not in renditions(world, contact)


def test_bytes_that_came_back_are_not_deleted(world: World, contact: int, clock: TestClock) -> None:
    """A rendition is kept once per contact: the card may have returned to it since."""
    change(world, contact, "+49 30 2")
    change(world, contact, "+49 30 1")
    change(world, contact, "+49 30 2")
    prune_after(world, clock, days=100)
    assert world.contents("anna").keys() == {contact}
    assert len(renditions(world, contact)) == len({"office", "yard"})
    with world.database.read() as connection:
        assert connection.scalars(select(CardPast.seq)).all() == []


def test_much_is_pruned_in_batches(world: World, contact: int, clock: TestClock, monkeypatch) -> None:
    """The lock is not held for all of it at once."""
    monkeypatch.setattr("radicale_propmgmt.ledger.pruning.BATCH", 3)
    for number in range(5):
        change(world, contact, f"+49 30 {number}{number}")
    before = renditions(world, contact)
    assert prune_after(world, clock, hours=2) == 10
    assert len(renditions(world, contact)) == len(before) - 10
