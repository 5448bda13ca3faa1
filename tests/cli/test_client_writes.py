"""``contacts proposals``, ``inbox``, ``history`` and ``undo``: what the office decides on after clients wrote."""

from __future__ import annotations

import json

import pytest

from radicale_propmgmt.runtime import open_core, read_settings
from radicale_propmgmt.services import accounts
from tests.support.dav import Client
from tests.support.world import World
from tests.writes.test_change import card, edited, put
from tests.writes.test_create import person, random_name

RULES = """
[[share]]
name = "writes, and what is new waits"
for = ["account:horst"]
objects = "*"
groups = ["mieter"]
fields = ["name", "phone", "email"]
books = ["all", "group"]
write = ["phone"]
create = "inbox"
on_refused = "propose"
"""
BOOK = "/horst/alle/"


@pytest.fixture
def office(shell, tmp_path):
    """An office with one tenant, k01, whom Horst may call, and edit a little."""
    shell("accounts", "add", "horst", "--name", "Horst")
    shell("contacts", "add", "--given", "Anna", "--family", "Müller", "--phone", "0171 3920001", "--email",
          "anna@example.org", "--key", "k01", "--group", "mieter")  # fmt: skip
    file = tmp_path / "new.toml"
    file.write_text(RULES, encoding="utf-8")
    shell("shares", "apply", str(file), "--yes")
    return shell


@pytest.fixture
def horst(office):
    """Horst's telephone."""
    core = open_core(read_settings(office.config))
    with core.database.write("test") as uow:
        _, password = accounts.add_device(uow, "horst", "Horsts Handy")
    return Client(World(core.database), "horst", user_agent="vdirsyncer/0.21", password=password)


def edit(horst, old: str, new: str) -> None:
    (href,) = horst.sync(BOOK).responses
    body, etag = card(horst, href)
    assert put(horst, href, edited(body, old, new), etag).status == 204


def test_a_proposal_is_listed_shown_accepted_and_then_decided(office, horst):
    edit(horst, "anna@example.org", "neu@example.org")
    (line,) = office.json("contacts", "proposals", "list")
    assert (line["account"], line["device"], line["book"], line["fields"]) == (
        "horst", "Horsts Handy", "alle", ["email"]
    )  # fmt: skip
    number = str(line["id"])
    (change,) = office.json("contacts", "proposals", "show", number)["changes"]
    assert (change["field"], change["conflict"]) == ("email", False)
    shown = office("contacts", "proposals", "show", number).stdout
    assert "base:     EMAIL (INTERNET) anna@example.org" in shown
    assert "proposed: EMAIL (INTERNET) neu@example.org" in shown
    office("contacts", "proposals", "accept", number, "--dry-run")
    assert len(office.json("contacts", "proposals", "list")) == 1
    done = json.loads(office("contacts", "proposals", "accept", number, "--actor", "vera", "--json").stdout)
    assert [accepted["fields"] for accepted in done] == [["email"]]
    assert office.json("contacts", "proposals", "list") == []
    assert office.json("contacts", "proposals", "list", "--all")[0]["decided_by"] == "cli:vera"
    office("contacts", "proposals", "accept", number, code=2)
    assert "(for account:horst, Horsts Handy)" in office("contacts", "history", "k01").stdout


def test_a_conflict_and_a_blocked_contact_are_refused(office, horst):
    edit(horst, "anna@example.org", "neu@example.org")
    office("contacts", "edit", "k01", "--email", "amt@example.org")
    assert "email: conflict" in office("contacts", "proposals", "show", "1").stdout
    assert "--force" in office("contacts", "proposals", "accept", "1", code=3).stderr
    office("gdpr", "block", "k01", "--code", "art18-1a", "--reason", "Brief")
    office("contacts", "proposals", "show", "1", code=3)
    office("contacts", "proposals", "show", "1", "--blocked")
    office("contacts", "proposals", "accept", "1", "--force", code=3)
    office("contacts", "history", "k01", code=3)
    office("contacts", "undo", "k01", "--to", "0", code=3)
    assert office.json("contacts", "history", "k01", "--blocked")
    office("gdpr", "unblock", "k01", "--reason", "geprüft", "--informed-on", "2025-01-01")
    office("contacts", "proposals", "accept", "1", "--force")
    assert "neu@example.org" in office("contacts", "show", "k01").stdout


def test_a_rejected_proposal_is_gone(office, horst):
    edit(horst, "anna@example.org", "neu@example.org")
    office("contacts", "proposals", "reject", "1", "--reason", "Tippfehler")
    office("contacts", "proposals", "show", "1", code=2)
    assert "anna@example.org" in office("contacts", "show", "k01").stdout


def test_the_inbox_is_listed_shown_accepted_and_rejected(office, horst):
    for family, email in (("Neu", "neu@example.org"), ("Müller", "anna@example.org"), ("Weg", "weg@example.org")):
        sent = person(family, email=email, phone=f"+49 30 55500{len(family)}")
        assert put(horst, "/horst/gruppe-mieter/" + random_name(), sent).status == 201
    listed = office.json("contacts", "inbox", "list")
    assert [(line["name"], line["account"], line["device"], line["book"]) for line in listed] == [
        (f"Neu {family}", "horst", "Horsts Handy", "gruppe-mieter") for family in ("Neu", "Müller", "Weg")
    ]
    assert [[match["state"] for match in line["matches"]] for line in listed] == [[], ["active"], []]
    assert "neu@example.org" in office("contacts", "inbox", "show", "1").stdout
    assert office.json("contacts", "inbox", "show", "1")["fields"]["email"]
    office("objects", "add", "0815", "--name", "Miethaus")
    done = office("contacts", "inbox", "accept", "1", "--object", "0815", "--json")
    (made,) = json.loads(done.stdout)
    (link,) = office.json("links", "list", f"id:{made['contact']}")
    assert (link["object"], link["group"], link["role"]) == ("0815", "mieter", "mieter")
    office("contacts", "inbox", "reject", "2")
    office("contacts", "inbox", "accept", "2", code=2)
    office("contacts", "inbox", "accept", "3", "--group", "nachbarn", code=2)
    office("gdpr", "block", "k01", "--code", "art18-1a", "--reason", "Brief")
    sent = person("Mueller", email="anna@example.org", phone="+49 30 666000")
    assert put(horst, "/horst/gruppe-mieter/" + random_name(), sent).status == 201
    assert "restricted" in office("contacts", "inbox", "list").stdout
    assert "--force" in office("contacts", "inbox", "accept", "4", code=3).stderr
    office("contacts", "inbox", "accept", "3", "4", "--force")
    assert office.json("contacts", "inbox", "list") == []


def test_history_is_newest_first_and_undo_goes_back_to_a_revision(office, horst):
    office("contacts", "edit", "k01", "--note", "Hund", "--reason", "Anruf")
    edit(horst, "+49 171 3920001", "+49 171 9999999")
    office("groups", "leave", "mieter", "k01")
    left, called, noted = office.json("contacts", "history", "k01")
    assert (left["kind"], called["fields"], noted["fields"]) == ("membership", ["phone"], ["note"])
    assert (called["actor"], called["device"]) == ("account:horst", "Horsts Handy")
    text = office("contacts", "history", "k01").stdout
    assert "account:horst (Horsts Handy)" in text
    assert "phone: TEL (VOICE) +49 171 3920001 → TEL (VOICE) +49 171 9999999" in text
    assert "note: – → Hund" in text
    assert "membership: group mieter → –" in text
    told = office("contacts", "undo", "k01", "--to", str(noted["rev"]), "--dry-run").stdout
    assert "phone: TEL (VOICE) +49 171 9999999 → TEL (VOICE) +49 171 3920001" in told
    assert "group mieter joined again" in told
    assert len(office.json("contacts", "history", "k01")) == 3
    done = json.loads(office("contacts", "undo", "k01", "--to", str(noted["rev"]), "--json").stdout)
    assert [change["field"] for change in done["fields"]] == ["phone"]
    shown = office.json("contacts", "show", "k01")
    assert (shown["note"], shown["groups"]) == ("Hund", ["mieter"])
    assert "+49 171 3920001" in str(shown["values"])
    office("contacts", "undo", "k01", "--to", "99999", code=2)
    assert "Nothing to undo" in office("contacts", "undo", "k01", "--to", str(office.json("contacts", "history", "k01")[0]["rev"])).stderr  # fmt: skip
