"""The demo shows every share scenario, whatever the day it is told on."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from radicale_propmgmt.db import schema
from radicale_propmgmt.db.repositories import lookups
from radicale_propmgmt.db.repositories.contacts import load_contacts
from radicale_propmgmt.db.unit_of_work import Database
from radicale_propmgmt.projection import doctor
from radicale_propmgmt.services import demo, shares
from radicale_propmgmt.vcard.card import RENDERER_VERSION

SEES = {
    "horst": "k01 k02 k06 k09 k11",
    "bruno": "k04 k05 k12",
    "schulze": "k01",
    "chef": "k01 k02 k03 k04 k05 k06 k09 k10 k11 k12 k14 k15 k16",
    "azra": "k01 k02 k04 k05 k06 k09 k11 k12 k15",
    "petra": "k14",
    "sued1": "k15 k16",
    "beirat0816": "k04 k12",
    "stb": "",
    "empfang": "k01 k02 k03 k05 k06 k09 k10 k11 k12 k14 k15 k16",
    "dsb": "",
    "k03": "",
}


@pytest.fixture
def rules(repository: Path) -> str:
    return (repository / "config" / "shares.toml").read_text(encoding="utf-8")


@pytest.fixture
def seeded(database: Database) -> Database:
    schema.seed(database, renderer=RENDERER_VERSION, demo=True)
    return database


def keys(database: Database, login: str, day: date) -> str:
    cards = shares.simulate(database, login, day)
    with database.read() as connection:
        return " ".join(sorted(str(c.key) for c in load_contacts(connection, [c.contact_id for c in cards]).values()))


@pytest.mark.parametrize("days", [0, 400])
def test_every_login_sees_what_its_scenario_says(seeded: Database, clock, rules: str, days: int):
    day = demo.TOLD_ON + timedelta(days=days)
    clock.set_day(day)
    demo.load_demo(seeded, day, rules)
    assert {login: keys(seeded, login, day) for login in SEES} == SEES
    assert doctor.check(seeded) == []


def test_windows_close_on_the_days_that_the_scenarios_name(seeded: Database, rules: str):
    demo.load_demo(seeded, demo.TOLD_ON, rules)
    assert keys(seeded, "schulze", date(2026, 9, 30)) == "k01"
    assert keys(seeded, "schulze", date(2026, 10, 1)) == ""
    assert keys(seeded, "petra", date(2026, 8, 31)) == "k14"
    assert keys(seeded, "petra", date(2026, 9, 1)) == ""
    assert keys(seeded, "stb", date(2026, 3, 10)) == "k06 k09"
    assert keys(seeded, "stb", date(2026, 4, 1)) == ""


def test_loading_twice_changes_nothing(seeded: Database, rules: str):
    demo.load_demo(seeded, demo.TOLD_ON, rules)
    with seeded.read() as connection:
        before = lookups.count_contacts(connection)
    demo.load_demo(seeded, demo.TOLD_ON, rules)
    with seeded.read() as connection:
        assert lookups.count_contacts(connection) == before == 15


def test_a_server_never_takes_the_unshifted_rules_for_news(seeded: Database, rules: str, tmp_path: Path):
    """The file in ``config/`` is told on 2026-06-15; a demo on another day holds its shifted form."""
    demo.load_demo(seeded, date(2027, 2, 1), rules)
    file = tmp_path / "shares.toml"
    file.write_text(rules, encoding="utf-8")
    assert shares.apply_file_if_new(seeded, file) is None
