"""Find things by the names that people and files use for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import func, select

from radicale_propmgmt.db.tables import (
    Account,
    ContactRow,
    GrantRow,
    GroupRow,
    LinkRow,
    Membership,
    ObjectRow,
    Team,
    UnitRow,
    Wire,
)
from radicale_propmgmt.domain.property_objects import Group, PropertyObject, Unit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy import Connection

#: What an id may be at most: SQLite and PostgreSQL refuse larger integers.
LARGEST_ID = 2**31 - 1


class KnownContact(NamedTuple):
    """What an import needs to know about a contact before it reads it whole."""

    id: int
    key: str | None
    uid: str | None
    state: int
    source_hash: str


def contact_ids(connection: Connection, reference: str) -> list[int]:
    """List the contacts that a text names: by key or UID, else by id; ``id:17`` and ``key:17`` say which."""
    how, _, rest = reference.partition(":")
    statement = select(ContactRow.id).join(Wire, Wire.contact_id == ContactRow.id)
    if how == "id" and rest:
        named = ContactRow.id == _number(rest)
    elif how == "key" and rest:
        named = ContactRow.key == rest
    else:
        named = (ContactRow.key == reference) | (Wire.uid == reference) | (ContactRow.id == _number(reference))
    return list(connection.scalars(statement.where(named).order_by(ContactRow.id)))


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and text.isascii() and int(text) <= LARGEST_ID else -1


def contact_state(connection: Connection, contact_id: int) -> int | None:
    """Return a contact's state: 0 active, 1 restricted, 2 erased."""
    return connection.scalar(select(Wire.state).where(Wire.contact_id == contact_id))


def known_contacts(
    connection: Connection, *, keys: Iterable[str] = (), uids: Iterable[str] = (), source_hashes: Iterable[str] = ()
) -> list[KnownContact]:
    """List the contacts that have one of these keys, UIDs or source hashes."""
    statement = select(ContactRow.id, ContactRow.key, Wire.uid, Wire.state, ContactRow.source_hash).join(
        Wire, Wire.contact_id == ContactRow.id
    )
    found: dict[int, KnownContact] = {}
    for column, names in ((ContactRow.key, keys), (Wire.uid, uids), (ContactRow.source_hash, source_hashes)):
        for chunk in _text_chunks(names):
            for row in connection.execute(statement.where(column.in_(chunk))):
                found[row.id] = KnownContact(*row)
    return list(found.values())


def tombstones(connection: Connection, uid_macs: Iterable[str]) -> set[str]:
    """List which of these MACs belong to a contact that was erased."""
    found: set[str] = set()
    for chunk in _text_chunks(uid_macs):
        statement = select(Wire.uid_mac).where(Wire.uid_mac.in_(chunk), Wire.state == 2)
        found.update(text for text in connection.scalars(statement) if text)
    return found


def _text_chunks(names: Iterable[str]) -> Iterator[Sequence[str]]:
    rest = list(names)
    for start in range(0, len(rest), 500):
        yield rest[start : start + 500]


def groups_by_slug(connection: Connection) -> dict[str, Group]:
    """Return all contact groups by slug."""
    rows = connection.execute(
        select(GroupRow.id, GroupRow.slug, GroupRow.name, GroupRow.system).order_by(GroupRow.id)
    ).all()
    return {row.slug: Group(*row) for row in rows}


def objects_by_number(connection: Connection) -> dict[str, PropertyObject]:
    """Return all property objects by number."""
    rows = connection.execute(
        select(
            ObjectRow.id,
            ObjectRow.number,
            ObjectRow.name,
            ObjectRow.street,
            ObjectRow.postal_code,
            ObjectRow.city,
            ObjectRow.controller,
        ).order_by(ObjectRow.number)
    ).all()
    return {row.number: PropertyObject(*row) for row in rows}


def find_object(connection: Connection, number: str) -> PropertyObject | None:
    """Return one property object."""
    return objects_by_number(connection).get(number)


def units(connection: Connection) -> dict[tuple[int, str], Unit]:
    """Return all units by object id and name."""
    rows = connection.execute(
        select(UnitRow.id, UnitRow.object_id, UnitRow.name).order_by(UnitRow.object_id, UnitRow.name)
    ).all()
    return {(row.object_id, row.name): Unit(*row) for row in rows}


def contacts_of_object(connection: Connection, object_id: int) -> list[int]:
    """List the contacts linked to a property object, whatever the link's window."""
    return list(connection.scalars(select(LinkRow.contact_id).where(LinkRow.object_id == object_id).distinct()))


def contacts_of_group(connection: Connection, group_id: int) -> list[int]:
    """List the contacts in a group, by membership or link."""
    members = connection.scalars(select(Membership.contact_id).where(Membership.group_id == group_id)).all()
    linked = connection.scalars(select(LinkRow.contact_id).where(LinkRow.group_id == group_id)).all()
    return sorted({*members, *linked})


def contacts_of_unit(connection: Connection, unit_id: int) -> list[int]:
    """List the contacts linked to a unit."""
    return list(connection.scalars(select(LinkRow.contact_id).where(LinkRow.unit_id == unit_id).distinct()))


def subject_exists(connection: Connection, subject: str) -> bool:
    """Tell whether ``account:LOGIN`` or ``team:NAME`` exists."""
    kind, _, name = subject.partition(":")
    if kind == "account":
        return connection.scalar(select(Account.id).where(Account.login == name)) is not None
    return kind == "team" and connection.scalar(select(Team.id).where(Team.name == name)) is not None


def grant_contact(connection: Connection, grant_id: int) -> int | None:
    """Return the contact of a grant that still holds."""
    return connection.scalar(select(GrantRow.contact_id).where(GrantRow.id == grant_id, GrantRow.revoked_at.is_(None)))


def search_contacts(connection: Connection, needles: Sequence[str], *, limit: int, blocked: bool = False) -> list[int]:
    """List contacts whose folded names, companies, addresses and numbers hold every needle."""
    statement = select(ContactRow.id).join(Wire, Wire.contact_id == ContactRow.id)
    if not blocked:
        statement = statement.where(Wire.state == 0)
    for needle in needles:
        statement = statement.where(ContactRow.search_key.contains(needle, autoescape=True))
    return list(connection.scalars(statement.order_by(ContactRow.family, ContactRow.given, ContactRow.id).limit(limit)))


def contact_page(
    connection: Connection,
    *,
    group_id: int | None = None,
    object_id: int | None = None,
    limit: int | None = None,
    blocked: bool = False,
) -> list[int]:
    """List contacts, of one group or object if asked; restricted ones only if asked."""
    statement = select(ContactRow.id).join(Wire, Wire.contact_id == ContactRow.id)
    if not blocked:
        statement = statement.where(Wire.state == 0)
    if group_id is not None:
        members = select(Membership.contact_id).where(Membership.group_id == group_id)
        linked = select(LinkRow.contact_id).where(LinkRow.group_id == group_id)
        statement = statement.where(ContactRow.id.in_(members) | ContactRow.id.in_(linked))
    if object_id is not None:
        statement = statement.where(ContactRow.id.in_(select(LinkRow.contact_id).where(LinkRow.object_id == object_id)))
    return list(connection.scalars(statement.order_by(ContactRow.id).limit(limit)))


def count_contacts(connection: Connection) -> int:
    """Count the contacts that are not erased."""
    return connection.scalar(select(func.count()).select_from(ContactRow)) or 0
