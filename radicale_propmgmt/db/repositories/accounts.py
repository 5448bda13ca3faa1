"""All queries on accounts, teams, rights and devices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, delete, func, insert, select, update

from radicale_propmgmt.db.tables import Account, AccountRight, AccountTeam, Device, Team

if TYPE_CHECKING:
    from collections.abc import Iterable

    from radicale_propmgmt.db.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountSummary:
    """An account as the command line lists it."""

    id: int
    login: str
    name: str
    disabled: bool
    external: bool
    has_password: bool
    teams: tuple[str, ...]
    rights: tuple[str, ...]
    devices: int
    created_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceSummary:
    """A device as the command line lists it."""

    id: int
    login: str
    label: str
    layout: str
    groups_mode: str
    created_at: int
    last_seen_at: int | None
    revoked_at: int | None


def find_account_id(connection: Connection, login: str) -> int | None:
    """Find an account by its login."""
    return connection.scalar(select(Account.id).where(Account.login == login))


def insert_account(uow: UnitOfWork, login: str, name: str, audience_id: int, *, external: bool) -> int:
    """Add an account and return its id."""
    return uow.connection.execute(
        insert(Account)
        .values(login=login, name=name, audience_id=audience_id, external=external, created_at=uow.now)
        .returning(Account.id)
    ).scalar_one()


def update_account(uow: UnitOfWork, account_id: int, **values: Any) -> None:
    """Change columns of an account."""
    uow.connection.execute(update(Account).where(Account.id == account_id).values(**values))


def ensure_team(uow: UnitOfWork, name: str) -> int:
    """Return the id of a team, adding it if it is new."""
    found = uow.connection.scalar(select(Team.id).where(Team.name == name))
    if found is not None:
        return found
    return uow.connection.execute(insert(Team).values(name=name).returning(Team.id)).scalar_one()


def set_teams(uow: UnitOfWork, account_id: int, teams: Iterable[str]) -> None:
    """Put an account into exactly these teams."""
    uow.connection.execute(delete(AccountTeam).where(AccountTeam.account_id == account_id))
    for team in sorted(set(teams)):
        uow.connection.execute(insert(AccountTeam).values(account_id=account_id, team_id=ensure_team(uow, team)))


def set_rights(uow: UnitOfWork, account_id: int, rights: Iterable[str]) -> None:
    """Give an account exactly these rights."""
    uow.connection.execute(delete(AccountRight).where(AccountRight.account_id == account_id))
    for right in sorted(set(rights)):
        uow.connection.execute(insert(AccountRight).values({"account_id": account_id, AccountRight.right: right}))


def teams_of(connection: Connection, account_id: int) -> tuple[str, ...]:
    """List the teams of an account."""
    statement = select(Team.name).join(AccountTeam, AccountTeam.team_id == Team.id)
    return tuple(connection.scalars(statement.where(AccountTeam.account_id == account_id).order_by(Team.name)))


def rights_of(connection: Connection, account_id: int) -> tuple[str, ...]:
    """List the rights of an account."""
    statement = select(AccountRight.right).where(AccountRight.account_id == account_id)
    return tuple(connection.scalars(statement.order_by(AccountRight.right)))


def list_accounts(connection: Connection, login: str | None = None) -> list[AccountSummary]:
    """List all accounts by login, or the one of a login."""
    live = (
        select(func.count())
        .select_from(Device)
        .where(Device.account_id == Account.id, Device.revoked_at.is_(None))
        .scalar_subquery()
    )
    statement = select(Account.__table__, live.label("devices")).order_by(Account.login)
    if login is not None:
        statement = statement.where(Account.login == login)
    return [
        AccountSummary(
            id=row.id,
            login=row.login,
            name=row.name,
            disabled=row.disabled,
            external=row.external,
            has_password=row.password_hash is not None,
            teams=teams_of(connection, row.id),
            rights=rights_of(connection, row.id),
            devices=row.devices,
            created_at=row.created_at,
        )
        for row in connection.execute(statement).all()
    ]


def list_teams(connection: Connection) -> list[tuple[str, int]]:
    """List all teams with the number of their accounts."""
    statement = (
        select(Team.name, func.count(AccountTeam.account_id))
        .outerjoin(AccountTeam, AccountTeam.team_id == Team.id)
        .group_by(Team.name)
        .order_by(Team.name)
    )
    return [(name, accounts) for name, accounts in connection.execute(statement)]


def insert_device(
    uow: UnitOfWork, account_id: int, label: str, secret_mac: bytes, layout: str, groups_mode: str
) -> int:
    """Add a device and return its id."""
    return uow.connection.execute(
        insert(Device)
        .values(
            account_id=account_id,
            label=label,
            secret_mac=secret_mac,
            layout=layout,
            groups_mode=groups_mode,
            created_at=uow.now,
        )
        .returning(Device.id)
    ).scalar_one()


def revoke_device(uow: UnitOfWork, device_id: int) -> bool:
    """Revoke a device; False if it was revoked before."""
    statement = update(Device).where(Device.id == device_id, Device.revoked_at.is_(None)).values(revoked_at=uow.now)
    return uow.connection.execute(statement).rowcount == 1


def list_devices(
    connection: Connection, *, login: str | None = None, device_id: int | None = None, unseen_since: int | None = None
) -> list[DeviceSummary]:
    """List devices by account: all, those of a login, one, or the live ones not seen since an instant."""
    statement = (
        select(
            Device.id,
            Account.login,
            Device.label,
            Device.layout,
            Device.groups_mode,
            Device.created_at,
            Device.last_seen_at,
            Device.revoked_at,
        )
        .join(Account, Account.id == Device.account_id)
        .order_by(Account.login, Device.id)
    )
    if login is not None:
        statement = statement.where(Account.login == login)
    if device_id is not None:
        statement = statement.where(Device.id == device_id)
    if unseen_since is not None:
        seen = func.coalesce(Device.last_seen_at, Device.created_at)
        statement = statement.where(Device.revoked_at.is_(None), seen < unseen_since)
    return [
        DeviceSummary(
            id=row.id,
            login=row.login,
            label=row.label,
            layout=row.layout,
            groups_mode=row.groups_mode,
            created_at=row.created_at,
            last_seen_at=row.last_seen_at,
            revoked_at=row.revoked_at,
        )
        for row in connection.execute(statement)
    ]
