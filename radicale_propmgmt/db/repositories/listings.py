"""Lists for people: what the command line and the office show, as frozen rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from radicale_propmgmt.db.tables import (
    BlockRow,
    ConsentRow,
    ContactRow,
    DisclosureRow,
    GrantRow,
    GroupRow,
    LinkRow,
    Membership,
    ObjectRow,
    RelationRow,
    UnitRow,
    Wire,
)

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class LinkEntry:
    """One link as listed."""

    id: int
    contact: int
    key: str | None
    group: str
    object: str
    unit: str | None
    role: str | None
    starts: date | None
    until: date | None


@dataclass(frozen=True, slots=True)
class GrantEntry:
    """One grant as listed."""

    id: int
    contact: int
    key: str | None
    to: str
    profile: str
    starts: date | None
    until: date | None
    reason: str
    granted_at: int
    revoked_at: int | None


@dataclass(frozen=True, slots=True)
class ConsentEntry:
    """One consent as listed."""

    id: int
    contact: int
    key: str | None
    purpose: str
    given_on: date
    valid_until: date | None
    withdrawn_at: int | None
    text_version: str
    channel: str
    proof: str


@dataclass(frozen=True, slots=True)
class DisclosureEntry:
    """One disclosure agreement as listed."""

    id: int
    contact: int
    key: str | None
    purpose: str
    recipient: str
    basis: str
    starts: date | None
    until: date | None
    ended_at: int | None


@dataclass(frozen=True, slots=True)
class RelationEntry:
    """One directed relation as listed."""

    contact: int
    key: str | None
    type: str
    other: int


@dataclass(frozen=True, slots=True)
class BlockEntry:
    """One block and its lifting as listed."""

    id: int
    contact: int
    code: str
    until: date | None
    record: dict[str, Any]
    reason: str
    blocked_at: int
    blocked_by: str
    lifted_at: int | None
    lifted_by: str | None
    lift_reason: str | None
    informed_on: date | None


@dataclass(frozen=True, slots=True)
class ObjectEntry:
    """One property object as listed."""

    number: str
    name: str
    street: str
    postal_code: str
    city: str
    units: list[str]


def list_objects(connection: Connection) -> list[ObjectEntry]:
    """List the property objects with their units."""
    names: dict[int, list[str]] = {}
    for object_id, name in connection.execute(select(UnitRow.object_id, UnitRow.name).order_by(UnitRow.name)):
        names.setdefault(object_id, []).append(name)
    rows = connection.execute(
        select(
            ObjectRow.id, ObjectRow.number, ObjectRow.name, ObjectRow.street, ObjectRow.postal_code, ObjectRow.city
        ).order_by(ObjectRow.number)
    )
    return [ObjectEntry(*row[1:], names.get(row[0], [])) for row in rows]


def count_by_group(connection: Connection) -> dict[str, int]:
    """Count the contacts of each group that are not restricted, by membership or link."""
    pairs = select(Membership.contact_id, Membership.group_id).union(select(LinkRow.contact_id, LinkRow.group_id))
    inner = pairs.subquery()
    rows = connection.execute(
        select(GroupRow.slug, func.count().label("contacts"))
        .join(inner, inner.c.group_id == GroupRow.id)
        .join(Wire, Wire.contact_id == inner.c.contact_id)
        .where(Wire.state == 0)
        .group_by(GroupRow.slug)
    )
    return {row.slug: row.contacts for row in rows}


def list_links(
    connection: Connection, *, contact_id: int | None = None, object_number: str | None = None, blocked: bool = False
) -> list[LinkEntry]:
    """List links; those of restricted contacts only if asked."""
    statement = (
        select(
            LinkRow.id,
            LinkRow.contact_id,
            ContactRow.key,
            GroupRow.slug,
            ObjectRow.number,
            UnitRow.name,
            LinkRow.role,
            LinkRow.starts,
            LinkRow.until,
        )
        .join(ContactRow, ContactRow.id == LinkRow.contact_id)
        .join(GroupRow, GroupRow.id == LinkRow.group_id)
        .join(ObjectRow, ObjectRow.id == LinkRow.object_id)
        .outerjoin(UnitRow, UnitRow.id == LinkRow.unit_id)
        .order_by(LinkRow.contact_id, LinkRow.id)
    )
    if object_number is not None:
        statement = statement.where(ObjectRow.number == object_number)
    return [LinkEntry(*row) for row in connection.execute(_narrow(statement, LinkRow, contact_id, blocked=blocked))]


def list_grants(connection: Connection, *, contact_id: int | None = None, blocked: bool = False) -> list[GrantEntry]:
    """List grants, revoked ones included."""
    statement = select(
        GrantRow.id,
        GrantRow.contact_id,
        ContactRow.key,
        GrantRow.to,
        GrantRow.profile,
        GrantRow.starts,
        GrantRow.until,
        GrantRow.reason,
        GrantRow.granted_at,
        GrantRow.revoked_at,
    ).join(ContactRow, ContactRow.id == GrantRow.contact_id)
    rows = connection.execute(_narrow(statement.order_by(GrantRow.id), GrantRow, contact_id, blocked=blocked))
    return [GrantEntry(*row) for row in rows]


def list_consents(
    connection: Connection, *, contact_id: int | None = None, blocked: bool = False
) -> list[ConsentEntry]:
    """List consents, withdrawn ones included."""
    statement = select(
        ConsentRow.id,
        ConsentRow.contact_id,
        ContactRow.key,
        ConsentRow.purpose,
        ConsentRow.given_on,
        ConsentRow.valid_until,
        ConsentRow.withdrawn_at,
        ConsentRow.text_version,
        ConsentRow.channel,
        ConsentRow.proof,
    ).join(ContactRow, ContactRow.id == ConsentRow.contact_id)
    rows = connection.execute(_narrow(statement.order_by(ConsentRow.id), ConsentRow, contact_id, blocked=blocked))
    return [ConsentEntry(*row) for row in rows]


def list_disclosures(
    connection: Connection, *, contact_id: int | None = None, blocked: bool = False
) -> list[DisclosureEntry]:
    """List disclosure agreements, ended ones included."""
    statement = select(
        DisclosureRow.id,
        DisclosureRow.contact_id,
        ContactRow.key,
        DisclosureRow.purpose,
        DisclosureRow.recipient,
        DisclosureRow.basis,
        DisclosureRow.starts,
        DisclosureRow.until,
        DisclosureRow.ended_at,
    ).join(ContactRow, ContactRow.id == DisclosureRow.contact_id)
    rows = connection.execute(_narrow(statement.order_by(DisclosureRow.id), DisclosureRow, contact_id, blocked=blocked))
    return [DisclosureEntry(*row) for row in rows]


def list_relations(
    connection: Connection, *, contact_id: int | None = None, blocked: bool = False
) -> list[RelationEntry]:
    """List relations, each in both directions."""
    statement = select(RelationRow.contact_id, ContactRow.key, RelationRow.type, RelationRow.other_id).join(
        ContactRow, ContactRow.id == RelationRow.contact_id
    )
    ordered = statement.order_by(RelationRow.contact_id, RelationRow.type, RelationRow.other_id)
    rows = connection.execute(_narrow(ordered, RelationRow, contact_id, blocked=blocked))
    return [RelationEntry(*row) for row in rows]


def list_blocks(connection: Connection, contact_id: int | None = None, *, only_open: bool = False) -> list[BlockEntry]:
    """List blocks in the order they were set, lifted ones included unless ``only_open``."""
    statement = select(
        BlockRow.id,
        BlockRow.contact_id,
        BlockRow.code,
        BlockRow.until,
        BlockRow.record,
        BlockRow.reason,
        BlockRow.blocked_at,
        BlockRow.blocked_by,
        BlockRow.lifted_at,
        BlockRow.lifted_by,
        BlockRow.lift_reason,
        BlockRow.informed_on,
    ).order_by(BlockRow.id)
    if contact_id is not None:
        statement = statement.where(BlockRow.contact_id == contact_id)
    if only_open:
        statement = statement.where(BlockRow.lifted_at.is_(None))
    return [BlockEntry(*row) for row in connection.execute(statement)]


def _narrow(statement: Any, table: Any, contact_id: int | None, *, blocked: bool) -> Any:
    """Keep one contact's rows; without one, leave restricted contacts out unless they are asked for."""
    if contact_id is not None:
        return statement.where(table.contact_id == contact_id)
    if blocked:
        return statement
    return statement.join(Wire, Wire.contact_id == table.contact_id).where(Wire.state == 0)
