"""One seeded database behind stock Radicale with our plugins."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from radicale import config
from radicale.app import Application

from auth_plugin import Auth
from radicale_propmgmt.db.unit_of_work import Database
from radicale_propmgmt.runtime import Core
from radicale_propmgmt.services import accounts
from radicale_propmgmt.settings import load_settings
from tests.plugins.client import Client
from tests.support.world import World

RULES = """
[[share]]
name = "the boss sees everything"
for = ["account:chef"]
objects = "*"
groups = "*"
fields = ["name", "phone", "email", "relation"]
books = ["all", "group", "object", "object-group"]

[[share]]
name = "caretakers call tenants"
for = ["team:hausmeister"]
objects = ["0815"]
groups = ["mieter"]
fields = ["name", "phone"]
books = ["all", "object"]
"""
LOGINS = ("chef", "emil", "fremd")


def seed(database: Database) -> World:
    """Two houses, a dozen people with awkward names, three accounts: all, some of some, nothing."""
    world = World(database)
    for slug in ("mieter", "eigentuemer"):
        world.add_group(slug)
    world.add_object("0815", "Lindenstraße 5")
    world.add_object("0816", "Café & <Söhne>")
    names = ["Müller", "Ça; va, bien", "Ümlaut-Łukasz", "A & B <GmbH>", 'Back\\slash "quoted"', "Zeile"]
    for number, family in enumerate(names):
        contact_id = world.add_contact(family, groups=["mieter"], phone=f"+49 30 2312500{number}", key=family)
        world.add_link(contact_id, "0815" if number % 2 else "0816", "mieter", unit=f"WE {number}")
    owner = world.add_contact("Eigner", groups=["eigentuemer"], key="owner")
    world.add_link(owner, "0815", "eigentuemer", starts=date(2020, 1, 1))
    world.add_account("chef")
    world.add_account("emil", teams=["hausmeister"])
    world.add_account("fremd")
    world.apply(RULES)
    return world


@pytest.fixture
def world(database: Database) -> World:
    return seed(database)


@pytest.fixture
def passwords(world: World) -> dict[str, str]:
    """An app password of one device per account."""
    with world.database.write("test") as uow:
        return {login: accounts.add_device(uow, login, "phone")[1] for login in LOGINS}


@pytest.fixture
def core(world: World, tmp_path: Path) -> Core:
    return Core(settings=load_settings(tmp_path / "propmgmt.toml"), database=world.database)


def stock_application(core: Core, **sections: dict[str, object]) -> Application:
    """Stock Radicale with our three plugins, as storage_plugin/README.md says to configure it."""
    configuration = config.load()
    wanted: dict[str, dict[str, object]] = {
        "storage": {"type": "storage_plugin"},
        "rights": {"type": "rights_plugin"},
        "auth": {"type": lambda configuration: Auth(configuration, core), "delay": "0"},
        "web": {"type": "none"},
        "server": {"validate_path_value": "none", "validate_user_value": "none", "delay_on_error": "0"},
    }
    for name, options in sections.items():
        wanted[name] = {**wanted.get(name, {}), **options}
    configuration.update(wanted, "test")
    return Application(configuration)


@pytest.fixture
def stock(core: Core, passwords: dict[str, str]) -> dict[str, Client]:
    """Clients of stock Radicale, by account."""
    application = stock_application(core)
    return {login: Client(application, login, passwords[login]) for login in LOGINS}


@pytest.fixture
def ours(core: Core, passwords: dict[str, str]) -> dict[str, Client]:
    """Clients of our own application, by account."""
    server = pytest.importorskip(
        "radicale_propmgmt.server", reason="our own application is not there", exc_type=ImportError
    )
    application = server.make_application(core)
    return {login: Client(application, login, passwords[login]) for login in LOGINS}
