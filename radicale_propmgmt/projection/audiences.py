"""Which audience an account belongs to (DESIGN §2.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert, select, update

from radicale_propmgmt.db.repositories.audiences import styles_of_devices
from radicale_propmgmt.db.tables import Account, AccountAudience, AccountRight, AccountTeam, AudienceRow, GrantRow, Team
from radicale_propmgmt.domain.audiences import Audience, GroupStyle
from radicale_propmgmt.projection.project import project_audience, used_audiences
from radicale_propmgmt.projection.rules import rules_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from radicale_propmgmt.db.unit_of_work import UnitOfWork


def ensure(uow: UnitOfWork, audience: Audience) -> int:
    """Return the id of an audience, making its row if it is new; a variant's names its base and its style.

    Its cards come with ``assign`` and ``assign_variant``.
    """
    found = uow.connection.scalar(select(AudienceRow.id).where(AudienceRow.key == audience.key))
    if found is not None:
        return found
    values: dict[str, object] = {"key": audience.key}
    if not audience.is_base:
        values |= {"base_id": ensure(uow, audience.styled(GroupStyle.CATEGORIES)), "style": audience.style.value}
    return uow.connection.execute(insert(AudienceRow).values(values).returning(AudienceRow.id)).scalar_one()


def assign(uow: UnitOfWork, account_id: int) -> None:
    """Put an account into the audience that its teams, rights and naming make, and bring that audience in line.

    The audiences an account had stay noted, so that every token we issued to it stays valid (RFC 6578 §3.2). The
    variants that its devices read come with it.
    """
    in_line = used_audiences(uow)
    account = uow.connection.execute(select(Account.login, Account.named).where(Account.id == account_id)).one()
    named = account.named or _is_named(uow, account.login)
    audience = Audience(
        teams=frozenset(
            uow.connection.scalars(
                select(Team.name)
                .join(AccountTeam, AccountTeam.team_id == Team.id)
                .where(AccountTeam.account_id == account_id)
            )
        ),
        rights=frozenset(
            uow.connection.scalars(select(AccountRight.right).where(AccountRight.account_id == account_id))
        ),
        login=account.login if named else None,
    )
    audience_id = ensure(uow, audience)
    uow.connection.execute(update(Account).where(Account.id == account_id).values(audience_id=audience_id, named=named))
    _note_had(uow, account_id, audience_id)
    project_audience(uow, audience_id)
    for style in styles_of_devices(uow.connection, account_id):
        _take_variant(uow, account_id, audience.styled(style), in_line)


def assign_variant(uow: UnitOfWork, account_id: int, style: GroupStyle) -> None:
    """Bring the variant in line that an account's devices of a style read, before there is the first of them."""
    statement = select(AudienceRow.key).join(Account, Account.audience_id == AudienceRow.id)
    key = uow.connection.execute(statement.where(Account.id == account_id)).scalar_one()
    _take_variant(uow, account_id, Audience.from_key(key).styled(style), used_audiences(uow))


def _take_variant(uow: UnitOfWork, account_id: int, variant: Audience, in_line: Mapping[int, Audience]) -> None:
    """Note a variant for an account; project it unless devices read it already and every change reached it."""
    if variant.is_base:
        return
    variant_id = ensure(uow, variant)
    _note_had(uow, account_id, variant_id)
    if variant_id not in in_line:
        project_audience(uow, variant_id)


def _note_had(uow: UnitOfWork, account_id: int, audience_id: int) -> None:
    had = select(AccountAudience.audience_id).where(
        AccountAudience.account_id == account_id, AccountAudience.audience_id == audience_id
    )
    if uow.connection.scalar(had) is None:
        uow.connection.execute(insert(AccountAudience).values(account_id=account_id, audience_id=audience_id))


def _is_named(uow: UnitOfWork, login: str) -> bool:
    granted = select(GrantRow.id).where(GrantRow.to == f"account:{login}").limit(1)
    return login in rules_of(uow).named_accounts() or uow.connection.scalar(granted) is not None


def name_account(uow: UnitOfWork, login: str) -> None:
    """Give an account an audience of its own, because a rule, deny or grant names it; never undone."""
    account = uow.connection.execute(select(Account.id, Account.named).where(Account.login == login)).first()
    if account is not None and not account.named:
        uow.connection.execute(update(Account).where(Account.id == account.id).values(named=True))
        assign(uow, account.id)


def name_accounts(uow: UnitOfWork, logins: Iterable[str]) -> None:
    """Name several accounts; those that do not exist yet are named when they are added."""
    for login in sorted(logins):
        name_account(uow, login)
