"""Refusals of the vCard layer; none of them quotes a value."""

from __future__ import annotations

from radicale_propmgmt.domain.errors import UsageError


class ParseError(UsageError):
    """A card cannot be read: physical ``line`` (from 1; 0 = the whole card), ``field`` and ``why``."""

    def __init__(self, why: str, *, line: int = 0, field: str = "") -> None:
        where = f"line {line}: " if line else ""
        super().__init__(f"{where}{field}: {why}" if field else f"{where}{why}")
        self.line = line
        self.field = field
        self.why = why


class CardTooLargeError(ParseError):
    """A card has more bytes than one card may have (RFC 6352 §6.3.2.1, max-resource-size)."""
