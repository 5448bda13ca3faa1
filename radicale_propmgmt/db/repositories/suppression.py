"""By what an erased contact is known again if a record or a card of it comes back: keyed MACs, never a text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Connection, delete, insert, or_, select

from radicale_propmgmt.db.repositories.contacts import chunks
from radicale_propmgmt.db.tables import ContactRow, Fingerprint, LedgerHead, Suppressed
from radicale_propmgmt.domain.secrets import Secrets, mac

if TYPE_CHECKING:
    from collections.abc import Iterable

    from radicale_propmgmt.db.unit_of_work import UnitOfWork

_NOW = select(LedgerHead.now).scalar_subquery()
_HOLDS = or_(Suppressed.until.is_(None), Suppressed.until > _NOW)


def key_mac(secrets: Secrets, key: str) -> bytes:
    """Return the MAC of a contact's external key."""
    return bytes.fromhex(mac(secrets.uid, b"key", key.encode()))


def source_mac(source_hash: str) -> bytes:
    """Return the MAC of the record a contact was imported from; it is kept as one already."""
    return bytes.fromhex(source_hash)


def remember(uow: UnitOfWork, contact_id: int, fingerprints_until: int | None) -> None:
    """Keep what identifies a contact's records, before its rows go.

    Args:
        uow: The unit of work.
        contact_id: A contact.
        fingerprints_until: Until when its addresses and numbers are kept as MACs, too; None = they are not.
    """
    row = uow.connection.execute(
        select(ContactRow.key, ContactRow.source_hash).where(ContactRow.id == contact_id)
    ).one()
    kept: dict[bytes, int | None] = {}
    if fingerprints_until is not None:
        macs = uow.connection.scalars(select(Fingerprint.mac).where(Fingerprint.contact_id == contact_id))
        kept |= dict.fromkeys(macs, fingerprints_until)
    if row.key:
        kept[key_mac(uow.secrets, row.key)] = None
    if row.source_hash:
        kept[source_mac(row.source_hash)] = None
    if kept:
        rows = [{"mac": found, "contact_id": contact_id, "until": until} for found, until in kept.items()]
        uow.connection.execute(insert(Suppressed), rows)


def list_known(connection: Connection, macs: Iterable[bytes]) -> dict[bytes, int]:
    """Map those of some MACs that an erased contact left to its number."""
    found: dict[bytes, int] = {}
    for chunk in _in_chunks(macs):
        statement = select(Suppressed.mac, Suppressed.contact_id).where(Suppressed.mac.in_(chunk), _HOLDS)
        found.update((row.mac, row.contact_id) for row in connection.execute(statement))
    return found


def is_empty(connection: Connection) -> bool:
    """Tell whether nothing is kept: then nobody need look."""
    return connection.scalar(select(Suppressed.mac).limit(1)) is None


def forget_old(uow: UnitOfWork) -> None:
    """Forget what has expired."""
    uow.connection.execute(delete(Suppressed).where(Suppressed.until <= uow.now))


def _in_chunks(macs: Iterable[bytes]) -> Iterable[list[bytes]]:
    wanted = sorted(set(macs))
    for positions in chunks(range(len(wanted))):
        yield [wanted[position] for position in positions]
