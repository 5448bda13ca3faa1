"""Fresh databases for tests, on both engines, in a few milliseconds each."""

from __future__ import annotations

import shutil
import uuid
from abc import ABC, abstractmethod
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.engine import URL, make_url

from radicale_propmgmt.db import schema
from radicale_propmgmt.db.base import Base
from radicale_propmgmt.db.engine import make_engine
from radicale_propmgmt.db.unit_of_work import Database
from radicale_propmgmt.domain.clock import Clock
from radicale_propmgmt.domain.secrets import Secrets
from radicale_propmgmt.vcard.card import RENDERER_VERSION
from tests.support.clock import BERLIN, TestClock

SECRETS = Secrets.derive(b"x" * 32)


def open_database(url: str | URL, clock: Clock) -> Database:
    """Open one more view of a test database, as a second process would: own engine, own compiled rules."""
    return Database(engine=make_engine(url, pool_size=4), secrets=SECRETS, zone=BERLIN, clock=clock)


class Supply(ABC):
    """Gives fresh databases, one at a time: the next one ends the one before."""

    def __init__(self) -> None:
        self._current: Database | None = None

    def fresh(self, clock: Clock) -> Database:
        """Return a database with today's schema and what every new one holds: counter row, system groups, no rules."""
        self.close()
        self._current = open_database(self._empty(), clock)
        return self._current

    def close(self) -> None:
        """Let go of the connections of the last database given out."""
        if self._current is not None:
            self._current.engine.dispose()
            self._current = None

    @abstractmethod
    def _empty(self) -> URL:
        """Make such a database, and say where it is."""

    def end(self) -> None:
        """Remove everything, at the end of the session."""
        self.close()


class SqliteSupply(Supply):
    """Copies of one file."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder
        self._template = folder / "template.db"
        self._last: Path | None = None
        database = open_database(URL.create("sqlite", database=str(self._template)), TestClock())
        schema.upgrade(database)
        _seed(database)
        database.engine.dispose()  # the last connection to close leaves one complete file, without a WAL beside it

    def _empty(self) -> URL:
        if self._last is not None:
            shutil.rmtree(self._last.parent, ignore_errors=True)
        folder = self._folder / uuid.uuid4().hex
        folder.mkdir()
        self._last = Path(shutil.copy(self._template, folder / "propmgmt.db"))
        return URL.create("sqlite", database=str(self._last))


class PostgresSupply(Supply):
    """One database per test process, emptied by one string of DELETEs: no new files, so a few milliseconds."""

    def __init__(self, server: str) -> None:
        super().__init__()
        self._server = server
        self._url = create_postgres_database(server)
        self._admin = open_database(self._url, TestClock())
        schema.upgrade(self._admin)
        self._emptying = text(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid();"  # what a failed test left open
            + "".join(f"DELETE FROM {table.name};" for table in reversed(Base.metadata.sorted_tables))
            + "SELECT setval(s.oid, 1, false) FROM pg_class s WHERE s.relkind = 'S'"
        )

    def _empty(self) -> URL:
        with self._admin.engine.begin() as connection:
            connection.execute(self._emptying)
        _seed(self._admin)
        return self._url

    def end(self) -> None:
        super().end()
        self._admin.engine.dispose()
        drop_postgres_database(self._server, self._url)


def _seed(database: Database) -> None:
    schema.seed(database, renderer=RENDERER_VERSION, demo=True)


def create_postgres_database(server: str) -> URL:
    """Create an empty database without tables on a server; the caller drops it."""
    name = f"propmgmt_test_{uuid.uuid4().hex[:12]}"
    _administer(server, f'CREATE DATABASE "{name}"')
    return make_url(server).set(database=name)


def drop_postgres_database(server: str, url: URL) -> None:
    """Drop what ``create_postgres_database`` made, whoever is still connected."""
    _administer(server, f'DROP DATABASE IF EXISTS "{url.database}" WITH (FORCE)')


def _administer(server: str, statement: str) -> None:
    engine = make_engine(server, pool_size=1)
    try:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text(statement))
    finally:
        engine.dispose()
