"""I10: a no-change poll, a delta, GET and a multiget of 100 cost the same in a book of ten cards and of two thousand."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

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


class Cost(NamedTuple):
    """What one request sent, and on SQLite how many steps of its machine the reads took."""

    sent: list[Statement]
    steps: int


def _measure(world: World, client: Client, book: str) -> dict[str, Cost]:
    """Send each request twice: the first time makes whatever is made once a process."""
    first = client.sync(book)
    hrefs, token = list(first.responses)[:100], first.token
    asked = [*hrefs, *(f"{book}{number:08x}-ffff-4fff-8fff-ffffffffffff.vcf" for number in range(100 - len(hrefs)))]
    named = "<CR:filter><CR:prop-filter name='FN'><CR:text-match>neumann</CR:text-match></CR:prop-filter></CR:filter>"

    def cost(ask: Callable[[], Answer], **expected: int) -> Cost:
        ask()
        with statements(world.database.engine) as sent:
            answer = ask()
        assert answer.status in {200, 207}, answer.text
        if answer.status == 207:
            assert Counter(answer.statuses.values()) == Counter({key[1:]: n for key, n in expected.items() if n})
        return Cost(sent, _steps(world.database, sent))

    made = {
        "poll": cost(lambda: client.sync(book, token)),
        "PROPFIND of the token": cost(lambda: client.propfind(book, "D:sync-token", "CS:getctag"), _200=1),
        "GET": cost(lambda: client.request("GET", hrefs[3])),
        "multiget": cost(lambda: client.multiget(book, asked), _200=len(hrefs), _404=100 - len(hrefs)),
    }
    world.set_columns(5, family="Neumann")
    world.set_state(6, 1)
    made["delta"] = cost(lambda: client.sync(book, token, "D:getetag", "CR:address-data"), _200=1, _404=1)
    made["query by name"] = cost(lambda: client.query(book, named), _200=1)
    world.set_state(6, 0)
    world.set_columns(5, family="Muster5")
    return made


def _steps(database: Database, sent: list[Statement]) -> int:
    if not database.is_sqlite:
        return 0
    count = 0

    def step() -> int:
        nonlocal count
        count += 1
        return 0

    with database.read() as connection:
        driver = connection.connection.driver_connection
        driver.set_progress_handler(step, 1)
        for text, parameters in sent:
            connection.exec_driver_sql(text, parameters).all()
        driver.set_progress_handler(None, 1)
    return count


@pytest.fixture
def grown(database: Database) -> dict[str, dict[int, dict[str, Cost]]]:
    """What each request cost, by book and number of cards."""
    world = World(database)
    world.add_group("mieter")
    world.add_account("chef")
    world.apply(RULES)
    client = Client(world, "chef", is_linted=False)
    measured: dict[str, dict[int, dict[str, Cost]]] = {"/chef/alle/": {}, "/chef/gruppe-mieter/": {}}
    first = 1
    for size in SIZES:
        _fill(world, first, size + 1)
        first = size + 1
        for book, sizes in measured.items():
            sizes[size] = _measure(world, client, book)
    return measured


def test_a_request_costs_the_same_however_large_the_book(grown, database: Database) -> None:
    """The number of statements has a constant bound; on SQLite none walks through a table, nor through the book."""
    for book, sizes in grown.items():
        for name in sizes[SIZES[0]]:
            counts = {size: len(made[name].sent) for size, made in sizes.items()}
            assert max(counts.values()) <= MOST, (book, name)
            assert len(set(counts.values())) == 1, (book, name, counts)
            if database.is_sqlite and name != "query by name":  # which looks at every text: that is its work
                steps = {size: made[name].steps for size, made in sizes.items()}
                assert steps[2000] <= 1.2 * steps[300] + 100, (book, name, steps)
                _check_plans(database, sizes[2000][name].sent)


def _check_plans(database: Database, sent: list[Statement]) -> None:
    with database.read() as connection:
        for text, parameters in sent:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", parameters).all()
            walked = [row[3] for row in plan if re.match(r"SCAN (card|place|wire|rendition|contact)", row[3])]
            assert not walked, text
