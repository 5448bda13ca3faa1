"""Refused writes are counted: each may cost a durable write and a refetch of colleagues (DESIGN §6, M17)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from radicale_propmgmt.db.repositories import deliveries as rows
from radicale_propmgmt.db.side_writes import aside
from radicale_propmgmt.db.unit_of_work import Database, UnitOfWork

if TYPE_CHECKING:
    from radicale_propmgmt.domain.viewers import Viewer

#: Refused writes per device and hour; beyond, the answer is 429.
PER_HOUR = 60
HOUR = 3600


def key_of(viewer: Viewer) -> str:
    """Name whose refused writes are counted together: a device's, or those of an account that has none."""
    return f"account:{viewer.account_id}" if viewer.device_id is None else f"device:{viewer.device_id}"


def count_refused(place: Database | UnitOfWork, key: str, now: int) -> bool:
    """Count one refused write, and tell whether it is one too many in its hour: then 429.

    Args:
        place: The database, where a refused unit of work is undone; or a unit of work that stands.
        key: ``key_of`` the viewer.
        now: The instant.

    Raises:
        UnavailableError: The database is away or busy.
    """
    hour = now - now % HOUR
    if isinstance(place, UnitOfWork):
        return rows.count_refused(place.connection, key, hour) > PER_HOUR
    with aside(place) as connection:
        return rows.count_refused(connection, key, hour) > PER_HOUR
