"""Properties that an account set on its home, a book or a collection; nobody else is shown them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Select, bindparam, delete, insert, select

from radicale_propmgmt.db.tables import ViewProperty

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from radicale_propmgmt.db.unit_of_work import UnitOfWork


@cache
def _listing(*, of_segment: bool) -> Select[*tuple[Any, ...]]:
    """Build the statement once: every poll asks it."""
    statement = select(ViewProperty.segment, ViewProperty.name, ViewProperty.value).where(
        ViewProperty.account_id == bindparam("account")
    )
    if of_segment:
        statement = statement.where(ViewProperty.segment == bindparam("segment"))
    return statement.order_by(ViewProperty.segment, ViewProperty.name)


def list_properties(connection: Connection, account_id: int, segment: str | None = None) -> dict[str, dict[str, str]]:
    """List what an account set, by segment ("" = the home) and name; if asked for of one segment only."""
    found: dict[str, dict[str, str]] = {}
    values = {"account": account_id, "segment": segment}
    for where, name, value in connection.execute(_listing(of_segment=segment is not None), values):
        found.setdefault(where, {})[name] = value
    return found


def set_properties(uow: UnitOfWork, account_id: int, segment: str, values: Mapping[str, str | None]) -> None:
    """Set properties; None removes one."""
    remove_properties(uow, account_id, segment, values)
    rows = [
        {"account_id": account_id, "segment": segment, "name": name, "value": value}
        for name, value in values.items()
        if value is not None
    ]
    if rows:
        uow.connection.execute(insert(ViewProperty), rows)


def remove_properties(uow: UnitOfWork, account_id: int, segment: str, names: Iterable[str] | None = None) -> None:
    """Remove properties of a segment; None = all."""
    statement = delete(ViewProperty).where(ViewProperty.account_id == account_id, ViewProperty.segment == segment)
    if names is not None:
        statement = statement.where(ViewProperty.name.in_(list(names)))
    uow.connection.execute(statement)
