"""All queries of a login: the one look-up, and the counted failures."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Connection, Select, and_, bindparam, case, delete, exists, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import aliased

from radicale_propmgmt.db.tables import Account, AudienceRow, Device, LoginFailure
from radicale_propmgmt.domain.audiences import GroupStyle

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class DeviceLogin(NamedTuple):
    """What a login with an app password needs to know, from one statement."""

    device_id: int
    account_id: int
    login: str
    audience_id: int | None  # the one its style of groups reads; None: nobody made this variant yet
    audience_key: str | None
    layout: str
    groups_mode: str
    last_seen_at: int | None
    is_live: bool  # neither the device revoked nor the account disabled
    has_failures: bool  # wrong guesses were counted for this account and address


class PasswordLogin(NamedTuple):
    """What a login with a human password needs to know."""

    account_id: int
    login: str
    audience_id: int
    audience_key: str
    password_hash: str | None
    disabled: bool


@dataclass(slots=True, kw_only=True)
class Failures:
    """Counted failures of one key."""

    failures: int
    first_at: int
    last_at: int
    not_before: int
    last_attempt: str


@cache
def _device_login() -> Select[*tuple[Any, ...]]:
    """Build the statement that every request begins with, once.

    A device reads its account's audience, or the variant of it that its style of groups asks for, and no other.
    """
    variant = aliased(AudienceRow)
    reads_base = Device.groups_mode == GroupStyle.CATEGORIES.value
    return (
        select(
            Device.id,
            Account.id,
            Account.login,
            case((reads_base, AudienceRow.id), else_=variant.id),
            case((reads_base, AudienceRow.key), else_=variant.key),
            Device.layout,
            Device.groups_mode,
            Device.last_seen_at,
            Device.revoked_at.is_(None) & ~Account.disabled,
            exists().where(LoginFailure.key == bindparam("pair_key")),
        )
        .join(Account, Account.id == Device.account_id)
        .join(AudienceRow, AudienceRow.id == Account.audience_id)
        .outerjoin(variant, and_(variant.base_id == AudienceRow.id, variant.style == Device.groups_mode))
        .where(Device.secret_mac == bindparam("secret_mac"))
    )


def find_device_login(connection: Connection, secret_mac: bytes, pair_key: str) -> DeviceLogin | None:
    """Find a device by the MAC of its app password. One statement, two unique indexes."""
    row = connection.execute(_device_login(), {"secret_mac": secret_mac, "pair_key": pair_key}).first()
    return None if row is None else DeviceLogin._make(row)


def find_password_login(connection: Connection, login: str) -> PasswordLogin | None:
    """Find an account by its login, with the hash of its human password."""
    statement = (
        select(Account.id, Account.login, AudienceRow.id, AudienceRow.key, Account.password_hash, Account.disabled)
        .join(AudienceRow, AudienceRow.id == Account.audience_id)
        .where(Account.login == login)
    )
    row = connection.execute(statement).first()
    return None if row is None else PasswordLogin(*row)


def stamp_seen(connection: Connection, device_id: int, now: int) -> None:
    """Note that a device was seen."""
    connection.execute(update(Device).where(Device.id == device_id).values(last_seen_at=now))


def failures_of(connection: Connection, keys: Sequence[str]) -> dict[str, Failures]:
    """Return the counted failures of some keys."""
    columns = LoginFailure.__table__.columns
    statement = select(*columns).where(LoginFailure.key.in_(keys)).with_for_update()
    return {
        row.key: Failures(
            failures=row.failures,
            first_at=row.first_at,
            last_at=row.last_at,
            not_before=row.not_before,
            last_attempt=row.last_attempt,
        )
        for row in connection.execute(statement)
    }


def reserve_failures(connection: Connection, keys: Iterable[str], now: int) -> None:
    """Make rows for keys that have none, in a fixed order, so that two workers never count past each other."""
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    for key in sorted(keys):
        connection.execute(
            dialect.insert(LoginFailure)
            .values(key=key, failures=0, first_at=now, last_at=now, not_before=0, last_attempt="")
            .on_conflict_do_nothing()
        )


def put_failures(connection: Connection, key: str, counted: Failures) -> None:
    """Store the counted failures of one key."""
    connection.execute(
        update(LoginFailure)
        .where(LoginFailure.key == key)
        .values(
            failures=counted.failures,
            first_at=counted.first_at,
            last_at=counted.last_at,
            not_before=counted.not_before,
            last_attempt=counted.last_attempt,
        )
    )


def forget_failures(connection: Connection, key: str) -> None:
    """Forget what was counted for one key."""
    connection.execute(delete(LoginFailure).where(LoginFailure.key == key))


def forget_old_failures(connection: Connection, before: int) -> None:
    """Forget what was last counted before an instant."""
    connection.execute(delete(LoginFailure).where(LoginFailure.last_at < before, LoginFailure.not_before < before))


def waits_until(connection: Connection, keys: Sequence[str]) -> int:
    """Return the instant before which no further guess is heard for any of these keys; 0 for none."""
    statement = select(func.max(LoginFailure.not_before)).where(LoginFailure.key.in_(keys))
    return connection.scalar(statement) or 0
