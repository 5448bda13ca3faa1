"""A throw-away installation of ours: ten audiences, the cards of the benchmark, and one server."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.request import urlopen

from tests.bench.machine import cpu_of_children, free_port, say

if TYPE_CHECKING:
    from pathlib import Path

PROPMGMT = [sys.executable, "-m", "radicale_propmgmt.cli.main"]
MEASURED = "chef"
_SETTINGS = '[server]\nbind = "127.0.0.1:{port}"\nworkers = {workers}\nthreads = 16\n'

#: Ten audiences, no two of which see the same: by fields, by group, and by the kinds of their books.
_RULES: dict[str, str] = {
    MEASURED: 'groups = "*"\nprofile = "voll"\nbooks = ["all", "group"]',
    "empfang": 'groups = "*"\nprofile = "minimal"',
    "assistenz": 'groups = "*"\nprofile = "standard"\nbooks = ["all", "group"]',
    "verwalter": 'groups = "*"\nprofile = "verwaltung"\nbooks = ["all", "object"]',
    "telefon": 'groups = "*"\nprofile = "kommunikation"',
    "versand": 'groups = "*"\nfields = ["name", "organisation", "address"]',
    "vermietung": 'groups = ["mieter", "mietinteressenten"]\nprofile = "standard"\nbooks = ["group"]',
    "buchhaltung": 'groups = ["eigentuemer", "mieter"]\nprofile = "standard"\nextra_fields = ["bank"]',
    "technik": 'groups = ["sonstige"]\nfields = ["name", "unit", "phone"]',
    "azubi": 'groups = ["mieter", "eigentuemer"]\nprofile = "minimal"',
}


class Instance:
    """One folder, made by the command line as an administrator would."""

    def __init__(self, folder: Path, *, workers: int = 1) -> None:
        self.config = folder / "config" / "propmgmt.toml"
        self.config.parent.mkdir(parents=True)
        self.port = free_port()
        self.config.write_text(_SETTINGS.format(port=self.port, workers=workers), encoding="utf-8")
        self.server: subprocess.Popen[bytes] | None = None
        self.password = ""

    @property
    def book(self) -> str:
        """The address of the measured book."""
        return f"http://127.0.0.1:{self.port}/{MEASURED}/alle/"

    def run(self, *words: str) -> str:
        """Run one command to its end."""
        done = subprocess.run([*PROPMGMT, "--config", str(self.config), *words], check=True, stdout=subprocess.PIPE)
        return done.stdout.decode()

    def fill(self, cards: Path) -> dict[str, float]:
        """Make database, accounts and rules, then import; returns wall and processor seconds of import and rules."""
        self.run("init")
        for login in _RULES:
            self.run("accounts", "add", login, "--name", login)
        self.password = json.loads(self.run("devices", "add", MEASURED, "--label", "bench", "--json"))["password"]
        self._write_rules()
        self.run("shares", "apply", "--yes")
        took = {}
        for name, words in (
            ("import", ("contacts", "import", str(cards), "--group", "sonstige")),
            ("import again", ("contacts", "import", str(cards), "--group", "sonstige")),
            ("new rules", ("shares", "apply", "--yes")),
        ):
            if name == "new rules":
                self._write_rules(more="birthday")
            wall, cpu = time.monotonic(), cpu_of_children()
            self.run(*words)
            took[name], took[f"{name} cpu"] = time.monotonic() - wall, cpu_of_children() - cpu
            say(f"  {name}: {took[name]:.1f} s, {took[f'{name} cpu']:.1f} s of processor")
        return took

    def _write_rules(self, more: str = "") -> None:
        """Write the rules; ``more`` is a field class that all but the measured account are given in addition."""
        written = [
            f'[[share]]\nname = "{login}"\nfor = ["account:{login}"]\nobjects = "*"\n{rule}\n'
            for login, rule in _RULES.items()
        ]
        if more:
            written = [
                text if MEASURED in text or "extra_fields" in text else f'{text}extra_fields = ["{more}"]\n'
                for text in written
            ]
        (self.config.parent / "shares.toml").write_text("\n".join(written), encoding="utf-8")

    def change_command(self) -> str:
        """The command that changes one visible card: an edit in the office."""
        words = [*PROPMGMT, "--config", str(self.config), "contacts", "edit", "id:7", "--note"]
        return f'{shlex.join(words)} "$(date +%N)"'

    def start(self) -> int:
        """Start the server and wait until it answers; returns its process id."""
        self.server = subprocess.Popen([*PROPMGMT, "--config", str(self.config), "serve"], stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            with suppress(OSError), urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5):
                return self.server.pid
            time.sleep(0.1)
        raise TimeoutError("the server did not start")

    def stop(self) -> None:
        """End the server, if it runs."""
        if self.server is not None:
            os.kill(self.server.pid, signal.SIGTERM)
            self.server.wait(60)
            self.server = None
