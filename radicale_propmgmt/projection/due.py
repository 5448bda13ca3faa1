"""Time is a change: windows that begin or end are projected before anything is read (DESIGN §2.6)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy import Connection, or_, select

from radicale_propmgmt.db.tables import Due
from radicale_propmgmt.db.unit_of_work import CLOCK_JUMP
from radicale_propmgmt.domain.clock import local_day
from radicale_propmgmt.projection.project import project, project_audience
from radicale_propmgmt.projection.reading import Head, read_head

if TYPE_CHECKING:
    from datetime import date

    from radicale_propmgmt.db.unit_of_work import Database, UnitOfWork

#: Due contacts projected under one lock.
BATCH = 200
#: The stored clock is moved at least this often by ``tick``, so that quiet weeks are no jump. Unit: seconds.
TICK = 3600


def ensure_current(database: Database, audience_id: int) -> Head:
    """Project what is due for an audience, then tell where the database stands. One statement if nothing is due.

    Raises:
        UnavailableError: Something is due and the lock was not free in two seconds.
    """
    with read_current(database, audience_id) as (_, head):
        return head


@contextmanager
def read_current(database: Database, audience_id: int) -> Iterator[tuple[Connection, Head]]:
    """Open a read-only transaction in which everything due for an audience is projected already.

    Raises:
        UnavailableError: Something is due and the lock was not free in two seconds.
    """
    with database.read() as connection:
        head = read_head(connection, audience_id)
        if head.next_due is None or head.next_due > effective_now(database, head):
            yield connection, head
            return
    catch_up(database, audience_id)
    with database.read() as connection:
        yield connection, read_head(connection, audience_id)


def effective_now(database: Database, head: Head) -> int:
    """Return the stored clock or the wall, whichever is later; a jump of more than 31 days does not count."""
    wall = database.clock.now()
    jumped = wall > head.now + CLOCK_JUMP and not head.demo
    return head.now if jumped else max(head.now, wall)


def current_day(database: Database, connection: Connection) -> date:
    """Return the local day on which a read-only transaction decides."""
    return local_day(effective_now(database, read_head(connection)), database.zone)


def catch_up(database: Database, audience_id: int | None) -> None:
    """Project everything due: contact windows for all, rule windows of one audience (None: of all)."""
    while True:
        with database.write("system") as uow:
            if not _project_due(uow, audience_id):
                return


def _project_due(uow: UnitOfWork, audience_id: int | None) -> bool:
    mine = Due.audience_id.is_not(None) if audience_id is None else Due.audience_id == audience_id
    rows = uow.connection.execute(
        select(Due.contact_id, Due.audience_id)
        .where(Due.at <= uow.now, or_(Due.contact_id.is_not(None), mine))
        .order_by(Due.at, Due.id)
        .limit(BATCH)
    ).all()
    contacts = [row.contact_id for row in rows if row.contact_id is not None]
    if contacts:
        project(uow, contacts)
    for due_audience in {row.audience_id for row in rows if row.audience_id is not None}:
        project_audience(uow, due_audience)
    return bool(rows)


def tick(database: Database) -> None:
    """Project what is due for all audiences and keep the stored clock near the wall; ``serve`` calls it."""
    with database.read() as connection:
        head = read_head(connection)
    now = effective_now(database, head)
    if head.next_due is not None and head.next_due <= now:
        catch_up(database, None)
    elif now >= head.now + TICK:
        with database.write("system"):
            pass


def clock_has_jumped(database: Database) -> bool:
    """Tell whether the wall is more than 31 days ahead of the stored clock: it waits for ``doctor --accept-clock``."""
    with database.read() as connection:
        head = read_head(connection)
    return database.clock.now() > head.now + CLOCK_JUMP and not head.demo
