"""Audit and outbox of many contacts at once: the same rows as one by one, in three statements."""

from __future__ import annotations

import secrets as random_source
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select

from radicale_propmgmt.db.repositories.audit import GENESIS, link_hash
from radicale_propmgmt.db.tables import AuditPersonal, AuditRow, Outbox

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from radicale_propmgmt.db.unit_of_work import UnitOfWork


def record_many(uow: UnitOfWork, action: str, entries: Sequence[tuple[int, Mapping[str, Any]]]) -> None:
    """Append one link to the hash chain, and one event, for each (contact, facts).

    Facts hold codes, numbers and field names; the reason of the unit of work is the personal part of each.
    """
    if not entries:
        return
    last = uow.connection.execute(select(AuditRow.seq, AuditRow.hash).order_by(AuditRow.seq.desc()).limit(1)).first()
    seq, previous = (last.seq, last.hash) if last else (0, GENESIS)
    rows: list[dict[str, Any]] = []
    personal: list[dict[str, Any]] = []
    for contact_id, facts in entries:
        seq += 1
        salt = random_source.token_bytes(16) if uow.reason else b""
        values: dict[str, Any] = {
            "seq": seq,
            "rev": uow.rev,
            "at": uow.now,
            "actor": uow.actor,
            "action": action,
            "contact_id": contact_id,
            "rules_version": uow.rules_version,
            "facts": dict(facts),
            "commitment": sha256(salt + uow.reason.encode()).hexdigest() if uow.reason else "",
            "previous": previous,
        }
        previous = link_hash(uow.secrets.audit, values)
        rows.append({**values, "hash": previous})
        if uow.reason:
            personal.append({"seq": seq, "salt": salt, "text": uow.reason})
    uow.connection.execute(insert(AuditRow), rows)
    if personal:
        uow.connection.execute(insert(AuditPersonal), personal)
    events = [
        {"rev": uow.rev, "at": uow.now, "type": action, "contact_id": contact_id, "facts": dict(facts)}
        for contact_id, facts in entries
    ]
    uow.connection.execute(insert(Outbox), events)
