"""``propmgmt init``, ``accounts``, ``teams`` and ``devices``."""

from __future__ import annotations

import base64
import re
import stat

import pytest
from sqlalchemy import select, update

from radicale_propmgmt.accounts.authentication import authenticate
from radicale_propmgmt.accounts.errors import NotAuthenticatedError
from radicale_propmgmt.accounts.passwords import verify_password
from radicale_propmgmt.db.tables import Account, AccountAudience, AudienceRow, AuditRow, Device, LedgerHead
from radicale_propmgmt.domain.audiences import Audience
from radicale_propmgmt.runtime import open_core
from radicale_propmgmt.settings import load_settings


@pytest.fixture
def database(shell):
    opened = open_core(load_settings(shell.config)).database
    yield opened
    opened.engine.dispose()


def scalar(database, statement):
    with database.read() as connection:
        return connection.scalar(statement)


def log_in(database, login, password):
    header = "Basic " + base64.b64encode(f"{login}:{password}".encode()).decode()
    return authenticate(database, header, "127.0.0.1")


def test_init_makes_keys_for_their_owner_only_and_may_be_repeated(fresh):
    """The secrets file is never made twice: tokens and ETags rest on it."""
    fresh("init")
    keys = fresh.folder / "var/secrets.toml"
    assert stat.S_IMODE(keys.stat().st_mode) == 0o600
    before = keys.read_bytes()
    assert "up to date" in fresh("init").output
    assert keys.read_bytes() == before


def test_without_init_every_command_says_so(fresh):
    done = fresh("accounts", "list", code=2)
    assert "propmgmt init" in done.output
    assert re.search(r"secrets\.toml:1: master: ", done.output)


def test_keys_that_others_may_read_are_refused(shell):
    (shell.folder / "var/secrets.toml").chmod(0o644)
    assert "chmod 600" in shell("accounts", "list", code=2).output


def test_an_account_has_its_audience_from_the_start(shell, database):
    added = shell.json("accounts", "add", "Anna", "--name", "Anna Amt", "--team", "buero", "--right", "gdpr")
    assert added == {"id": 1, "login": "anna", "teams": ["buero"], "rights": ["gdpr"]}
    key = scalar(database, select(AudienceRow.key).join(Account, Account.audience_id == AudienceRow.id))
    assert Audience.from_key(key) == Audience(teams=frozenset({"buero"}), rights=frozenset({"gdpr"}))
    assert scalar(database, select(AccountAudience.account_id)) == 1


def test_accounts_with_equal_teams_and_rights_share_an_audience(shell, database):
    """That is what makes them cheap: one projection for all."""
    for login in ("anna", "bert"):
        shell("accounts", "add", login, "--name", login, "--team", "buero")
    with database.read() as connection:
        assert len(set(connection.scalars(select(Account.audience_id)))) == 1


def test_an_account_that_changes_teams_changes_its_audience_and_keeps_the_old_noted(shell, database):
    """Tokens of the old audience stay valid (RFC 6578 §3.2)."""
    shell("accounts", "add", "anna", "--name", "Anna", "--team", "buero")
    before = scalar(database, select(Account.audience_id))
    shell("accounts", "teams", "anna", "vermietung")
    shell("accounts", "rights", "anna", "admin")
    assert scalar(database, select(Account.audience_id)) != before
    with database.read() as connection:
        assert before in set(connection.scalars(select(AccountAudience.audience_id)))
    assert shell.json("accounts", "show", "anna")["rights"] == ["admin"]


@pytest.mark.parametrize(
    "login", ["documents", "api", "ui", "healthz", "readyz", "metrics", ".web", "a/b", "a b", "ä", ""]
)
def test_a_login_that_is_no_path_segment_of_ours_is_refused(shell, login):
    """DESIGN §3: reserved names, and names beginning with a dot."""
    shell("accounts", "add", login, "--name", "x", code=2)


def test_a_login_has_one_form(shell):
    shell("accounts", "add", "Anna", "--name", "Anna")
    assert "taken" in shell("accounts", "add", "ANNA", "--name", "x", code=2).output


def test_a_device_gets_a_password_that_works_and_is_stored_nowhere(shell, database):
    shell("accounts", "add", "anna", "--name", "Anna")
    made = shell.json("devices", "add", "ANNA", "--label", "Telefon", "--layout", "groups", "--groups", "cards")
    assert set(made) == {"device", "login", "password"}
    assert made["login"] == "anna"
    viewer = log_in(database, "anna", made["password"])
    assert (viewer.device_id, viewer.layout.value, viewer.groups_mode) == (made["device"], "groups", "cards")
    letters = made["password"].replace("-", "").encode()
    for file in (shell.folder / "var").rglob("*"):
        if file.is_file():
            assert letters not in file.read_bytes()
            assert made["password"].encode() not in file.read_bytes()


def test_a_revoked_device_is_out_at_once(shell, database):
    shell("accounts", "add", "anna", "--name", "Anna")
    made = shell.json("devices", "add", "anna", "--label", "Telefon")
    log_in(database, "anna", made["password"])
    shell("devices", "revoke", str(made["device"]))
    with pytest.raises(NotAuthenticatedError):
        log_in(database, "anna", made["password"])
    assert "before" in shell("devices", "revoke", str(made["device"])).output
    shell("devices", "revoke", "99", code=2)


def test_a_disabled_account_is_out_and_comes_back(shell, database):
    shell("accounts", "add", "anna", "--name", "Anna")
    made = shell.json("devices", "add", "anna", "--label", "Telefon")
    shell("accounts", "disable", "anna")
    assert shell.json("accounts", "show", "anna")["disabled"]
    with pytest.raises(NotAuthenticatedError):
        log_in(database, "anna", made["password"])
    shell("accounts", "enable", "anna")
    assert log_in(database, "anna", made["password"]).login == "anna"


def test_a_human_password_is_read_from_standard_input_and_stored_as_argon2id(shell, database):
    """Never from an argument: those are seen by everybody on the machine."""
    shell("accounts", "add", "anna", "--name", "Anna")
    shell("accounts", "password", "anna", "--stdin", stdin="Kaffee um zehn\n")
    assert verify_password("Kaffee um zehn", scalar(database, select(Account.password_hash)))
    shell("accounts", "password", "anna", "--stdin", stdin="kurz\n", code=2)


def test_a_dry_run_keeps_nothing(shell, database):
    done = shell("accounts", "add", "anna", "--name", "Anna", "--dry-run")
    assert "nothing was changed" in done.stderr
    assert scalar(database, select(Account.id)) is None
    assert scalar(database, select(LedgerHead.rev)) == 0


def test_what_was_done_stands_in_the_audit_with_its_actor_and_without_passwords(shell, database):
    shell("accounts", "add", "anna", "--name", "Anna", "--actor", "chef", "--reason", "neu im Haus")
    made = shell.json("devices", "add", "anna", "--label", "Telefon", "--actor", "chef")
    with database.read() as connection:
        rows = connection.execute(select(AuditRow.action, AuditRow.actor, AuditRow.facts)).all()
    assert [(row.action, row.actor) for row in rows] == [("account.added", "cli:chef"), ("device.added", "cli:chef")]
    assert made["password"] not in str(rows)


def test_stale_devices_are_those_long_unseen(shell, database):
    shell("accounts", "add", "anna", "--name", "Anna")
    made = shell.json("devices", "add", "anna", "--label", "alt")
    shell("devices", "add", "anna", "--label", "neu")
    with database.write("test") as uow:
        uow.connection.execute(
            update(Device).where(Device.id == made["device"]).values(last_seen_at=uow.now - 10 * 86400)
        )
    assert [device["label"] for device in shell.json("devices", "stale", "--days", "9")] == ["alt"]
    assert shell.json("devices", "stale", "--days", "11") == []


def test_lists_are_tables_for_people_and_arrays_for_programs(shell):
    shell("accounts", "add", "anna", "--name", "Anna", "--team", "buero")
    shell("teams", "add", "empfang")
    assert "anna" in shell("accounts", "list").output
    assert [row["login"] for row in shell.json("accounts", "list")] == ["anna"]
    assert shell.json("teams", "list") == [{"team": "buero", "accounts": 1}, {"team": "empfang", "accounts": 0}]
    assert shell.json("devices", "list") == []
    shell("devices", "list", "--account", "nobody", code=2)


def test_the_settings_file_may_be_named_anywhere_on_the_line(shell):
    from click.testing import CliRunner

    from radicale_propmgmt.cli.main import root

    for args in (["accounts", "list", "--config", str(shell.config)], ["accounts", f"--config={shell.config}", "list"]):
        assert CliRunner().invoke(root, args).exit_code == 0


def test_a_bad_settings_file_ends_with_2_and_its_line(shell):
    shell.config.write_text("[server]\nbnid = 'x'\n")
    done = shell("accounts", "list", code=2)
    assert "propmgmt.toml:2: server.bnid: unknown key; did you mean bind?" in done.output


def test_a_database_away_ends_with_4(shell):
    shell.config.write_text("[database]\nurl = 'sqlite:///config/propmgmt.toml/x.db'\n")
    shell("accounts", "list", code=4)


def test_a_demo_never_goes_into_a_database_in_use(shell):
    """Its clock may be set, and its passwords are printed."""
    shell("init", "--demo", code=3)


def test_a_demo_has_the_clock_that_is_asked_for_and_a_real_database_has_not(fresh, repository, monkeypatch):
    """PROPMGMT_CLOCK would move the second on which rights end."""
    monkeypatch.setenv("PROPMGMT_CLOCK", "2026-06-15T10:00:00+02:00")
    fresh.config.with_name("shares.toml").write_bytes((repository / "config/shares.toml").read_bytes())
    fresh("init", "--demo")
    fresh("init", "--demo")
    opened = open_core(load_settings(fresh.config)).database
    assert abs(opened.clock.now() - 1781510400) < 600
    opened.engine.dispose()
    assert fresh.json("accounts", "list")
    other = type(fresh)(fresh.folder / "real")
    other("init")
    opened = open_core(load_settings(other.config)).database
    assert abs(opened.clock.now() - 1781510400) > 600
    opened.engine.dispose()


def test_the_help_names_every_noun_there_is(shell):
    done = shell("--help")
    for noun in ("init", "serve", "accounts", "teams", "devices"):
        assert noun in done.output
