"""``propmgmt demo``."""

from __future__ import annotations

import json
import shutil
import stat
from pathlib import Path

from radicale_propmgmt.services.demo import SCENARIOS


def test_the_demo_prints_one_login_per_scenario_and_says_what_it_sees(fresh):
    told = json.loads(fresh("demo", "--no-serve", "--json", "--bind", "127.0.0.1:0", "--today", "2027-01-31").stdout)
    folder = Path(told["folder"])
    try:
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert [login["login"] for login in told["logins"]] == [scenario.login for scenario in SCENARIOS]
        by_login = {login["login"]: login for login in told["logins"]}
        assert by_login["schulze"]["sees"] == "k01"
        assert "until 2027-05-18" in by_login["schulze"]["scenario"]
        assert by_login["stb"]["sees"] == "nothing today"
        assert "objekt-0815-mieter" in by_login["technik"]["books"]
        assert len({login["password"] for login in told["logins"]}) == len(SCENARIOS)
    finally:
        shutil.rmtree(folder)


def test_the_demo_goes_into_no_database_in_use(shell):
    shell("init", "--demo", code=3)


def test_init_loads_the_demo_on_the_day_that_is_asked_for(fresh):
    fresh("init", "--demo", "--today", "2026-06-15")
    fresh("init", "--demo", "--today", "2026-06-15")
    assert [contact["key"] for contact in fresh.json("contacts", "list", "--group", "banken")] == ["k10"]
    assert {entry["contact"] for entry in fresh.json("gdpr", "history", "--open")} == {7, 8}
