"""Whether servers hold a database: each worker shares a lock, and a restore wants it alone."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import DBAPIError

from radicale_propmgmt.domain.errors import RefusedError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from radicale_propmgmt.db.unit_of_work import Database

#: Number of PostgreSQL's advisory lock ("propmgmt" as ASCII, below 2**63).
_ADVISORY = int.from_bytes(b"propmgmt", "big")


class Hold:
    """A shared hold on a database, as long as the process lives or until it is let go."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._file: int | None = None
        self._connection: Any = None

    def take(self) -> bool:
        """Take it, or make sure that it still is; False while somebody restores."""
        try:
            return self._take_file() if self._database.is_sqlite else self._take_advisory()
        except (OSError, DBAPIError) as error:
            raise UnavailableError("the database's lock cannot be taken") from error

    def release(self) -> None:
        """Let it go."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
            self._connection = None

    def _take_file(self) -> bool:
        if self._file is not None:
            return True
        descriptor = _open_lock(self._database)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._file = descriptor
        return True

    def _take_advisory(self) -> bool:
        if self._connection is not None:
            return True
        connection = self._database.engine.connect()
        statement = f"SELECT pg_try_advisory_lock_shared({_ADVISORY})"
        if connection.exec_driver_sql(statement).scalar():
            connection.rollback()  # the lock is the session's, which stays open without a transaction
            self._connection = connection
            return True
        connection.close()
        return False


@contextmanager
def alone(database: Database) -> Iterator[None]:
    """Keep every server away from a database.

    Raises:
        RefusedError: A server holds it.
    """
    if database.is_sqlite:
        descriptor = _open_lock(database)
        try:
            _lock_alone(descriptor)
            yield
        finally:
            os.close(descriptor)
        return
    with database.engine.connect() as connection:
        if not connection.exec_driver_sql(f"SELECT pg_try_advisory_lock({_ADVISORY})").scalar():
            raise RefusedError(_HELD)
        connection.rollback()
        try:
            yield
        finally:
            connection.invalidate()


def _lock_alone(descriptor: int) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise RefusedError(_HELD) from None


_HELD = "a server holds the database: stop it first"


def _open_lock(database: Database) -> int:
    path = Path(f"{database.engine.url.database}.serving")
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
