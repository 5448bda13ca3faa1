"""Reading a TOML table key by key, collecting every problem with its line instead of stopping at the first."""

from __future__ import annotations

import difflib
import json
import re
import tomllib
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime

from radicale_propmgmt.domain.errors import ConfigError
from radicale_propmgmt.shares.toml_lines import TomlPath, line_index

_BARE = re.compile(r"[\w-]+")
_SHOWN = 20


@dataclass
class Report:
    """The problems of one file."""

    filename: str
    lines: dict[TomlPath, int]
    _problems: list[tuple[int, str]] = field(default_factory=list)

    def line(self, path: TomlPath) -> int:
        """Return the line of a key or element; one that is missing stands where its table begins."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def add(self, path: TomlPath, problem: str) -> None:
        """Note a problem."""
        line = self.line(path)
        self._problems.append((line, f"{self.filename}:{line}: {key_text(path)}: {problem}"))

    def close(self) -> None:
        """Refuse the file if anything is wrong with it.

        Raises:
            ConfigError: All problems in the order of the file.
        """
        if self._problems:
            raise ConfigError(*(text for _, text in sorted(self._problems, key=lambda problem: problem[0])))


def parsed(text: str, filename: str) -> tuple[dict[str, object], dict[TomlPath, int]]:
    """Read a file, and where its keys stand; a byte order mark and CRLF line ends are tolerated.

    Raises:
        ConfigError: It is no TOML.
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    try:
        return tomllib.loads(text), line_index(text)
    except RecursionError:
        raise ConfigError(f"{filename}:1: toml: nested too deep") from None
    except ValueError as error:  # a number of thousands of digits is no TOMLDecodeError
        place = re.search(r" \(at line (\d+), column (\d+)\)$", str(error))
        if place:
            raise ConfigError(
                f"{filename}:{place[1]}: toml: {str(error)[: place.start()]}, column {place[2]}"
            ) from None
        problem = str(error).removesuffix(" (at end of document)")
        raise ConfigError(f"{filename}:{text.count(chr(10)) + 1}: toml: {problem}") from None


def key_text(path: TomlPath) -> str:
    """Write a path as people count: ``share[2].groups[1]`` is the first group of the second share."""
    parts = (f"[{part + 1}]" if isinstance(part, int) else f".{_key(part)}" for part in path)
    return "".join(parts).lstrip(".")


def _key(part: str) -> str:
    return part if _BARE.fullmatch(part) else quoted(part)


def quoted(value: object) -> str:
    """Quote a value of the file so that it stays on its line."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 80 else f"{text[:79]}…"


def unknown(kind: str, word: str, known: Collection[str]) -> str:
    """Say that a word is unknown, which ones are known, and which one may be meant."""
    names = sorted(known)
    rest = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    close = difflib.get_close_matches(word, names, n=1)
    meant = f"; did you mean {quoted(close[0])}?" if close else ""
    return f"unknown {kind} {quoted(word)}; known: {', '.join(names[:_SHOWN]) or 'none'}{rest}{meant}"


@dataclass
class Table:
    """One table of the file; what was never asked for is an unknown key."""

    values: dict[str, object]
    path: TomlPath
    report: Report
    _asked: set[str] = field(default_factory=set)

    def get(self, key: str) -> object:
        """Return the raw value, None if the key is absent."""
        self._asked.add(key)
        return self.values.get(key)

    def add(self, key: str, problem: str) -> None:
        """Note a problem of a key."""
        self.report.add((*self.path, key), problem)

    def text(self, key: str, *, required: bool = False) -> str:
        """Return a text of one line; empty if absent."""
        value = self.get(key)
        if value is None:
            if required:
                self.add(key, "is missing")
        elif not isinstance(value, str) or not value.strip() or not value.isprintable():
            self.add(key, "write a text of one line in quotes")
        else:
            return value
        return ""

    def flag(self, key: str) -> bool:
        """Return true or false; false if absent."""
        value = self.get(key)
        if value is not None and not isinstance(value, bool):
            self.add(key, "write true or false, without quotes")
        return value is True

    def day(self, key: str) -> date | None:
        """Return a local day."""
        value = self.get(key)
        if value is None:
            return None
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        self.add(key, "write a day such as 2026-09-30, without quotes and time")
        return None

    def choice(self, key: str, known: Collection[str], default: str) -> str:
        """Return one of a few words."""
        value = self.get(key)
        if value is None:
            return default
        if isinstance(value, str) and value in known:
            return value
        self.add(key, unknown("value", value if isinstance(value, str) else quoted(value), known))
        return default

    def words(self, key: str, kind: str, known: Collection[str] | None = None) -> tuple[str, ...]:
        """Return a list of texts that is not empty; an absent one is empty. ``known`` None = any word."""
        value = self.get(key)
        if value is None:
            return ()
        if not isinstance(value, list) or not value:
            self.add(key, f"write a list with at least one {kind}")
            return ()
        found = []
        for position, word in enumerate(value):
            path = (*self.path, key, position)
            if not isinstance(word, str) or not word.strip() or not word.isprintable():
                self.report.add(path, f"write each {kind} in quotes")
            elif known is not None and word not in known:
                self.report.add(path, unknown(kind, word, known))
            else:
                found.append(word)
        return tuple(found)

    def table(self, key: str) -> Table:
        """Return an inner table; an absent one is empty."""
        value = self.get(key)
        if value is not None and not isinstance(value, dict):
            self.add(key, "write a table such as { … }")
        return Table(value if isinstance(value, dict) else {}, (*self.path, key), self.report)

    def tables(self, key: str) -> list[Table]:
        """Return the tables of an array, such as all ``[[share]]``."""
        value = self.get(key)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self.add(key, f"write [[{key}]]")
            return []
        return [Table(item, (*self.path, key, position), self.report) for position, item in enumerate(value)]

    def close(self) -> None:
        """Report the keys that nobody asked for."""
        for key in self.values:
            if key not in self._asked:
                self.add(key, unknown("key", key, self._asked))
