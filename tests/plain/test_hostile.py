"""Hostile bodies into collections of one's own: never a 5xx, bounded in time, and no other answer suffers."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from radicale_propmgmt.dav.plain.core import check_with_core
from radicale_propmgmt.dav.plain.gate import check_calendar_object, check_card
from radicale_propmgmt.domain.errors import DavError
from tests.plain.client import MKCALENDAR, MKCOL, Plain, card, event
from tests.plain.test_calendars import JUNE, expand, in_range, query
from tests.vcard.test_growth import LINES, grows_linearly

NOW = 1781510400
EACH = 50
COSTLY = {"many lines": 8, "long lines": 6}
#: Pieces out of which hostile lines are made, in any order.
_PIECES = [
    *(b";", b":", b'"', b",", b"=", b"\\", b"^", b"^n", b"\r", b"\n", b"\r\n", b"\r\n ", b"\t", b" ", b".", b"\0"),
    *(b"A=b", b"TZID=X", b"VALUE=DATE", b"ENCODING=QUOTED-PRINTABLE", b"CHARSET=utf-7", b"=0D=0AX:y", b"\xff", b"\xc3"),
    *(b"X", b"TEL", b"DTSTART", b"RRULE", b"BEGIN", b"END", b"VEVENT", b"VCARD", b"UID", b"20260615T080000Z"),
    *("ä".encode(), "\u2028".encode(), "\ufffe".encode(), "\u202e".encode(), b"<![CDATA[", b"]]>", b"&x;", b"<!--"),
]
_INSIDE = [b"\x00", b"\x07", b"\x1b", b"\x7f", b"\xc2\x85", b"\xef\xbf\xbe", b"\xed\xa0\x80", b"\xf4\x90\x80\x80"]


def _object(rng: random.Random, line: bytes) -> bytes:
    """A card or an event with a hostile line somewhere in it."""
    text = card("h") if rng.random() < 0.5 else event("h")
    lines = text.encode().split(b"\r\n")
    lines.insert(rng.randrange(len(lines)), line)
    return b"\r\n".join(lines)


CLASSES: dict[str, Callable[[random.Random], bytes]] = {
    "bad UTF-8": lambda r: _object(r, b"NOTE:" + bytes(r.randrange(128, 256) for _ in range(r.randrange(1, 9)))),
    "controls": lambda r: _object(r, b"NOTE:a" + r.choice(_INSIDE) + b"b"),
    "nested": lambda r: _object(
        r, b"\r\n".join([b"BEGIN:" + r.choice([b"VCARD", b"VEVENT", b"VCALENDAR", b"X"])] * r.randrange(1, 40))
    ),
    "never ended": lambda r: _object(r, b"X:y")[: r.randrange(1, 200)],
    "long lines": lambda r: _object(
        r, b"NOTE:" + r.choice([b"x", b"\\,", b"^n", b'"', "ß".encode()]) * r.randrange(10**4, 4 * 10**5)
    ),
    "many lines": lambda r: _object(
        r, b"\r\n".join([r.choice([b"TEL:1", b"X;A=b:c", b"ATTENDEE:mailto:a@b"])] * r.randrange(1900, 12_000))
    ),
    "injection": lambda r: _object(
        r, b"NOTE:a" + r.choice([b"\r", b"\n", b"\\n", b"^n", b"=0D=0A", b"%0D%0A"]) + b"BEGIN:VCARD"
    ),
    "pieces": lambda r: _object(r, b"".join(r.choices(_PIECES, k=r.randrange(1, 60)))),
    "repetitions": lambda r: _object(r, LINES[r.choice(sorted(LINES))](r.randrange(8, 4096))),
    "rules": lambda r: event(
        "h", "20260101T080000Z", "RRULE:" + ";".join(r.sample(_PARTS, r.randrange(1, 6)))
    ).encode(),
    "times": lambda r: event(
        "h", r.choice(_TIMES), f"DTEND{r.choice(_PARAMS)}:{r.choice(_TIMES)}", f"RDATE:{r.choice(_TIMES)}"
    ).encode(),
}
_PARTS = [
    *(
        "FREQ=DAILY",
        "FREQ=YEARLY",
        "FREQ=MONTHLY",
        "FREQ=WEEKLY",
        "FREQ=HOURLY",
        "FREQ=SECONDLY",
        "COUNT=99",
        "COUNT=0",
    ),
    *(
        "UNTIL=20991231",
        "UNTIL=99991231T235960Z",
        "INTERVAL=0",
        "INTERVAL=99999",
        "BYDAY=-5SU",
        "BYDAY=MO,TU",
        "BYMONTH=2",
    ),
    *("BYMONTHDAY=30", "BYMONTHDAY=-31", "BYYEARDAY=-366", "BYWEEKNO=53", "BYSETPOS=-1", "BYSETPOS=366", "BYHOUR=0,23"),
]
_TIMES = [
    *("20260615T080000Z", "20260615", "00010101T000000Z", "99991231T235959Z", "20260615T250000", "20260230", "x", ""),
    *("20260615T080000Z,20260616", "20260615T080000Z/P1D", "-0001", "20260615T080000+0200", "PT1H", "９９９９"),
]
_PARAMS = ["", ";VALUE=DATE", ";TZID=Nirgends", ";TZID=Europe/Berlin", ";TZID=", ';TZID="a:b"', ";VALUE=PERIOD"]


@pytest.fixture(scope="module")
def rng() -> random.Random:
    return random.Random(20260615)


@pytest.mark.parametrize("kind", CLASSES)
def test_no_body_is_a_server_error(sqlite_chef: Plain, rng: random.Random, kind: str) -> None:
    """Whatever was taken comes back as it was sent, and every report over it is well-formed XML."""
    book = sqlite_chef.make_book("/chef/persoenlich/")
    calendar = sqlite_chef.make_calendar("/chef/kalender/")
    for number in range(COSTLY.get(kind, EACH)):
        body = CLASSES[kind](rng)
        path = f"{calendar if b'VCALENDAR' in body else book}{number}"
        before = time.process_time()
        answer = sqlite_chef.put(path, body)
        assert answer.status < 500 or answer.status == 507, body
        assert time.process_time() - before < 1.5, body[:500]
        if answer.status in {201, 204}:
            assert sqlite_chef.request("GET", path).body == body
            sqlite_chef.multiget(book, [path])
            _every_report(sqlite_chef, calendar, body)
            sqlite_chef.request("DELETE", path)


def _every_report(client: Plain, calendar: str, body: bytes) -> None:
    before = time.process_time()
    for answer in (
        query(client, calendar, in_range(*JUNE)),
        query(client, calendar, '<C:comp-filter name="VEVENT"/>', "<C:calendar-data/>"),
        query(client, calendar, in_range(*JUNE), expand(*JUNE)),
        client.request(
            "REPORT",
            calendar,
            '<C:free-busy-query xmlns:C="urn:ietf:params:xml:ns:caldav"><C:time-range start="20260601T000000Z" end="20260701T000000Z"/></C:free-busy-query>',
        ),
    ):
        assert answer.status in {200, 207}, (answer.status, body)
        if answer.status == 207:
            assert answer.xml is not None
    assert time.process_time() - before < 3, body[:500]


def _bodies() -> Iterator[tuple[str, str]]:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    for method, good in (
        ("MKCOL", MKCOL.format("<D:displayname>x</D:displayname>")),
        ("MKCALENDAR", MKCALENDAR.format("<D:displayname>x</D:displayname>")),
        (
            "PROPPATCH",
            '<D:propertyupdate xmlns:D="DAV:"><D:set><D:prop><D:displayname>x</D:displayname></D:prop></D:set></D:propertyupdate>',
        ),
        (
            "REPORT",
            '<C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop><D:displayname>x</D:displayname></D:prop></C:calendar-query>',
        ),
    ):
        yield method, f"<!DOCTYPE x [{laughs}]>" + good.replace(">x<", ">&l9;<")
        yield method, '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + good.replace(">x<", ">&e;<")
        yield method, good.replace(">x<", ">" + "<D:a>" * 5000 + "</D:a>" * 5000 + "<")
        yield method, good.replace(">x<", ">" + "<D:a/>" * 100_000 + "<")
        yield method, good.replace(">x<", ">" + "x" * 200_000 + "<")
        yield method, good.replace("</D:displayname>", "")
        yield method, good[: len(good) // 2]
        yield method, ""
        yield method, "<x/>"
        yield method, "\0"


@pytest.mark.parametrize(("method", "body"), list(_bodies()), ids=lambda value: value[:8])
def test_no_xml_is_a_server_error(sqlite_chef: Plain, method: str, body: str) -> None:
    calendar = sqlite_chef.make_calendar("/chef/kalender/")
    path = "/chef/neu/" if method.startswith("MK") else calendar
    before = time.process_time()
    answer = sqlite_chef.request(method, path, body)
    assert answer.status < 500
    assert time.process_time() - before < 1
    assert "passwd" not in answer.text
    assert "root:" not in answer.text


def test_filters_are_read_strictly_whoever_tests_them(sqlite_chef: Plain) -> None:
    """The core knows ValueErrors; all else it stumbles over is the request's fault as well."""
    calendar = sqlite_chef.make_calendar("/chef/kalender/")
    sqlite_chef.put(f"{calendar}a.ics", event("a"))
    for inner in (
        "<C:x/>",
        '<C:comp-filter name="VEVENT"><C:x/></C:comp-filter>',
        '<C:comp-filter name="VEVENT"><C:prop-filter/></C:comp-filter>',
        '<C:comp-filter name="VEVENT"><C:prop-filter name="SUMMARY"><C:x/></C:prop-filter></C:comp-filter>',
        '<C:comp-filter name="VEVENT"><C:prop-filter name="SUMMARY"><C:param-filter/></C:prop-filter></C:comp-filter>',
        '<C:comp-filter name="VEVENT"><C:prop-filter name="DTSTART"><C:time-range start="x"/></C:prop-filter></C:comp-filter>',
        '<C:comp-filter name="VEVENT"><C:comp-filter name="VALARM"><C:time-range start="x"/></C:comp-filter></C:comp-filter>',
        '<C:comp-filter name="VEVENT"><C:prop-filter name="__class__"><C:text-match>x</C:text-match></C:prop-filter></C:comp-filter>',
    ):
        assert query(sqlite_chef, calendar, inner).status in {207, 400, 403}


@pytest.mark.parametrize("kind", LINES)
def test_the_gate_and_the_core_behind_it_grow_linearly(kind: str) -> None:
    """vobject's line pattern is exponential on what it does not match: it is given only what it matches."""

    def work(size: int) -> Callable[[], object]:
        line = LINES[kind](min(size, 60_000) if size < 200_000 else 120_000)
        bodies = [text.encode().replace(b"SUMMARY", line + b"\r\nSUMMARY") for text in (event("g"),)]
        bodies.append(card("g").encode().replace(b"END:VCARD", line + b"\r\nEND:VCARD"))

        def run() -> None:
            for body in bodies:
                with suppress(DavError):
                    check_card(body) if b"VCARD" in body else check_with_core(check_calendar_object(body).body, NOW)

        return run

    assert grows_linearly(work)
