"""Every parser that a write meets costs in proportion to what it is given (security.md C1): twice the text, twice the time.

The bodies are made by a small grammar, not written by hand: a context, and in it a unit repeated. An exponential
reader was found this way after some seventy of them; sixty seconds of a fuzzer had not found it.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from contextlib import suppress
from types import SimpleNamespace

import pytest

from radicale_propmgmt.dav.conditionals import read_tags
from radicale_propmgmt.dav.hrefs import find_path
from radicale_propmgmt.domain.errors import PropmgmtError
from radicale_propmgmt.domain.fields import ALL_FIELDS
from radicale_propmgmt.vcard.capabilities import OUTLOOK, VDIRSYNCER
from radicale_propmgmt.vcard.contentline import parse_lines
from radicale_propmgmt.vcard.group_card import is_group_card, read_members
from radicale_propmgmt.vcard.identity import with_uid
from radicale_propmgmt.vcard.limits import Caps
from radicale_propmgmt.vcard.merge import merge
from radicale_propmgmt.vcard.sent import read_sent
from tests.vcard.merging import served
from tests.vcard.people import person
from tests.vcard.test_growth import GROWTH, seconds

#: Repetitions up to which nothing may take 50 ms, and at which growth is measured.
MOST = 4096
LONG = 16 * MOST
#: So that what grows is not refused by its size before it is read.
CAPS = Caps(octets=1 << 40, properties=1 << 20)

HEAD, TAIL = "BEGIN:VCARD\r\nVERSION:{}\r\nUID:u\r\nFN:Anna A\r\nN:A;Anna;;;\r\n", "\r\nEND:VCARD\r\n"
UNITS = [
    ";A=b",
    ",b",
    '"b",',
    "TZID=",
    "\\\\;",
    " ",
    '"',
    ";",
    "=",
    ":",
    "^^n",
    "^'",
    "\\n",
    "=41",
    "=\r\n",
    "\r\n ",
    ".",
    "ü",
    "\\",
]
CONTEXTS = [
    "NOTE{}:v",
    "X;P={}:v",
    'X;P="{}":v',
    "X:{}",
    "{}",
    "TEL;TYPE={}:1",
    "N:{}",
    "ADR:{}",
    "CATEGORIES:{}",
    "NICKNAME:{}",
]
CONTEXTS += ["NOTE;ENCODING=QUOTED-PRINTABLE:{}", "{}.TEL:1", "ORG:{}", "PHOTO;ENCODING=b:{}", "BDAY:{}", "UID:{}"]
#: Whole lines, which meet each other: as many as a card may have.
ROWS = [
    "TEL:+49 30 1{n}",
    "TEL:1",
    "X-A:{n}",
    "EMAIL:{n}@example.org",
    "i{n}.TEL:1\r\ni{n}.X-ABLabel:l",
    "ADR:;;{n};;;;",
]
ROWS += ["NOTE:{n}", "RELATED:{n}", "X-PROPMGMT-KONTO:DE{n}", "CATEGORIES:{n}", "X-PROPMGMT-NAME;X-KEY={n}:v", "X{n}:v"]


def repeated(context: str, unit: str, version: str = "3.0") -> Callable[[int], bytes]:
    return lambda n: (HEAD.format(version) + context.format(unit * n) + TAIL).encode()


def rows(row: str) -> Callable[[int], bytes]:
    return lambda n: (HEAD.format("3.0") + "\r\n".join(row.format(n=at) for at in range(n)) + TAIL).encode()


GRAMMAR = {f"{context} of {unit!r}": repeated(context, unit) for context, unit in itertools.product(CONTEXTS, UNITS)}
ANNA = person(values=())
BASE = served(ANNA)


def read(body: bytes) -> object:
    with suppress(PropmgmtError):
        return read_sent(body, CAPS)


def merged(body: bytes) -> object:
    """Against a card that says nothing, and the other way round: all that was added, and all that is missing."""
    with suppress(PropmgmtError):
        sent = read_sent(body, CAPS)
        given = {"current": ANNA, "visible": ALL_FIELDS, "writable": ALL_FIELDS, "seen_as": BASE}
        merge(base=BASE, sent=sent, capabilities=OUTLOOK, **given)
        merge(base=body, sent=read_sent(BASE), capabilities=VDIRSYNCER, **given)


def is_bounded(work: Callable[[bytes], object], body: Callable[[int], bytes], most: int) -> bool:
    """At most 50 ms at ``most``, and no more than 2.6 times as much for twice as much; a busy machine may try again."""
    one, two = body(most), body(2 * most)
    for _ in range(5):
        short = seconds(lambda: work(one))
        long = seconds(lambda: work(two))
        if short < 0.05 and (long < 0.004 or long / short <= GROWTH):
            return True
    return False


def check(work: Callable[[bytes], object], bodies: dict[str, Callable[[int], bytes]], most: int) -> None:
    slow = [kind for kind, body in bodies.items() if not is_bounded(work, body, most)]
    assert not slow


@pytest.mark.parametrize("context", CONTEXTS)
def test_reading_a_sent_card_is_linear(context: str) -> None:
    check(read, {kind: body for kind, body in GRAMMAR.items() if kind.startswith(f"{context} of ")}, MOST)


@pytest.mark.parametrize("context", CONTEXTS)
def test_merging_a_sent_card_is_linear(context: str) -> None:
    check(merged, {kind: body for kind, body in GRAMMAR.items() if kind.startswith(f"{context} of ")}, MOST)


@pytest.mark.parametrize("row", ROWS)
def test_rows_that_meet_each_other_are_merged_in_linear_time(row: str) -> None:
    """Each value sent is paired with the one it was: a card of 2,000 of them must not be two million comparisons."""
    body = rows(row)
    one, two = body(1000), body(2000)
    assert any(seconds(lambda: merged(two)) <= GROWTH * max(seconds(lambda: merged(one)), 0.02) for _ in range(5))


def renamed(body: bytes) -> object:
    with suppress(PropmgmtError):
        return with_uid(body, "0f8e2d3c-0000-4000-8000-000000000001")


def test_a_new_identity_is_laid_over_in_linear_time() -> None:
    check(renamed, {unit: repeated("X:{}", unit) for unit in UNITS}, MOST)
    check(renamed, {row: rows(row) for row in ROWS}, 900)


TAGS = {
    "tags": lambda n: '"a",' * n,
    "commas": lambda n: "," * n,
    "blanks": lambda n: " \t" * n,
    "blanks and commas": lambda n: ' ,\t"' * n,
    "open quote": lambda n: '"' + "a" * n,
    "weak": lambda n: "W/" * n,
    "bare": lambda n: "a" * n + '"',
    "quotes": lambda n: '"' * n,
    "tag and blanks": lambda n: '"a"' + " " * n + "x",
}


@pytest.mark.parametrize("kind", TAGS)
def test_entity_tags_are_read_in_linear_time(kind: str) -> None:
    def work(text: bytes) -> None:
        with suppress(PropmgmtError):
            read_tags(text.decode())

    check(work, {kind: lambda n: TAGS[kind](n).encode()}, LONG)


HREFS = {
    "slashes": lambda n: "/" * n,
    "segments": lambda n: "/a" * n,
    "escapes": lambda n: "/" + "%41" * n,
    "half escapes": lambda n: "/" + "%" * n,
    "dots": lambda n: "/." * n,
    "colons": lambda n: "http:" * n,
    "brackets": lambda n: "//[" + ":" * n,
    "ats": lambda n: "//" + "@" * n,
    "wide": lambda n: "/" + "%C3" * n,
    "blanks": lambda n: " " * n + "/",
}


@pytest.mark.parametrize("kind", HREFS)
def test_destinations_are_read_in_linear_time(kind: str) -> None:
    request = SimpleNamespace(hosts=frozenset({"dav.example.org"}))
    check(lambda text: find_path(text.decode(), request), {kind: lambda n: HREFS[kind](n).encode()}, LONG)


MEMBERS = {
    "members": lambda n: "\r\n".join(f"X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:{at}" for at in range(n)),
    "one member": lambda n: "\r\n".join(["MEMBER:urn:uuid:1"] * n),
    "a long member": lambda n: "MEMBER:" + "urn:uuid:" * n,
    "kinds": lambda n: "\r\n".join(["KIND:grou"] * n),
}


@pytest.mark.parametrize("kind", MEMBERS)
def test_group_cards_are_read_in_linear_time(kind: str) -> None:
    def work(body: bytes) -> None:
        properties = parse_lines(body, CAPS)
        is_group_card(properties)
        read_members(properties)

    frame = HEAD.format("3.0") + "X-ADDRESSBOOKSERVER-KIND:group\r\n"
    check(work, {kind: lambda n: (frame + MEMBERS[kind](n) + TAIL).encode()}, 1000)
