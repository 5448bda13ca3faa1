"""I7: of two writers of one field class one wins; what was acknowledged survives kill -9; every write is in the history."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from radicale_propmgmt.services import contacts, history
from tests.server.running import Installation
from tests.support.dav import Client
from tests.writes.test_change import card, edited, put

BOOK = "/chef/alle/"
ROUNDS = 8


def at_once(*works: Callable[[], int]) -> list[int]:
    """Do all at the same moment; returns their statuses."""
    barrier, found = threading.Barrier(len(works)), [0] * len(works)

    def run(at: int) -> None:
        barrier.wait(10)
        found[at] = works[at]()

    threads = [threading.Thread(target=run, args=(at,)) for at in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return found


def writing(client: Client, href: str, body: str, etag: str) -> Callable[[], int]:
    client.is_linted = False
    return lambda: put(client, href, body, etag).status


def stored_values(world, contact_id: int) -> dict[str, str]:
    with world.database.read() as connection:
        return {value.name: value.value for value in contacts.get_contact(connection, contact_id).values}


def changes_of(world, contact_id: int) -> int:
    with world.database.read() as connection:
        return len(history.list_changes(connection, contact_id))


def test_of_two_writers_of_one_field_exactly_one_wins(client, world, anna, name_of) -> None:
    """RFC 9110 §13.1.1: both name the card that both saw."""
    one, two = client("chef", "one"), client("chef", "two")
    href = BOOK + name_of(anna)
    for number in range(ROUNDS):
        body, etag = card(one, href)
        card(two, href)
        old = stored_values(world, anna)["TEL"]
        mine, other = f"+49 30 100000{number}", f"+49 30 200000{number}"
        statuses = at_once(
            writing(one, href, edited(body, old, mine), etag), writing(two, href, edited(body, old, other), etag)
        )
        assert sorted(statuses) == [204, 412]
        assert stored_values(world, anna)["TEL"] == (mine if statuses[0] == 204 else other)
        assert changes_of(world, anna) == number + 1


def test_two_writers_of_different_fields_both_win(client, world, anna, name_of) -> None:
    one, two = client("chef", "one"), client("chef", "two")
    href = BOOK + name_of(anna)
    for number in range(ROUNDS):
        body, etag = card(one, href)
        card(two, href)
        old = stored_values(world, anna)
        phone, email = f"+49 30 100000{number}", f"anna{number}@example.net"
        statuses = at_once(
            writing(one, href, edited(body, old["TEL"], phone), etag),
            writing(two, href, edited(body, old["EMAIL"], email), etag),
        )
        assert statuses == [204, 204]
        assert stored_values(world, anna) == {"TEL": phone, "EMAIL": email}
        assert changes_of(world, anna) == 2 * number + 2


def test_a_deletion_and_an_edit_at_once_leave_one_of_two_states(client, world, name_of) -> None:
    """Either the edit was first, and is kept in a contact that left the book, or it found no card any more."""
    one, two = client("chef", "one"), client("chef", "two")
    book = "/chef/gruppe-mieter/"
    for number in range(ROUNDS // 2):
        contact_id = world.add_contact("Weg", groups=["mieter"], phone="+49 30 5555555", email=None)
        href = book + name_of(contact_id)
        body, etag = card(one, href)
        card(two, href)
        new = f"+49 30 600000{number}"
        edit, removal = at_once(
            writing(one, href, edited(body, "+49 30 5555555", new), etag),
            lambda href=href: two.request("DELETE", href).status,
        )
        assert (edit, removal) in {(204, 204), (403, 204), (412, 204)}
        assert stored_values(world, contact_id)["TEL"] == (new if edit == 204 else "+49 30 5555555")
        assert contact_id not in world.contents("chef", "gruppe-mieter")


def test_one_uid_put_twice_at_once_is_one_contact(client, world) -> None:
    """H5: two devices of an account import the same card."""
    one, two = client("chef", "one"), client("chef", "two")
    for number in range(ROUNDS // 2):
        uid = f"0f8e2d3c-0000-4000-8000-00000000000{number}"
        phone = f"+49 30 700000{number}"
        body = f"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{uid}\r\nFN:N N\r\nN:N;N;;;\r\nTEL:{phone}\r\nEND:VCARD\r\n"
        hrefs = [f"/chef/gruppe-mieter/{n}{uid[1:]}.vcf" for n in (1, 2)]
        found = at_once(*(lambda c=c, h=h, b=body: put(c, h, b).status for c, h in zip((one, two), hrefs, strict=True)))
        assert sorted(found) == [201, 409]
        assert sum(uid.encode() in made for made in world.contents("chef", "gruppe-mieter").values()) == 1


RULES = """
[[share]]
name = "the boss writes all"
for = ["account:chef"]
objects = "*"
groups = "*"
profile = "voll"
write = "visible"
"""


class House(Installation):
    """A server that is killed, with all its workers, and started again."""

    def __init__(self, folder: Path, settings: str = "") -> None:
        super().__init__(folder, settings)
        (folder / "config" / "shares.toml").write_text(RULES, encoding="utf-8")
        self.propmgmt("accounts", "add", "chef", "--name", "Chef")
        self.propmgmt("shares", "apply", "--yes")
        self.propmgmt(
            "contacts", "add", "--group", "mieter", "--key", "k1", "--family", "Müller", "--phone", "+49 30 1000000"
        )
        self.user = ("chef", self.device("chef")["password"])
        self.start()
        listing = self.ask("PROPFIND", BOOK, user=self.user, headers={"Depth": "1"})[2].decode()
        self.href = re.search(rf"{BOOK}[0-9a-f-]+\.vcf", listing)[0]

    def card(self) -> str:
        return self.ask("GET", self.href, user=self.user)[2].decode()

    def put(self, body: str) -> int:
        given = {"Content-Type": "text/vcard", "User-Agent": "vdirsyncer/0.21"}
        return self.ask("PUT", self.href, user=self.user, body=body.encode(), headers=given)[0]

    def kill(self) -> None:
        """SIGKILL to the server and to each worker it started, at once."""
        found = subprocess.run(["pgrep", "-P", str(self.process.pid)], capture_output=True, text=True, check=False)
        for pid in [self.process.pid, *map(int, found.stdout.split())]:
            os.kill(pid, signal.SIGKILL)
        self.process.communicate(timeout=20)
        self.process = None

    def phones_in_history(self) -> set[str]:
        return set(
            re.findall(r"\+49 30 \d{7}", json.dumps(json.loads(self.propmgmt("contacts", "history", "k1", "--json"))))
        )


@pytest.fixture(params=["sqlite", "postgres"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    settings = ""
    if request.param == "postgres":
        settings = f'[database]\nurl = "{request.getfixturevalue("empty_postgres_url")}"\n'
    house = House(tmp_path, settings)
    yield house
    house.stop()


def test_what_was_acknowledged_survives_kill_9_and_is_in_the_history(house: House) -> None:
    """The kill comes with the 204, and then again and again in the middle of writes: whole or not at all."""
    body = house.card()
    assert house.put(body.replace("+49 30 1000000", "+49 30 2000000")) == 204
    house.kill()
    house.start()
    acknowledged = ["+49 30 2000000"]
    assert acknowledged[-1] in house.card()
    for cycle in range(4):
        sent = _write_until_killed(house, cycle, acknowledged)
        house.start()
        (now,) = re.findall(r"\+49 30 \d{7}", house.card())
        assert now in {acknowledged[-1], sent}
        if now != acknowledged[-1]:
            acknowledged.append(now)
    assert len(acknowledged) > 10, "the kills came before the writes"
    assert house.phones_in_history() >= set(acknowledged)


def _write_until_killed(house: House, cycle: int, acknowledged: list[str]) -> str:
    """Write one number after the other; returns the last that was sent, which nobody acknowledged."""
    template, sent = house.card(), [acknowledged[-1]]

    def write() -> None:
        for number in range(500):
            sent.append(f"+49 30 3{cycle}{number:05}")
            try:
                status = house.put(template.replace(acknowledged[0], sent[-1]))
            except (OSError, http.client.HTTPException):
                return  # nobody knows what became of it
            assert status == 204
            acknowledged.append(sent[-1])

    template = re.sub(r"\+49 30 \d{7}", acknowledged[0], template)
    writer = threading.Thread(target=write)
    writer.start()
    time.sleep(0.3 + 0.11 * cycle)
    house.kill()
    writer.join(20)
    assert not writer.is_alive()
    return sent[-1]
