"""A small world behind the real WSGI application."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from radicale_propmgmt.db.tables import Wire
from tests.support.dav import Client
from tests.support.world import World

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
