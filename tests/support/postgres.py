"""A throw-away PostgreSQL: found on the machine, started as an ordinary user, gone at the end.

As a program it runs a command beside such a server: ``python -m tests.support.postgres make check``.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg

VARIABLE = "PROPMGMT_TEST_POSTGRES"
SERVER_PROGRAMS = ("initdb", "postgres")
START_SECONDS = 60
STOP_SECONDS = 20


class NoPostgresError(Exception):
    """There is no server here, and why."""


def find_programs() -> Path:
    """Find the folder of the newest installed server's programs.

    Raises:
        NoPostgresError: None is installed.
    """
    candidates = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
    for tool in ("postgres", "pg_config"):
        if found := shutil.which(tool):
            candidates.append(Path(found).resolve().parent)
    for folder in candidates:
        if all(os.access(folder / program, os.X_OK) for program in SERVER_PROGRAMS):
            return folder
    raise NoPostgresError(
        "no PostgreSQL server programs here (Debian: apt-get install postgresql), "
        f"and {VARIABLE} names no server to use"
    )


def _version(folder: Path) -> int:
    return int((re.match(r"\d+", folder.parent.name) or ["0"])[0])


@contextlib.contextmanager
def running_cluster(programs: Path) -> Iterator[str]:
    """Run a fresh cluster and yield its URL. It listens on a socket in a private folder, on no port.

    Durability is on as in production (``fsync``): what the tests prove about crashes they prove about that.

    Raises:
        RuntimeError: It did not come up in time; the message holds the server's log.
    """
    account = _server_account()
    folder = Path(tempfile.mkdtemp(prefix="propmgmt-pg-"))
    server: subprocess.Popen[bytes] | None = None
    try:
        if account:
            os.chown(folder, account["user"], account["group"])
        log = folder / "log"
        with log.open("wb") as output:
            how: dict[str, Any] = {"cwd": folder, "stdout": output, "stderr": subprocess.STDOUT, **account}
            _make_cluster(programs, folder, how, log)
            server = subprocess.Popen(_server_command(programs, folder), **how)
        url = f"postgresql://propmgmt@/postgres?host={folder}"
        _wait_until_up(server, url, log)
        yield url
    finally:
        if server is not None:
            _stop(server)
        shutil.rmtree(folder, ignore_errors=True)


def _server_account() -> dict[str, Any]:
    """Choose whom the server runs as: it refuses root, so root lends it to ``postgres`` or ``nobody``."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise NoPostgresError("PostgreSQL refuses to run as root, and there is no user postgres or nobody")


def _make_cluster(programs: Path, folder: Path, how: dict[str, Any], log: Path) -> None:
    command: list[str | Path] = [
        programs / "initdb",
        "-D",
        folder / "data",
        "-U",
        "propmgmt",
        "--auth=trust",
        "--encoding=UTF8",
    ]
    made = subprocess.run([*command, "--locale=C.UTF-8", "--no-sync"], check=False, timeout=START_SECONDS, **how)
    if made.returncode != 0:
        raise RuntimeError(f"initdb failed:\n{log.read_text(errors='replace')[-2000:]}")


def _server_command(programs: Path, folder: Path) -> list[str | Path]:
    return [
        programs / "postgres",
        *("-D", folder / "data", "-k", folder, "-c", "listen_addresses="),
        *("-c", "fsync=on", "-c", "max_connections=200", "-c", "shared_buffers=64MB"),
    ]


def _wait_until_up(server: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(url, connect_timeout=2).close()
            return
        time.sleep(0.05)
    raise RuntimeError(f"PostgreSQL did not come up:\n{log.read_text(errors='replace')[-2000:]}")


def _stop(server: subprocess.Popen[bytes]) -> None:
    server.send_signal(signal.SIGINT)  # "fast": ends sessions, then itself
    try:
        server.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        server.send_signal(signal.SIGQUIT)
        server.wait(STOP_SECONDS)


def main(command: list[str]) -> int:
    """Run a command with the server's URL in its environment; its exit code is ours."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with running_cluster(find_programs()) as url:
        return subprocess.run(command, env={**os.environ, VARIABLE: url}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
