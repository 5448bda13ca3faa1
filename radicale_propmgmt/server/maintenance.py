"""Maintenance: a worker serves nobody while its database is older than the journal, or being restored (DESIGN §2.5)."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

from radicale_propmgmt.db import schema, serving
from radicale_propmgmt.domain.errors import PropmgmtError, UnavailableError
from radicale_propmgmt.services import following

if TYPE_CHECKING:
    from radicale_propmgmt.runtime import Core

logger = logging.getLogger(__name__)

#: What clients are told to wait. Unit: seconds.
RETRY_AFTER = 30
#: While something is wrong it is looked at again no more than this often. Unit: seconds.
_EVERY = 1.0


class Maintenance:
    """Asks until the database may be served; from then on nothing can take that back while the worker holds it."""

    def __init__(self, core: Core) -> None:
        self._database = core.database
        self._hold = serving.Hold(core.database)
        self._lock = threading.Lock()
        self._asked_at = -_EVERY
        self._found: list[str] | None = None

    def problems(self) -> list[str]:
        """List why nobody is served now, as codes; empty = the database is served."""
        if self._found == []:
            return []
        with self._lock:
            now = time.monotonic()
            if self._found is None or (self._found and now - self._asked_at >= _EVERY):
                self._asked_at = now
                found = self._ask()
                if found != self._found and found:
                    logger.error("maintenance problems=%s", ",".join(found))
                self._found = found
            return self._found

    def _ask(self) -> list[str]:
        try:
            schema.require_head(self._database)
            return following.problems(self._database) if self._hold.take() else ["restore"]
        except UnavailableError:
            return ["database"]
        except PropmgmtError:
            return ["schema"]
