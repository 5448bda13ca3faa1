"""A property manager's database: system groups, two objects, some accounts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from radicale_propmgmt.db.repositories import facts, lookups
from radicale_propmgmt.db.unit_of_work import Database, UnitOfWork
from radicale_propmgmt.domain.contacts import ContactData, Name
from radicale_propmgmt.domain.labels import GROUPS
from radicale_propmgmt.projection import bookshelf, due, reading
from radicale_propmgmt.services import accounts, contacts, property_objects, shares
from radicale_propmgmt.transfer import values
from tests.support.world import World

RULES = """
[[share]]
name = "Everything"
for = ["account:chef"]
objects = "*"
groups = "*"
only = { tenancy = "any" }
profile = "dsb"

[[share]]
name = "Phones of 0815"
for = ["account:horst"]
objects = ["0815"]
groups = ["mieter"]
fields = ["name", "unit", "phone"]

[[share]]
name = "Agreed"
for = ["account:schulze"]
objects = "*"
groups = "*"
only = { disclosure = "weitergabe_handwerker" }
fields = ["name"]

[[share]]
name = "Consented"
for = ["account:beirat"]
objects = "*"
groups = "*"
fields = ["name"]
consent_fields = { weg_kontakt = ["email"] }
"""


class Office:
    """What a test does in the office, and what accounts then see."""

    def __init__(self, database: Database) -> None:
        self.database = database
        with self.write() as uow:
            present = lookups.groups_by_slug(uow.connection)
            for slug, group in GROUPS.items():
                if slug not in present:
                    facts.insert_group(uow, slug, group.label.de, system=True)
            property_objects.add_object(uow, "0815", "Miethaus Hauptstr. 5")
            property_objects.add_unit(uow, "0815", "WE03")
            property_objects.add_object(uow, "0816", "WEG Lindenhof")
            for login in ("chef", "horst", "schulze", "beirat", "petra"):
                accounts.add_account(uow, login, login.title())
            accounts.add_account(uow, "azra", "Azra", teams=["azubi"])
        shares.apply(database, RULES, "shares.toml", actor="test", accept_gain=True)

    @contextmanager
    def write(self, reason: str = "test") -> Iterator[UnitOfWork]:
        with self.database.write("cli:test") as uow:
            uow.reason = reason
            yield uow

    def add(self, family: str = "Müller", *, key: str | None = None, groups: tuple[str, ...] = ("mieter",)) -> int:
        with self.write() as uow:
            return contacts.add_contact(uow, person(family), key=key, groups=groups)

    def sees(self, login: str) -> dict[int, str]:
        """Contact id → its live card, as the projection's rows have it."""
        viewer = World(self.database).viewer(login)
        due.ensure_current(self.database, viewer.audience_id)
        with self.database.read() as connection:
            book = bookshelf.find_book(connection, viewer, "alle")
            assert book is not None
            rows = reading.list_cards(connection, book)
            found = reading.bodies(connection, [row.rendition_id for row in rows if row.rendition_id])
            return {row.contact_id: found[row.rendition_id].decode() for row in rows if row.rendition_id}

    def seq(self, login: str) -> int:
        viewer = World(self.database).viewer(login)
        with self.database.read() as connection:
            book = bookshelf.find_book(connection, viewer, "alle")
            assert book is not None
            return reading.newest_seq(connection, book)


def person(family: str = "Müller", given: str = "Anna") -> ContactData:
    return ContactData(
        name=Name(family=family, given=given),
        values=(values.phone("0171 3920001", types=("CELL",)), values.email("anna@example.org")),
    )


@pytest.fixture
def office(database: Database) -> Office:
    """An office, once per engine."""
    return Office(database)


@pytest.fixture
def sqlite_office(sqlite_database: Database) -> Office:
    """An office on SQLite, where the engine makes no difference."""
    return Office(sqlite_database)
