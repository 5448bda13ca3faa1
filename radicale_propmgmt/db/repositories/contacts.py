"""Load contacts, and the facts that decide who sees them, as frozen values."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, Select, select

from radicale_propmgmt.db.tables import (
    BankAccountRow,
    ConsentRow,
    ContactRow,
    ContactTag,
    ContactValue,
    DisclosureRow,
    GrantRow,
    GroupRow,
    LinkRow,
    MandateRow,
    Membership,
    ObjectRow,
    RelationRow,
    UnitRow,
    Wire,
)
from radicale_propmgmt.domain.contacts import (
    BankAccount,
    Contact,
    ContactKind,
    ContactState,
    Mandate,
    Name,
    PropertyValue,
    Relation,
)
from radicale_propmgmt.domain.grants import Consent, Disclosure, Grant
from radicale_propmgmt.domain.links import Link
from radicale_propmgmt.domain.visibility import Subject

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

#: Numbers in one IN list: below SQLite's variable limit, and one prepared statement for most chunks.
CHUNK = 500

STATES = (ContactState.ACTIVE, ContactState.RESTRICTED, ContactState.ERASED)


def chunks(ids: Iterable[int]) -> Iterator[list[int]]:
    """Cut ids into lists of at most ``CHUNK``."""
    rest = list(ids)
    for start in range(0, len(rest), CHUNK):
        yield rest[start : start + CHUNK]


def load_subjects(connection: Connection, ids: Iterable[int]) -> dict[int, Subject]:
    """Load what visibility depends on, for contacts that exist or left a tombstone."""
    found: dict[int, Subject] = {}
    for chunk in chunks(ids):
        found.update(_subjects(connection, chunk))
    return found


def _subjects(connection: Connection, ids: list[int]) -> dict[int, Subject]:
    rows = connection.execute(
        select(Wire.contact_id, Wire.state, ContactRow.protected)
        .outerjoin(ContactRow, ContactRow.id == Wire.contact_id)
        .where(Wire.contact_id.in_(ids))
    ).all()
    links = _links(connection, ids)
    tags = _grouped(connection, select(ContactTag.contact_id, ContactTag.tag), ContactTag.contact_id, ids)
    grants = _grouped(
        connection,
        select(GrantRow.contact_id, GrantRow.to, GrantRow.profile, GrantRow.starts, GrantRow.until, GrantRow.id).where(
            GrantRow.revoked_at.is_(None)
        ),
        GrantRow.contact_id,
        ids,
    )
    consents = _grouped(
        connection,
        select(
            ConsentRow.contact_id,
            ConsentRow.purpose,
            ConsentRow.given_on,
            ConsentRow.valid_until,
            ConsentRow.withdrawn_at,
            ConsentRow.id,
        ).order_by(ConsentRow.id),
        ConsentRow.contact_id,
        ids,
    )
    disclosures = _grouped(
        connection,
        select(
            DisclosureRow.contact_id,
            DisclosureRow.purpose,
            DisclosureRow.starts,
            DisclosureRow.until,
            DisclosureRow.basis,
            DisclosureRow.id,
        )
        .where(DisclosureRow.ended_at.is_(None))
        .order_by(DisclosureRow.id),
        DisclosureRow.contact_id,
        ids,
    )
    return {
        contact_id: Subject(
            id=contact_id,
            state=STATES[state],
            protected=bool(protected),
            tags=frozenset(row[0] for row in tags[contact_id]),
            links=tuple(links[contact_id]),
            grants=tuple(Grant(*row) for row in grants[contact_id]),
            consents=tuple(
                Consent(purpose, given, until, withdrawn is not None, number)
                for purpose, given, until, withdrawn, number in consents[contact_id]
            ),
            disclosures=tuple(Disclosure(*row) for row in disclosures[contact_id]),
        )
        for contact_id, state, protected in rows
    }


def _links(connection: Connection, ids: list[int]) -> dict[int, list[Link]]:
    links: dict[int, list[Link]] = defaultdict(list)
    plain = (
        select(Membership.contact_id, GroupRow.slug)
        .join(GroupRow, GroupRow.id == Membership.group_id)
        .where(Membership.contact_id.in_(ids))
        .order_by(Membership.contact_id, GroupRow.slug)
    )
    for contact_id, slug in connection.execute(plain):
        links[contact_id].append(Link(slug))
    linked = (
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
        .where(LinkRow.contact_id.in_(ids))
        .order_by(LinkRow.contact_id, LinkRow.id)
    )
    for contact_id, group, number, unit, role, starts, until, link_id in connection.execute(linked):
        links[contact_id].append(Link(group, number, unit, role, starts, until, link_id))
    return links


def _grouped(
    connection: Connection, statement: Select[*tuple[Any, ...]], column: ColumnElement[int] | Any, ids: Sequence[int]
) -> dict[int, list[tuple[Any, ...]]]:
    found: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for contact_id, *rest in connection.execute(statement.where(column.in_(ids))):
        found[contact_id].append(tuple(rest))
    return found


def load_contacts(connection: Connection, ids: Iterable[int]) -> dict[int, Contact]:
    """Load whole contacts, restricted ones included; who may see them is not decided here."""
    found: dict[int, Contact] = {}
    for chunk in chunks(ids):
        found.update(_contacts(connection, chunk))
    return found


def _contacts(connection: Connection, ids: list[int]) -> dict[int, Contact]:
    values = _grouped(
        connection,
        select(
            ContactValue.contact_id, ContactValue.name, ContactValue.value, ContactValue.params, ContactValue.label
        ).order_by(ContactValue.contact_id, ContactValue.position),
        ContactValue.contact_id,
        ids,
    )
    accounts = _grouped(
        connection,
        select(
            BankAccountRow.contact_id,
            BankAccountRow.iban,
            BankAccountRow.bic,
            BankAccountRow.holder,
            BankAccountRow.bank_name,
        ).order_by(BankAccountRow.contact_id, BankAccountRow.position),
        BankAccountRow.contact_id,
        ids,
    )
    mandates = _grouped(
        connection,
        select(
            MandateRow.contact_id,
            MandateRow.reference,
            MandateRow.creditor_id,
            MandateRow.signed_on,
            MandateRow.sequence,
            MandateRow.scheme,
        ).order_by(MandateRow.contact_id, MandateRow.position),
        MandateRow.contact_id,
        ids,
    )
    relations = _grouped(
        connection,
        select(RelationRow.contact_id, RelationRow.type, RelationRow.other_id).order_by(
            RelationRow.contact_id, RelationRow.type, RelationRow.other_id
        ),
        RelationRow.contact_id,
        ids,
    )
    tags = _grouped(connection, select(ContactTag.contact_id, ContactTag.tag), ContactTag.contact_id, ids)
    rows = connection.execute(
        select(ContactRow.__table__, Wire.href, Wire.uid, Wire.state)
        .join(Wire, Wire.contact_id == ContactRow.id)
        .where(ContactRow.id.in_(ids))
    ).all()
    return {
        row.id: _contact(
            row,
            relations=tuple(Relation(*r) for r in relations[row.id]),
            tags=frozenset(t[0] for t in tags[row.id]),
            values=tuple(PropertyValue(n, v, params_of(p), label) for n, v, p, label in values[row.id]),
            bank_accounts=tuple(BankAccount(*a) for a in accounts[row.id]),
            mandates=tuple(Mandate(*m) for m in mandates[row.id]),
        )
        for row in rows
    }


def params_of(stored: list[Any]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Read parameters back from their stored form ``[[NAME, [value, …]], …]``."""
    return tuple((name, tuple(values)) for name, values in stored)


def _contact(row: Any, **parts: Any) -> Contact:
    return Contact(
        id=row.id,
        uid=row.uid or "",
        href=row.href,
        key=row.key,
        state=STATES[row.state],
        kind=ContactKind(row.kind),
        protected=row.protected,
        name=Name(
            family=row.family,
            given=row.given,
            additional=row.additional,
            prefix=row.prefix,
            suffix=row.suffix,
            nickname=row.nickname,
            formatted=row.formatted,
            sort_as=row.sort_as,
            phonetic_given=row.phonetic_given,
            phonetic_family=row.phonetic_family,
            extra=tuple((k, v) for k, v in row.name_extra),
        ),
        salutation=row.salutation,
        letter_salutation=row.letter_salutation,
        organisation=tuple(row.organisation),
        title=row.title,
        role=row.role,
        expertise=row.expertise,
        birthday=row.birthday,
        anniversary=row.anniversary,
        deathdate=row.deathdate,
        note=row.note,
        internal_note=row.internal_note,
        changed_at=datetime.fromtimestamp(row.changed_at, tz=UTC),
        **parts,
    )


def related_ids(connection: Connection, ids: Iterable[int]) -> set[int]:
    """List the contacts related to any of these, in either direction."""
    found: set[int] = set()
    for chunk in chunks(ids):
        found.update(
            connection.scalars(select(RelationRow.other_id).where(RelationRow.contact_id.in_(chunk))),
            connection.scalars(select(RelationRow.contact_id).where(RelationRow.other_id.in_(chunk))),
        )
    return found
