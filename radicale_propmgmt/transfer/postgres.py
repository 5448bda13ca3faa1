"""pg_dump, pg_restore and psql as they come with PostgreSQL. A password never stands on their command lines."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from subprocess import DEVNULL, PIPE
from typing import TYPE_CHECKING

from radicale_propmgmt.domain.errors import ConfigError, UnavailableError, UsageError

if TYPE_CHECKING:
    from radicale_propmgmt.db.unit_of_work import Database

#: Everything of ours goes, in the transaction in which the copy comes.
_EMPTY = """DO $$ DECLARE name text; BEGIN
FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = current_schema() LOOP
EXECUTE format('DROP TABLE %I CASCADE', name); END LOOP; END $$;
"""


def dump(database: Database, file: Path) -> None:
    """Write a copy in pg_dump's custom format: one consistent state, while others write.

    Raises:
        ConfigError: There is no pg_dump.
        UnavailableError: It failed.
    """
    options = ["--format=custom", "--no-owner", "--no-privileges", f"--file={file}"]
    _run("pg_dump", [*options, *_place(database)], database)


def check(file: Path) -> None:
    """Read a copy from beginning to end.

    Raises:
        UsageError: It is none, or damaged.
    """
    try:
        _run("pg_restore", ["--file=/dev/null", str(file)])
    except UnavailableError:
        raise UsageError(f"{file}: no copy of a PostgreSQL database, or damaged") from None


def put_back(database: Database, file: Path) -> None:
    """Replace all tables by those of a copy, in one transaction.

    Only after the last byte is the transaction ended: whoever dies before leaves the database as it was.

    Raises:
        ConfigError: A program is missing.
        UnavailableError: It failed; the database is as it was.
    """
    database.engine.dispose()
    environment = _environment(database) | {"PGOPTIONS": "-c lock_timeout=30s -c statement_timeout=0"}
    reading = _command("pg_restore", ["--no-owner", "--no-privileges", "--file=-", str(file)])
    quiet = ["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--output=/dev/null", "--file=-"]
    writing = _command("psql", [*quiet, *_place(database)])
    with (
        subprocess.Popen(reading, stdout=PIPE, stderr=DEVNULL, env=environment) as source,  # noqa: S603
        subprocess.Popen(writing, stdin=PIPE, stderr=DEVNULL, env=environment) as target,  # noqa: S603
    ):
        is_whole = _pump(source, target)
    if target.returncode or not is_whole:
        raise UnavailableError("psql could not put the copy back; the database is as it was")


def _pump(source: subprocess.Popen[bytes], target: subprocess.Popen[bytes]) -> bool:
    """Pass everything on, and end the transaction if it was everything."""
    assert source.stdout is not None  # noqa: S101 - both are pipes
    assert target.stdin is not None  # noqa: S101
    try:
        target.stdin.write(b"BEGIN;\n" + _EMPTY.encode())
        while block := source.stdout.read(1 << 20):
            target.stdin.write(block)
        if source.wait() == 0:
            target.stdin.write(b"\nCOMMIT;\n")
            target.stdin.close()
            return target.wait() == 0
    except BrokenPipeError:  # psql gave up
        source.kill()
    target.kill()
    return False


def _place(database: Database) -> list[str]:
    url = database.engine.url
    query = {name: str(value) for name, value in url.query.items()}
    given = {"--host": url.host or query.get("host"), "--port": url.port or query.get("port")}
    given |= {"--username": url.username, "--dbname": url.database}
    return [f"{name}={value}" for name, value in given.items() if value]


def _environment(database: Database | None) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name.startswith("PG") or name in {"HOME", "PATH"}}
    password = database.engine.url.password if database is not None else None
    return kept | ({"PGPASSWORD": str(password)} if password else {})


def _command(program: str, options: list[str]) -> list[str]:
    return [_find(program), *options]


def _find(program: str) -> str:
    """Find a program: the newest that is installed, for an older one cannot read a newer server."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
    for folder in folders:
        if os.access(folder / program, os.X_OK):
            return str(folder / program)
    found = shutil.which(program)
    if found is None:
        raise ConfigError(f"{program}: not installed; it comes with PostgreSQL's client programs")
    return found


def _version(folder: Path) -> int:
    return int((re.match(r"\d+", folder.parent.name) or ["0"])[0])


def _run(program: str, options: list[str], database: Database | None = None) -> None:
    done = subprocess.run(  # noqa: S603 - programs of PostgreSQL, arguments of ours
        _command(program, options),
        stdin=DEVNULL,
        stdout=DEVNULL,
        stderr=DEVNULL,
        env=_environment(database),
        check=False,
    )
    if done.returncode:
        raise UnavailableError(f"{program} failed: run it by hand to see why")
