"""Content lines of RFC 2426 and RFC 6350, with what vCard 2.1 does differently: parse and serialise without loss.

Every step finds its delimiter with ``find`` or ``split``; no step looks at a character more than a fixed number of
times, so that a card's cost grows with its length and with nothing else.
"""

from __future__ import annotations

import binascii
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from radicale_propmgmt.domain.contacts import Params

from . import limits
from .errors import CardTooLargeError, ParseError
from .values import (
    clean_raw,
    decode_param,
    has_illegal,
    is_token,
    split_structured,
    split_texts,
    split_unquoted,
    unescape,
)
from .writing import format_line, join_lines

_BARE_ENCODINGS = frozenset({"QUOTED-PRINTABLE", "BASE64", "8BIT", "7BIT", "B"})
_BARE_VALUES = frozenset({"INLINE", "URL", "CONTENT-ID", "CID"})
_CHARSETS = frozenset(
    {"us-ascii", "ascii", "utf-8", "utf8", "macintosh", "iso-2022-jp", "shift_jis", "gb2312", "gbk", "big5", "euc-kr"}
    | {f"iso-8859-{part}" for part in range(1, 17)}
    | {f"windows-125{page}" for page in range(9)}
    | {f"cp125{page}" for page in range(9)}
    | {"latin1", "latin-1", "koi8-r"}
)
_MEMBERS = ("X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:", "MEMBER:urn:uuid:")


@dataclass(frozen=True, slots=True)
class Property:
    """One content line: upper-case name, raw (escaped) value, decoded parameters in wire order, group or ""."""

    name: str
    value: str
    params: Params = ()
    group: str = ""

    @property
    def text(self) -> str:
        """The value as one unescaped text."""
        return unescape(self.value)

    @property
    def texts(self) -> list[str]:
        """The value as a comma list of unescaped texts."""
        return split_texts(self.value)

    @property
    def structured(self) -> list[str]:
        """The value as unescaped components."""
        return split_structured(self.value)

    def param(self, name: str) -> tuple[str, ...]:
        """Collect the values of a parameter, however often it stands there."""
        return tuple(value for key, values in self.params if key == name for value in values)

    @property
    def types(self) -> tuple[str, ...]:
        """The TYPE values, upper-case; a quoted list ("voice,home") counts as a list (RFC 6350 erratum 3368)."""
        return tuple(part.strip().upper() for value in self.param("TYPE") for part in value.split(",") if part.strip())


def parse_lines(data: bytes, caps: limits.Caps | None = None) -> list[Property]:
    """Parse the lines of one card, BEGIN and END included.

    Args:
        data: UTF-8, folded or not; vCard 2.1 may declare another CHARSET for a property.
        caps: What a card may have, or another object of content lines.

    Raises:
        CardTooLargeError: More bytes than the caps allow.
        ParseError: Controls, NUL, bytes that are no UTF-8, no content line, or a cap exceeded.
    """
    caps = caps or limits.Caps(limits.CARD_BYTES, limits.CARD_PROPERTIES, limits.NESTING)
    if len(data) > caps.octets:
        raise CardTooLargeError(f"more than {caps.octets} bytes")
    data = data.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n")
    lines = _plain_lines(data)
    if lines is None:
        return _parse_slowly(data, caps)
    if len(lines) > caps.properties and len(lines) - _count_members(lines) > caps.properties:
        raise ParseError(f"more than {caps.properties} properties")
    try:
        properties = [parse_line(line) for line in lines]
    except ParseError:
        return _parse_slowly(data, caps)  # finds the line's number
    _check_nesting(properties, caps.nesting)
    return properties


def _count_members(lines: list[str]) -> int:
    """Count the lines of a group card that name a member and nothing else: they have a cap of their own."""
    return min(sum(line.startswith(_MEMBERS) for line in lines), limits.GROUP_MEMBERS)


def _plain_lines(data: bytes) -> list[str] | None:
    """Unfold and decode the usual card at once; None = some line needs a closer look."""
    upper = data.upper()
    if b"\r" in data or b"QUOTED-PRINTABLE" in upper or b"CHARSET" in upper:
        return None
    try:
        text = data.replace(b"\n ", b"").replace(b"\n\t", b"").decode()
    except UnicodeDecodeError:
        return None
    return None if has_illegal(text) else [line for line in text.split("\n") if line and not line.isspace()]


def _parse_slowly(data: bytes, caps: limits.Caps) -> list[Property]:
    properties: list[Property] = []
    declared = True  # a CHARSET counts until a version other than 2.1 is seen
    for number, raw in logical_lines(data):
        if len(properties) == caps.properties:
            raise ParseError(f"more than {caps.properties} properties", line=number)
        try:
            found = _decode_line(raw, declared=declared)
        except ParseError as error:
            raise ParseError(error.why, line=number, field=error.field) from None
        if found.name == "VERSION":
            declared = found.value.strip() == "2.1"
        properties.append(found)
    _check_nesting(properties, caps.nesting)
    return properties


def logical_lines(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Unfold bytes before decoding (RFC 6350 §3.2), soft breaks of quoted-printable included.

    Yields:
        The number of the first physical line (from 1), and the unfolded bytes. Blank lines are left out.
    """
    number, held, soft = 0, [b""], False
    for index, line in enumerate(data.split(b"\n"), 1):
        if soft:
            held.append(line)
        elif line[:1] in {b" ", b"\t"} and number:
            held.append(line[1:])
        else:
            if number:
                yield number, b"".join(held)
            number, held = (index, [line]) if line.strip() else (0, [b""])
        soft = line.endswith(b"=") and b"QUOTED-PRINTABLE" in held[0][:512].partition(b":")[0].upper()
        if soft:
            held[-1] = held[-1][:-1]
    if number:
        yield number, b"".join(held)


def _decode_line(raw: bytes, *, declared: bool) -> Property:
    """Decode one unfolded line; its value may be quoted-printable and of another CHARSET."""
    head, _, rest = raw.partition(b":")
    try:
        line = raw.decode()
    except UnicodeDecodeError:
        line = head.decode("ascii", "replace") + ":"
    found = parse_line(line)
    encodings = {value.upper() for value in found.param("ENCODING")}
    charset = next(iter(found.param("CHARSET")), "utf-8").lower() if declared else "utf-8"
    quoted = "QUOTED-PRINTABLE" in encodings
    if not quoted and charset in {"utf-8", "utf8"}:
        if line[-1:] == ":" and rest:
            raise ParseError("bytes that are no UTF-8", field=found.name)
        value = found.value
    else:
        octets = binascii.a2b_qp(rest) if quoted else rest
        value = _decode_octets(octets, charset, found.name)
    if has_illegal(value.replace("\r", "")) or (not quoted and "\r" in value):
        raise ParseError("control characters", field=found.name)
    params = found.params
    if any("\r" in text or has_illegal(text) for _, texts in params for text in texts):
        raise ParseError("control characters in a parameter", field=found.name)
    if quoted or charset not in {"utf-8", "utf8"}:
        dropped = {"CHARSET", "ENCODING"} if quoted else {"CHARSET"}
        params = tuple(param for param in params if param[0] not in dropped)
    return Property(found.name, clean_raw(value), params, found.group)


def _decode_octets(octets: bytes, charset: str, field: str) -> str:
    if charset not in _CHARSETS:
        raise ParseError("unknown CHARSET", field=field)
    try:
        return octets.decode(charset)
    except (UnicodeDecodeError, LookupError):
        raise ParseError("bytes that are not of the declared CHARSET", field=field) from None


def parse_line(line: str) -> Property:
    """Parse one unfolded line.

    Raises:
        ParseError: No colon, an open quote, a name or group that is none, or too many parameters.
    """
    colon = line.find(":")
    quote = line.find('"', 0, colon) if colon >= 0 else -1
    if quote >= 0:
        colon = _colon_outside_quotes(line, quote)
    if colon < 0:
        raise ParseError("no colon after the name")
    head, value = line[:colon], line[colon + 1 :]
    if ";" not in head:
        group, _, name = head.rpartition(".")
        return Property(_checked(name).upper(), value, (), _checked_group(group) if group else "")
    if quote < 0 and head.count(";") > limits.PROPERTY_PARAMS:
        raise ParseError(f"more than {limits.PROPERTY_PARAMS} parameters", field=_checked_name_of(head))
    full_name, *pieces = split_unquoted(head, ";")
    group, _, name = full_name.rpartition(".")
    name = _checked(name).upper()
    if len(pieces) > limits.PROPERTY_PARAMS:
        raise ParseError(f"more than {limits.PROPERTY_PARAMS} parameters", field=name)
    params = tuple([_parse_param(piece, name) for piece in pieces if piece])
    return Property(name, value, params, _checked_group(group) if group else "")


def _checked_name_of(head: str) -> str:
    return _checked(head.partition(";")[0].rpartition(".")[2]).upper()


def _colon_outside_quotes(line: str, quote: int) -> int:
    colon = -1
    while quote >= 0:
        close = line.find('"', quote + 1)
        if close < 0:
            raise ParseError("open quote")
        if colon < close:
            colon = line.find(":", close)
        if colon < 0:
            return -1
        quote = line.find('"', close + 1, colon)
    return colon


def _parse_param(piece: str, field: str) -> tuple[str, tuple[str, ...]]:
    key, equals, value = piece.partition("=")
    if not equals:  # vCard 2.1: TEL;WORK;VOICE
        bare = decode_param(key.strip())
        upper = bare.upper()
        if upper in _BARE_ENCODINGS:
            return "ENCODING", (upper,)
        return ("VALUE", (upper,)) if upper in _BARE_VALUES else ("TYPE", (bare,))
    name = key.strip().upper()
    if not is_token(name):
        raise ParseError("a parameter name that is none", field=field)
    if "," not in value:
        return name, (decode_param(value),)
    return name, tuple([decode_param(part) for part in split_unquoted(value, ",")])


@lru_cache(maxsize=1024)
def _checked(name: str) -> str:
    name = name.strip()
    if not is_token(name) or len(name) > 64:
        raise ParseError("a property name that is none")
    return name


def _checked_group(group: str) -> str:
    if not is_token(group.replace(".", "")):
        raise ParseError("a group that is none")
    return group


def _check_nesting(properties: list[Property], most: int) -> None:
    depth = 0
    for found in properties:
        if found.name == "BEGIN":
            depth += 1
            if depth > most:
                raise ParseError("a card inside a card", field="BEGIN")
        elif found.name == "END":
            depth -= 1
            if depth < 0:
                raise ParseError("END without BEGIN", field="END")
    if depth:
        raise ParseError("BEGIN without END", field="END")


def serialise(properties: Iterable[Property]) -> bytes:
    """Write properties as folded content lines with CRLF."""
    return join_lines([format_line(p.name, p.value, p.params, p.group) for p in properties])
