"""Text inside content-line values and parameters: escaping, splitting, cleaning. Everything is linear in its input."""

from __future__ import annotations

import re

#: What XML 1.0 cannot carry, what is no text at all, and controls; tab and line ends are handled apart.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def has_illegal(text: str) -> bool:
    """Tell whether a text holds controls, lone surrogates or non-characters (tab and line ends are fine)."""
    return not text.isprintable() and _ILLEGAL.search(text) is not None


def clean(text: str) -> str:
    """Drop what neither a content line nor XML 1.0 may hold, and make every line end one newline."""
    if text.isprintable():
        return text
    return _ILLEGAL.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\x85", "\n"))


def clean_raw(value: str) -> str:
    """Clean an already escaped value; a line end in it becomes its escape (nothing starts a new line)."""
    return value if value.isprintable() else clean(value).replace("\n", "\\n")


def escape(text: str) -> str:
    """Escape a text for a content-line value (RFC 2426 §4, RFC 6350 §3.4)."""
    text = clean(text)
    if text.isalnum():
        return text
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace(",", "\\,").replace(";", "\\;")


def unescape(value: str) -> str:
    """Undo ``escape``, and the escaped colon of old Apple programs. An unknown escape stays as it is."""
    if "\\" not in value:
        return value
    pieces = value.split("\\")
    out = [pieces[0]]
    index, count = 1, len(pieces)
    while index < count:
        piece = pieces[index]
        if not piece:  # two backslashes, or one at the very end
            out.append("\\")
            index += 1
            if index < count:
                out.append(pieces[index])
        elif piece[0] in "nN":
            out.append("\n" + piece[1:])
        elif piece[0] in ",;:":
            out.append(piece)
        else:
            out.append("\\" + piece)
        index += 1
    return "".join(out)


def split_raw(value: str, separator: str) -> list[str]:
    """Split a raw value at unescaped separators; the parts stay escaped."""
    pieces = value.split(separator)
    if "\\" not in value:
        return pieces
    out: list[str] = []
    held: list[str] = []
    for piece in pieces:
        held.append(piece)
        if (len(piece) - len(piece.rstrip("\\"))) % 2 == 0:
            out.append(separator.join(held))
            held = []
    if held:
        out.append(separator.join(held))
    return out


def split_texts(value: str) -> list[str]:
    """Split a comma list (CATEGORIES, NICKNAME) into its unescaped texts."""
    return [unescape(part) for part in split_raw(value, ",")]


def split_structured(value: str) -> list[str]:
    """Split a structured value (N, ADR, ORG) into its unescaped components."""
    return [unescape(part) for part in split_raw(value, ";")]


def join_structured(components: tuple[str, ...] | list[str]) -> str:
    """Join components to a structured value."""
    return ";".join([escape(component) for component in components])


def split_unquoted(text: str, separator: str) -> list[str]:
    """Split at separators outside double quotes; the quotes stay."""
    if '"' not in text:
        return text.split(separator)
    out: list[str] = []
    held: list[str] = []
    for index, piece in enumerate(text.split('"')):
        if index:
            held.append('"')
        if index % 2:
            held.append(piece)
            continue
        first, *rest = piece.split(separator)
        held.append(first)
        for part in rest:
            out.append("".join(held))
            held = [part]
    out.append("".join(held))
    return out


def is_token(text: str) -> bool:
    """Tell whether a text may be the name of a property, a group or a parameter."""
    return text.isascii() and text.replace("-", "").replace("_", "").isalnum()


def encode_param(value: str) -> str:
    """Write one parameter value: RFC 6868 carets, quotes where a delimiter asks for them."""
    value = clean(value)
    if value.isalnum():
        return value
    value = value.replace("^", "^^").replace("\n", "^n").replace('"', "^'")
    return f'"{value}"' if "," in value or ";" in value or ":" in value else value


def decode_param(value: str) -> str:
    """Read one parameter value: quotes dropped, RFC 6868 carets undone; an unknown caret stays."""
    value = value.replace('"', "")
    if "^" not in value:
        return value
    pieces = value.split("^")
    out = [pieces[0]]
    index, count = 1, len(pieces)
    while index < count:
        piece = pieces[index]
        if not piece:
            out.append("^")
            index += 1
            if index < count:
                out.append(pieces[index])
        elif piece[0] == "n":
            out.append("\n" + piece[1:])
        elif piece[0] == "'":
            out.append('"' + piece[1:])
        else:
            out.append("^" + piece)
        index += 1
    return "".join(out)
