"""What we are measured beside: the minimal responder of davbench, and stock Radicale on its own storage."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.request import urlopen

from tests.bench.machine import free_port, say

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

#: Operations of a book that clients may not write, and whose cards have names of their own.
_READ_ONLY = ("put", "clients")


class Davbench:
    """The benchmark program: a folder that holds the package of this name."""

    def __init__(self, folder: Path, results: Path) -> None:
        self._environment = {**os.environ, "PYTHONPATH": str(folder)}
        self.results = results

    def write_cards(self, count: int, file: Path) -> None:
        """Write generated cards into one file."""
        with file.open("wb") as out:
            self._run("cards", "--count", str(count), stdout=out)

    def write_folder(self, count: int, folder: Path) -> None:
        """Write generated cards into a folder, one file each."""
        self._run("cards", "--count", str(count), "--folder", str(folder))

    def measure(self, server: str, count: int, url: str, pids: Iterable[int], *options: str) -> None:
        """Measure a running server and add the figures to the results."""
        words = ["--server", server, "--count", str(count), "--url", url, "--out", str(self.results)]
        for pid in pids:
            words += ["--pid", str(pid)]
        self._run("measure", *words, *options, "--skip", *_READ_ONLY, stdout=sys.stderr)

    def start_floor(self, count: int, folder: Path) -> tuple[subprocess.Popen[bytes], str]:
        """Start the minimal responder; returns its process and the address of its book."""
        folder.mkdir()
        words = [sys.executable, "-u", "-m", "davbench", "floor", "--count", str(count), "--folder", str(folder)]
        process = subprocess.Popen(words, stdout=subprocess.PIPE, env=self._environment)
        assert process.stdout is not None
        told = process.stdout.readline().decode().split()  # listening on HOST:PORT, book /book/
        return process, f"http://{told[2].rstrip(',')}{told[4]}"

    def _run(self, *words: str, stdout: object = None) -> None:
        subprocess.run(
            [sys.executable, "-m", "davbench", *words],
            check=True,
            env=self._environment,
            stdout=stdout,  # type: ignore[call-overload]  # a file
        )


def start_radicale(davbench: Davbench, count: int, folder: Path) -> tuple[subprocess.Popen[bytes], str]:
    """Start stock Radicale on a folder with the same cards; returns its process and the address of the book."""
    book = folder / "collection-root" / "chef" / "book"
    davbench.write_folder(count, book)
    (book / ".Radicale.props").write_text(json.dumps({"tag": "VADDRESSBOOK"}), encoding="utf-8")
    port = free_port()
    options = {
        "server-hosts": f"127.0.0.1:{port}",
        "storage-filesystem-folder": str(folder),
        "auth-type": "none",
        "web-type": "none",
        "logging-level": "error",
    }
    words = [sys.executable, "-m", "radicale", "--config", "", *(f"--{key}={value}" for key, value in options.items())]
    process = subprocess.Popen(words)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with suppress(OSError):
            urlopen(f"http://127.0.0.1:{port}/.web/", timeout=5).close()
            break
        time.sleep(0.2)
    return process, f"http://127.0.0.1:{port}/chef/book/"


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a process that was started here."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        say("a server did not end by itself")
        process.kill()
        process.wait()
