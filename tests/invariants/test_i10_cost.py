"""I10: a no-change poll, a delta, GET and a multiget of 100 cost the same in a book of ten cards and of two thousand."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from sqlalchemy import insert, select

from radicale_propmgmt.db.tables import ContactRow, ContactValue, Membership, Wire
from radicale_propmgmt.db.unit_of_work import Database
from radicale_propmgmt.projection.project import project
from tests.invariants.counting import Statement, statements
from tests.support.dav import Answer, Client
from tests.support.world import World

SIZES = (10, 300, 2000)
RULES = """
[[share]]
name = "all"
for = ["account:chef"]
objects = "*"
groups = "*"
profile = "voll"
books = ["all", "group"]
"""
#: Statements a request may send: who asks (2), what is due, the book, its rights and properties, seq, rows, bodies.
MOST = 9


def _fill(world: World, first: int, last: int) -> None:
    """Add contacts by the thousand: copies of one, as an import would leave them."""
    model = world.add_contact("Muster", contact_id=first, groups=["mieter"])
    numbers = range(first + 1, last)
    with world.database.write("test") as uow:
        row = dict(uow.connection.execute(select(ContactRow.__table__).where(ContactRow.id == model)).mappings().one())
        uow.connection.execute(
            insert(ContactRow), [row | {"id": number, "family": f"Muster{number}"} for number in numbers]
        )
        uow.connection.execute(
            insert(Wire),
            [
                {
                    "contact_id": number,
                    "href": f"{number:08x}-0123-4123-8123-0123456789ab.vcf",
                    "uid": f"{number:08x}-3210-4123-8123-0123456789ab",
                    "uid_mac": "",
                    "state": 0,
                }
                for number in numbers
            ],
        )
        uow.connection.execute(
            insert(ContactValue),
            [
                {
                    "contact_id": number,
                    "position": 0,
                    "name": "TEL",
                    "value": f"+49 30 {number}",
                    "params": [],
                    "label": None,
                }
                for number in numbers
            ],
        )
        uow.connection.execute(
            insert(Membership),
            [{"contact_id": number, "group_id": world.groups["mieter"]} for number in numbers],
        )
        project(uow, numbers)


def _measure(world: World, client: Client, book: str) -> dict[str, list[Statement]]:
    """Send each request once; the one before has warmed whatever is made once a process."""
    hrefs = list(client.sync(book).responses)
    token = client.sync(book).token
    made: dict[str, list[Statement]] = {}

    def note(name: str, ask: Callable[[], Answer], statuses: dict[str, int]) -> None:
        ask()
        with statements(world.database.engine) as sent:
            answer = ask()
        assert answer.status in {200, 207}, answer.text
        if answer.status == 207:
            found = list(answer.statuses.values())
            assert {status: found.count(status) for status in set(found)} == statuses
        made[name] = sent

    note("poll", lambda: client.sync(book, token), {})
    note("PROPFIND of the token", lambda: client.propfind(book, "D:sync-token", "CS:getctag"), {"200": 1})
    note("GET", lambda: client.request("GET", hrefs[3]), {})
    missing = [f"{book}{number:08x}-ffff-4fff-8fff-ffffffffffff.vcf" for number in range(100 - min(100, len(hrefs)))]
    asked = [*hrefs[:100], *missing]
    note(
        "multiget",
        lambda: client.multiget(book, asked),
        {"200": 100 - len(missing), "404": len(missing)} if missing else {"200": 100},
    )
    world.set_columns(5, family="Neumann")
    world.set_state(6, 1)
    note("delta", lambda: client.sync(book, token, "D:getetag", "CR:address-data"), {"200": 1, "404": 1})
    named = "<CR:filter><CR:prop-filter name='FN'><CR:text-match>neumann</CR:text-match></CR:prop-filter></CR:filter>"
    note("query by name", lambda: client.query(book, named), {"200": 1})
    world.set_state(6, 0)
    world.set_columns(5, family="Muster5")
    return made


@pytest.fixture
def grown(database: Database) -> dict[tuple[str, int], dict[str, list[Statement]]]:
    """What each request sent, by book and number of cards."""
    world = World(database)
    world.add_group("mieter")
    world.add_account("chef")
    world.apply(RULES)
    client = Client(world, "chef", is_linted=False)
    measured = {}
    first = 1
    for size in SIZES:
        _fill(world, first, size + 1)
        first = size + 1
        for book in ("/chef/alle/", "/chef/gruppe-mieter/"):
            measured[book, size] = _measure(world, client, book)
    return measured


def test_a_request_sends_the_same_statements_however_large_the_book(grown, database: Database) -> None:
    """The number of statements has a constant bound, and on SQLite none of them walks through a table."""
    for (book, size), made in grown.items():
        for name, sent in made.items():
            texts = [text for text, _ in sent]
            assert len(texts) <= MOST, (book, size, name, texts)
            assert len(texts) == len(grown[book, SIZES[0]][name]), (book, size, name)
    if database.is_sqlite:
        for (book, _), made in grown.items():
            _check_plans(database, book, made)


def _check_plans(database: Database, book: str, made: dict[str, list[Statement]]) -> None:
    """No SCAN of a table that grows with the book; a query may look at every text, that is its work."""
    with database.read() as connection:
        for name in made.keys() - {"query by name"}:
            for text, parameters in made[name]:
                plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", parameters).all()
                walked = [row[3] for row in plan if re.match(r"SCAN (card|place|wire|rendition|contact)", row[3])]
                assert not walked, (book, name, text, walked)
