"""Accounts as audiences, and the names that rules may use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Connection, or_, select

from radicale_propmgmt.db.tables import Account, AudienceRow, Device, GroupRow, ObjectRow, Team, Wire
from radicale_propmgmt.domain.audiences import Audience, GroupStyle

Names = frozenset[str]

if TYPE_CHECKING:
    from collections.abc import Sequence

    from radicale_propmgmt.domain.rules import RuleSet


def rule_names(connection: Connection) -> tuple[Names, Names, Names, Names]:
    """List the accounts, teams, objects and groups that a rule file may name."""
    return (
        frozenset(connection.scalars(select(Account.login))),
        frozenset(connection.scalars(select(Team.name))),
        frozenset(connection.scalars(select(ObjectRow.number))),
        frozenset(connection.scalars(select(GroupRow.slug))),
    )


def account_audiences(connection: Connection, rules: RuleSet) -> dict[str, Audience]:
    """Map every login to its audience, as it will be once these rules have named accounts."""
    named = rules.named_accounts()
    found: dict[str, Audience] = {}
    for login, key in connection.execute(
        select(Account.login, AudienceRow.key)
        .join(AudienceRow, AudienceRow.id == Account.audience_id)
        .where(Account.disabled.is_(False))
    ):
        audience = Audience.from_key(key)
        own = login if login in named else audience.login
        found[login] = Audience(audience.teams, audience.rights, own)
    return found


def find_account(connection: Connection, login: str) -> Audience | None:
    """Find the audience of an account."""
    key = connection.scalar(
        select(AudienceRow.key).join(Account, Account.audience_id == AudienceRow.id).where(Account.login == login)
    )
    return None if key is None else Audience.from_key(key)


def used_audiences(connection: Connection) -> dict[int, tuple[Audience, int]]:
    """Map the ids of audiences that somebody reads to (audience, seq): those of accounts, variants of live devices."""
    reads_variant = (
        select(Device.id)
        .join(Account, Account.id == Device.account_id)
        .where(
            Account.audience_id == AudienceRow.base_id,
            Device.groups_mode == AudienceRow.style,
            Device.revoked_at.is_(None),
        )
        .exists()
    )
    rows = connection.execute(
        select(AudienceRow.id, AudienceRow.key, AudienceRow.seq)
        .where(or_(AudienceRow.id.in_(select(Account.audience_id)), reads_variant))
        .order_by(AudienceRow.id)
    )
    return {row.id: (Audience.from_key(row.key), row.seq) for row in rows}


def styles_of_devices(connection: Connection, account_id: int) -> list[GroupStyle]:
    """List how the live devices of an account are told of groups."""
    statement = select(Device.groups_mode).where(Device.account_id == account_id, Device.revoked_at.is_(None))
    return sorted({GroupStyle(mode) for mode in connection.scalars(statement)})


def all_contact_ids(connection: Connection) -> Sequence[int]:
    """List the ids of all contacts, tombstones included; the negative ids are groups."""
    return connection.scalars(select(Wire.contact_id).where(Wire.contact_id > 0).order_by(Wire.contact_id)).all()
