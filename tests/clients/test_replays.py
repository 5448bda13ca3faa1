"""Doubles of real clients keep books while the office works and time passes; they end where a fresh listing ends."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from tests.clients.cards import read_card
from tests.clients.demo_world import DemoWorld, card_name
from tests.clients.doubles.base import Double, Shelf
from tests.clients.doubles.everyone import DOUBLES, TAKE_ONE_BOOK, every_double
from tests.clients.doubles.evolution import Evolution
from tests.clients.doubles.fritzbox import FritzBox
from tests.clients.doubles.plain import PlainDevice
from tests.clients.doubles.thunderbird import Thunderbird
from tests.support.clock import TestClock

BOOKS = [f"/verwalter/{name}/" for name in ("alle", "objekt-0815", "objekt-0816", "objekt-0817", "objekt-0900")]


def fresh(world: DemoWorld, login: str, book: str, version: str) -> Shelf:
    """What a device that was never here before would hold: listing and GET of each card."""
    device = PlainDevice.of(world, login)
    shelf = Shelf()
    for href, etag in device.listing(book).items():
        answer = device.wire.ask("GET", href, Accept=f"text/vcard; version={version}")
        assert (answer.status, answer.headers["etag"]) == (200, etag)
        shelf.put(href, etag, answer.body.decode())
    return shelf


def assert_current(world: DemoWorld, double: Double) -> None:
    for book, shelf in double.shelves.items():
        expected = fresh(world, double.wire.login, book, double.VERSION)
        assert shelf.etags == expected.etags, book
        assert shelf.bodies == expected.bodies, book
        for body in shelf.bodies.values():
            read_card(body, double.VERSION)


def office(world: DemoWorld, clock: TestClock) -> list[Callable[[], None]]:
    """What happens, one thing after another; with the block of k01 its relation leaves the card of k02."""
    return [
        lambda: world.set_phone("k02", "0171 3920099"),
        lambda: world.block("k01"),
        lambda: world.set_phone("k09", "0171 3920098"),
        lambda: world.unblock("k01"),
        lambda: world.end_links("k11", date(2026, 6, 20)),
        lambda: clock.set_day(date(2026, 6, 21)),
        lambda: world.set_groups("k10", "sonstige"),
        lambda: world.add_link("k16", "0900", "mieter", date(2026, 6, 25)),
        lambda: clock.set_day(date(2026, 6, 25)),
        lambda: world.block("k15"),
    ]


# The two ways of syncing, by token and by ctag, on both engines; the programs differ in the rest only.
@pytest.mark.parametrize(
    ("new_database", "kind"),
    [*(("sqlite", kind) for kind in DOUBLES), ("postgres", Thunderbird), ("postgres", Evolution)],
    indirect=["new_database"],
)
def test_a_client_ends_where_a_fresh_listing_ends(world: DemoWorld, clock: TestClock, kind: type[Double]) -> None:
    """DESIGN I1, with the eyes of each program: one device that looks after every change, and one that slept."""
    awake, asleep = kind(world, "chef"), kind(world, "chef")
    for double in (awake, asleep):
        double.discover()
        assert double.shelves
        double.sync()
    assert_current(world, awake)
    assert asleep.shelves == awake.shelves
    for happens in office(world, clock):
        happens()
        awake.sync()
    asleep.sync()
    assert_current(world, awake)
    for book, shelf in asleep.shelves.items():
        assert (shelf.etags, shelf.bodies) == (awake.shelves[book].etags, awake.shelves[book].bodies), book


@every_double
def test_a_client_offers_books_polls_cheaply_and_drops_a_blocked_contact(
    sqlite_world: DemoWorld, kind: type[Double]
) -> None:
    """All books of the home, read-only; GDPR Art. 18: no card and no name of the blocked one, on a spouse's neither."""
    double = kind(sqlite_world, "verwalter")
    double.discover()
    assert list(double.shelves) == (BOOKS[:1] if kind in TAKE_ONE_BOOK else BOOKS)
    assert all(double.names.values())
    assert not any(double.writable.values())
    double.sync()
    double.wire.said.clear()
    double.sync()
    fetched = sum(exchange.answer.text.count("BEGIN:VCARD") for exchange in double.wire.said)
    assert fetched == (8 if kind is FritzBox else 0), "without a change no card is fetched"
    assert "Bernd Müller" in everything_kept(double)
    sqlite_world.block("k02")
    double.sync()
    assert card_name("k02") not in "".join(href for shelf in double.shelves.values() for href in shelf.etags)
    assert "Bernd" not in everything_kept(double)


def everything_kept(double: Double) -> str:
    return "".join(body for shelf in double.shelves.values() for body in shelf.bodies.values())


def test_a_desk_phone_knows_callers(sqlite_world: DemoWorld) -> None:
    """Scenario 12 on a FRITZ!Box: names and numbers, and never the VIP k04."""
    box = FritzBox(sqlite_world, "empfang")
    box.discover()
    box.sync()
    assert box.phone_book == {
        "Anna Müller-Lüdenscheidt": ["+49 171 3920001", "+49 30 23125001"],
        "Bernd Müller": ["+49 171 3920002"],
        "Cem Öztürk": ["+49 171 3920003"],
        "WEG Lindenhof": ["+49 30 23125005"],
        "Sanitär Schulze GmbH": ["+49 40 66969006"],
        "Horst Krause": ["+49 171 3920009"],
        "Sparkasse Musterstadt": ["+49 221 4710010"],
        "Ines Licht e. K.": ["+49 69 90009011"],
        "Erbengemeinschaft nach Jürgen Erbe": ["+49 89 99998012"],
        "Makler Nord OHG": ["+49 40 66969014"],
        "Lena Süd": ["+49 176 04069015"],
        "Omar Neu": ["+49 176 04069016"],
    }


@pytest.mark.parametrize("path", ["/empfang/", "/", "/empfang/nie/"])
def test_a_desk_phone_with_a_wrong_address_is_told_so(sqlite_world: DemoWorld, path: str) -> None:
    """A box that was given the address of the server, not of a book, gets an answer, not a crash."""
    box = FritzBox(sqlite_world, "empfang")
    answer = box.multiget(path, [f"/empfang/alle/{card_name('k01')}"])
    assert 400 <= answer.status < 500
    assert "BEGIN:VCARD" not in answer.text
