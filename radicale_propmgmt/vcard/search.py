"""The text of a card that a search looks through."""

from __future__ import annotations

from radicale_propmgmt.domain.text import fold

from .contentline import Property, parse_lines
from .values import unescape

#: Properties that hold no text a person would search.
BINARY = frozenset({"PHOTO", "LOGO", "SOUND", "KEY"})
_LEFT_OUT = BINARY | {"BEGIN", "END", "VERSION"}


def search_text(body: bytes) -> str:
    """Return a card's folded text, "name:value" per property, values unescaped.

    Whatever RFC 6352 §10.5.4 matches in a value or a component of one, its fold is a part of this text.

    Args:
        body: One of our own cards, folded with CRLF.
    """
    made: list[str] = []
    text = body.replace(b"\r\n ", b"").decode()
    for line in text.split("\r\n"):
        head, _, value = line.partition(":")
        if '"' in head:
            return _carefully(parse_lines(body))
        name = head.partition(";")[0].rpartition(".")[2]
        if value and name.upper() not in _LEFT_OUT:
            made.append(f"{name}:{unescape(value)}")
    return fold("\n".join(made))


def _carefully(properties: list[Property]) -> str:
    return fold("\n".join([f"{p.name}:{p.text}" for p in properties if p.value and p.name not in _LEFT_OUT]))
