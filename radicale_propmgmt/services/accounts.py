"""Accounts, teams, rights and devices as use cases."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from radicale_propmgmt.accounts.passwords import LONGEST, SHORTEST, app_password_mac, hash_password, new_app_password
from radicale_propmgmt.db.repositories import accounts as rows
from radicale_propmgmt.db.repositories.audit import record_audit
from radicale_propmgmt.domain.audiences import Audience, GroupStyle
from radicale_propmgmt.domain.books import Layout
from radicale_propmgmt.domain.errors import NotFoundError, RefusedError, UsageError
from radicale_propmgmt.projection.audiences import assign, assign_variant, ensure
from radicale_propmgmt.projection.inbox import project_inbox

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from radicale_propmgmt.db.repositories.accounts import AccountSummary, DeviceSummary
    from radicale_propmgmt.db.unit_of_work import UnitOfWork

RIGHTS = frozenset({"gdpr", "admin", "protected"})
GROUPS_MODES = tuple(style.value for style in GroupStyle)
#: First path segments that are no home (DESIGN §3).
RESERVED_LOGINS = frozenset({"documents", "api", "ui", "healthz", "readyz", "metrics"})
#: Live devices of one account: more are a leak or a script gone wrong.
MOST_DEVICES = 100
_LOGIN = re.compile(r"[a-z0-9_@-][a-z0-9._@-]{0,63}")
_TEAM = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


def canonical_login(login: str) -> str:
    """Return the one form of a login: lower case.

    Raises:
        UsageError: It has other characters than a-z 0-9 . _ @ -, begins with a dot, or is reserved.
    """
    found = login.strip().lower()
    if not _LOGIN.fullmatch(found):
        raise UsageError("login: use a-z, 0-9, '.', '_', '@' and '-', at most 64, not beginning with '.'")
    if found in RESERVED_LOGINS:
        raise UsageError(f"login: {found} is reserved")
    return found


def add_account(
    uow: UnitOfWork,
    login: str,
    name: str,
    *,
    teams: Iterable[str] = (),
    rights: Iterable[str] = (),
    external: bool = False,
) -> int:
    """Add an account, put it into its audience, and return its id.

    Raises:
        UsageError: The login, a team or a right is not allowed, or the login is taken.
    """
    login = canonical_login(login)
    wanted_teams, wanted_rights = _teams(teams), _rights(rights)
    if rows.find_account_id(uow.connection, login) is not None:
        raise UsageError(f"login: {login} is taken")
    audience_id = ensure(uow, Audience(teams=wanted_teams, rights=wanted_rights))
    account_id = rows.insert_account(uow, login, name.strip() or login, audience_id, external=external)
    rows.set_teams(uow, account_id, wanted_teams)
    rows.set_rights(uow, account_id, wanted_rights)
    assign(uow, account_id)
    _record(uow, "account.added", account_id, teams=sorted(wanted_teams), rights=sorted(wanted_rights))
    return account_id


def set_teams(uow: UnitOfWork, login: str, teams: Iterable[str]) -> None:
    """Put an account into exactly these teams, and into the audience that follows."""
    account_id = get_account_id(uow.connection, login)
    wanted = _teams(teams)
    rows.set_teams(uow, account_id, wanted)
    assign(uow, account_id)
    _record(uow, "account.teams", account_id, teams=sorted(wanted))


def set_rights(uow: UnitOfWork, login: str, rights: Iterable[str]) -> None:
    """Give an account exactly these rights, and the audience that follows."""
    account_id = get_account_id(uow.connection, login)
    wanted = _rights(rights)
    rows.set_rights(uow, account_id, wanted)
    assign(uow, account_id)
    _record(uow, "account.rights", account_id, rights=sorted(wanted))


def set_password(uow: UnitOfWork, login: str, password: str) -> None:
    """Set the human password of an account (argon2id); its app passwords stay.

    Raises:
        UsageError: It is shorter than 8 or longer than 1024 characters.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise UsageError(f"password: use {SHORTEST} characters or more")
    account_id = get_account_id(uow.connection, login)
    rows.update_account(uow, account_id, password_hash=hash_password(password))
    _record(uow, "account.password", account_id)


def disable_account(uow: UnitOfWork, login: str) -> None:
    """Disable an account: from the commit on none of its devices gets an answer but 401."""
    account_id = get_account_id(uow.connection, login)
    rows.update_account(uow, account_id, disabled=True)
    project_inbox(uow)
    _record(uow, "account.disabled", account_id)


def enable_account(uow: UnitOfWork, login: str) -> None:
    """Enable an account again, with the devices it had."""
    account_id = get_account_id(uow.connection, login)
    rows.update_account(uow, account_id, disabled=False)
    project_inbox(uow)
    _record(uow, "account.enabled", account_id)


def add_team(uow: UnitOfWork, name: str) -> int:
    """Add a team that rules may name, or return the one there is."""
    (team,) = _teams([name])
    team_id = rows.ensure_team(uow, team)
    record_audit(uow, "team.added", facts={"team": team_id})
    return team_id


def add_device(
    uow: UnitOfWork, login: str, label: str, *, layout: str = Layout.EVERYTHING.value, groups_mode: str = "categories"
) -> tuple[int, str]:
    """Add a device and return its id and its app password, which is stored nowhere and shown once.

    Raises:
        UsageError: Layout or groups mode are unknown.
        RefusedError: The account has too many devices.
    """
    if layout not in {known.value for known in Layout} or groups_mode not in GROUPS_MODES:
        raise UsageError("layout or groups: unknown value")
    account_id = get_account_id(uow.connection, login)
    live = rows.list_devices(uow.connection, login=canonical_login(login))
    if sum(device.revoked_at is None for device in live) >= MOST_DEVICES:
        raise RefusedError(f"{MOST_DEVICES} devices are in use; revoke those no longer used")
    assign_variant(uow, account_id, GroupStyle(groups_mode))
    password = new_app_password()
    secret = app_password_mac(uow.secrets, password)
    device_id = rows.insert_device(uow, account_id, label.strip() or "device", secret, layout, groups_mode)
    _record(uow, "device.added", account_id, device=device_id, layout=layout, groups=groups_mode)
    return device_id, password


def revoke_device(uow: UnitOfWork, device_id: int) -> bool:
    """Revoke a device: its next request is refused, on every worker. Returns False if it was revoked before.

    Raises:
        NotFoundError: No such device.
    """
    found = rows.list_devices(uow.connection, device_id=device_id)
    if not found:
        raise NotFoundError(f"no device {device_id}; `propmgmt devices list` shows them")
    was_live = rows.revoke_device(uow, device_id)
    if was_live:
        _record(uow, "device.revoked", get_account_id(uow.connection, found[0].login), device=device_id)
    return was_live


def get_account_id(connection: Connection, login: str) -> int:
    """Return the id of an account.

    Raises:
        NotFoundError: No such account.
    """
    account_id = rows.find_account_id(connection, login.strip().lower())
    if account_id is None:
        raise NotFoundError(f"no account {login!r}; `propmgmt accounts list` shows them")
    return account_id


def get_account(connection: Connection, login: str) -> AccountSummary:
    """Return one account.

    Raises:
        NotFoundError: No such account.
    """
    get_account_id(connection, login)
    return rows.list_accounts(connection, login.strip().lower())[0]


def list_accounts(connection: Connection) -> list[AccountSummary]:
    """List all accounts by login."""
    return rows.list_accounts(connection)


def list_teams(connection: Connection) -> list[tuple[str, int]]:
    """List all teams with the number of their accounts."""
    return rows.list_teams(connection)


def list_devices(connection: Connection, login: str | None = None) -> list[DeviceSummary]:
    """List the devices of one account, or of all."""
    if login is not None:
        get_account_id(connection, login)
        login = login.strip().lower()
    return rows.list_devices(connection, login=login)


def list_stale_devices(connection: Connection, now: int, days: int) -> list[DeviceSummary]:
    """List live devices that were not seen for some days: what they hold was not brought up to date since."""
    return rows.list_devices(connection, unseen_since=now - days * 86400)


def _teams(teams: Iterable[str]) -> frozenset[str]:
    found = frozenset(team.strip().lower() for team in teams)
    for team in found:
        if not _TEAM.fullmatch(team):
            raise UsageError("team: use a-z, 0-9, '_' and '-', at most 64")
    return found


def _rights(rights: Iterable[str]) -> frozenset[str]:
    found = frozenset(rights)
    if unknown := found - RIGHTS:
        raise UsageError(f"right: {', '.join(sorted(unknown))} is unknown; there are {', '.join(sorted(RIGHTS))}")
    return found


def _record(uow: UnitOfWork, action: str, account_id: int, **facts: object) -> None:
    record_audit(uow, action, facts={"account": account_id, **facts}, personal=uow.reason)
