"""The real evolution-data-server of Debian keeps a book of a real server."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients.cards import VERWALTUNG, Card, expected_cards, formatted_name, read_values
from tests.server.running import Installation

pytestmark = pytest.mark.client

PYTHON = "/usr/bin/python3"
SERVICES = Path("/usr/share/dbus-1/services")
#: Only these two may start: the keyring would ask a user who is not there.
STARTED = [f"org.gnome.evolution.dataserver.{name}.service" for name in ("Sources5", "AddressBook10")]
PACKAGES = "evolution-data-server gir1.2-ebook-1.2 gir1.2-edataserver-1.2 python3-gi dbus-daemon"
BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:dir={folder}</listen>
  <auth>EXTERNAL</auth>
  <servicedir>{folder}/services</servicedir>
  <policy context="default"><allow send_destination="*"/><allow eavesdrop="true"/><allow own="*"/></policy>
</busconfig>
"""


def is_installed() -> bool:
    if not all((SERVICES / name).exists() for name in STARTED) or shutil.which("dbus-run-session") is None:
        return False
    bindings = "import gi; [gi.require_version(n, '1.2') for n in ('EBook', 'EBookContacts', 'EDataServer')]"
    return subprocess.run([PYTHON, "-c", bindings], capture_output=True, check=False).returncode == 0


class Evolution:
    """A session of its own, with a home that is thrown away, and one book in it."""

    def __init__(self, folder: Path, url: str, device: dict[str, str]) -> None:
        (folder / "services").mkdir()
        for name in STARTED:
            shutil.copy(SERVICES / name, folder / "services")
        (folder / "bus.conf").write_text(BUS.format(folder=folder))
        reader = Path(__file__).with_name("evolution_reader.py")
        self._process = subprocess.Popen(
            [
                *("timeout", "--kill-after=5", "60"),
                *("dbus-run-session", f"--config-file={folder / 'bus.conf'}", "--"),
                *(PYTHON, reader, url, device["login"]),
            ],
            env={
                "PATH": os.defpath,
                "HOME": str(folder),
                "XDG_RUNTIME_DIR": str(folder),
                "LANG": "C.UTF-8",
                "GSETTINGS_BACKEND": "memory",
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=(folder / "said").open("w"),
            text=True,
        )
        self._said = folder / "said"
        self._tell(device["password"])

    def _tell(self, line: str) -> None:
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()

    def sync(self, count: int) -> dict[str, Card]:
        """FN → values, once there are so many contacts; the program itself gives up after 20 seconds."""
        self._tell(str(count))
        line = self._process.stdout.readline()
        assert line, self._said.read_text()
        cards = [read_values(text, "X-EVOLUTION") for text in json.loads(line)]
        return {formatted_name(card): card for card in cards}

    def end(self) -> None:
        try:
            self._process.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()


@pytest.fixture
def device(demo_server: Installation) -> dict[str, str]:
    return demo_server.device("verwalter")


@pytest.fixture
def evolution(demo_server: Installation, device: dict[str, str]) -> Iterator[Evolution]:
    if not is_installed():
        pytest.skip(f"Evolution is not installed (Debian: apt-get install {PACKAGES})")
    # A socket's path is short: not below pytest's own folder.
    folder = Path(tempfile.mkdtemp(prefix="eds-"))
    url = f"http://127.0.0.1:{demo_server.port}/verwalter/objekt-0815/"
    found = Evolution(folder, url, device)
    yield found
    found.end()
    shutil.rmtree(folder, ignore_errors=True)


def test_evolution_downloads_a_book_and_drops_a_blocked_contact(
    demo_server: Installation, evolution: Evolution
) -> None:
    """It knows no sync-collection: the ctag must move, and the listing must be without the contact."""
    assert evolution.sync(4) == expected_cards("k01 k02 k06 k09", VERWALTUNG)
    demo_server.propmgmt("gdpr", "block", "k06", "--code", "claims", "--record", "file=1 C 1/26", "--reason", "test")
    try:
        assert evolution.sync(3) == expected_cards("k01 k02 k09", VERWALTUNG)
    finally:
        demo_server.propmgmt("gdpr", "unblock", "k06", "--reason", "test")
    assert evolution.sync(4) == expected_cards("k01 k02 k06 k09", VERWALTUNG)
