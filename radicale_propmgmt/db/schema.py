"""The schema of a database: create, migrate, check, and seed what every installation starts with."""

from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, insert, inspect, select, update
from sqlalchemy.exc import DatabaseError

from radicale_propmgmt.db import tables  # noqa: F401 - fills the metadata that migrations compare with
from radicale_propmgmt.db.side_writes import aside
from radicale_propmgmt.db.tables import GroupRow, LedgerHead
from radicale_propmgmt.domain.errors import ConfigError
from radicale_propmgmt.domain.labels import GROUPS

if TYPE_CHECKING:
    from radicale_propmgmt.db.unit_of_work import Database


def alembic_config(connection: Connection | None = None) -> Config:
    """Return Alembic's configuration; scripts are found through the package, also in a wheel."""
    config = Config()
    config.set_main_option("script_location", str(resources.files("radicale_propmgmt.db") / "migrations"))
    config.attributes["connection"] = connection
    return config


@cache
def head() -> str:
    """Return the newest revision of the schema that this code knows."""
    found = ScriptDirectory.from_config(alembic_config()).get_current_head()
    if found is None:
        raise RuntimeError("no migrations are installed")
    return found


def current(connection: Connection) -> str | None:
    """Return the revision a database is at; None for an empty one."""
    return MigrationContext.configure(connection).get_current_revision()


def make_folder(database: Database) -> None:
    """Make the folder of a SQLite database, readable by its owner only."""
    file = database.engine.url.database
    if database.is_sqlite and file:
        Path(file).parent.mkdir(parents=True, exist_ok=True, mode=0o700)


def is_empty(database: Database) -> bool:
    """Tell whether a database has no schema yet."""
    with database.read() as connection:
        return not inspect(connection).has_table(LedgerHead.__tablename__)


def upgrade(database: Database, revision: str = "head") -> bool:
    """Bring a database to a revision, in one transaction.

    Returns:
        Whether anything was to do.

    Raises:
        ConfigError: The database was made by newer code.
        UnavailableError: It cannot be reached.
    """
    with aside(database) as connection:
        before = current(connection)
        _require_known(before)
        command.upgrade(alembic_config(connection), revision)
        return current(connection) != before


def downgrade(database: Database, revision: str) -> None:
    """Take a database back to a revision; ``base`` removes all tables."""
    with aside(database) as connection:
        command.downgrade(alembic_config(connection), revision)


def is_known(revision: str | None) -> bool:
    """Tell whether this code knows a revision of the schema."""
    return revision in {script.revision for script in ScriptDirectory.from_config(alembic_config()).walk_revisions()}


def _require_known(revision: str | None) -> None:
    if revision is not None and not is_known(revision):
        raise ConfigError(f"database: schema {revision} is newer than this program: update the program")


def require_head(database: Database) -> None:
    """Refuse to work on a database that is not at the newest revision.

    Raises:
        ConfigError: It is empty or behind: ``propmgmt init``.
        UnavailableError: It cannot be reached.
    """
    with database.read() as connection:
        found = current(connection)
        _require_known(found)
        if found != head():
            state = "empty" if found is None else f"at schema {found}, this program needs {head()}"
            raise ConfigError(f"database: {state}: run `propmgmt init`")
        if connection.scalar(select(LedgerHead.one)) is None:
            raise ConfigError("database: not set up: run `propmgmt init`")


def is_demo(database: Database) -> bool:
    """Tell whether this is a demo or test database; an empty one is not."""
    with database.read() as connection:
        if not inspect(connection).has_table(LedgerHead.__tablename__):
            return False
        return bool(connection.scalar(select(LedgerHead.demo)))


def seed(database: Database, *, renderer: int, demo: bool = False) -> bool:
    """Put in what every installation starts with: the counter row and the system groups. Idempotent.

    Args:
        database: A database at head.
        renderer: The version of the renderer its cards will be made with.
        demo: Mark it as a demo or test database for good; a real one never becomes one.

    Returns:
        Whether the counter row was made.
    """
    with aside(database) as connection:
        is_new = connection.scalar(select(LedgerHead.one)) is None
        if is_new:
            connection.execute(
                insert(LedgerHead).values(
                    one=1, rev=0, now=database.clock.now(), epoch=1, rules_version=0, renderer=renderer, demo=demo
                )
            )
        present = set(connection.scalars(select(GroupRow.slug)))
        for slug, group in GROUPS.items():
            if slug not in present:
                connection.execute(insert(GroupRow).values(slug=slug, name=group.label.de, system=True))
        return is_new


def renderer_of(connection: Connection) -> int:
    """Return the version of the renderer a database's cards were made with."""
    return connection.execute(select(LedgerHead.renderer)).scalar_one()


def set_renderer(connection: Connection, version: int) -> None:
    """Note the version of the renderer a database's cards are made with."""
    connection.execute(update(LedgerHead).values(renderer=version))


def storage_problems(database: Database) -> list[str]:
    """Check the settings that durability and erasure rest on; codes of what is wrong (``/readyz``)."""
    wanted = (
        {"journal_mode": "wal", "synchronous": "2", "secure_delete": "1", "foreign_keys": "1"}
        if database.is_sqlite
        else {"fsync": "on", "synchronous_commit": "on"}
    )
    ask = "PRAGMA {}" if database.is_sqlite else "SHOW {}"
    problems = []
    with database.read() as connection:
        for name, value in wanted.items():
            try:
                found = str(connection.exec_driver_sql(ask.format(name)).scalar())
            except DatabaseError:
                found = ""
            if found != value:
                problems.append(name)
    return problems
