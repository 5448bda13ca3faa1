"""The unit of work: one transaction per request or command, the counter row first, the only commit."""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, case, select, update
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from radicale_propmgmt.db.engine import READ_ONLY, make_engine
from radicale_propmgmt.db.tables import LedgerHead
from radicale_propmgmt.domain.clock import Clock, WallClock, local_day
from radicale_propmgmt.domain.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import date
    from zoneinfo import ZoneInfo

    from radicale_propmgmt.db.journal import Journal
    from radicale_propmgmt.domain.rules import RuleSet
    from radicale_propmgmt.domain.secrets import Secrets

#: A clock that jumps further than this waits for ``doctor --accept-clock``. Unit: seconds.
CLOCK_JUMP = 31 * 86400


@dataclass(kw_only=True)
class Database:
    """One database as one process sees it: engine, keys, clock, zone and the compiled rules by version."""

    engine: Engine
    secrets: Secrets
    zone: ZoneInfo
    clock: Clock = field(default_factory=WallClock)
    compiled_rules: dict[int, RuleSet] = field(default_factory=dict)
    journal: Journal | None = None
    stop_at: str = ""  # a step at which this process is killed; set for demo and test databases only

    @classmethod
    def open(
        cls, url: str, *, secrets: Secrets, zone: ZoneInfo, clock: Clock | None = None, threads: int = 8
    ) -> Database:
        """Open a database without touching it yet."""
        return cls(engine=make_engine(url, threads), secrets=secrets, zone=zone, clock=clock or WallClock())

    @cached_property
    def is_sqlite(self) -> bool:
        """Tell which of the two engines this is."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a read-only transaction; it ends without a trace.

        Raises:
            UnavailableError: The database cannot be reached.
        """
        with _translated():
            connection = self.engine.connect().execution_options(**{READ_ONLY: True})
            try:
                yield connection
            finally:
                connection.close()

    @contextmanager
    def write(self, actor: str) -> Iterator[UnitOfWork]:
        """Open a unit of work: takes the counter row as its first statement, commits at its end or not at all.

        Args:
            actor: ``account:LOGIN``, ``cli:USER`` or ``system``; stands in audit and history.

        Raises:
            UnavailableError: The database cannot be reached, or its lock was not free in two seconds.
        """
        with _translated(), self.engine.begin() as connection:
            uow = UnitOfWork.begin(self, connection, actor)
            if self.journal is not None:
                self.journal.reserve(uow.rev, uow.epoch, uow.now)
            yield uow
            uow.finish()
            uow.keep_journal()

    def reached(self, step: str) -> None:
        """Name a step of something that may be cut off: there a test kills the process, as a power cut would."""
        if step == self.stop_at:
            os.kill(os.getpid(), signal.SIGKILL)


@dataclass(kw_only=True)
class UnitOfWork:
    """One writing transaction with its revision and its instant."""

    database: Database
    connection: Connection
    actor: str
    rev: int
    now: int  # max(stored, wall): never goes back
    epoch: int
    rules_version: int
    device_id: int | None = None
    reason: str = ""
    _numbers: int = 0
    _noted: list[dict[str, Any]] = field(default_factory=list)
    _at_end: dict[Callable[[UnitOfWork, set[Any]], None], set[Any]] = field(default_factory=dict)

    def next_id(self) -> int:
        """Return a number that no other unit of work returns, ever: the revision and a count."""
        self._numbers += 1
        return (self.rev << 20) + self._numbers

    def at_end(self, work: Callable[[UnitOfWork, set[Any]], None], on: Iterable[Any]) -> None:
        """Do some work once before the commit, on all that was noted for it: what each change would do over again."""
        if noted := set(on):
            self._at_end.setdefault(work, set()).update(noted)

    def finish(self) -> None:
        """Do what waits for the end."""
        while self._at_end:
            work, on = self._at_end.popitem()
            work(self, on)

    def note(self, kind: str, **values: Any) -> None:
        """Note a line for the journal outside the database; it is written before the commit."""
        self._noted.append({"kind": kind, **values, "epoch": self.epoch, "rev": self.rev, "at": self.now})

    def keep_journal(self) -> None:
        """Write what was noted, and how far the database then follows the journal."""
        journal, noted = self.database.journal, self._noted
        if journal is None or not noted:
            return
        followed = self.connection.execute(select(LedgerHead.journal)).scalar_one()
        line = journal.append(noted, after=followed)
        self.database.reached("erase:journal")
        self.connection.execute(update(LedgerHead).values(journal=line))

    @classmethod
    def begin(cls, database: Database, connection: Connection, actor: str) -> UnitOfWork:
        """Take the counter row; everything decided later in the transaction is read after it (M1)."""
        wall = database.clock.now()
        ahead = case((LedgerHead.demo | (LedgerHead.now + CLOCK_JUMP >= wall), wall), else_=LedgerHead.now)
        stored_or_wall = case((LedgerHead.now > wall, LedgerHead.now), else_=ahead)
        row = connection.execute(
            update(LedgerHead)
            .values(rev=LedgerHead.rev + 1, now=stored_or_wall)
            .returning(LedgerHead.rev, LedgerHead.now, LedgerHead.epoch, LedgerHead.rules_version)
        ).one_or_none()
        if row is None:
            raise UnavailableError("the database is empty: run `propmgmt init`")
        return cls(
            database=database,
            connection=connection,
            actor=actor,
            rev=row.rev,
            now=row.now,
            epoch=row.epoch,
            rules_version=row.rules_version,
        )

    @property
    def today(self) -> date:
        """The local day of this unit of work."""
        return local_day(self.now, self.database.zone)

    @property
    def secrets(self) -> Secrets:
        """The installation's keys."""
        return self.database.secrets


@contextmanager
def _translated() -> Iterator[None]:
    """Turn a lost database or a busy lock into the one refusal that clients retry."""
    try:
        yield
    except (OperationalError, PoolTimeoutError) as error:
        raise UnavailableError("the database is away or busy", retry_after=5) from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise UnavailableError("the database is away", retry_after=5) from error
        raise
