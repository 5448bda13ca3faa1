"""Content lines as they are written: names and parameters made safe, folded, joined to bytes."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from radicale_propmgmt.domain.contacts import Params

from .values import clean_raw, encode_param, is_token

LINE_OCTETS = 75
_SPELLING = {"X-ABLABEL": "X-ABLabel", "X-ABSHOWAS": "X-ABShowAs"}  # as Apple writes them


@lru_cache(maxsize=2048)
def params_text(params: Params) -> str:
    """Write parameters with their leading semicolons."""
    out = []
    for name, values in params:
        key = name if is_token(name) else "".join(c for c in name if is_token(c) or c == "-")
        if key and values:
            out.append(f";{key.upper()}=" + ",".join([encode_param(value) for value in values]))
    return "".join(out)


def format_line(name: str, value: str, params: Params = (), group: str = "") -> str:
    """Write one unfolded content line from a raw value; nothing in it can start another line."""
    if not is_token(name):
        name = "".join(c for c in name if c == "-" or is_token(c)) or "X-UNKNOWN"
    if not name.isupper():
        name = name.upper()
    head = _SPELLING.get(name, name) + params_text(params) if params else _SPELLING.get(name, name)
    if group:
        group = group if is_token(group) else "".join(c for c in group if c in ".-" or is_token(c))
        return f"{group}.{head}:{clean_raw(value)}"
    return f"{head}:{clean_raw(value)}"


def fold(line: str) -> str:
    """Fold at 75 octets, never inside a character (RFC 6350 §3.2)."""
    if line.isascii():
        if len(line) <= LINE_OCTETS:
            return line
        tail = [line[at : at + LINE_OCTETS - 1] for at in range(LINE_OCTETS, len(line), LINE_OCTETS - 1)]
        return "\r\n ".join([line[:LINE_OCTETS], *tail])
    octets = line.encode()
    start, room, total = 0, LINE_OCTETS, len(octets)
    parts = []
    while total - start > room:
        end = start + room
        while octets[end] & 0xC0 == 0x80:  # a continuation byte of UTF-8
            end -= 1
        parts.append(octets[start:end])
        start, room = end, LINE_OCTETS - 1
    parts.append(octets[start:])
    return b"\r\n ".join(parts).decode()


def join_lines(lines: Iterable[str]) -> bytes:
    """Fold lines and join them to bytes with CRLF."""
    folded = [line if len(line) <= LINE_OCTETS and line.isascii() else fold(line) for line in lines]
    folded.append("")
    return "\r\n".join(folded).encode()
