"""What the ledger no longer needs is deleted: prior renditions above all, for they are copies of personal data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from radicale_propmgmt.db.repositories import deliveries, pasts, suppression

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from radicale_propmgmt.db.repositories.pasts import Past
    from radicale_propmgmt.db.unit_of_work import Database

#: An answer in flight reads bodies by id: nothing that just ended is deleted. Unit: seconds.
IN_FLIGHT = 3600
#: No prior rendition is kept longer, whatever a device confirmed (DESIGN §6). Unit: seconds.
LONGEST = 90 * 86400
#: Prior renditions deleted under one lock.
BATCH = 500


def prune(database: Database) -> int:
    """Delete what no live device needs, in batches, and return how many prior renditions were deleted.

    Deleting takes the counter row like every write: ``project`` may be about to use a rendition again.

    Raises:
        UnavailableError: The database is away or busy; the next time does the rest.
    """
    now = database.clock.now()
    count = _all(database, lambda connection: pasts.list_confirmed(connection, now - IN_FLIGHT, BATCH))
    count += _all(database, lambda connection: pasts.list_older(connection, now - LONGEST, BATCH))
    with database.read() as connection:
        decided = pasts.list_decided(connection)
    with database.write("system") as uow:
        pasts.forget_unneeded(uow.connection, decided)
        pasts.forget_old_fetches(uow.connection, now - LONGEST)
        pasts.forget_names(uow.connection, now - IN_FLIGHT, now - LONGEST)
        deliveries.forget_refused(uow.connection, now - 2 * 3600)
        suppression.forget_old(uow)
    return count


def _all(database: Database, find: Callable[[Connection], list[Past]]) -> int:
    """Delete what a query finds until it finds nothing; it is asked again under the lock."""
    count = 0
    while True:
        with database.read() as connection:
            if not find(connection):
                return count
        with database.write("system") as uow:
            found = find(uow.connection)
            pasts.forget_pasts(uow.connection, found)
        count += len(found)
