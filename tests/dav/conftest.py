"""A small world behind the real WSGI application."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

import pytest
from sqlalchemy import insert, select

from radicale_propmgmt.db.tables import ContactValue, Wire
from radicale_propmgmt.projection.project import project
from tests.support.clock import TestClock
from tests.support.dav import Client
from tests.support.engines import SqliteSupply
from tests.support.world import World, write

RULES = """
[[share]]
name = "all"
for = ["account:chef"]
objects = "*"
groups = "*"
profile = "voll"
books = ["all", "group"]

[[share]]
name = "phones only"
for = ["account:horst"]
objects = "*"
groups = "*"
fields = ["name", "phone"]
"""


@pytest.fixture
def world(sqlite_database) -> World:
    world = World(sqlite_database)
    for slug in ("mieter", "makler"):
        world.add_group(slug)
    for login in ("chef", "horst", "fremd"):
        world.add_account(login)
    world.apply(RULES)
    return world


@pytest.fixture
def people(world: World) -> list[int]:
    """Four contacts: two tenants, a broker, and one with everything XML wants escaped."""
    return [
        world.add_contact("Müller", given="Anna", groups=["mieter"], email="anna@example.org"),
        world.add_contact("Schmidt", given="Bernd", groups=["mieter"], email="bernd@example.com"),
        world.add_contact("Straße", given="Cem", groups=["makler"], phone="+49 170 1234567", email=None),
        world.add_contact("<b>&amp;]]>", given='"D"', groups=["makler"], email=None, phone=None),
    ]


@pytest.fixture
def chef(world: World, people: list[int]) -> Client:
    return Client(world, "chef")


@pytest.fixture
def href(world: World):
    """The path of a contact's card in a book."""

    def of(contact_id: int, book: str = "/chef/alle/") -> str:
        with world.database.read() as connection:
            return book + connection.scalar(select(Wire.href).where(Wire.contact_id == contact_id))

    return of


LOGINS = ("anna@haus.de", "max müller", "a+b", "100%", "o'hara&<co>")
HOUSE_RULES = f"""{RULES}
[[share]]
name = "no names"
for = ["account:stumm"]
objects = "*"
groups = "*"
fields = ["phone"]

[[share]]
name = "whatever they are called"
for = ["team:haus"]
objects = "*"
groups = "*"
profile = "voll"
"""
NEVER = "01234567-0123-4123-8123-0123456789ab.vcf"


@dataclass
class House:
    """A world that no test changes: made once, read by many."""

    world: World
    people: dict[str, int] = field(default_factory=dict)

    @cache  # noqa: B019 - one house per session
    def client(self, login: str | None, user_agent: str = "test", *, is_linted: bool = True) -> Client:
        return Client(self.world, login, user_agent=user_agent, is_linted=is_linted)

    def name(self, who: str) -> str:
        """The card name of somebody, visible or not."""
        with self.world.database.read() as connection:
            return connection.scalar(select(Wire.href).where(Wire.contact_id == self.people[who]))

    def href(self, who: str, book: str = "/chef/alle/") -> str:
        return book + self.name(who)

    def __hash__(self) -> int:
        return id(self)

    def add(self, who: str, family: str, values: list[tuple[str, str, list, str | None]], **columns: object) -> None:
        """Add somebody; a value is (name, value, parameters, label)."""
        groups = columns.pop("groups", ["mieter"])
        given = columns.pop("given", "Anna")
        contact_id = self.world.add_contact(family, given=given, groups=groups, email=None, phone=None)
        with write(self.world.database) as uow:
            for position, (name, value, params, label) in enumerate(values):
                uow.connection.execute(
                    insert(ContactValue).values(
                        contact_id=contact_id, position=position, name=name, value=value, params=params, label=label
                    )
                )
            project(uow, [contact_id])
        if columns:
            self.world.set_columns(contact_id, **columns)
        self.people[who] = contact_id


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Accounts of all kinds of names, six people to be seen, one blocked and one erased."""
    supply = SqliteSupply(tmp_path_factory.mktemp("house"))
    house = House(World(supply.fresh(TestClock())))
    for slug in ("mieter", "makler"):
        house.world.add_group(slug)
    for login in ("chef", "horst", "stumm", "fremd", "niemand"):
        house.world.add_account(login)
    for login in LOGINS:
        house.world.add_account(login, teams=["haus"])
    house.world.apply(HOUSE_RULES)
    _move_in(house)
    yield house
    supply.end()


def _move_in(house: House) -> None:
    cell, work = [["TYPE", ["CELL"]]], [["TYPE", ["WORK", "PREF"]]]
    house.add(
        "mueller",
        "Müller",
        [("TEL", "+49 170 111", cell, None), ("EMAIL", "anna@example.org", work, "Büro")],
        note="Zählt; Wasser, Strom",
    )
    house.add("schmidt", "Schmidt", [("TEL", "+49 30 222", work, None), ("TEL", "+49 170 333", cell, "Notruf")])
    house.add("strasse", "Straße", [("EMAIL", "cem@example.com", [], None)], given="Cem", groups=["makler"])
    house.add("xml", "<b>&amp;]]>", [], given='"D"', groups=["makler"], note="😀 𝔘\r\n<![CDATA[x]]>")
    house.add("nick", "Öz", [("URL", "https://example.org/?a=1&b=2", [], None)], nickname="Bär,Biene", title="Chef")
    house.add("bare", "Bar", [], given="")
    house.add("blocked", "Sperrmann", [("TEL", "+49 170 999", cell, None)])
    house.add("erased", "Weg", [("EMAIL", "weg@example.org", [], None)])
    house.world.set_state(house.people["blocked"], 1)
    house.world.set_state(house.people["erased"], 2)
