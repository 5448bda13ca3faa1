"""Accounts that may write: everything, some fields, nothing; creating at once, by inbox, not at all."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from radicale_propmgmt.db.tables import Wire
from radicale_propmgmt.services import accounts
from tests.support.dav import Client
from tests.support.world import World

RULES = """
[[share]]
name = "the boss writes all"
for = ["account:chef"]
objects = "*"
groups = "*"
profile = "voll"
books = ["all", "group", "object-group"]
write = "visible"
create = "yes"
delete = "unlink"

[[share]]
name = "the office writes phones"
for = ["account:azra"]
objects = "*"
groups = ["mieter", "makler"]
fields = ["name", "phone", "email"]
books = ["all", "group"]
write = ["phone"]
create = "inbox"

[[share]]
name = "the caretaker reads"
for = ["account:horst"]
objects = "*"
groups = ["mieter"]
fields = ["name", "phone"]
books = ["all", "group"]

[[share]]
name = "the trainee proposes"
for = ["account:petra"]
objects = "*"
groups = ["mieter"]
fields = ["name", "phone"]
on_refused = "propose"

[[share]]
name = "the owner reviews"
for = ["account:olga"]
objects = "*"
groups = ["banken"]
fields = ["name"]
inbox = true
"""


@pytest.fixture
def world(database) -> World:
    world = World(database)
    for slug in ("mieter", "makler", "banken"):
        world.add_group(slug)
    for number in ("0815", "0816"):
        world.add_object(number)
    for login in ("chef", "azra", "horst", "petra", "olga"):
        world.add_account(login)
    world.apply(RULES)
    return world


@pytest.fixture
def anna(world: World) -> int:
    return world.add_contact(
        "Müller", given="Anna", groups=["mieter"], phone="+49 30 2312501", email="anna@example.org"
    )


@pytest.fixture
def client(world: World):
    """A client of an account, with a device of its own."""
    made: dict[tuple[str, str], Client] = {}

    def of(login: str, device: str = "phone", agent: str = "vdirsyncer/0.21") -> Client:
        key = (login, device)
        if key not in made:
            with world.database.write("test") as uow:
                _, password = accounts.add_device(uow, login, device)
            made[key] = Client(world, login, user_agent=agent, password=password)
        return made[key]

    return of


@pytest.fixture
def name_of(world: World):
    def of(contact_id: int) -> str:
        with world.database.read() as connection:
            return connection.scalar(select(Wire.href).where(Wire.contact_id == contact_id))

    return of
