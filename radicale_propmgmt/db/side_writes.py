"""Writes beside the counter row: no revision, no card and no token depends on them."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from radicale_propmgmt.domain.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from radicale_propmgmt.db.unit_of_work import Database


@contextmanager
def aside(database: Database) -> Iterator[Connection]:
    """Open a tiny transaction without a revision: failed logins, last-seen, deliveries change nothing anyone syncs.

    Raises:
        UnavailableError: The database is away or busy.
    """
    try:
        with database.engine.begin() as connection:
            yield connection
    except (OperationalError, PoolTimeoutError) as error:
        raise UnavailableError("the database is away or busy", retry_after=5) from error
