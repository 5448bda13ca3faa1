"""The migrations make exactly the tables the code speaks of, and can be undone."""

from __future__ import annotations

import re
from zoneinfo import ZoneInfo

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, select, text

from radicale_propmgmt.db import schema
from radicale_propmgmt.db.base import Base
from radicale_propmgmt.db.tables import GroupRow, LedgerHead
from radicale_propmgmt.db.unit_of_work import Database
from radicale_propmgmt.domain.errors import ConfigError
from radicale_propmgmt.domain.labels import GROUPS
from radicale_propmgmt.domain.secrets import Secrets


def open_database(url):
    return Database.open(url, secrets=Secrets.derive(b"k" * 32), zone=ZoneInfo("Europe/Berlin"))


@pytest.fixture(params=["sqlite", "postgres"])
def empty(request, tmp_path):
    url = f"sqlite:///{tmp_path}/empty.db"
    if request.param == "postgres":
        url = request.getfixturevalue("empty_postgres_url")
    database = open_database(url)
    yield database
    database.engine.dispose()


def test_nothing_is_left_to_migrate_after_an_upgrade(empty):
    """A table changed without a migration fails here."""
    schema.upgrade(empty)
    with empty.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, Base.metadata) == []


def test_migrated_sqlite_tables_are_written_as_the_code_writes_them(tmp_path):
    """WITHOUT ROWID and AUTOINCREMENT are invisible to autogenerate, and ids never used twice rest on them."""
    migrated, created = (open_database(f"sqlite:///{tmp_path}/{name}.db") for name in ("migrated", "created"))
    schema.upgrade(migrated)
    Base.metadata.create_all(created.engine)
    assert _statements(migrated) == _statements(created)
    migrated.engine.dispose()
    created.engine.dispose()


def _statements(database):
    with database.read() as connection:
        rows = connection.execute(
            text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name <> 'alembic_version'")
        )
        return {name: _normal(statement) for name, statement in rows if not name.startswith("sqlite_")}


def _normal(statement):
    head, _, rest = statement.partition("(")
    body, _, tail = rest.rpartition(")")
    parts = sorted(" ".join(part.split()) for part in re.split(r",(?![^(]*\))", body))
    return " ".join(head.split()), parts, tail.strip()


def test_a_downgrade_removes_every_table(empty):
    schema.upgrade(empty)
    schema.downgrade(empty, "base")
    with empty.read() as connection:
        assert set(inspect(connection).get_table_names()) <= {"alembic_version"}
    assert schema.is_empty(empty)
    assert schema.upgrade(empty)


def test_an_upgrade_is_idempotent(empty):
    assert schema.upgrade(empty)
    assert not schema.upgrade(empty)


def test_an_empty_database_is_refused_with_the_command_that_fixes_it(empty):
    assert schema.is_empty(empty)
    with pytest.raises(ConfigError, match="propmgmt init"):
        schema.require_head(empty)
    schema.upgrade(empty)
    with pytest.raises(ConfigError, match="propmgmt init"):
        schema.require_head(empty)
    schema.seed(empty, renderer=1)
    schema.require_head(empty)
    assert not schema.is_empty(empty)


def test_a_database_of_newer_code_is_refused(empty):
    schema.upgrade(empty)
    with empty.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(ConfigError, match="newer"):
        schema.require_head(empty)
    with pytest.raises(ConfigError, match="newer"):
        schema.upgrade(empty)


def test_seeding_twice_changes_nothing(empty):
    schema.upgrade(empty)
    assert schema.seed(empty, renderer=3)
    assert not schema.seed(empty, renderer=4, demo=True)
    with empty.read() as connection:
        assert connection.execute(select(LedgerHead.rev, LedgerHead.renderer, LedgerHead.demo)).one() == (0, 3, False)
        slugs = set(connection.scalars(select(GroupRow.slug).where(GroupRow.system)))
    assert slugs == set(GROUPS)


def test_a_real_database_never_becomes_a_demo(empty):
    """Only a demo's clock may be set; a real one's may not (rights end on the second)."""
    schema.upgrade(empty)
    schema.seed(empty, renderer=1)
    schema.seed(empty, renderer=1, demo=True)
    assert not schema.is_demo(empty)


def test_the_settings_that_durability_rests_on_are_in_force(empty):
    schema.upgrade(empty)
    assert schema.storage_problems(empty) == []
