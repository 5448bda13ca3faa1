"""Ten thousand hostile bodies: each reaches the parser, none makes a 5xx, none harms what others read (security.md C)."""

from __future__ import annotations

import re
import time
import tracemalloc
import uuid
from random import Random
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import vobject
from sqlalchemy import event

from radicale_propmgmt.ledger.refusals import PER_HOUR
from radicale_propmgmt.vcard.contentline import parse_lines, serialise
from tests.support.dav import Answer, Client, clark
from tests.support.world import World
from tests.writes.hostile_bodies import CLASSES, EVIL, MEBIBYTE

RULES = """
[[share]]
name = "the boss writes all"
for = ["account:chef"]
objects = "*"
groups = "*"
profile = "voll"
books = ["group"]
write = "visible"
create = "yes"

[[share]]
name = "the caretaker reads what the boss makes"
for = ["account:horst"]
objects = "*"
groups = ["mieter"]
profile = "voll"

[[share]]
name = "the agent reads others"
for = ["account:azra"]
objects = "*"
groups = ["makler"]
profile = "voll"
"""
BOOK = "/chef/gruppe-mieter/"
DONE = {201, 204}
#: What a PUT of somebody who may write all of a card and make new ones is told by the parser, or behind it. The last
#: one: all that was changed is made from links and memberships.
REFUSED = {
    "CR:valid-address-data": 403,
    "CR:max-resource-size": 403,
    "CR:no-uid-conflict": 409,
    "D:need-privileges": 403,
}
#: Of these classes nothing is a card.
NEVER = {"nested BEGIN", "too many properties", "empty", "many cards in one"}
SECONDS = 1.0  # of CPU, for a body of up to 1 MiB; 0.1 s on an idle machine


@pytest.fixture
def world(database) -> World:
    world = World(database)
    if database.is_sqlite:  # durability is the matter of other tests
        event.listen(database.engine, "checkout", lambda raw, *_: raw.execute("PRAGMA synchronous=OFF"))
        database.engine.dispose()
    for slug in ("mieter", "makler"):
        world.add_group(slug)
    for login in ("chef", "horst", "azra"):
        world.add_account(login)
    world.apply(RULES)
    world.add_contact("Makler", groups=["makler"])
    return world


class Attacker:
    """A device that may write, and sends whatever it likes: to new names, and to the card of a victim."""

    def __init__(self, world: World, clock: Any, victim: str, uid: str) -> None:
        self.client = Client(world, "chef", is_linted=False)
        viewer = world.viewer("chef")
        self.client.application._authenticate = lambda _environ: viewer  # who asks is the matter of other tests
        self.clock, self.victim, self.uid = clock, victim, uid
        self.refused = 0

    def send(self, body: bytes, *, to_victim: bool, **environ: Any) -> Answer:
        if self.refused == PER_HOUR - 1:  # the limit would keep bodies from the parser
            self.clock.advance(hours=1)
            self.refused = 0
        path = BOOK + (self.victim if to_victim else f"{uuid.uuid4()}.vcf")
        began = time.process_time()
        answer = self.client.request("PUT", path, body, {"Content-Type": "text/vcard"}, **environ)
        assert time.process_time() - began < SECONDS, body[:300]
        self.refused += answer.status not in DONE
        return answer


@pytest.fixture
def attacker(world, clock, name_of) -> Attacker:
    victim = world.add_contact("Opfer", groups=["mieter"])
    return Attacker(world, clock, name_of(victim), uid_of(world, victim))


def uid_of(world: World, contact_id: int) -> str:
    (body,) = (body for contact, body in world.contents("chef", "gruppe-mieter").items() if contact == contact_id)
    return re.search(rb"UID:(\S+)", body)[1].decode()


def reached_the_parser(answer: Answer) -> bool:
    if answer.status in DONE:
        return True
    (condition,) = (name for name in REFUSED if answer.xml.find(clark(name)) is not None)
    return answer.status == REFUSED[condition]


class Neighbour:
    """Another account, which lists and fetches all it sees and reads the answers strictly."""

    def __init__(self, world: World, login: str, segment: str) -> None:
        self.client, self.book = Client(world, login), f"/{login}/{segment}/"

    def read(self) -> tuple[bytes, bytes]:
        listing = self.client.propfind(self.book, "D:getetag", depth="1")
        assert listing.status == 207
        hrefs = [href for href in listing.responses if href.endswith(".vcf")]
        cards = self.client.multiget(self.book, hrefs)
        assert list(cards.statuses.values()) == ["200"] * len(hrefs)
        return listing.body, cards.body

    def bodies(self) -> list[str]:
        return [found.text for found in ET.fromstring(self.read()[1]).iter(clark("CR:address-data"))]


def check_harmless(body: str) -> None:
    """What is served is one card of whole lines, in which nobody finds a line that was smuggled in."""
    data = body.replace("\r\n", "\n").replace("\n", "\r\n").encode()
    assert "\r" not in body.replace("\r\n", ""), body
    for line in data.split(b"\r\n"):
        assert len(line) <= 75
    properties = parse_lines(data)
    assert serialise(properties) == serialise(parse_lines(serialise(properties)))
    names = [found.name for found in properties]
    assert EVIL not in names, body
    assert [names[0], names[-1], names.count("BEGIN"), names.count("END")] == ["BEGIN", "END", 1, 1]
    assert re.search(rf"^([\w.-]+\.)?{EVIL}", data.decode().replace("\r\n ", ""), re.MULTILINE | re.IGNORECASE) is None
    assert not {EVIL.lower(), "agent"} & set(vobject.readOne(data.decode()).contents)


@pytest.mark.parametrize("kind", CLASSES)
def test_hostile_bodies_harm_nobody(world: World, attacker: Attacker, kind: str) -> None:
    """All of a class on SQLite; on PostgreSQL, which refuses NUL by itself and counts bytes otherwise, a sample."""
    make, count = CLASSES[kind]
    random = Random(kind)
    if not world.database.is_sqlite:
        count //= 20
    apart, beside = Neighbour(world, "azra", "alle"), Neighbour(world, "horst", "alle")
    quiet, before = apart.read(), beside.read()
    accepted, largest = 0, (b"", False)
    for number in range(count):
        to_victim = number % 4 == 0
        body = make(random, attacker.uid if to_victim else str(uuid.UUID(int=random.getrandbits(128))))
        answer = attacker.send(body, to_victim=to_victim)
        assert reached_the_parser(answer), (answer.status, body[:300])
        accepted += answer.status in DONE
        largest = max(largest, (body, to_victim), key=lambda sent: len(sent[0]))
    assert apart.read() == quiet
    bodies = beside.bodies()
    for served in bodies:
        check_harmless(served)
    assert not (accepted and kind in NEVER)
    assert accepted or beside.read() == before
    assert len(bodies) <= accepted + 1
    check_memory(attacker, *largest)


def check_memory(attacker: Attacker, body: bytes, to_victim: bool) -> None:
    """The largest of a class once more: what it takes is a small multiple of its length."""
    tracemalloc.start()
    try:
        attacker.send(body, to_victim=to_victim)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 4 * MEBIBYTE + 60 * len(body)


class Stream:
    """A body of any length of which nothing is kept."""

    def __init__(self, head: bytes, unit: bytes, length: int) -> None:
        self.head, self.unit, self.left, self.taken = head, unit, length, 0

    def read(self, size: int) -> bytes:
        size = min(size, self.left)
        piece = (self.head + self.unit * (size // len(self.unit) + 1))[:size]
        self.head = b""
        self.left -= size
        self.taken += size
        return piece


HEAD = b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:a\r\nNOTE:"


@pytest.mark.parametrize("unit", [b"x", b"x\r\n ", b"\r\nTEL:1", b'"', b"=\r\n"])
@pytest.mark.parametrize("is_chunked", [False, True])
def test_ten_megabytes_are_refused_by_their_size(
    world: World, attacker: Attacker, unit: bytes, is_chunked: bool
) -> None:
    """C2: before a byte is read where the length is told, and behind the cap where it is not. Here: real 10 MB."""
    stream = Stream(HEAD, unit, 10 * MEBIBYTE)
    length = {"wsgi.input_terminated": True} if is_chunked else {"CONTENT_LENGTH": str(stream.left)}
    answer = attacker.send(b"", to_victim=True, **{"wsgi.input": stream}, **length)
    assert answer.status == 403
    assert answer.has("CR:max-resource-size")
    assert stream.taken <= (MEBIBYTE + 1 if is_chunked else 0)


@pytest.mark.parametrize("line", ["X:", "TEL;TYPE=HOME:1"])
def test_a_hundred_thousand_properties_are_refused_by_their_number(attacker: Attacker, line: str) -> None:
    """C2: stock Radicale takes 5.8 s for them."""
    body = "\r\n".join(["BEGIN:VCARD", "VERSION:3.0", "FN:a", *[line] * 100_000, "END:VCARD", ""]).encode()
    answer = attacker.send(body, to_victim=False)
    assert answer.has("CR:valid-address-data" if len(body) <= MEBIBYTE else "CR:max-resource-size")


@pytest.mark.parametrize(
    "line", ["NOTE:a{}b", "TEL;X-P=a{}b:1", 'TEL;X-P="a{}b":1', "TEL;X{}P=a:1", "a{}b.TEL:1", "TE{}L:1"]
)
def test_a_control_character_anywhere_is_refused(attacker: Attacker, line: str) -> None:
    """C4: in a parameter it was taken, and lay in the database although no card ever said it."""
    for code in "\0\x01\x0b\x1f\x7f\x85\ufffe":
        body = ["BEGIN:VCARD", "VERSION:3.0", "FN:a", line.format(code), "END:VCARD", ""]
        assert attacker.send("\r\n".join(body).encode(), to_victim=False).has("CR:valid-address-data")
