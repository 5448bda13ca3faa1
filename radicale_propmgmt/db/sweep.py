"""Remove what deleted rows left in the files of the database (GDPR Art. 17, DESIGN §7).

SQLite overwrites deleted cells and free pages (``secure_delete``), but the write-ahead log keeps the pages as they were
until it is cut to nothing, and a page that was split may keep a copy in its gap until VACUUM. PostgreSQL keeps dead
rows until VACUUM and their bytes until VACUUM FULL writes the table anew; its statistics keep common values, and its
log the pages, until it is recycled: ``wal_recycle = off`` removes it instead.
"""

from __future__ import annotations

import sqlite3
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from radicale_propmgmt.db.base import Base
from radicale_propmgmt.domain.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from radicale_propmgmt.db.unit_of_work import Database

#: How long open readers may hold the log up. Unit: seconds.
PATIENCE = 30.0
#: A try holds writers up for so long. Unit: milliseconds.
_TRY = 200
#: System tables in which values of columns stand.
_STATISTICS = ("pg_catalog.pg_statistic",)


def cut_log(database: Database, patience: float = PATIENCE) -> bool:
    """Bring SQLite's write-ahead log into the file and cut it to nothing; tells whether readers let it.

    On PostgreSQL there is nothing to do here: True.
    """
    if not database.is_sqlite:
        return True
    deadline = time.monotonic() + patience
    with _alone(database) as run:
        run(f"PRAGMA busy_timeout={_TRY}")
        while run("PRAGMA wal_checkpoint(TRUNCATE)")[0][0]:
            if time.monotonic() >= deadline:
                return False
            time.sleep(_TRY / 1000)
    return True


def rewrite(database: Database, patience: float = PATIENCE) -> bool:
    """Write the files anew without what was deleted: VACUUM; tells whether nothing held it up.

    Cost: on SQLite the time to copy the file; on PostgreSQL each table is locked while it is copied.

    Raises:
        RefusedError: PostgreSQL lets only owners and members of ``pg_checkpoint`` do this.
    """
    if database.is_sqlite:
        if not cut_log(database, patience):
            return False
        with _alone(database) as run:
            run("PRAGMA temp_store=FILE")  # the copy may not fit into memory
            try:
                run("VACUUM")
            except sqlite3.OperationalError:  # somebody writes
                return False
        database.reached("sweep:vacuum")
        return cut_log(database, patience)
    with _alone(database) as run:
        run("SET statement_timeout = 0")
        run("SET lock_timeout = '30s'")
        for table in (*sorted(Base.metadata.tables), "alembic_version"):
            run(f'VACUUM (FULL, ANALYZE) "{table}"')
        for step in (*(f"VACUUM FULL {table}" for table in _STATISTICS), *_LOG):
            _privileged(run, step)
    return True


_LOG = ("CHECKPOINT", "SELECT pg_switch_wal()", "CHECKPOINT")


def _privileged(run: Any, step: str) -> None:
    try:
        run(step)
    except Exception as error:
        if getattr(error, "sqlstate", None) != "42501":
            raise
        raise RefusedError(f"the database user may not do {step!r}: let an administrator do it") from None


@contextmanager
def _alone(database: Database) -> Iterator[Callable[[str], list[Any]]]:
    """Give a connection outside any transaction, as the driver has it; it is not used again."""
    connection = database.engine.raw_connection()
    driver: Any = connection.driver_connection
    try:
        if not database.is_sqlite:
            driver.rollback()
            driver.autocommit = True

        def run(statement: str) -> list[Any]:
            cursor = driver.execute(statement)
            return list(cursor.fetchall()) if cursor.description else []

        yield run
    finally:
        connection.invalidate()
