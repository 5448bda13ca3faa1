"""Two accounts and three tenants, on each engine."""

from __future__ import annotations

import pytest

from tests.groups.styled import Phone, StyledWorld

RULES = """
[[share]]
name = "all"
for = ["account:chef"]
objects = "*"
groups = "*"
profile = "voll"
books = ["all", "group"]

[[share]]
name = "tenants of one house"
for = ["account:horst"]
objects = ["0815"]
groups = "*"
fields = ["name", "phone", "category"]

[[share]]
name = "phones of brokers"
for = ["account:horst"]
objects = "*"
groups = ["makler"]
fields = ["name", "phone"]
"""


@pytest.fixture
def world(database) -> StyledWorld:
    world = StyledWorld(database)
    for slug in ("mieter", "makler"):
        world.add_group(slug)
    world.add_object("0815")
    for login in ("chef", "horst"):
        world.add_account(login)
    world.apply(RULES)
    return world


@pytest.fixture
def people(world: StyledWorld) -> list[int]:
    """Anna rents in 0815, Bernd is a tenant somewhere, Cem is a broker."""
    found = [
        world.add_contact("Müller", given="Anna", groups=["mieter"]),
        world.add_contact("Schmidt", given="Bernd", groups=["mieter"]),
        world.add_contact("Öztürk", given="Cem", groups=["makler"]),
    ]
    world.add_link(found[0], "0815", "mieter")
    return found


@pytest.fixture
def phone(world: StyledWorld, people: list[int]) -> Phone:
    """An iPhone of the managing director, in sync."""
    phone = Phone(world, "chef")
    phone.pull()
    return phone
