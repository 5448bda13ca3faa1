"""A world with devices: two programs of one account, and a colleague who sees less."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

import pytest
from sqlalchemy import event, select

from radicale_propmgmt.db.tables import BookRow, Delivery, Wire
from radicale_propmgmt.db.unit_of_work import Database
from radicale_propmgmt.domain.viewers import Viewer
from radicale_propmgmt.ledger.bases import find_base
from tests.support.dav import Client
from tests.support.world import World

RULES = """
[[share]]
name = "all"
for = ["team:office"]
objects = "*"
groups = "*"
profile = "voll"
books = ["all", "group"]

[[share]]
name = "phones only"
for = ["team:yard"]
objects = "*"
groups = "*"
fields = ["name", "phone"]
books = ["all", "group"]
"""


def furnish(database: Database) -> World:
    """Two groups, an office and a yard, and the rules."""
    world = World(database)
    for slug in ("mieter", "makler"):
        world.add_group(slug)
    for login, team in (("anna", "office"), ("ben", "office"), ("horst", "yard")):
        world.add_account(login, [team])
    world.apply(RULES)
    return world


@pytest.fixture
def world(database: Database) -> World:
    return furnish(database)


@dataclass
class Device:
    """A program with an app password of its own, as the server's ledger knows it."""

    world: World
    login: str = "anna"
    user_agent: str = "test"
    id: int = field(init=False)
    client: Client = field(init=False)

    def __post_init__(self) -> None:
        self.id = self.world.add_device(self.login)
        self.client = Client(self.world, self.login, device_id=self.id, user_agent=self.user_agent)

    def path(self, segment: str = "alle") -> str:
        return f"/{self.login}/{segment}/"

    @property
    def viewer(self) -> Viewer:
        return self.world.viewer(self.login, device_id=self.id)

    def row(self, segment: str = "alle") -> Delivery | None:
        """The ledger's row for the book that the device reads today."""
        with self.world.database.read() as connection:
            return connection.execute(
                select(Delivery.__table__)
                .join(BookRow, BookRow.id == Delivery.book_id)
                .where(
                    Delivery.device_id == self.id,
                    BookRow.segment == segment,
                    BookRow.audience_id == self.viewer.audience_id,
                )
            ).first()

    def base(self, contact_id: int, segment: str = "alle", etag: str | None = None) -> bytes | None:
        """The bytes from which an edit of this device would be merged."""
        book = self.world.find_book(self.login, segment)
        with self.world.database.read() as connection:
            found = find_base(connection, self.viewer, book, contact_id, etag)
        return None if found is None else found.body

    def body(self, contact_id: int) -> bytes:
        """The bytes of the card as it is served now."""
        return self.world.contents(self.login)[contact_id]


def href_of(world: World, contact_id: int) -> str:
    with world.database.read() as connection:
        return connection.scalar(select(Wire.href).where(Wire.contact_id == contact_id))


class Statements:
    """Counts what goes to the database: all statements, and those that write."""

    def __init__(self, database: Database) -> None:
        self._engine = database.engine
        self.all: list[str] = []

    @property
    def writes(self) -> list[str]:
        return [text for text in self.all if text.split()[0] in {"INSERT", "UPDATE", "DELETE"}]

    def __enter__(self) -> Self:
        event.listen(self._engine, "before_cursor_execute", self._note)
        return self

    def __exit__(self, *_: object) -> None:
        event.remove(self._engine, "before_cursor_execute", self._note)

    def _note(self, _connection: object, _cursor: object, statement: str, *_: object) -> None:
        self.all.append(statement)
