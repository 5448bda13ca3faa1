"""The journal outside the database: what a backup must not bring back (DESIGN §2.5, §7).

One JSON object per line, flushed to the disk before the transaction that does what it says is committed. A line names
identities on the wire and numbers, never personal data. Each carries a keyed MAC over itself and its predecessor's, so
that no line can be changed or taken out unseen. Lines are written under the database's counter row and a lock of the
file, in the order of commits.

Kinds: ``reserve`` (the counter may reach ``until``), ``erase`` (a contact, or some field classes of it), ``epoch`` (a
restore begins it). A database states up to which line it was followed (``ledger_head.journal``); an older one, or one
whose transaction was cut off, has lines to catch up with before anybody reads from it.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, BinaryIO

from radicale_propmgmt.domain.errors import ConfigError, RefusedError, UnavailableError
from radicale_propmgmt.domain.secrets import mac

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

#: Revisions reserved at a time: one line per so many writes.
STEP = 10_000
RESERVE, ERASE, EPOCH = "reserve", "erase", "epoch"
#: Kinds that a database has to follow; the others only tell how far it had come.
BINDING = frozenset({ERASE, EPOCH})


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its number from 1 on, its kind and what it says."""

    number: int
    kind: str
    values: Mapping[str, Any]

    @property
    def rev(self) -> int:
        """The revision of the transaction that wrote it: the one before was committed by then."""
        return int(self.values.get("rev", 0))


@dataclass(kw_only=True)
class Journal:
    """One journal file; whoever holds the counter row of the database appends to it."""

    path: Path
    key: bytes
    _reserved: int = field(default=0, repr=False)

    def exists(self) -> bool:
        """Tell whether there is a journal yet."""
        return self.path.exists()

    def lines(self) -> list[Line]:
        """Read all lines; one that was cut off while it was written does not count.

        Raises:
            ConfigError: The file cannot be read, or a line is not as it was written.
        """
        try:
            with self.path.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_SH)
                return self._read(file)[0]
        except FileNotFoundError:
            return []
        except OSError as error:
            raise ConfigError(f"{self.path}:1: gdpr.journal: cannot be read: {error.strerror}") from None

    def reserved(self) -> int:
        """Return the highest revision that any database with this journal may have reached."""
        return max([0, *(int(line.values["until"]) for line in self.lines() if line.kind == RESERVE)])

    def reserve(self, rev: int, epoch: int, at: int) -> None:
        """Make sure that a revision is reserved before it is used; mostly this costs a comparison.

        Raises:
            UnavailableError: The journal cannot be written: then nothing may be committed.
        """
        if rev <= self._reserved:
            return
        with self._appending() as (file, lines, last):
            known = max([0, *(int(line.values["until"]) for line in lines if line.kind == RESERVE)])
            if rev > known:
                known = rev + STEP - 1
                entry = {"kind": RESERVE, "rev": rev, "until": known, "epoch": epoch, "at": at}
                self._append(file, len(lines), last, [entry])
        self._reserved = known

    def append(self, entries: Sequence[Mapping[str, Any]], *, after: int | None = None) -> int:
        """Append entries, on the disk when this returns.

        Args:
            entries: What to write.
            after: The line up to which the database was followed; it must have nothing to catch up with.

        Returns:
            The number of the last line.

        Raises:
            RefusedError: The database has lines to catch up with, or knows more than there are.
            UnavailableError: The journal cannot be written: then nothing may be committed.
        """
        with self._appending() as (file, lines, last):
            if after is not None and after != last_binding(lines):
                raise RefusedError("the database and the journal do not agree: run `propmgmt gdpr replay`")
            self._append(file, len(lines), last, entries)
            return len(lines) + len(entries)

    @contextmanager
    def _appending(self) -> Iterator[tuple[BinaryIO, list[Line], str]]:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            is_new = not self.path.exists()
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
            with os.fdopen(descriptor, "r+b") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                lines, last, end = self._read(file)
                file.truncate(end)  # a line that was cut off never counted
                file.seek(end)
                yield file, lines, last
            if is_new:
                _sync_folder(self.path.parent)
        except OSError as error:
            raise UnavailableError(f"gdpr.journal: {self.path} cannot be written: {error.strerror}") from None

    def _append(self, file: BinaryIO, count: int, last: str, entries: Sequence[Mapping[str, Any]]) -> None:
        for number, entry in enumerate(entries, start=count + 1):
            last = self._mac(number, entry, last)
            file.write(json.dumps({"n": number, **entry, "mac": last}, separators=(",", ":")).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())

    def _read(self, file: BinaryIO) -> tuple[list[Line], str, int]:
        found: list[Line] = []
        last, end = "", 0
        for raw in file:
            if not raw.endswith(b"\n"):
                break
            end += len(raw)
            number = len(found) + 1
            try:
                values = json.loads(raw)
                told = (values.pop("n"), values.pop("mac"))
                kind = str(values["kind"])
            except (ValueError, KeyError, AttributeError, TypeError):
                raise self._broken(number) from None
            last = self._mac(number, values, last)
            if told != (number, last):
                raise self._broken(number)
            found.append(Line(number, kind, values))
        return found, last, end

    def _mac(self, number: int, values: Mapping[str, Any], last: str) -> str:
        content = json.dumps(dict(values), sort_keys=True, separators=(",", ":"))
        return mac(self.key, b"journal", last.encode(), str(number).encode(), content.encode())

    def _broken(self, number: int) -> ConfigError:
        return ConfigError(f"{self.path}:{number}: gdpr.journal: the line is not as it was written, or one is missing")


def last_binding(lines: Sequence[Line]) -> int:
    """Return the number of the last line that a database has to follow."""
    return max([0, *(line.number for line in lines if line.kind in BINDING)])


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
