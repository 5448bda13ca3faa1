"""Give a card that somebody sent another identity."""

from __future__ import annotations

from .contentline import Property, parse_lines, serialise


def with_uid(body: bytes, uid: str) -> bytes:
    """Return a card with another UID, or with none if that is empty; everything else stays as it means.

    Raises:
        ParseError: No card that can be understood.
    """
    kept = [line for line in parse_lines(body) if line.name != "UID"]
    at = next((at + 1 for at, line in enumerate(kept) if line.name == "VERSION"), 1)
    return serialise([*kept[:at], Property("UID", uid), *kept[at:]] if uid else kept)
