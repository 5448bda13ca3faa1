"""The audit chain: check it, note its head outside, hand it over, and let its oldest part go (DESIGN §7).

Each entry's keyed hash covers the one before, so nothing in the middle can be changed. That nothing was cut off at the
end is told by the heads noted in a file elsewhere; what was taken from the start by its own retention is told by an
entry of the chain itself.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from radicale_propmgmt.db.journal import EPOCH
from radicale_propmgmt.db.repositories import audit_reads as rows
from radicale_propmgmt.db.repositories import restores
from radicale_propmgmt.db.repositories.audit import GENESIS, link_hash, record_audit
from radicale_propmgmt.domain.errors import UnavailableError, UsageError

if TYPE_CHECKING:
    from radicale_propmgmt.db.repositories.audit_reads import Entry
    from radicale_propmgmt.db.unit_of_work import Database, UnitOfWork

RESTORED = "database.restored"
_DAY = 86400


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with the chain: the entry's number, and what it is."""

    entry: int
    problem: str


def verify(database: Database, heads: Path | None = None) -> list[Finding]:
    """Check the whole chain, and that it reaches every head that was noted; the first finding names the first break.

    Args:
        database: The chain's database.
        heads: The file with noted heads.
    """
    hashes: dict[int, str] = {}
    anchors: dict[int, str] = {}
    branches: list[tuple[int, int]] = []
    found: list[Finding] = []
    first: Entry | None = None
    with database.read() as connection:
        previous = GENESIS
        for number, entry in enumerate(rows.walk(connection)):
            first = first or entry
            if number == 0 and entry.seq > 1:
                previous = entry.previous  # the start was taken away: an anchor must say so
            if not found and (problem := _problem(database.secrets.audit, entry, previous, first.seq + number)):
                found.append(Finding(entry.seq, problem))
            hashes[entry.seq], previous = entry.hash, entry.hash
            if entry.action == rows.PRUNED:
                anchors[int(entry.facts["until"])] = str(entry.facts["hash"])
            elif entry.action == RESTORED:
                branches.append((int(entry.facts["epoch"]), entry.seq))
    if first is not None and first.seq > 1 and anchors.get(first.seq - 1) != first.previous:
        found.insert(0, Finding(first.seq, "what stood before was taken away, and no entry says so"))
    if heads is not None:
        branches += [(epoch, max(hashes, default=0) + 1) for epoch in _waiting_epochs(database)]
        found += _compare(hashes, first.seq if first else 1, _read(heads), branches)
    return found


def _waiting_epochs(database: Database) -> list[int]:
    """List epochs that the journal began and the database does not know yet: a restore that was cut off."""
    if database.journal is None:
        return []
    with database.read() as connection:
        known = restores.position(connection).line
    lines = database.journal.lines()
    return [int(line.values["epoch"]) for line in lines if line.kind == EPOCH and line.number > known]


def _problem(key: bytes, entry: Entry, previous: str, seq: int) -> str | None:
    if entry.seq != seq:
        return f"entry {seq} is missing"
    if entry.previous != previous:
        return "it does not follow the entry before"
    if entry.hash != link_hash(key, entry.hashed()):
        return "it is not as it was written"
    if entry.text is not None and sha256((entry.salt or b"") + entry.text.encode()).hexdigest() != entry.commitment:
        return "its personal part is not as it was written"
    return None


def _compare(
    hashes: Mapping[int, str], first: int, noted: list[dict[str, Any]], branches: Sequence[tuple[int, int]]
) -> Iterator[Finding]:
    """Compare noted heads with the chain; ``branches`` (epoch, its first entry) tell what restores gave up."""
    for line in noted:
        seq, epoch = int(line["seq"]), int(line.get("epoch", 0))
        is_lost = any(epoch < began and seq >= at for began, at in branches)
        if not is_lost and seq >= first and hashes.get(seq) != line["hash"]:
            last = max(hashes, default=0)
            yield Finding(min(seq, last + 1), f"a head was noted at {seq}; the chain is another, or was cut off")
            return


def note_head(database: Database, heads: Path) -> bool:
    """Append the chain's head to a file outside the database if it moved; tells whether it did.

    Raises:
        UnavailableError: The file cannot be written.
    """
    with database.read() as connection:
        head = rows.head(connection)
        epoch = restores.position(connection).epoch
    if head is None:
        return False
    line = {"seq": head[0], "hash": head[1], "at": head[2], "epoch": epoch}
    try:
        heads.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(heads, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            content = file.read()
            if _last(content) == line:
                return False
            gap = b"" if not content or content.endswith(b"\n") else b"\n"
            file.write(gap + json.dumps(line, separators=(",", ":")).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise UnavailableError(f"gdpr.audit_head: {heads} cannot be written: {error.strerror}") from None
    return True


def _last(content: bytes) -> Any:
    lines = [line for line in content[-4096:].split(b"\n") if line]
    try:
        return json.loads(lines[-1]) if lines else None
    except ValueError:
        return None


def _read(heads: Path) -> list[dict[str, Any]]:
    """Read noted heads; a line that was cut off tells nothing."""
    try:
        content = heads.read_bytes()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise UsageError(f"gdpr.audit_head: {heads} cannot be read: {error.strerror}") from None
    found = []
    for line in content.split(b"\n"):
        try:
            values = json.loads(line)
        except ValueError:
            continue
        if isinstance(values, dict) and {"seq", "hash"} <= values.keys():
            found.append(values)
    return found


def export(database: Database, file: Path, *, personal: bool = False) -> int:
    """Write all entries as JSON lines, readable by their owner only; returns how many.

    Args:
        database: The chain's database.
        file: Where to; must not exist.
        personal: With the personal parts, as far as they are there, and their salts: then commitments can be checked.

    Raises:
        UsageError: The file cannot be written, or exists.
    """
    count = 0
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as out, database.read() as connection:
            for line in _exported(rows.walk(connection), personal=personal):
                out.write(json.dumps(line, ensure_ascii=False, sort_keys=True) + "\n")
                count += 1
    except OSError as error:
        raise UsageError(f"{file}: cannot be written: {error.strerror}") from None
    return count


def _exported(entries: Iterable[Entry], *, personal: bool) -> Iterator[dict[str, Any]]:
    for entry in entries:
        line = entry.hashed() | {"hash": entry.hash}
        if personal and entry.text is not None:
            line |= {"salt": (entry.salt or b"").hex(), "text": entry.text}
        yield line


def prune(uow: UnitOfWork, keep_days: int) -> int:
    """Let the oldest part of the chain go; an entry of the chain says up to where, with the hash it ended with.

    Returns:
        How many entries went.
    """
    last = rows.last_before(uow.connection, uow.now - keep_days * _DAY)
    if last is None:
        return 0
    seq, ended_with = last
    count = rows.forget_until(uow, seq)
    record_audit(uow, rows.PRUNED, facts={"until": seq, "hash": ended_with, "entries": count}, personal=uow.reason)
    return count
