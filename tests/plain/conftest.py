"""Accounts with collections of their own behind the real WSGI application."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from radicale_propmgmt.db.tables import Wire
from radicale_propmgmt.services.contacts import uid_mac
from tests.plain.client import Plain
from tests.server.running import Installation
from tests.support.world import World

MUELLER = "6f1c2a34-0b5d-4e6f-8a90-b1c2d3e4f5a6"
RULES = """
[[share]]
name = "all"
for = ["account:chef", "account:horst"]
objects = "*"
groups = "*"
profile = "voll"
books = ["all", "group"]
"""


@pytest.fixture
def world(database) -> World:
    """On both engines: chef and horst see all contacts; there are two."""
    world = World(database)
    world.add_group("mieter")
    for login in ("chef", "horst", "fremd"):
        world.add_account(login)
    world.apply(RULES)
    known = uid_mac(database.secrets, MUELLER)
    world.add_contact("Müller", given="Anna", groups=["mieter"], uid=MUELLER, uid_mac=known)
    world.add_contact("Schmidt", given="Bernd", groups=["mieter"], email="bernd@example.com")
    return world


@pytest.fixture
def mueller(world: World) -> int:
    """The contact that has the UID ``MUELLER``."""
    with world.database.read() as connection:
        return connection.scalar(select(Wire.contact_id).where(Wire.uid == MUELLER))


@pytest.fixture
def chef(world: World) -> Plain:
    return Plain(world, "chef", personal_books=True)


@pytest.fixture
def horst(world: World) -> Plain:
    return Plain(world, "horst", personal_books=True)


@pytest.fixture
def book(chef: Plain) -> str:
    """The path of an empty personal address book."""
    return chef.make_book("/chef/persoenlich/")


@pytest.fixture
def calendar(chef: Plain) -> str:
    """The path of an empty calendar."""
    return chef.make_calendar("/chef/kalender-haus/")


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """``propmgmt serve`` with personal books, for real clients; each takes an account of its own."""
    installation = Installation(tmp_path_factory.mktemp("plain"), "[accounts]\npersonal_books = true\n")
    installation.start()
    yield installation
    installation.stop()


@pytest.fixture(scope="module")
def account(server: Installation) -> tuple[str, str]:
    """Login and password of an account that the tests of one module share."""
    return add_account(server)


def add_account(server: Installation) -> tuple[str, str]:
    """Add an account with a device; returns login and password."""
    login = f"u{secrets.token_hex(4)}"
    server.propmgmt("accounts", "add", login, "--name", "Somebody")
    return login, server.device(login)["password"]


@pytest.fixture
def sqlite_chef(sqlite_database) -> Plain:
    """An account where the engine makes no difference."""
    world = World(sqlite_database)
    world.add_account("chef")
    world.apply(RULES.replace(', "account:horst"', "").replace('"group"', '"all"'))
    return Plain(world, "chef", personal_books=True)
