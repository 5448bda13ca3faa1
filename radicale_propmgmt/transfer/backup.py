"""Copies of the whole database: one file out, one file back, each checked before it counts.

SQLite's online backup reads one consistent state while others write, and writes it back in one transaction.
PostgreSQL's own programs do the same (``transfer/postgres.py``).
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from radicale_propmgmt.db import schema
from radicale_propmgmt.domain.errors import ConfigError, UsageError
from radicale_propmgmt.transfer import postgres

if TYPE_CHECKING:
    from radicale_propmgmt.db.unit_of_work import Database

#: What is being written ends like this; one that was left by a cut-off backup is overwritten by the next.
PART = ".part"
_MAGIC = b"SQLite format 3\0"
#: Pages copied before others may go on.
_PAGES = 4096


def write(database: Database, file: Path) -> int:
    """Write a copy of the database, readable by its owner only, and check it.

    Returns:
        Its size in bytes.

    Raises:
        UsageError: The file cannot be written.
        UnavailableError: The copy failed, or is not whole.
    """
    part = file.with_name(file.name + PART)
    try:
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        part.chmod(0o600)
        database.reached("backup:begun")
        if database.is_sqlite:
            _copy_out(database, part)
        else:
            postgres.dump(database, part)
        database.reached("backup:copied")
        check(database, part)
        _sync(part)
        database.reached("backup:checked")
        part.replace(file)
        _sync(file.parent)
    except OSError as error:
        raise UsageError(f"{file}: cannot be written: {error.strerror}") from None
    return file.stat().st_size


def check(database: Database, file: Path) -> None:
    """Check that a file is a whole copy of a database of this kind.

    Raises:
        UsageError: It cannot be read, or is something else.
        ConfigError: It was made by a newer program.
    """
    try:
        with file.open("rb") as opened:
            magic = opened.read(len(_MAGIC))
    except OSError as error:
        raise UsageError(f"{file}: cannot be read: {error.strerror}") from None
    if not database.is_sqlite:
        postgres.check(file)
        return
    if magic != _MAGIC:
        raise UsageError(f"{file}: no copy of a SQLite database")
    with closing(_open(file)) as copy:
        try:
            answer = copy.execute("PRAGMA integrity_check(1)").fetchone()[0]
            revision = copy.execute("SELECT version_num FROM alembic_version").fetchone()[0]
        except sqlite3.DatabaseError:
            answer, revision = "damaged", None
    if answer != "ok":
        raise UsageError(f"{file}: the copy is damaged")
    if not schema.is_known(revision):
        raise ConfigError(f"{file}: schema {revision} is newer than this program: update the program")


def put_back(database: Database, file: Path) -> None:
    """Put a checked copy in the place of the database: wholly or not at all.

    Raises:
        UnavailableError: Somebody else uses the database, or the copy failed.
    """
    if not database.is_sqlite:
        postgres.put_back(database, file)
        return
    schema.make_folder(database)
    connection = database.engine.raw_connection()
    try:
        with closing(_open(file)) as copy:
            copy.backup(connection.driver_connection, pages=-1)  # type: ignore[arg-type]
    finally:
        connection.invalidate()
    database.engine.dispose()


def _copy_out(database: Database, part: Path) -> None:
    connection = database.engine.raw_connection()
    try:
        with closing(sqlite3.connect(part, isolation_level=None)) as copy:
            driver: sqlite3.Connection = connection.driver_connection  # type: ignore[assignment]
            driver.backup(copy, pages=_PAGES, sleep=0.001)
            copy.execute("PRAGMA journal_mode=DELETE")  # one file, nothing beside it
    finally:
        connection.invalidate()


def _open(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro&immutable=1", uri=True, isolation_level=None)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
