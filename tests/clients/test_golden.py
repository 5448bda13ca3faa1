"""Whole answers to each client program, byte for byte, and the cards in them as people wrote them down.

``PROPMGMT_WRITE_GOLDEN=1`` writes the files anew. Then read the difference: each line of it is something that a
phone will notice.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date
from xml.etree import ElementTree as ET

from tests.clients import golden
from tests.clients.cards import VERWALTUNG, Card, expected, read_card
from tests.clients.demo_world import DemoWorld, key_of
from tests.clients.doubles.base import Double
from tests.clients.doubles.everyone import TAKE_ONE_BOOK, every_double
from tests.clients.wire import CARD, DAV
from tests.support.clock import TestClock

BOOKS = ["/sued1/alle/", "/sued1/objekt-0900/"]


def play(world: DemoWorld, clock: TestClock, double: Double) -> None:
    """First sync; an edit and a block; the end of a link and a change of group; the end of the block."""
    double.discover()
    double.sync()
    world.set_phone("k15", "0176 04069099")
    world.block("k16")
    double.sync()
    world.unblock("k16")
    world.end_links("k15", date(2026, 6, 20))
    world.end_links("k16", date(2026, 6, 20))
    world.add_link("k16", "0900", "mieter", date(2026, 6, 21))
    clock.set_day(date(2026, 6, 21))
    double.sync()


def changed(card: Card, *pairs: tuple[str, str]) -> Card:
    """A hand-written card with some of its values written anew."""
    for old, new in pairs:
        assert old in card
        card = (card - {old}) | {new}
    return card


LENA, OMAR = expected("k15", VERWALTUNG), expected("k16", VERWALTUNG)
LENA_EDITED = changed(LENA, ("TEL +49 176 04069015 [CELL]", "TEL +49 176 04069099 [CELL]"))
OMAR_TENANT = changed(
    OMAR,
    ("X-PROPMGMT-OBJEKT 0900 [X-FROM=2026-05-20 X-ROLE=bewerber]", "X-PROPMGMT-OBJEKT 0900 [X-FROM=2026-06-21]"),
    ("CATEGORIES Mietinteressenten|0900", "CATEGORIES Mieter|0900"),
)
#: What each book's cards are, in the order in which a device learns of them; None = gone.
LEARNT = {("k15", LENA), ("k16", OMAR), ("k15", LENA_EDITED), ("k16", OMAR_TENANT)}
IN_4_0 = {"BDAY 1993-10-10": "BDAY 19931010", "BDAY 1998-04-17": "BDAY 19980417"}


@every_double
def test_an_answer_is_the_same_bytes_on_every_engine(world: DemoWorld, clock: TestClock, kind: type[Double]) -> None:
    double = kind(world, "sued1")
    play(world, clock, double)
    written = golden.write(double.wire.said)
    file = golden.FOLDER / f"{kind.__name__.lower()}.http"
    if os.environ.get("PROPMGMT_WRITE_GOLDEN"):
        file.write_bytes(written)
    assert written.decode() == file.read_bytes().decode()


@every_double
def test_the_cards_in_a_golden_file_are_those_that_people_wrote_down(kind: type[Double]) -> None:
    """Read with other parsers than ours: ElementTree and vobject."""
    learnt: dict[str, set[tuple[str, Card]]] = {}
    for told in golden.read((golden.FOLDER / f"{kind.__name__.lower()}.http").read_bytes()):
        for href, text in cards_in(told):
            book = href.rpartition("/")[0] + "/"
            learnt.setdefault(book, set()).add((key_of(href), read_card(text, kind.VERSION)))
    wanted = LEARNT if kind.VERSION == "3.0" else {(key, in_4_0(card)) for key, card in LEARNT}
    books = BOOKS[:1] if kind in TAKE_ONE_BOOK else BOOKS
    assert learnt == dict.fromkeys(books, wanted)


def cards_in(told: golden.Told) -> Iterator[tuple[str, str]]:
    if told.status != 207:
        return
    for response in ET.fromstring(told.body).iter(f"{DAV}response"):
        text = response.findtext(f".//{CARD}address-data")
        if text:
            yield response.findtext(f"{DAV}href"), text


def in_4_0(card: Card) -> Card:
    return frozenset(IN_4_0.get(value, value) for value in card)


@every_double
def test_a_golden_file_names_nobody_outside_its_cards(kind: type[Double]) -> None:
    """DESIGN I9: no name in URLs, headers and properties, and nothing of k07, who is blocked."""
    data = (golden.FOLDER / f"{kind.__name__.lower()}.http").read_bytes()
    assert "Fatma" not in data.decode()
    for told in golden.read(data):
        rest = told.body.decode()
        for _, text in cards_in(told):
            assert "Lena" in text or "Omar" in text
            rest = rest.replace(text.replace("&", "&amp;").replace("\r", "&#13;"), "")
        for name in ("Lena", "Omar", "Neu;", "example.org", "04069"):
            assert name not in rest + told.request
