"""The real vdirsyncer keeps a folder and a personal book the same, both ways, through conflicts and deletions."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.plain.client import MKCOL, card
from tests.server.running import Installation

pytestmark = pytest.mark.client

_CONFIG = """
[general]
status_path = "{folder}/status/"

[pair both]
a = "here"
b = "there"
collections = [["book", "book", "persoenlich"]]
conflict_resolution = "{wins}"

[storage here]
type = "filesystem"
path = "{folder}/cards/"
fileext = ".vcf"

[storage there]
type = "carddav"
url = "http://127.0.0.1:{port}/{login}/"
username = "{login}"
password = "{password}"
"""
Ask = Callable[..., tuple[int, dict[str, str], bytes]]


class Folder:
    """A folder on a computer, and the program that keeps it."""

    def __init__(self, path: Path, server: Installation, account: tuple[str, str], wins: str) -> None:
        self.path = path
        login, password = account
        path.mkdir()
        (path / "cards" / "book").mkdir(parents=True)
        (path / "config").write_text(
            _CONFIG.format(folder=path, port=server.port, login=login, password=password, wins=wins)
        )
        self._vdirsyncer("discover")

    def _vdirsyncer(self, *args: str) -> None:
        program = Path(sys.executable).with_name("vdirsyncer")
        done = subprocess.run(
            [program, "--verbosity", "WARNING", "--config", self.path / "config", *args],
            input="y\n" * 5,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr

    def sync(self) -> dict[str, str]:
        """Sync, and return the cards by UID."""
        self._vdirsyncer("sync")
        return self.cards

    @property
    def cards(self) -> dict[str, str]:
        texts = [file.read_bytes().decode() for file in (self.path / "cards" / "book").glob("*.vcf")]
        return {text.split("UID:")[1].split("\r\n")[0].strip(): text for text in texts}

    def write(self, uid: str, text: str) -> None:
        (self.path / "cards" / "book" / f"{uid}.vcf").write_bytes(text.encode())

    def remove(self, uid: str) -> None:
        (found,) = (
            f for f in (self.path / "cards" / "book").glob("*.vcf") if f"UID:{uid}\r" in f.read_bytes().decode()
        )
        found.unlink()

    def edit(self, uid: str, name: str) -> None:
        (found,) = (
            f for f in (self.path / "cards" / "book").glob("*.vcf") if f"UID:{uid}\r" in f.read_bytes().decode()
        )
        found.write_bytes(card(uid, name).encode())


def test_220_cards_stay_the_same_on_two_computers(
    server: Installation, account: tuple[str, str], tmp_path: Path
) -> None:
    """One computer wins its conflicts, the other yields; what both hold in the end is the same, byte for byte."""
    made, _, _ = server.ask(
        "MKCOL",
        f"/{account[0]}/persoenlich/",
        user=account,
        body=MKCOL.format(""),
        headers={"Content-Type": "application/xml"},
    )
    assert made == 201
    office = Folder(tmp_path / "office", server, account, "a wins")
    home = Folder(tmp_path / "home", server, account, "b wins")
    wanted = {f"uid-{n}": card(f"uid-{n}", f"Name {n} Ä", "NOTE:a\\, b\\nc", "item1.X-ABLabel:x") for n in range(220)}
    for uid, text in wanted.items():
        office.write(uid, text)
    assert office.sync() == wanted
    assert home.sync() == wanted

    for n in range(10):  # the same cards on both: the office wins
        office.edit(f"uid-{n}", "Büro")
        home.edit(f"uid-{n}", "Daheim")
        wanted[f"uid-{n}"] = card(f"uid-{n}", "Büro")
    for n in range(10, 20):
        office.remove(f"uid-{n}")
        del wanted[f"uid-{n}"]
    for n in range(20, 30):
        home.remove(f"uid-{n}")
        del wanted[f"uid-{n}"]
    for n in range(30, 35):  # removed here, changed there: the change survives
        office.remove(f"uid-{n}")
        home.edit(f"uid-{n}", "Noch da")
        wanted[f"uid-{n}"] = card(f"uid-{n}", "Noch da")
    home.write("neu", card("neu", "Neu"))
    wanted["neu"] = card("neu", "Neu")
    for folder in (office, home, office, home):
        folder.sync()
    assert office.cards == wanted
    assert home.cards == wanted
