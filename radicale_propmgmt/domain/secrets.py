"""Keys of the installation and the keyed MACs made with them (BLAKE2b, RFC 7693)."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b


@dataclass(frozen=True, slots=True, repr=False)
class Secrets:
    """Separate keys for separate uses, all derived from one master of at least 32 random bytes."""

    token: bytes
    etag: bytes
    uid: bytes
    audit: bytes

    @classmethod
    def derive(cls, master: bytes) -> Secrets:
        """Derive the keys from the master in the secrets file."""
        if len(master) < 32:
            raise ValueError("the master secret needs 32 bytes or more")

        def key(use: bytes) -> bytes:
            return blake2b(master[:64], digest_size=32, person=use.ljust(16, b"\0")).digest()

        return cls(key(b"token"), key(b"etag"), key(b"uid"), key(b"audit"))


def mac(key: bytes, *parts: bytes, size: int = 16) -> str:
    """Return the keyed MAC of some byte strings, unambiguous about where each ends, as hex."""
    digest = blake2b(key=key, digest_size=size)
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.hexdigest()
