"""Time is a change: one worker projects what is due although nobody asks."""

from __future__ import annotations

import fcntl
import logging
import threading
from typing import TYPE_CHECKING, TextIO

from radicale_propmgmt.accounts import limiter
from radicale_propmgmt.ledger.pruning import prune
from radicale_propmgmt.projection.due import tick
from radicale_propmgmt.services import audit, following

if TYPE_CHECKING:
    from radicale_propmgmt.runtime import Core

logger = logging.getLogger(__name__)

#: Seconds between two beats.
EVERY = 30
_BEATS_PER_HOUR = 3600 // EVERY
_BEATS_PER_DAY = 86400 // EVERY


class Ticker(threading.Thread):
    """A daemon thread per worker; the one that holds the lock file beats, and another takes over if it dies."""

    def __init__(self, core: Core) -> None:
        super().__init__(name="ticker", daemon=True)
        self._core = core
        self._lock: TextIO | None = None
        self._stopped = threading.Event()
        self._beats = 0

    def run(self) -> None:
        """Beat until the process ends."""
        while not self._stopped.wait(EVERY):
            self.beat()

    def stop(self) -> None:
        """Stop before the next beat."""
        self._stopped.set()

    def beat(self) -> bool:
        """Project what is due and take a changed rule file in, if this worker leads."""
        if not self._leads():
            return False
        try:
            if following.problems(self._core.database):
                return True  # nothing is decided on a database older than its journal
            self._core.reload_rules()
            tick(self._core.database)
            audit.note_head(self._core.database, self._core.settings.gdpr.audit_head)
            if self._beats % _BEATS_PER_HOUR == 0:
                prune(self._core.database)
            if self._beats % _BEATS_PER_DAY == 0:
                limiter.forget_old(self._core.database)
        except Exception:  # whatever it is, the next beat tries again
            logger.exception("tick_failed")
        self._beats += 1
        return True

    def _leads(self) -> bool:
        if self._lock is not None:
            return True
        path = self._core.settings.secrets.file.parent / "ticker.lock"
        try:
            lock = path.open("w")
        except OSError:  # a folder that is not ours to write: beating twice does no harm
            return True
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            return False
        self._lock = lock
        return True
