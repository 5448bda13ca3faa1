"""Restore: a copy of the database comes back, what was erased since does not (DESIGN §2.5, §7, I8).

The journal says first that a new epoch begins; from then on the old database and the copy alike have something to catch
up with, so nobody is served before ``following.follow`` has done it. Cut off anywhere, the next run does all again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from radicale_propmgmt.db import schema, serving, sweep
from radicale_propmgmt.db.repositories import restores
from radicale_propmgmt.domain.errors import RefusedError
from radicale_propmgmt.projection.project import project_everything
from radicale_propmgmt.services import audit, following
from radicale_propmgmt.transfer import backup
from radicale_propmgmt.vcard.card import RENDERER_VERSION

if TYPE_CHECKING:
    from pathlib import Path

    from radicale_propmgmt.db.unit_of_work import Database


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did; ``swept`` is False where a reader kept old pages alive."""

    epoch: int
    erased: int
    swept: bool


def restore(database: Database, file: Path, heads: Path, actor: str, *, reason: str = "") -> Restored:
    """Put a copy in the place of the database, begin a new epoch, and erase again whom the journal names.

    Args:
        database: Where to; it may be away or empty.
        file: What ``transfer.backup.write`` wrote.
        heads: The file with the audit chain's heads.
        actor: Who restores.
        reason: Why, for audit.

    Raises:
        RefusedError: A server holds the database, or there is no journal beside it.
        UsageError: The file is no whole copy.
        ConfigError: It was made by a newer program, or the journal is broken.
    """
    journal = following.require_journal(database)
    with serving.alone(database):
        backup.check(database, file)
        if not journal.exists():
            raise RefusedError(f"{journal.path}: no journal: whoever was erased since the copy would come back")
        journal.lines()  # a broken one is told of before anything is given up
        following.announce_epoch(database)
        database.reached("restore:journal")
        backup.put_back(database, file)
        database.reached("restore:copied")
        schema.upgrade(database)
        database.reached("restore:migrated")
        return finish(database, heads, actor, reason=reason)


def finish(database: Database, heads: Path, actor: str, *, reason: str = "") -> Restored:
    """Catch up with the journal, and leave nothing in the files of what was there before. May be repeated.

    Raises:
        RefusedError: The journal is not the one that belongs to this database.
    """
    erased = following.follow(database, actor, reason=reason)
    database.reached("restore:followed")
    with database.read() as connection:
        is_stale = schema.renderer_of(connection) != RENDERER_VERSION
        epoch = restores.position(connection).epoch
    if is_stale:
        with database.write(actor) as uow:
            project_everything(uow)
            schema.set_renderer(uow.connection, RENDERER_VERSION)
    audit.note_head(database, heads)
    swept = sweep.rewrite(database) if database.is_sqlite else True
    return Restored(epoch, erased, swept)
