"""Turn the Authorization header of a request into a viewer, or one refusal for every reason (RFC 7617).

An unknown login, a wrong password, a revoked device and a disabled account get the same answer for the same work.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import re
from typing import TYPE_CHECKING

from radicale_propmgmt.accounts import limiter
from radicale_propmgmt.accounts.errors import BooksMissingError, NotAuthenticatedError
from radicale_propmgmt.accounts.passwords import LONGEST, app_password_mac, verify_password
from radicale_propmgmt.db.repositories import logins
from radicale_propmgmt.db.side_writes import aside
from radicale_propmgmt.domain.audiences import Audience, GroupStyle
from radicale_propmgmt.domain.books import Layout
from radicale_propmgmt.domain.errors import UnavailableError
from radicale_propmgmt.domain.viewers import Viewer

if TYPE_CHECKING:
    from radicale_propmgmt.db.repositories.logins import DeviceLogin
    from radicale_propmgmt.db.unit_of_work import Database

#: A device's last-seen stamp is at most this old. Unit: seconds.
STAMP_EVERY = 3600
_LONGEST_HEADER = 4096
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")


def parse_basic(header: str | None) -> tuple[str, str]:
    """Read user-id and password from a Basic header (RFC 7617 §2), strictly.

    Returns:
        The login in canonical form (lower case: phones capitalise the first letter), and the password as sent.

    Raises:
        NotAuthenticatedError: There is no such header, or it is malformed.
    """
    scheme, _, encoded = (header or "").partition(" ")
    if scheme.lower() != "basic" or len(encoded) > _LONGEST_HEADER:
        raise NotAuthenticatedError
    try:
        decoded = base64.b64decode(encoded.strip(" "), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        raise NotAuthenticatedError from None
    login, colon, password = decoded.partition(":")
    if not colon or not login or not password or len(password) > LONGEST or _CONTROLS.search(decoded):
        raise NotAuthenticatedError
    return login.strip(" ").lower(), password


def authenticate(database: Database, header: str | None, address: str, *, password_login: bool = False) -> Viewer:
    """Authenticate one request.

    A good app password costs one indexed statement and is never asked about anybody's wrong guesses, so no attacker
    locks a device out; a revoked one is refused at the next request.

    Args:
        database: Where accounts are.
        header: The Authorization header.
        address: The client's address, as told by the socket or a trusted proxy.
        password_login: Also accept human passwords (argon2id; an account opts in by configuration only).

    Raises:
        NotAuthenticatedError: No credentials, or wrong ones.
        TooManyFailuresError: Wrong ones, too often.
        BooksMissingError: The device's style of groups was never made for its account; ``services.logins`` does.
        UnavailableError: The database is away.
    """
    login, password = parse_basic(header)
    pair = limiter.pair_key(database.secrets, login, address)
    with database.read() as connection:
        found = logins.find_device_login(connection, app_password_mac(database.secrets, password), pair)
    if found is not None and found.is_live and found.login == login:
        _note_success(database, found, address)
        return _device_viewer(found)
    limiter.check(database, login, address)
    viewer = _by_human_password(database, login, password) if password_login else None
    if viewer is None:
        limiter.record_failure(database, login, address, password)
        raise NotAuthenticatedError
    return viewer


def _by_human_password(database: Database, login: str, password: str) -> Viewer | None:
    with database.read() as connection:
        found = logins.find_password_login(connection, login)
    is_right = verify_password(password, None if found is None else found.password_hash)
    if found is None or found.disabled or not is_right:
        return None
    return Viewer(
        account_id=found.account_id,
        login=found.login,
        audience_id=found.audience_id,
        audience=Audience.from_key(found.audience_key),
    )


def _device_viewer(found: DeviceLogin) -> Viewer:
    if found.audience_id is None or found.audience_key is None:
        raise BooksMissingError(found.account_id, GroupStyle(found.groups_mode))
    return Viewer(
        account_id=found.account_id,
        login=found.login,
        audience_id=found.audience_id,
        audience=Audience.from_key(found.audience_key),
        device_id=found.device_id,
        layout=Layout(found.layout),
        groups_mode=found.groups_mode,
    )


def _note_success(database: Database, found: DeviceLogin, address: str) -> None:
    """Stamp the device at most hourly and clear its wrong guesses; a busy database does not fail the request."""
    now = database.clock.now()
    with contextlib.suppress(UnavailableError):
        if found.last_seen_at is None or now - found.last_seen_at >= STAMP_EVERY:
            with aside(database) as connection:
                logins.stamp_seen(connection, found.device_id, now)
        if found.has_failures:
            limiter.forget(database, found.login, address)
