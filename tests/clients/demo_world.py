"""The demo behind the real application, with names that are the same in every run, and what happens in the office."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import Table, delete, insert, select, update

from radicale_propmgmt.db.base import Base
from radicale_propmgmt.db.repositories import lookups
from radicale_propmgmt.db.tables import BookRow, LedgerHead, LinkRow, Wire
from radicale_propmgmt.db.unit_of_work import Database, UnitOfWork
from radicale_propmgmt.projection.project import project_everything
from radicale_propmgmt.runtime import Core
from radicale_propmgmt.server import make_application
from radicale_propmgmt.server.dispatcher import Dispatcher
from radicale_propmgmt.services import accounts, consents, contacts, demo, disclosures, gdpr, links
from radicale_propmgmt.settings import load_settings
from radicale_propmgmt.transfer import values
from radicale_propmgmt.transfer.merging import own_data
from tests.support.world import World

RULES = (Path(__file__).parents[2] / "config" / "shares.toml").read_text(encoding="utf-8")
#: The scenarios' own layouts (of phones and Macs); all other devices list everything.
LAYOUTS = {"horst": "single", "empfang": "single", "chef": "groups"}


def card_name(key: str) -> str:
    """The name of a contact's card: k01 is 00000001-….vcf."""
    return f"{int(key.removeprefix('k')):08d}-0000-4000-8000-000000000000.vcf"


def key_of(href: str) -> str:
    return f"k{int(href.rpartition('/')[2].partition('-')[0]):02d}"


#: All rows of a loaded demo, by engine and instant.
_Rows = dict[Table, list[dict[str, Any]]]
_LOADED: dict[tuple[str, int], _Rows] = {}


def _load(database: Database) -> None:
    with database.engine.begin() as connection:
        connection.execute(update(LedgerHead).values(now=database.clock.now()))
    demo.load_demo(database, demo.TOLD_ON, RULES)
    with database.write("test") as uow:
        known = lookups.known_contacts(uow.connection, keys=[f"k{number:02d}" for number in range(1, 17)])
        for contact in known:
            uid = card_name(contact.key).removesuffix(".vcf").replace("-8000-", "-9000-")
            made = {"href": card_name(contact.key), "uid": uid, "uid_mac": contacts.uid_mac(uow.secrets, uid)}
            uow.connection.execute(update(Wire).where(Wire.contact_id == contact.id).values(made))
        for book_id in uow.connection.scalars(select(BookRow.id)).all():
            uow.connection.execute(update(BookRow).where(BookRow.id == book_id).values(token_id=f"{book_id:024x}"))
        project_everything(uow)


def _take_rows(database: Database) -> _Rows:
    with database.read() as connection:
        return {
            table: [dict(row) for row in connection.execute(select(table)).mappings()]
            for table in Base.metadata.sorted_tables
        }


def _put_rows(database: Database, rows: _Rows) -> None:
    with database.engine.begin() as connection:
        for table in reversed(rows):
            connection.execute(delete(table))
        for table, made in rows.items():
            if made:
                connection.execute(insert(table), made)
        if not database.is_sqlite:  # ids that were given by hand have moved no sequence
            connection.exec_driver_sql("SELECT setval(s.oid, 10000) FROM pg_class s WHERE s.relkind = 'S'")


@dataclass
class DemoWorld:
    """One installation, and the people of its office."""

    database: Database
    application: Dispatcher

    @classmethod
    def load(cls, database: Database, folder: Path) -> DemoWorld:
        """Load the demo as it is told on 2026-06-15, whatever the clock says; names and tokens are fixed ones.

        It is loaded once per engine and instant; after that its rows are copied.
        """
        loaded = (database.engine.dialect.name, database.clock.now())
        if loaded in _LOADED:
            _put_rows(database, _LOADED[loaded])
        else:
            _load(database)
            _LOADED[loaded] = _take_rows(database)
        (folder / "shares.toml").write_text(RULES, encoding="utf-8")
        core = Core(settings=load_settings(folder / "propmgmt.toml"), database=database)
        return cls(database, make_application(core))

    def password(self, login: str, layout: str | None = None) -> str:
        """An app password of a new device."""
        wanted = layout or LAYOUTS.get(login, "everything")
        with self.database.write("test") as uow:
            return accounts.add_device(uow, login, "test", layout=wanted)[1]

    @contextmanager
    def _at(self, key: str) -> Iterator[tuple[UnitOfWork, int]]:
        with self.database.write("test") as uow:
            uow.reason = "test"
            yield uow, contacts.find_contact(uow.connection, key)

    def set_phone(self, key: str, number: str) -> None:
        """The contact has a new phone number, and no other any more."""
        with self._at(key) as (uow, contact_id):
            data = own_data(contacts.get_contact(uow.connection, contact_id))
            kept = [value for value in data.values if value.name != "TEL"]
            new = values.phone(number, types=("CELL",))
            contacts.edit_contact(uow, contact_id, replace(data, values=(new, *kept)))

    def block(self, key: str) -> None:
        with self._at(key) as (uow, contact_id):
            gdpr.block(uow, contact_id, "claims", record={"file": "1 C 1/26"}, reason="test")

    def unblock(self, key: str) -> None:
        with self._at(key) as (uow, contact_id):
            gdpr.unblock(uow, contact_id, "test")

    def end_links(self, key: str, on: date) -> None:
        with self._at(key) as (uow, contact_id):
            for link_id in uow.connection.scalars(select(LinkRow.id).where(LinkRow.contact_id == contact_id)).all():
                links.end_link(uow, link_id, on)

    def add_link(self, key: str, object_number: str, group: str, starts: date) -> None:
        with self._at(key) as (uow, contact_id):
            links.add_link(uow, contact_id, object_number=object_number, group=group, starts=starts)

    def agree(self, key: str, purpose: str, valid_until: date) -> None:
        with self._at(key) as (uow, contact_id):
            consents.give(uow, contact_id, purpose, valid_until=valid_until)

    def end_disclosure(self, key: str, purpose: str) -> None:
        with self._at(key) as (uow, contact_id):
            disclosures.end(uow, contact_id, purpose)

    def set_groups(self, key: str, *groups: str) -> None:
        """The contact belongs to exactly these groups, besides its links."""
        with self.database.read() as connection:
            contact_id = contacts.find_contact(connection, key)
        world = World(self.database)
        for slug in groups:
            world.add_group(slug)
        world.set_memberships(contact_id, groups)
