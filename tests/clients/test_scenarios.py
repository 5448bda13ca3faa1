"""Every share scenario over the wire, while one application keeps running and time passes."""

from __future__ import annotations

from datetime import date, datetime, time
from pathlib import Path

import pytest

from radicale_propmgmt.db.unit_of_work import Database
from tests.clients.cards import VOLL, expected_cards, read_cards
from tests.clients.demo_world import DemoWorld, card_name, key_of
from tests.clients.doubles.plain import NEVER_THERE, PlainDevice
from tests.clients.timelines import BEGINS, EVERYBODY, SCENARIOS, Scenario
from tests.support.clock import TestClock

ALL_KEYS = {f"k{number:02d}" for number in range(1, 17)}


@pytest.fixture
def clock() -> TestClock:
    found = TestClock()
    found.set(datetime.fromisoformat(BEGINS))
    return found


@pytest.fixture
def early(database: Database, tmp_path: Path) -> DemoWorld:
    """The demo's facts before most of its windows open."""
    return DemoWorld.load(database, tmp_path)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=[s.login for s in SCENARIOS])
def test_a_scenario_shows_its_contacts_and_fields_on_every_day_and_nothing_else(
    early: DemoWorld, clock: TestClock, scenario: Scenario
) -> None:
    """DESIGN §2.6: a right begins and ends on the second, in listing and delta; what is hidden never existed (I4)."""
    device = PlainDevice.of(early, scenario.login)
    for instant, books in scenario.timeline.items():
        clock.set(datetime.fromisoformat(instant))
        assert device.list_books() == [f"/{scenario.login}/{segment}/" for segment in books], instant
        for segment, keys in books.items():
            book = f"/{scenario.login}/{segment}/"
            device.sync(book)
            assert sorted(map(key_of, device.cards[book])) == keys.split(), (instant, segment)
            assert device.cards[book] == device.listing(book), (instant, segment)
            assert read_cards(device.bodies(book)) == expected_cards(keys, scenario.classes), (instant, segment)
            hidden = [card_name(key) for key in sorted(ALL_KEYS - set(keys.split()))]
            told = device.told_by_multiget(book, [NEVER_THERE, *hidden])
            assert set(told.values()) == {told[NEVER_THERE]}, (instant, segment)
    never = device.answers_to(book, NEVER_THERE)
    for name in (card_name("k08"), hidden[0]):
        assert device.answers_to(book, name) == never, (book, name)


def test_nobody_ever_sees_a_blocked_contact(early: DemoWorld, clock: TestClock) -> None:
    """Not on the day a block is to be looked at again (k08: 2026-07-15), nor when k07 is due for erasure."""
    devices = {login: PlainDevice.of(early, login, layout="everything") for login in EVERYBODY}
    for instant in ("2026-01-20 10:00:00", "2026-06-15 10:00:00", "2026-09-01 10:00:00"):
        clock.set(datetime.fromisoformat(instant))
        for login, device in devices.items():
            for book in [*device.list_books(), f"/{login}/alle/"]:
                seen = device.everything_said_of(book)
                for text in (card_name("k07"), card_name("k08"), "Blockmann", "Yıldız", "3920008", "04069007"):
                    assert text not in seen, (instant, book, text)
                assert device.found(book, "Blockmann", "Yıldız", "3920008", "04069007") == [], (instant, book)


def test_logins_without_any_rule_list_no_book(early: DemoWorld, clock: TestClock) -> None:
    """Default deny: a new login sees an empty home."""
    clock.set_day(date(2026, 6, 15))
    for login in ("dsb", "k03"):
        assert PlainDevice.of(early, login, layout="everything").list_books() == []


def test_a_book_that_is_not_listed_still_answers(early: DemoWorld, clock: TestClock) -> None:
    """DESIGN §2.8: a layout narrows the listing, not reachability."""
    clock.set_day(date(2026, 6, 15))
    device = PlainDevice.of(early, "chef")
    assert "/chef/alle/" not in device.list_books()
    device.sync("/chef/alle/")
    keys = "k01 k02 k03 k04 k05 k06 k09 k10 k11 k12 k14 k15 k16"
    assert read_cards(device.bodies("/chef/alle/")) == expected_cards(keys, VOLL)


def test_a_former_tenants_end_shows_the_day_after(early: DemoWorld, clock: TestClock) -> None:
    """The same running application tells it as a 404 in the delta: the phone of the caretaker drops the card."""
    device = PlainDevice.of(early, "horst")
    device.sync("/horst/alle/")
    clock.set_day(date(2025, 4, 1), time(0))
    device.sync("/horst/alle/")
    assert device.last_delta == {f"/horst/alle/{card_name('k03')}": "404"}
    clock.set_day(date(2025, 4, 2))
    device.sync("/horst/alle/")
    assert device.last_delta == {}
