"""The real vdirsyncer downloads every book of three accounts from a real server."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.clients.cards import STANDARD, VERWALTUNG, VOLL, expected_cards, read_cards
from tests.server.running import Installation

pytestmark = pytest.mark.client

_ALL = "k01 k02 k03 k04 k05 k06 k09 k10 k11 k12 k14 k15 k16"
#: Login → field classes and books, on 2026-06-15, by hand.
ACCOUNTS = {
    "bruno": (f"{STANDARD} bank", {"alle": "k04 k05 k12"}),
    "chef": (
        VOLL,
        {
            "alle": _ALL,
            "gruppe-banken": "k10",
            "gruppe-dienstleister": "k06 k09",
            "gruppe-eigentuemer": "k04 k05 k12",
            "gruppe-makler": "k14",
            "gruppe-mieter": "k01 k02 k03 k11 k15",
            "gruppe-mietinteressenten": "k16",
        },
    ),
    "verwalter": (
        VERWALTUNG,
        {
            "alle": "k01 k02 k04 k06 k09 k11 k12 k15",
            "objekt-0815": "k01 k02 k06 k09",
            "objekt-0816": "k04 k06 k09 k12",
            "objekt-0817": "k09 k11",
            "objekt-0900": "k15",
        },
    ),
}

CONFIG = """
[general]
status_path = "{folder}/status/"

[pair demo]
a = "here"
b = "there"
collections = ["from b"]

[storage here]
type = "filesystem"
path = "{folder}/cards/"
fileext = ".vcf"

[storage there]
type = "carddav"
url = "http://127.0.0.1:{port}/"
username = "{login}"
password = "{password}"
read_only = true
"""


def vdirsyncer(folder: Path, *args: str) -> str:
    program = Path(sys.executable).with_name("vdirsyncer")
    done = subprocess.run(
        [program, "--verbosity", "WARNING", "--config", folder / "config", *args],
        input="y\n" * 20,  # yes, make the folders of the books
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stderr


@pytest.fixture(params=ACCOUNTS)
def login(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def folder(demo_server: Installation, login: str, tmp_path: Path) -> Path:
    password = demo_server.device(login)["password"]
    config = CONFIG.format(folder=tmp_path, port=demo_server.port, login=login, password=password)
    (tmp_path / "config").write_text(config)
    return tmp_path


def downloaded(folder: Path) -> dict[str, list[str]]:
    """Book → texts of its cards."""
    return {
        book.name: [card.read_bytes().decode() for card in book.glob("*.vcf")] for book in (folder / "cards").iterdir()
    }


def test_vdirsyncer_downloads_every_book_with_exactly_its_cards(folder: Path, login: str) -> None:
    vdirsyncer(folder, "discover")
    vdirsyncer(folder, "sync")
    classes, books = ACCOUNTS[login]
    found = {book: read_cards(texts) for book, texts in downloaded(folder).items()}
    assert found == {book: expected_cards(keys, classes) for book, keys in books.items()}
    before = downloaded(folder)
    vdirsyncer(folder, "sync")
    assert downloaded(folder) == before


def test_shares_simulate_tells_the_same_cards(demo_server: Installation, login: str) -> None:
    """What the office is shown before it applies a rule is what devices will hold."""
    told = json.loads(demo_server.propmgmt("shares", "simulate", "--account", login, "--at", "2026-06-15", "--json"))
    classes, books = ACCOUNTS[login]
    for book, keys in books.items():
        rows = [row for row in told if book in row["books"]]
        assert sorted(row["key"] for row in rows) == keys.split()
        assert read_cards(row["card"] for row in rows) == expected_cards(keys, classes)
    assert sorted(row["key"] for row in told) == books["alle"].split()
    assert {book for row in told for book in row["books"]} == set(books)


def test_simulate_shows_another_day_without_waiting_for_it(demo_server: Installation) -> None:
    """Scenario 11: in March the tax adviser sees contractors with their accounts; in June nothing."""
    days = {"2026-03-10": "k06 k09", "2026-06-15": "", "2026-04-01": ""}
    for day, keys in days.items():
        told = json.loads(demo_server.propmgmt("shares", "simulate", "--account", "stb", "--at", day, "--json"))
        assert read_cards(row["card"] for row in told) == expected_cards(keys, f"{STANDARD} bank")
