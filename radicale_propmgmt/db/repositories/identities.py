"""Who a sent card may be: by name, by UID, by fingerprint, and whether an account was ever served it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import Connection, delete, exists, insert, select

from radicale_propmgmt.db.repositories import suppression
from radicale_propmgmt.db.tables import AccountAudience, Card, Fingerprint, Unlinked, Wire

if TYPE_CHECKING:
    from collections.abc import Iterable

    from radicale_propmgmt.db.unit_of_work import UnitOfWork


class Identity(NamedTuple):
    """A contact as the wire knows it, visible or not."""

    contact_id: int
    href: str
    state: int  # 0 active, 1 restricted, 2 erased


def find_by_name(connection: Connection, name: str) -> Identity | None:
    """Find whose card has a name, in any book of anybody."""
    row = connection.execute(select(Wire.contact_id, Wire.href, Wire.state).where(Wire.href == name)).first()
    return None if row is None else Identity(*row)


def find_by_uid(connection: Connection, uid: str, uid_mac: str) -> Identity | None:
    """Find whose UID it is or, of an erased contact, was."""
    row = connection.execute(
        select(Wire.contact_id, Wire.href, Wire.state).where((Wire.uid == uid) | (Wire.uid_mac == uid_mac)).limit(1)
    ).first()
    return None if row is None else Identity(*row)


def uid_of(connection: Connection, contact_id: int) -> str | None:
    """Return a contact's UID; None of an erased one."""
    return connection.scalar(select(Wire.uid).where(Wire.contact_id == contact_id))


def was_served(connection: Connection, account_id: int, contact_id: int) -> bool:
    """Tell whether an account ever had a card of a contact, in any audience it ever had."""
    audiences = select(AccountAudience.audience_id).where(AccountAudience.account_id == account_id)
    statement = select(exists().where(Card.contact_id == contact_id, Card.audience_id.in_(audiences)))
    return bool(connection.scalar(statement))


def find_alike(connection: Connection, macs: Iterable[bytes]) -> list[int]:
    """List the contacts that share a fingerprint, hidden ones included, and erased ones that left theirs."""
    wanted = sorted(macs)
    if not wanted:
        return []
    statement = select(Fingerprint.contact_id).where(Fingerprint.mac.in_(wanted)).distinct().limit(100)
    erased = suppression.list_known(connection, wanted).values()
    return sorted({*connection.scalars(statement), *erased})


def list_shown(connection: Connection, audience_id: int, contact_ids: Iterable[int]) -> set[int]:
    """List which contacts an audience sees now."""
    statement = (
        select(Card.contact_id)
        .join(Wire, Wire.contact_id == Card.contact_id)
        .where(
            Card.audience_id == audience_id,
            Card.contact_id.in_(sorted(contact_ids)),
            Card.etag.is_not(None),
            Wire.state == 0,
        )
    )
    return set(connection.scalars(statement))


def states_of(connection: Connection, contact_ids: Iterable[int]) -> dict[int, int]:
    """Map contacts to their states: 0 active, 1 restricted, 2 erased."""
    statement = select(Wire.contact_id, Wire.state).where(Wire.contact_id.in_(sorted(contact_ids)))
    return {row.contact_id: row.state for row in connection.execute(statement)}


def note_unlinked(uow: UnitOfWork, account_id: int, contact_id: int) -> None:
    """Note that an account took a contact out of a book."""
    forget_unlinked(uow, account_id, contact_id)
    uow.connection.execute(insert(Unlinked).values(account_id=account_id, contact_id=contact_id, at=uow.now))


def forget_unlinked(uow: UnitOfWork, account_id: int, contact_id: int) -> None:
    """Forget it: the contact has a place again."""
    uow.connection.execute(delete(Unlinked).where(Unlinked.account_id == account_id, Unlinked.contact_id == contact_id))


def macs_of(connection: Connection, contact_id: int) -> set[bytes]:
    """Return the fingerprints of a contact."""
    return set(connection.scalars(select(Fingerprint.mac).where(Fingerprint.contact_id == contact_id)))


def forget_moves(connection: Connection, contact_id: int) -> None:
    """Forget who took a contact out of a book."""
    connection.execute(delete(Unlinked).where(Unlinked.contact_id == contact_id))


def unlinked_at(connection: Connection, account_id: int, contact_id: int) -> int | None:
    """Return when an account took a contact out of a book, if it did."""
    return connection.scalar(
        select(Unlinked.at).where(Unlinked.account_id == account_id, Unlinked.contact_id == contact_id)
    )
