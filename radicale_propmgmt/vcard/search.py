"""The text of a card that a search looks through."""

from __future__ import annotations

from radicale_propmgmt.domain.text import fold

from .contentline import Property, parse_lines
from .values import unescape

#: Properties that hold no text a person would search.
BINARY = frozenset({"PHOTO", "LOGO", "SOUND", "KEY"})
_LEFT_OUT = BINARY | {"BEGIN", "END", "VERSION"}


def search_text(body: bytes, known: dict[str, str] | None = None) -> str:
    """Return a card's folded text, "name:value" per property, values unescaped.

    Whatever RFC 6352 §10.5.4 matches in a value or a component of one, its fold is a part of this text.

    Args:
        body: One of our own cards, folded with CRLF.
        known: Lines that were folded before, for callers with several cards of one contact; filled here.
    """
    known = {} if known is None else known
    made: list[str] = []
    for line in body.replace(b"\r\n ", b"").decode().split("\r\n"):
        folded = known.get(line)
        if folded is None:
            head, _, value = line.partition(":")
            if '"' in head:
                return _carefully(parse_lines(body))
            name = head.partition(";")[0].rpartition(".")[2]
            folded = fold(f"{name}:{unescape(value)}") if value and name.upper() not in _LEFT_OUT else ""
            known[line] = folded
        if folded:
            made.append(folded)
    return "\n".join(made)


def _carefully(properties: list[Property]) -> str:
    return fold("\n".join([f"{p.name}:{p.text}" for p in properties if p.value and p.name not in _LEFT_OUT]))
