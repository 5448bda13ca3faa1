"""An installation in a folder of its own, its command line, and everything that lies on the disk for it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from click.testing import CliRunner
from sqlalchemy.engine import make_url

from radicale_propmgmt.cli.init import prepare
from radicale_propmgmt.cli.main import root
from radicale_propmgmt.db.unit_of_work import Database, UnitOfWork
from radicale_propmgmt.runtime import STOP_VARIABLE, Core, make_secrets, open_core
from radicale_propmgmt.services import accounts, shares
from radicale_propmgmt.settings import load_settings
from tests.support.engines import make_engine
from tests.support.world import DeviceDouble, World

RULES = """
[[share]]
name = "Everything"
for = ["account:chef"]
objects = "*"
groups = "*"
only = { tenancy = "any" }
profile = "dsb"
books = ["all", "group"]

[[share]]
name = "Names"
for = ["account:azra"]
objects = "*"
groups = "*"
fields = ["name", "relation", "category"]
"""


@dataclass
class Place:
    """One installation; every command opens it anew, as a process would."""

    folder: Path
    url: str
    config: Path = field(init=False)

    def __post_init__(self) -> None:
        self.config = self.folder / "config" / "propmgmt.toml"
        self.config.parent.mkdir(parents=True)
        self.config.write_text(f'[database]\nurl = "{self.url}"\n')
        make_secrets(load_settings(self.config).secrets.file)
        with self.core(demo=True) as core:
            prepare(core, demo=True)
        with self.write() as uow:
            for login in ("chef", "azra"):
                accounts.add_account(uow, login, login.title())
        with self.core() as core:
            shares.apply(core.database, RULES, "shares.toml", actor="test", accept_gain=True)

    @property
    def is_sqlite(self) -> bool:
        return self.url.startswith("sqlite")

    @contextmanager
    def core(self, *, demo: bool = False) -> Iterator[Core]:
        core = open_core(load_settings(self.config), demo=demo)
        yield core
        core.database.engine.dispose()

    @contextmanager
    def database(self) -> Iterator[Database]:
        with self.core() as core:
            yield core.database

    @contextmanager
    def write(self, reason: str = "") -> Iterator[UnitOfWork]:
        with self.core() as core, core.database.write("cli:test") as uow:
            uow.reason = reason
            yield uow

    def run(self, *args: str, code: int = 0) -> str:
        done = CliRunner().invoke(root, ["--config", str(self.config), *args])
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        assert done.exit_code == code, done.output
        return done.output

    def json(self, *args: str) -> list[dict[str, object]]:
        done = CliRunner().invoke(root, ["--config", str(self.config), *args, "--json"])
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    def killed_at(self, step: str, *args: str) -> None:
        """Run a command that dies at a step, as in a power cut."""
        done = subprocess.run(
            [sys.executable, "-m", "radicale_propmgmt.cli.main", "--config", str(self.config), *args],
            env={**os.environ, STOP_VARIABLE: step},
            capture_output=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == -signal.SIGKILL, (step, done.returncode, done.stderr)

    def is_sound(self) -> None:
        self.run("doctor")
        self.run("audit", "verify")

    def device(self, database: Database, login: str = "chef") -> DeviceDouble:
        return DeviceDouble(World(database), login, "alle")

    def sweep(self) -> None:
        """What README tells an administrator of PostgreSQL to do; SQLite needs nothing."""
        if not self.is_sqlite:
            self.run("gdpr", "sweep")

    def files(self) -> Iterator[Path]:
        """Everything below the installation, and the files of a PostgreSQL that is the tests' own."""
        places = [self.folder]
        if not self.is_sqlite and (host := make_url(self.url).query.get("host")):
            places.append(Path(str(host)) / "data")
        for place in places:
            yield from (path for path in place.rglob("*") if path.is_file())

    def finds(self, texts: Iterable[bytes]) -> set[tuple[bytes, str]]:
        """Search every file for every text, whatever the case."""
        found = set()
        for path in self.files():
            try:
                content = path.read_bytes().lower()
            except FileNotFoundError:
                continue
            found.update((text, path.name) for text in texts if text.lower() in content)
        return found


@contextmanager
def without_recycled_log(url: str) -> Iterator[None]:
    """Let the tests' own PostgreSQL remove its log instead of writing over it, as config/README.md tells."""
    run = _runner(url)
    run("ALTER SYSTEM SET wal_recycle = off")
    run("SELECT pg_reload_conf()")
    yield
    run("ALTER SYSTEM RESET wal_recycle")
    run("SELECT pg_reload_conf()")


def _runner(url: str) -> Callable[[str], None]:
    def run(statement: str) -> None:
        engine = make_engine(url, pool_size=1)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql(statement)
        engine.dispose()

    return run
