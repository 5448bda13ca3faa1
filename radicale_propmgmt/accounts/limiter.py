"""Count failed logins in the database, for all workers; delay further guesses without holding a thread.

Two counters per failure, both keyed MACs: (login, address) and address alone. Nothing is counted against a login as
such, so nobody can lock somebody else out from afar, and a correct app password is never asked about counters.
"""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING

from radicale_propmgmt.accounts.errors import TooManyFailuresError
from radicale_propmgmt.db.repositories import logins
from radicale_propmgmt.db.side_writes import aside
from radicale_propmgmt.domain.secrets import Secrets, mac

if TYPE_CHECKING:
    from radicale_propmgmt.db.unit_of_work import Database

#: Wrong guesses of one login from one address before delays begin.
FREE_GUESSES = 5
#: Longest delay between two guesses of one login from one address. Unit: seconds.
LONGEST_DELAY = 300
#: Wrong guesses from one address, whatever the logins, within ``WINDOW`` seconds.
ADDRESS_GUESSES = 30
WINDOW = 600
#: A counter at rest for this long starts anew. Unit: seconds.
MEMORY = 86400


def address_prefix(address: str) -> str:
    """Return what counts as one address: an IPv4 address, or the /64 network of an IPv6 address."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ip_network((parsed, 64), strict=False))
    return str(parsed)


def pair_key(secrets: Secrets, login: str, address: str) -> str:
    """Return the key of a login at an address."""
    return mac(secrets.token, b"failures of pair", login.encode(), address_prefix(address).encode())


def address_key(secrets: Secrets, address: str) -> str:
    """Return the key of an address."""
    return mac(secrets.token, b"failures of address", address_prefix(address).encode())


def check(database: Database, login: str, address: str) -> None:
    """Refuse a guess whose time has not come.

    Raises:
        TooManyFailuresError: The login at this address, or the address, must wait.
    """
    now = database.clock.now()
    with database.read() as connection:
        until = logins.waits_until(connection, _keys(database, login, address))
    if until > now:
        raise TooManyFailuresError(until - now)


def record_failure(database: Database, login: str, address: str, password: str) -> None:
    """Count a wrong guess; the same wrong password again, as of a phone not told the new one, counts once."""
    pair, prefix = _keys(database, login, address)
    attempt = mac(database.secrets.token, b"attempt", login.encode(), password.encode(), size=8)
    now = database.clock.now()
    with aside(database) as connection:
        logins.reserve_failures(connection, (pair, prefix), now)
        counted = logins.failures_of(connection, (pair, prefix))
        own, shared = counted[pair], counted[prefix]
        if own.last_attempt == attempt and now - own.last_at < MEMORY:
            return
        if now - own.last_at >= MEMORY:
            own.failures, own.first_at = 0, now
        own.failures, own.last_at, own.last_attempt = own.failures + 1, now, attempt
        if own.failures > FREE_GUESSES:
            own.not_before = now + min(LONGEST_DELAY, 2 ** min(own.failures - FREE_GUESSES - 1, 16))
        if now - shared.first_at >= WINDOW:
            shared.failures, shared.first_at = 0, now
        shared.failures, shared.last_at = shared.failures + 1, now
        if shared.failures >= ADDRESS_GUESSES:
            shared.not_before = now + WINDOW
        logins.put_failures(connection, pair, own)
        logins.put_failures(connection, prefix, shared)


def forget(database: Database, login: str, address: str) -> None:
    """Forget the guesses of one login at one address, after a success there; those on others stay counted."""
    with aside(database) as connection:
        logins.forget_failures(connection, pair_key(database.secrets, login, address))


def forget_old(database: Database) -> None:
    """Forget counters at rest; the server calls it now and then."""
    with aside(database) as connection:
        logins.forget_old_failures(connection, database.clock.now() - MEMORY)


def _keys(database: Database, login: str, address: str) -> tuple[str, str]:
    return pair_key(database.secrets, login, address), address_key(database.secrets, address)
