"""Accounts with collections of their own behind the real WSGI application."""

from __future__ import annotations

import pytest

from tests.plain.client import Plain
from tests.support.world import World

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
    world.add_contact("Müller", given="Anna", groups=["mieter"], email="anna@example.org")
    world.add_contact("Schmidt", given="Bernd", groups=["mieter"], email="bernd@example.com")
    return world


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
