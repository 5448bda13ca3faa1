"""Audit chain, history and outbox: appended in the transaction of the change itself."""

from __future__ import annotations

import json
import secrets as random_source
from hashlib import blake2b, sha256
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select

from radicale_propmgmt.db.tables import AuditPersonal, AuditRow, History, Outbox

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from radicale_propmgmt.db.unit_of_work import UnitOfWork

GENESIS = "0" * 64


def record_audit(
    uow: UnitOfWork,
    action: str,
    *,
    contact_id: int | None = None,
    facts: Mapping[str, Any] | None = None,
    personal: str = "",
) -> int:
    """Append one link to the hash chain.

    Args:
        uow: The unit of work of the change.
        action: A code such as ``contact.blocked``.
        contact_id: Whom it concerns.
        facts: Codes, numbers and field names; never personal data.
        personal: Text with personal data. Only its salted commitment enters the chain, so that erasing salt and
            text leaves the chain verifiable.

    Returns:
        The entry's number in the chain.
    """
    last = uow.connection.execute(select(AuditRow.seq, AuditRow.hash).order_by(AuditRow.seq.desc()).limit(1)).first()
    seq, previous = (last.seq + 1, last.hash) if last else (1, GENESIS)
    salt = random_source.token_bytes(16) if personal else b""
    values: dict[str, Any] = {
        "seq": seq,
        "rev": uow.rev,
        "at": uow.now,
        "actor": uow.actor,
        "action": action,
        "contact_id": contact_id,
        "rules_version": uow.rules_version,
        "facts": dict(facts or {}),
        "commitment": sha256(salt + personal.encode()).hexdigest() if personal else "",
        "previous": previous,
    }
    uow.connection.execute(insert(AuditRow).values(**values, hash=link_hash(uow.secrets.audit, values)))
    if personal:
        uow.connection.execute(insert(AuditPersonal).values(seq=seq, salt=salt, text=personal))
    return seq


def link_hash(key: bytes, values: Mapping[str, Any]) -> str:
    """Return the keyed hash over one entry and its predecessor's hash."""
    content = json.dumps(dict(sorted(values.items())), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return blake2b(content.encode(), key=key, digest_size=32).hexdigest()


def record_history(
    uow: UnitOfWork, contact_id: int, fields: Iterable[str], before: Mapping[str, Any], after: Mapping[str, Any]
) -> None:
    """Keep what an accepted change replaced, until the contact is erased."""
    uow.connection.execute(
        insert(History).values(
            contact_id=contact_id,
            rev=uow.rev,
            at=uow.now,
            actor=uow.actor,
            device_id=uow.device_id,
            fields=sorted(fields),
            before=dict(before),
            after=dict(after),
        )
    )


def record_event(
    uow: UnitOfWork, event: str, contact_id: int | None = None, facts: Mapping[str, Any] | None = None
) -> None:
    """Put an event into the outbox: ids and field names, never values."""
    uow.connection.execute(
        insert(Outbox).values(rev=uow.rev, at=uow.now, type=event, contact_id=contact_id, facts=dict(facts or {}))
    )
