"""What else scenarios say over the wire: agreements that end, and who may write."""

from __future__ import annotations

from datetime import date

import pytest

from tests.clients.cards import expected_cards, read_cards
from tests.clients.demo_world import DemoWorld, card_name
from tests.clients.doubles.plain import NEVER_THERE, PlainDevice
from tests.clients.timelines import SCENARIOS
from tests.support.clock import TestClock


def test_an_owner_who_agreed_shows_phone_and_email_as_long_as_that_holds(world: DemoWorld, clock: TestClock) -> None:
    """Scenario 10; GDPR Art. 7: a consent by which the list shows more, and its last day."""
    device, book = PlainDevice.of(world, "beirat0816"), "/beirat0816/alle/"
    world.agree("k12", "weg_kontakt", valid_until=date(2026, 6, 20))
    for day, classes in ((15, "name address phone email"), (20, "name address phone email"), (21, "name address")):
        clock.set_day(date(2026, 6, day))
        device.sync(book)
        found = read_cards(device.bodies(book))
        assert found == expected_cards("k04", "name address") | expected_cards("k12", classes), day


def test_the_craftsman_loses_a_tenant_who_no_longer_agrees(world: DemoWorld) -> None:
    """Scenario 3: the agreement to pass data on ends at once, whatever the rule's window."""
    device, book = PlainDevice.of(world, "schulze"), "/schulze/alle/"
    device.sync(book)
    assert list(device.cards[book]) == [book + card_name("k01")]
    world.end_disclosure("k01", "weitergabe_handwerker")
    device.sync(book)
    assert device.last_delta == {book + card_name("k01"): "404"}


def test_only_team_sued_may_write(sqlite_world: DemoWorld) -> None:
    """Scenario 9: phones and e-mails of what is there, nothing made and nothing deleted; all others only read."""
    for scenario in SCENARIOS:
        device = PlainDevice.of(sqlite_world, scenario.login, layout="everything")
        writes = {"write-content"} if scenario.login == "sued1" else set()
        for book in device.list_books():
            told = device.privileges(book) & {"write", "write-content", "bind", "unbind", "all"}
            assert told == writes, book


@pytest.mark.parametrize("login", [s.login for s in SCENARIOS if s.login != "sued1"])
def test_an_edit_of_a_reader_is_refused_alike_for_every_card(sqlite_world: DemoWorld, login: str) -> None:
    """Scenarios 1 and 5; RFC 3744 §7.1.1: DAVx5 takes only need-privileges for "the server's version holds"."""
    device = PlainDevice.of(sqlite_world, login)
    book = f"/{login}/alle/"
    device.sync(book)
    kept = dict(device.cards[book])
    names = [card_name("k01"), card_name("k08"), NEVER_THERE]
    refusals = [device.refusal_of_an_edit(book, name) for name in names]
    assert refusals == [refusals[0]] * 3
    assert (refusals[0][0], "need-privileges" in refusals[0][1]) == (403, True)
    assert device.listing(book).keys() == kept.keys()
