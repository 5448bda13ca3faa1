"""App passwords (random, one per device) and human passwords (argon2id)."""

from __future__ import annotations

import secrets as random_source

from passlib.context import CryptContext

from radicale_propmgmt.domain.secrets import Secrets, mac

#: Crockford's base 32: no I, L, O or U, so nothing is misread from paper.
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
LENGTH = 26  # 130 random bits
_MISREAD = str.maketrans("oil", "011", "- \t\u00a0\u2010\u2011\u2013")
#: Longer ones are refused before any work.
LONGEST = 1024
SHORTEST = 8

_context = CryptContext(
    schemes=["argon2"],
    argon2__type="id",
    argon2__memory_cost=19456,
    argon2__time_cost=2,
    argon2__parallelism=1,
)


def new_app_password() -> str:
    """Return a new app password of 130 random bits, in groups that can be read from paper."""
    letters = "".join(random_source.choice(ALPHABET) for _ in range(LENGTH))
    return "-".join((letters[0:5], letters[5:10], letters[10:15], letters[15:20], letters[20:26]))


def canonical_app_password(entered: str) -> str:
    """Undo what people and keyboards do to an app password: case, hyphens, spaces, O for 0, I and L for 1."""
    return entered.lower().translate(_MISREAD)


def app_password_mac(secrets: Secrets, entered: str) -> bytes:
    """Return what is stored of an app password: a keyed BLAKE2b. Fast is enough for 130 random bits."""
    return bytes.fromhex(mac(secrets.token, b"app password", canonical_app_password(entered).encode(), size=32))


def hash_password(password: str) -> str:
    """Hash a human password with argon2id (19 MiB, two passes)."""
    return str(_context.hash(password))


def verify_password(password: str, stored: str | None) -> bool:
    """Check a human password. An account without one, or none at all, costs the same work."""
    if len(password) > LONGEST:
        return False
    if stored is None:
        _context.dummy_verify()
        return False
    return bool(_context.verify(password, stored))
