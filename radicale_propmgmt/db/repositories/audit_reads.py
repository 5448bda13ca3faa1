"""Read the audit chain: in order, and what is told of it to people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Connection, delete, func, select

from radicale_propmgmt.db.tables import AuditPersonal, AuditRow

if TYPE_CHECKING:
    from radicale_propmgmt.db.unit_of_work import UnitOfWork

#: Entries held in memory at once.
CHUNK = 2000
PRUNED = "audit.pruned"


class Entry(NamedTuple):
    """One link of the chain, with its personal part as long as that is there."""

    seq: int
    rev: int
    at: int
    actor: str
    action: str
    contact_id: int | None
    rules_version: int
    facts: dict[str, Any]
    commitment: str
    previous: str
    hash: str
    salt: bytes | None
    text: str | None

    def hashed(self) -> dict[str, Any]:
        """Return what the hash of the entry is made over."""
        left_out = {"hash", "salt", "text"}
        return {name: value for name, value in self._asdict().items() if name not in left_out}


def _entries() -> Any:
    columns = [getattr(AuditRow, name) for name in Entry._fields[:-2]]
    return (
        select(*columns, AuditPersonal.salt, AuditPersonal.text)
        .outerjoin(AuditPersonal, AuditPersonal.seq == AuditRow.seq)
        .order_by(AuditRow.seq)
    )


def walk(connection: Connection) -> Iterator[Entry]:
    """Give all entries in order."""
    after = 0
    while chunk := connection.execute(_entries().where(AuditRow.seq > after).limit(CHUNK)).all():
        yield from (Entry(*row) for row in chunk)
        after = chunk[-1].seq


def list_entries(
    connection: Connection, *, contact_id: int | None = None, action: str | None = None, limit: int | None = None
) -> list[Entry]:
    """List entries, newest first."""
    statement = _entries().order_by(None).order_by(AuditRow.seq.desc())
    if contact_id is not None:
        statement = statement.where(AuditRow.contact_id == contact_id)
    if action is not None:
        statement = statement.where(AuditRow.action == action)
    return [Entry(*row) for row in connection.execute(statement.limit(limit))]


def head(connection: Connection) -> tuple[int, str, int] | None:
    """Return number, hash and instant of the last entry."""
    row = connection.execute(
        select(AuditRow.seq, AuditRow.hash, AuditRow.at).order_by(AuditRow.seq.desc()).limit(1)
    ).first()
    return None if row is None else (row.seq, row.hash, row.at)


def last_before(connection: Connection, at: int) -> tuple[int, str] | None:
    """Return the last entry of the unbroken run of old ones from the chain's start; never the newest of all."""
    newest = connection.scalar(select(func.max(AuditRow.seq)))
    young = connection.scalar(select(func.min(AuditRow.seq)).where(AuditRow.at >= at)) or newest
    row = (
        connection.execute(
            select(AuditRow.seq, AuditRow.hash).where(AuditRow.seq < young).order_by(AuditRow.seq.desc()).limit(1)
        ).first()
        if young is not None
        else None
    )
    return None if row is None else (row.seq, row.hash)


def forget_until(uow: UnitOfWork, seq: int) -> int:
    """Delete the chain's start up to an entry; returns how many went."""
    uow.connection.execute(delete(AuditPersonal).where(AuditPersonal.seq <= seq))
    return int(uow.connection.execute(delete(AuditRow).where(AuditRow.seq <= seq)).rowcount)
