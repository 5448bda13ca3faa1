"""Following the journal: a database that is older than what the journal says catches up before anybody reads from it.

It is older after a restore, whoever did it and how, and when a process died between the journal and its commit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from radicale_propmgmt.db import schema
from radicale_propmgmt.db.journal import BINDING, EPOCH, ERASE, Line, last_binding
from radicale_propmgmt.db.repositories import erasure as rows
from radicale_propmgmt.db.repositories import restores
from radicale_propmgmt.db.repositories.audit import record_audit
from radicale_propmgmt.domain.errors import ConfigError, RefusedError, UsageError
from radicale_propmgmt.domain.fields import FieldClass
from radicale_propmgmt.services import erasure
from radicale_propmgmt.services.audit import RESTORED

if TYPE_CHECKING:
    from radicale_propmgmt.db.journal import Journal
    from radicale_propmgmt.db.repositories.restores import Position
    from radicale_propmgmt.db.unit_of_work import Database, UnitOfWork

_ERASED = 2
#: Why a database must not be read from, as codes; each has a line in the README.
OLDER, PENDING, LOST, BROKEN = "older-than-journal", "erasures-pending", "journal-lost", "journal-broken"


def problems(database: Database) -> list[str]:
    """List why a database must not be served now, as codes; empty = it agrees with the journal."""
    if database.journal is None:
        return []
    try:
        lines = database.journal.lines()
    except ConfigError:
        return [BROKEN]
    with database.read() as connection:
        position = restores.position(connection)
    if position.line > len(lines):
        return [LOST]
    found = [PENDING] if last_binding(lines) > position.line else []
    return [OLDER, *found] if _is_older(position, lines) else found


def _is_older(position: Position, lines: list[Line]) -> bool:
    """Tell whether the journal saw a later state: a line is written when the revision before it was committed."""
    epoch = max([0, *(int(line.values["epoch"]) for line in lines)])
    return position.epoch < epoch or any(line.rev - 1 > position.rev for line in lines)


def require_journal(database: Database) -> Journal:
    """Return the journal of an installation.

    Raises:
        UsageError: It has none.
    """
    if database.journal is None:
        raise UsageError("gdpr.journal: this installation has no journal")
    return database.journal


def follow(database: Database, actor: str, *, reason: str = "") -> int:
    """Do what the journal says and the database does not know: idempotent, in one transaction.

    Returns:
        How many contacts were erased, wholly or in part.

    Raises:
        RefusedError: The journal lacks lines that the database knows: it is not the one that belongs to it.
        ConfigError: A line of the journal is not as it was written.
    """
    journal = require_journal(database)
    found = problems(database)
    if LOST in found:
        raise RefusedError(f"{journal.path}: the database knows lines that are not there: bring the whole journal back")
    if not found:
        journal.lines()  # a broken one is told of
        return 0
    if OLDER in found and not any(line.kind == EPOCH for line in _unknown(database, journal)):
        announce_epoch(database)
    database.reached("replay:begun")
    with database.write(actor) as uow:
        lines = journal.lines()
        known = restores.position(uow.connection).line
        waiting = [line for line in lines if line.number > known and line.kind in BINDING]
        epochs = [int(line.values["epoch"]) for line in waiting if line.kind == EPOCH]
        if epochs:
            restores.begin_epoch(uow, max(epochs), journal.reserved())
            facts = {"epoch": max(epochs), "journal": len(lines)}
            record_audit(uow, RESTORED, facts=facts, personal=reason)
        erased = sum(_erase_again(uow, line) for line in waiting if line.kind == ERASE)
        restores.follow(uow, last_binding(lines))
        database.reached("replay:rows")
    return erased


def complete(database: Database, actor: str) -> int:
    """Complete erasures that were cut off before their commit; returns how many.

    Raises:
        RefusedError: There is more amiss: the database is older than the journal, or the journal is not its own.
    """
    found = problems(database)
    if found and found != [PENDING]:
        raise RefusedError(f"{', '.join(found)}: run `propmgmt gdpr replay` first")
    return follow(database, actor) if found else 0


def _unknown(database: Database, journal: Journal) -> list[Line]:
    with database.read() as connection:
        known = restores.position(connection).line
    return [line for line in journal.lines() if line.number > known]


def announce_epoch(database: Database) -> int:
    """Write into the journal that a new epoch begins, before anything of the old one is given up; returns it."""
    journal = require_journal(database)
    epochs = [int(line.values["epoch"]) for line in journal.lines()]
    rev = 0
    if not schema.is_empty(database):
        with database.read() as connection:
            position = restores.position(connection)
        rev = position.rev
        epochs.append(position.epoch)
    epoch = max([1, *epochs]) + 1
    journal.append([{"kind": EPOCH, "epoch": epoch, "rev": rev, "at": database.clock.now()}])
    return epoch


def _erase_again(uow: UnitOfWork, line: Line) -> bool:
    """Erase what a line names, known by its name on the wire: numbers may have been given anew since."""
    href, uid_mac = str(line.values["href"]), line.values["uid_mac"]
    classes = line.values.get("classes")
    found = rows.find_by_href(uow.connection, href)
    if found is None:
        if classes is None:
            rows.put_tombstone(uow, href, uid_mac)
        return False
    contact_id, state = found
    if state == _ERASED:
        return False
    uow.reason = "journal"
    if classes is not None:
        erasure.erase_classes(uow, contact_id, frozenset(map(FieldClass, classes)), journal=False)
    else:
        erasure.erase_all(uow, [contact_id], force=True, journal=False)
    return True
