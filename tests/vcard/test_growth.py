"""Cost grows with length and with nothing else: hostile repetitions take twice the time for twice the length."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

import pytest

from radicale_propmgmt.vcard.contentline import parse_lines, serialise
from radicale_propmgmt.vcard.errors import ParseError
from radicale_propmgmt.vcard.incoming import read_cards
from radicale_propmgmt.vcard.values import decode_param, split_raw, split_unquoted, unescape

# The worst growth that still is linear with noise: 2 would be exact, 4 would be quadratic.
GROWTH = 2.6
SIZE = 120_000

LINES: dict[str, Callable[[int], bytes]] = {
    "parameters": lambda n: b"X" + b";A=b" * (n // 4) + b":v",
    "parameter values": lambda n: b"X;A=b" + b",b" * (n // 2) + b":v",
    "quoted values": lambda n: b"X;A=" + b'"b",' * (n // 4) + b":v",
    "quotes with colons": lambda n: b"X;A=" + b'":b"' * (n // 4) + b":v",
    "open quotes": lambda n: b'X;A="' + b'";"' * (n // 3),
    "quotes in the value": lambda n: b"X:" + b'"' * n,
    "no colon": lambda n: b"TZID=" * (n // 5),
    "colons": lambda n: b"X:" + b":" * n,
    "escapes": lambda n: b"X:" + b"\\\\;" * (n // 3),
    "carets": lambda n: b"X;A=" + b"^^^n^'" * (n // 6) + b":v",
    "spaces": lambda n: b" " * n + b"X:v",
    "folds": lambda n: b"X:v" + b"\r\n a" * (n // 4),
    "empty folds": lambda n: b"X:v" + b"\r\n " * (n // 3),
    "soft breaks": lambda n: b"X;QUOTED-PRINTABLE:v" + b"=\r\n" * (n // 3),
    "quoted-printable": lambda n: b"X;QUOTED-PRINTABLE:" + b"=41" * (n // 3),
    "wide characters": lambda n: b"X:" + "ü".encode() * (n // 2),
    "dots": lambda n: b"a." * (n // 2) + b"X:v",
}
CARDS: dict[str, Callable[[int], bytes]] = {
    "cards never ended": lambda n: b"BEGIN:VCARD\r\n" * (n // 13),
    "cards never begun": lambda n: b"END:VCARD\r\n" * (n // 11),
    "cards in cards": lambda n: b"AGENT:\r\nBEGIN:VCARD\r\n" * (n // 21),
    "tabs": lambda n: b"BEGIN:" + b"\t" * n,
    "rubbish": lambda n: b"x\r\n" * (n // 3),
    "labels": lambda n: (
        b"BEGIN:VCARD\r\nFN:a\r\n" + b"a.X-ABLabel:b\r\na.TEL:1\r\n" * min(n // 24, 900) + b"END:VCARD\r\n"
    ),
    "categories": lambda n: b"BEGIN:VCARD\r\nFN:a\r\nCATEGORIES:" + b"a," * (n // 2) + b"\r\nEND:VCARD\r\n",
}


def seconds(work: Callable[[], object]) -> float:
    best = 9.0
    gc.disable()  # what other tests left in memory is no cost of this one
    try:
        for _ in range(5):
            start = time.process_time()
            work()
            best = min(best, time.process_time() - start)
    finally:
        gc.enable()
    return best


def grows_linearly(work: Callable[[int], Callable[[], object]]) -> bool:
    for _ in range(5):  # a busy machine may spoil a measurement, never five of a linear function
        one, two = seconds(work(SIZE)), seconds(work(2 * SIZE))
        if two < 0.004 or two / one <= GROWTH:
            return True
    return False


def round_trip(data: bytes) -> Callable[[], object]:
    def work() -> object:
        try:
            return serialise(parse_lines(data))
        except ParseError as refused:
            return refused

    return work


@pytest.mark.parametrize("kind", LINES)
def test_a_line_twice_as_long_costs_twice_as_much(kind: str) -> None:
    assert grows_linearly(lambda n: round_trip(LINES[kind](n)))


@pytest.mark.parametrize("kind", CARDS)
def test_a_file_twice_as_long_costs_twice_as_much(kind: str) -> None:
    def reading(n: int) -> Callable[[], object]:
        data = CARDS[kind](n)
        return lambda: list(read_cards(data))

    assert grows_linearly(reading)


@pytest.mark.parametrize(
    "work",
    [
        lambda n: lambda text="\\\\;," * (n // 4): unescape(text),
        lambda n: lambda text="\\" * n: split_raw(text, ";"),
        lambda n: lambda text="\\;" * (n // 2): split_raw(text, ";"),
        lambda n: lambda text='";"' * (n // 3): split_unquoted(text, ";"),
        lambda n: lambda text="^^n" * (n // 3): decode_param(text),
    ],
)
def test_splitting_and_unescaping_are_linear(work: Callable[[int], Callable[[], object]]) -> None:
    assert grows_linearly(work)


@pytest.mark.parametrize("kind", LINES)
def test_no_hostile_line_of_4096_repetitions_costs_50_milliseconds(kind: str) -> None:
    assert seconds(round_trip(LINES[kind](4096 * 5))) < 0.05


def test_25000_cards_are_read_in_seconds() -> None:
    card = (
        "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:u\r\nFN:Anna Müller\r\nN:Müller;Anna;;;\r\nTEL;TYPE=CELL:+49 171 3920012\r\n"
        "TEL;TYPE=WORK:+49 345 1\r\nEMAIL;TYPE=HOME:a@example.org\r\nADR;TYPE=HOME:;;Hauptstr. 5;Halle;;06108;D\r\n"
        "NOTE:Hallo\\, Welt\r\nCATEGORIES:Mieter\r\nORG:Firma;Abteilung\r\nEND:VCARD\r\n"
    ).encode()
    start = time.process_time()
    assert sum(1 for _ in read_cards(card * 25_000)) == 25_000
    assert time.process_time() - start < 15  # about 2 s on an idle machine
