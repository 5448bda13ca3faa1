"""Accounts as audiences, and the names that rules may use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Connection, select

from radicale_propmgmt.db.tables import Account, AudienceRow, GroupRow, ObjectRow, Team, Wire
from radicale_propmgmt.domain.audiences import Audience

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


def all_contact_ids(connection: Connection) -> Sequence[int]:
    """List the ids of all contacts, tombstones included."""
    return connection.scalars(select(Wire.contact_id).order_by(Wire.contact_id)).all()
