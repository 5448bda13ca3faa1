"""Refusing is not reverting: the nudge makes a device fetch the truth back, once, and tells nobody else anything."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from radicale_propmgmt.db.tables import CardPast, GoneName
from radicale_propmgmt.domain.changes import SyncToken
from radicale_propmgmt.ledger.pruning import prune
from radicale_propmgmt.ledger.refusals import PER_HOUR, count_refused, key_of
from radicale_propmgmt.projection import doctor
from radicale_propmgmt.projection.nudge import nudge, nudge_gone
from tests.ledger.conftest import Device, Statements, furnish, href_of
from tests.support.world import DeviceDouble, World, write

NAME = "max-muster.vcf"
SEGMENTS = ("alle", "gruppe-mieter", "gruppe-makler")


@pytest.fixture
def contact(world: World) -> int:
    world.add_contact("Makler", groups=["makler"])
    return world.add_contact("Muster", groups=["mieter"], phone="+49 30 1")


def poke(world: World, contact_id: int, login: str = "anna") -> bool:
    viewer = world.viewer(login)
    with write(world.database) as uow:
        return nudge(uow, viewer.account_id, viewer.audience_id, contact_id)


def poke_gone(device: Device, name: str = NAME, segment: str = "alle") -> bool:
    with write(device.world.database) as uow:
        return nudge_gone(uow, device.viewer, device.world.find_book(device.login, segment), name)


def tokens(world: World, login: str = "anna") -> dict[str, SyncToken]:
    return {segment: world.token(login, segment) for segment in SEGMENTS}


def names(world: World) -> list[str | None]:
    with world.database.read() as connection:
        return list(connection.scalars(select(GoneName.name)))


def test_a_nudged_card_is_listed_again_with_the_same_bytes(world: World, contact: int) -> None:
    """And moves the tokens of exactly the books that hold it, for its audience alone (I3)."""
    device = Device(world)
    token = device.client.sync(device.path()).token
    body, etags, before = device.body(contact), world.listing("anna"), tokens(world)
    foreign = tokens(world, "horst"), world.listing("horst")
    assert poke(world, contact)
    href = href_of(world, contact)
    assert world.listing("anna") == {**etags, href: f"{etags[href]}.1"}
    assert device.body(contact) == body
    assert device.client.sync(device.path(), token).statuses == {device.path() + href: "200"}
    moved = [segment for segment in SEGMENTS if tokens(world)[segment] != before[segment]]
    assert moved == ["alle", "gruppe-mieter"]
    assert (tokens(world, "horst"), world.listing("horst")) == foreign
    assert doctor.check(world.database) == []


def test_a_nudged_card_keeps_its_nudges_when_it_changes(world: World, contact: int) -> None:
    """A strong validator: an ETag that was given away never comes back for other bytes."""
    first = world.listing("anna")[href_of(world, contact)]
    poke(world, contact)
    world.set_values(contact, phone="+49 30 2", email=None)
    second = world.listing("anna")[href_of(world, contact)]
    assert second.endswith(".1")
    world.set_values(contact, phone="+49 30 1", email="anna@example.org")
    assert world.listing("anna")[href_of(world, contact)] == f"{first}.1"


def test_a_second_nudge_waits_until_the_first_was_fetched(world: World, contact: int) -> None:
    """One refused PUT after another costs its writer and not all colleagues (M17)."""
    device = Device(world)
    token = device.client.sync(device.path()).token
    assert poke(world, contact)
    assert not poke(world, contact)
    new = device.client.sync(device.path(), token).token
    assert poke(world, contact)
    device.client.sync(device.path(), new)
    assert poke(world, contact)


def test_each_account_has_its_own_nudge(world: World, contact: int) -> None:
    anna, ben = Device(world), Device(world, "ben")
    anna.client.sync(anna.path())
    ben.client.sync(ben.path())
    assert poke(world, contact)
    assert poke(world, contact, "ben")
    assert not poke(world, contact, "ben")


def test_an_account_without_devices_is_nudged_each_time(world: World, contact: int) -> None:
    """Nobody would ever tell that it fetched; the count of refused writes limits it."""
    assert [poke(world, contact) for _ in range(3)] == [True, True, True]


@pytest.mark.parametrize("state", [1, 2])
def test_what_is_not_visible_is_never_nudged(world: World, contact: int, state: int) -> None:
    """A token that moves would tell that there is somebody (I4)."""
    world.set_state(contact, state)
    before = tokens(world)
    assert not poke(world, contact)
    assert not poke(world, 10**6)
    assert tokens(world) == before


def test_a_nudge_keeps_the_base(world: World, contact: int) -> None:
    device = Device(world)
    device.client.sync(device.path())
    received = device.body(contact)
    poke(world, contact)
    assert device.base(contact) == received
    world.set_values(contact, phone="+49 30 2", email=None)
    assert device.base(contact) == received
    with world.database.read() as connection:
        rows = connection.execute(select(CardPast.seq, CardPast.until).order_by(CardPast.seq)).all()
    assert all(row.seq < row.until for row in rows)


def test_a_name_that_was_put_and_is_not_there_is_gone_in_the_next_delta(world: World, contact: int) -> None:
    """The client stored its card under a name of its own: RFC 6578 tells it that there is none."""
    device, same_account, colleague = Device(world), Device(world), Device(world, "ben")
    devices = (device, same_account, colleague)
    token = [one.client.sync(one.path()).token for one in devices]
    listings = [world.listing(login) for login in ("anna", "ben")]
    assert poke_gone(device)
    for one, old in zip((device, same_account), token, strict=False):
        answer = one.client.sync(one.path(), old)
        assert answer.statuses == {one.path() + NAME: "404"}
        assert one.client.sync(one.path(), answer.token).statuses == {}
    unmoved = colleague.client.sync(colleague.path(), token[2])
    assert (unmoved.statuses, unmoved.token) == ({}, token[2])
    assert [world.listing(login) for login in ("anna", "ben")] == listings
    assert device.client.sync(device.path()).statuses.keys() == {device.path() + href for href in listings[0]}


def test_the_ctag_moves_with_a_gone_name(world: World, contact: int) -> None:
    """KDAV looks at nothing else before it lists."""
    device = Device(world)
    before = device.client.propfind(device.path(), "CS:getctag").texts("CS:getctag")
    poke_gone(device)
    assert device.client.propfind(device.path(), "CS:getctag").texts("CS:getctag") != before


def test_a_gone_name_is_told_in_every_page_order(world: World, contact: int) -> None:
    """A cut page ends before or after it and never loses it (M4)."""
    device = Device(world)
    token = device.client.sync(device.path()).token
    world.set_values(contact, phone="+49 30 2", email=None)
    poke_gone(device)
    poke_gone(device, "zweiter.vcf")
    world.add_contact("Neu", groups=["mieter"])
    told: list[str] = []
    while True:
        answer = device.client.sync(device.path(), token, limit=1)
        fresh = [href for href in answer.statuses if href != device.path()]
        assert len(fresh) == 1
        told += fresh
        if answer.token == str(world.token("anna")):
            break
        token = answer.token
    assert [href.removeprefix(device.path()) for href in told][1:3] == [NAME, "zweiter.vcf"]
    assert len(told) == 4


def test_a_gone_name_is_told_across_a_change_of_audience(world: World, contact: int) -> None:
    device = Device(world)
    token = device.client.sync(device.path()).token
    poke_gone(device)
    world.set_teams("anna", ["yard"])
    assert device.client.sync(device.path(), token).statuses[device.path() + NAME] == "404"


def test_a_name_that_came_to_life_is_not_told_to_be_gone(world: World, contact: int) -> None:
    """A random name that was refused while its contact was blocked belongs to it again: one answer per href."""
    device = Device(world)
    href = href_of(world, contact)
    token = device.client.sync(device.path()).token
    world.set_state(contact, 1)
    poke_gone(device, href)
    assert device.client.sync(device.path(), token).statuses == {device.path() + href: "404"}
    world.set_state(contact, 0)
    assert device.client.sync(device.path(), token).statuses == {device.path() + href: "200"}


def test_a_visible_name_is_not_gone(world: World, contact: int) -> None:
    device, href = Device(world), href_of(world, contact)
    assert not poke_gone(device, href)
    assert poke_gone(device, href, "gruppe-makler")


def test_a_gone_name_waits_like_a_nudge(world: World, contact: int) -> None:
    device = Device(world)
    token = device.client.sync(device.path()).token
    assert poke_gone(device)
    assert not poke_gone(device)
    device.client.sync(device.path(), token)
    assert poke_gone(device)
    assert names(world) == [NAME]


def test_a_gone_name_is_forgotten_once_all_devices_confirmed(world: World, contact: int, clock) -> None:
    """It may be a person's name; its seq stays, so that no token we issued is refused (DESIGN §2.5)."""
    one, two = Device(world), Device(world)
    tokens_of = {device.id: device.client.sync(device.path()).token for device in (one, two)}
    poke_gone(one)
    for device in (one, two):
        assert names(world) == [NAME]
        new = device.client.sync(device.path(), tokens_of[device.id]).token
        device.client.sync(device.path(), new)
        clock.advance(hours=2)
        prune(world.database)
    assert names(world) == [None]
    assert one.client.sync(one.path(), new).token == new
    later = Device(world)
    assert later.client.sync(later.path(), new).status == 207


def test_a_gone_name_is_forgotten_after_ninety_days(world: World, contact: int, clock) -> None:
    device = Device(world)
    device.client.sync(device.path())
    poke_gone(device)
    poke_gone(device, "zweiter.vcf")
    clock.advance(days=91)
    prune(world.database)
    assert names(world) == [None]


def test_a_delta_pays_for_gone_names_only_when_there_are_some(world: World, contact: int) -> None:
    device = Device(world)
    token = device.client.sync(device.path()).token
    token = device.client.sync(device.path(), token).token
    with Statements(world.database) as quiet:
        device.client.sync(device.path(), token)
    poke_gone(device)
    token = device.client.sync(device.path(), token).token
    device.client.sync(device.path(), token)
    with Statements(world.database) as after:
        device.client.sync(device.path(), token)
    assert len(after.all) == len(quiet.all)


def test_incremental_equals_fresh_with_nudges(new_database) -> None:
    """I1 holds through nudges, names that are gone, and pages."""
    world = furnish(new_database())
    people = [world.add_contact(family, groups=["mieter"]) for family in ("A", "B", "C")]
    double = DeviceDouble(world, "anna", "gruppe-mieter")
    double.sync()
    for number, contact_id in enumerate(people):
        poke(world, contact_id)
        poke_gone(Device(world), f"{number}.vcf", "gruppe-mieter")
        double.cards[f"{number}.vcf"] = "sent"
        double.sync(limit=1, pages=number)
    double.sync(limit=1)
    assert double.cards == world.listing("anna", "gruppe-mieter")
    assert double.ask() == ([], double.token, False)


def test_the_sixty_first_refused_write_of_an_hour_is_one_too_many(world: World, clock) -> None:
    """DESIGN §6: then 429. Another device and the next hour start afresh."""
    device = Device(world)
    key = key_of(device.viewer)
    now = clock.now()
    counted = [count_refused(world.database, key, now) for _ in range(PER_HOUR + 1)]
    assert counted == [False] * PER_HOUR + [True]
    assert not count_refused(world.database, key_of(Device(world).viewer), now)
    with write(world.database) as uow:
        assert count_refused(uow, key, now)
        assert not count_refused(uow, key, now + 3600)
