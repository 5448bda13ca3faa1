"""Write and read the facts that decide visibility: links, grants, consents, disclosures, blocks, relations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select, update

from radicale_propmgmt.db.tables import (
    BlockRow,
    ConsentRow,
    DisclosureRow,
    GrantRow,
    GroupRow,
    LinkRow,
    ObjectRow,
    RelationRow,
    UnitRow,
)
from radicale_propmgmt.domain.links import Link

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from radicale_propmgmt.db.unit_of_work import UnitOfWork


def insert_group(uow: UnitOfWork, slug: str, name: str, *, system: bool) -> int:
    """Insert a contact group."""
    return uow.connection.execute(
        insert(GroupRow).values(slug=slug, name=name, system=system).returning(GroupRow.id)
    ).scalar_one()


def update_group(uow: UnitOfWork, group_id: int, name: str) -> None:
    """Rename a contact group."""
    uow.connection.execute(update(GroupRow).where(GroupRow.id == group_id).values(name=name))


def insert_object(uow: UnitOfWork, **values: str) -> int:
    """Insert a property object."""
    return uow.connection.execute(insert(ObjectRow).values(**values).returning(ObjectRow.id)).scalar_one()


def update_object(uow: UnitOfWork, object_id: int, **values: str) -> None:
    """Change a property object's name or address."""
    uow.connection.execute(update(ObjectRow).where(ObjectRow.id == object_id).values(**values))


def insert_unit(uow: UnitOfWork, object_id: int, name: str) -> int:
    """Insert a unit of a property object."""
    return uow.connection.execute(
        insert(UnitRow).values(object_id=object_id, name=name).returning(UnitRow.id)
    ).scalar_one()


def insert_links(uow: UnitOfWork, rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Insert links; ids come back in the order given."""
    if not rows:
        return []
    statement = insert(LinkRow).returning(LinkRow.id, sort_by_parameter_order=True)
    return list(uow.connection.scalars(statement, list(rows)))


def update_link_window(uow: UnitOfWork, link_id: int, starts: date | None, until: date | None) -> None:
    """Set when a link holds."""
    uow.connection.execute(update(LinkRow).where(LinkRow.id == link_id).values(starts=starts, until=until))


def delete_link(uow: UnitOfWork, link_id: int) -> None:
    """Remove a link."""
    uow.connection.execute(delete(LinkRow).where(LinkRow.id == link_id))


def find_link(uow: UnitOfWork, link_id: int) -> tuple[int, Link] | None:
    """Return a link and its contact."""
    row = uow.connection.execute(
        select(
            LinkRow.contact_id,
            GroupRow.slug,
            ObjectRow.number,
            UnitRow.name,
            LinkRow.role,
            LinkRow.starts,
            LinkRow.until,
            LinkRow.id,
        )
        .join(GroupRow, GroupRow.id == LinkRow.group_id)
        .join(ObjectRow, ObjectRow.id == LinkRow.object_id)
        .outerjoin(UnitRow, UnitRow.id == LinkRow.unit_id)
        .where(LinkRow.id == link_id)
    ).first()
    return None if row is None else (row[0], Link(*row[1:]))


def insert_grant(
    uow: UnitOfWork, contact_id: int, subject: str, profile: str, *, starts: date | None, until: date | None
) -> int:
    """Insert a grant; its reason is the unit of work's."""
    return uow.connection.execute(
        insert(GrantRow)
        .values(
            contact_id=contact_id,
            subject=subject,
            profile=profile,
            starts=starts,
            until=until,
            reason=uow.reason,
            granted_at=uow.now,
        )
        .returning(GrantRow.id)
    ).scalar_one()


def revoke_grant(uow: UnitOfWork, grant_id: int) -> None:
    """Note that a grant is revoked; the row stays as a record."""
    uow.connection.execute(update(GrantRow).where(GrantRow.id == grant_id).values(revoked_at=uow.now))


def insert_consent(uow: UnitOfWork, contact_id: int, **values: Any) -> int:
    """Insert a consent."""
    return uow.connection.execute(
        insert(ConsentRow).values(contact_id=contact_id, **values).returning(ConsentRow.id)
    ).scalar_one()


def withdraw_consents(uow: UnitOfWork, contact_id: int, purpose: str) -> list[int]:
    """Withdraw every open consent to a purpose; the proof stays (GDPR Art. 7(1))."""
    statement = (
        update(ConsentRow)
        .where(ConsentRow.contact_id == contact_id, ConsentRow.purpose == purpose, ConsentRow.withdrawn_at.is_(None))
        .values(withdrawn_at=uow.now)
        .returning(ConsentRow.id)
    )
    return sorted(uow.connection.scalars(statement))


def insert_disclosure(uow: UnitOfWork, contact_id: int, **values: Any) -> int:
    """Insert a disclosure agreement."""
    return uow.connection.execute(
        insert(DisclosureRow).values(contact_id=contact_id, **values).returning(DisclosureRow.id)
    ).scalar_one()


def end_disclosures(uow: UnitOfWork, contact_id: int, purpose: str) -> list[int]:
    """End every open disclosure agreement for a purpose."""
    statement = (
        update(DisclosureRow)
        .where(
            DisclosureRow.contact_id == contact_id,
            DisclosureRow.purpose == purpose,
            DisclosureRow.ended_at.is_(None),
        )
        .values(ended_at=uow.now)
        .returning(DisclosureRow.id)
    )
    return sorted(uow.connection.scalars(statement))


def insert_relations(uow: UnitOfWork, rows: Sequence[tuple[int, int, str]]) -> int:
    """Insert relations (contact, other, type) that are not there; returns how many were new."""
    new = [
        {"contact_id": contact_id, "other_id": other_id, "type": kind}
        for contact_id, other_id, kind in dict.fromkeys(rows)
        if uow.connection.scalar(_relation(contact_id, other_id, kind)) is None
    ]
    if new:
        uow.connection.execute(insert(RelationRow), new)
    return len(new)


def delete_relation(uow: UnitOfWork, contact_id: int, other_id: int, kind: str) -> bool:
    """Delete one direction of a relation; tells whether it was there."""
    if uow.connection.scalar(_relation(contact_id, other_id, kind)) is None:
        return False
    uow.connection.execute(
        delete(RelationRow).where(
            RelationRow.contact_id == contact_id, RelationRow.other_id == other_id, RelationRow.type == kind
        )
    )
    return True


def _relation(contact_id: int, other_id: int, kind: str) -> Any:
    return select(RelationRow.type).where(
        RelationRow.contact_id == contact_id, RelationRow.other_id == other_id, RelationRow.type == kind
    )


def insert_block(uow: UnitOfWork, contact_id: int, code: str, *, until: date | None, record: Mapping[str, str]) -> int:
    """Insert a block; its reason is the unit of work's."""
    return uow.connection.execute(
        insert(BlockRow)
        .values(
            contact_id=contact_id,
            code=code,
            until=until,
            record=dict(record),
            reason=uow.reason,
            blocked_at=uow.now,
            blocked_by=uow.actor,
        )
        .returning(BlockRow.id)
    ).scalar_one()


def open_blocks(uow: UnitOfWork, contact_id: int) -> dict[str, int]:
    """Return the open blocks of a contact by code."""
    rows = uow.connection.execute(
        select(BlockRow.code, BlockRow.id)
        .where(BlockRow.contact_id == contact_id, BlockRow.lifted_at.is_(None))
        .order_by(BlockRow.id)
    )
    return {row.code: row.id for row in rows}


def lift_blocks(uow: UnitOfWork, contact_id: int, informed_on: date | None) -> None:
    """Lift every open block; the rows stay as the record of the restriction."""
    uow.connection.execute(
        update(BlockRow)
        .where(BlockRow.contact_id == contact_id, BlockRow.lifted_at.is_(None))
        .values(lifted_at=uow.now, lifted_by=uow.actor, lift_reason=uow.reason, informed_on=informed_on)
    )
