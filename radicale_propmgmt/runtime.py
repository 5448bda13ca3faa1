"""Composition root: settings become a database with its keys, zone and clock."""

from __future__ import annotations

import os
import re
import secrets as random_source
import time
import tomllib
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from radicale_propmgmt.db import schema
from radicale_propmgmt.db.journal import Journal
from radicale_propmgmt.db.unit_of_work import Database
from radicale_propmgmt.domain.clock import ShiftedClock
from radicale_propmgmt.domain.errors import ConfigError, UnavailableError
from radicale_propmgmt.domain.secrets import Secrets
from radicale_propmgmt.services.shares import apply_file_if_new
from radicale_propmgmt.settings import SettingsError, load_settings

if TYPE_CHECKING:
    from pathlib import Path

    from radicale_propmgmt.settings import Settings

CLOCK_VARIABLE = "PROPMGMT_CLOCK"
#: A step of erase, backup or restore at which the process is killed: honoured by demo and test databases only.
STOP_VARIABLE = "PROPMGMT_STOP_AT"
_MASTER_BYTES = 32
_RULES_EVERY = 1.0
_RULES_AGAIN = 60.0


@dataclass
class _RuleWatch:
    """What was last seen of the rule file; looked at no more than once a second."""

    looked_at: float = -_RULES_EVERY
    tried_at: float = 0.0
    stamp: tuple[int, int] | None = None

    def asks_for(self, path: Path) -> bool:
        """Tell whether the file should be tried: it changed, or the last try is a minute old (names may be new)."""
        now = time.monotonic()
        if now - self.looked_at < _RULES_EVERY:
            return False
        self.looked_at = now
        stamp = _stamp(path)
        if stamp is None or (stamp == self.stamp and now - self.tried_at < _RULES_AGAIN):
            return False
        self.stamp, self.tried_at = stamp, now
        return True


@dataclass(frozen=True, kw_only=True)
class Core:
    """One installation as one process sees it."""

    settings: Settings
    database: Database
    _watch: _RuleWatch = field(default_factory=_RuleWatch, repr=False, compare=False)

    def reload_rules(self) -> None:
        """Take the rule file in by itself if it changed and its contents never held before (DESIGN §2.7).

        Raises:
            ConfigError: The file is wrong and there is no version that holds.
            UnavailableError: The database is away or busy; the next call tries again.
        """
        if not self._watch.asks_for(self.settings.files.shares):
            return
        try:
            apply_file_if_new(self.database, self.settings.files.shares)
        except UnavailableError:
            self._watch.stamp = None
            raise


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


def read_settings(path: Path | str | None = None) -> Settings:
    """Read the settings file as the command line and the server do.

    Raises:
        ConfigError: The file is wrong; with all its problems.
    """
    try:
        return load_settings(path)
    except SettingsError as error:
        raise ConfigError(*error.problems) from None


def open_core(settings: Settings, *, demo: bool = False) -> Core:
    """Open an installation. The database is not touched, unless a variable of demo and test databases is set.

    Args:
        settings: Where everything is.
        demo: It becomes a demo now, so its clock may be set although its database cannot tell yet.

    Raises:
        ConfigError: The secrets file is missing, open to others, or broken.
    """
    database = Database.open(
        settings.database.url,
        secrets=read_secrets(settings.secrets.file),
        zone=settings.zone,
        threads=settings.server.threads,
    )
    database.journal = Journal(path=settings.gdpr.journal, key=database.secrets.audit)
    if (step := os.environ.get(STOP_VARIABLE)) and (demo or schema.is_demo(database)):
        database.stop_at = step
    if wanted := os.environ.get(CLOCK_VARIABLE):
        start = _instant(wanted)
        if demo or schema.is_demo(database):
            database.clock = ShiftedClock(start)
    return Core(settings=settings, database=database)


def _instant(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise ConfigError(f"${CLOCK_VARIABLE}: no ISO instant: write 2026-06-15T08:00:00+02:00") from None
    return found if found.tzinfo else found.astimezone()


def read_secrets(path: Path) -> Secrets:
    """Read the keys of the installation.

    Raises:
        ConfigError: The file is missing, readable by others, or broken.
    """
    try:
        mode = path.stat().st_mode
        master = tomllib.loads(path.read_text(encoding="ascii")).get("master", "")
    except FileNotFoundError:
        raise ConfigError(f"{path}:1: master: there is no secrets file: run `propmgmt init`") from None
    except (OSError, ValueError):
        raise ConfigError(f"{path}:1: master: the secrets file cannot be read") from None
    if mode & 0o007:
        raise ConfigError(f"{path}:1: master: others may read the secrets file: run `chmod 600 {path}`")
    if not isinstance(master, str) or not re.fullmatch(r"[0-9a-f]{64,128}", master):
        raise ConfigError(f"{path}:1: master: 64 hex digits are expected")
    return Secrets.derive(bytes.fromhex(master))


def make_secrets(path: Path) -> bool:
    """Make the secrets file with fresh random bytes, readable by its owner only.

    Returns:
        Whether it was made; one that exists is never touched.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    text = (
        "# Keys of this installation. Keep a copy apart from the database backup; the same on all nodes.\n"
        f'master = "{random_source.token_hex(_MASTER_BYTES)}"\n'
    )
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return True
