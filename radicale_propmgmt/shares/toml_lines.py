"""Where the keys and elements of a TOML document stand; ``tomllib`` does not tell."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator

#: Keys and, inside arrays, positions from 0.
TomlPath = tuple[str | int, ...]

_TOKEN = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}'
    r"|'''.*?'{3,5}"
    r'|"(?:[^"\\]|\\.)*"'
    r"|'[^']*'"
    r"|\#[^\n]*"
    r"|[ \t]+"
    r"|\n"
    r"|[\[\]{}=,.]"
    r"|[^\s\"'\[\]{}=,.\#]+",
    re.DOTALL,
)
_END = ""


def line_index(text: str) -> dict[TomlPath, int]:
    """Map each table, key and array element to its line, counted from 1.

    Args:
        text: A document that ``tomllib`` accepts, its lines ended by line feeds alone. Cost: one pass.
    """
    return _Scanner(text).scan()


class _Scanner:
    """Walks the tokens of valid TOML; whatever is invalid has been refused before."""

    def __init__(self, text: str) -> None:
        self._tokens = _significant(text)
        self._counts: dict[TomlPath, int] = {}
        self._lines: dict[TomlPath, int] = {}
        self._piece, self._line = "\n", 1

    def scan(self) -> dict[TomlPath, int]:
        table: TomlPath = ()
        while self._piece != _END:
            if self._piece == "\n":
                self._advance()
            elif self._piece == "[":
                table = self._header()
            else:
                self._pair(table)
        return self._lines

    def _advance(self) -> None:
        self._piece, self._line = next(self._tokens, (_END, self._line))

    def _skip_lines(self) -> None:
        while self._piece == "\n":
            self._advance()

    def _note(self, path: TomlPath, line: int) -> None:
        self._lines.setdefault(path, line)

    def _header(self) -> TomlPath:
        line = self._line
        self._advance()
        is_array = self._piece == "["
        if is_array:
            self._advance()
        path: TomlPath = ()
        for key in self._keys("]"):
            path = (*path, key)
            self._note(path, line)
            if path in self._counts:
                path = (*path, self._counts[path])
        if is_array:
            self._advance()
            array = path[:-1] if isinstance(path[-1], int) else path
            self._counts[array] = self._counts.get(array, -1) + 1
            path = (*array, self._counts[array])
        self._note(path, line)
        return path

    def _keys(self, end: str) -> list[str]:
        """Read a dotted key and the token that ends it."""
        keys = []
        while self._piece != end:
            if self._piece != ".":
                keys.append(_unquoted(self._piece))
            self._advance()
        self._advance()
        return keys

    def _pair(self, table: TomlPath) -> None:
        line, path = self._line, table
        for key in self._keys("="):
            path = (*path, key)
            self._note(path, line)
        self._value(path)

    def _value(self, path: TomlPath) -> None:
        if self._piece == "[":
            self._advance()
            self._elements(path)
        elif self._piece == "{":
            self._advance()
            while self._piece != "}":
                if self._piece in {",", "\n"}:
                    self._advance()
                else:
                    self._pair(path)
            self._advance()
        else:
            while self._piece not in {",", "]", "}", "\n", _END}:
                self._advance()

    def _elements(self, path: TomlPath) -> None:
        position = 0
        self._skip_lines()
        while self._piece != "]":
            if self._piece == ",":
                position += 1
                self._advance()
            else:
                self._note((*path, position), self._line)
                self._value((*path, position))
            self._skip_lines()
        self._advance()


def _significant(text: str) -> Iterator[tuple[str, int]]:
    """List the tokens without spaces and comments, each with the line on which it begins."""
    line = 1
    for match in _TOKEN.finditer(text):
        token = match[0]
        if token[0] not in " \t#":
            yield token, line
        line += token.count("\n")


def _unquoted(key: str) -> str:
    return str(tomllib.loads(f"key = {key}")["key"]) if key[0] in "\"'" else key
