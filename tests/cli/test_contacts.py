"""``contacts``, and all nouns that decide who sees them, as an office types them."""

from __future__ import annotations

import json

import pytest


@pytest.fixture
def office(shell):
    """A shell on an installation with one object, one account and one tenant with key k01."""
    shell("objects", "add", "0815", "--name", "Miethaus")
    shell("units", "add", "0815", "WE03")
    shell("accounts", "add", "horst", "--name", "Horst")
    shell(
        "contacts",
        "add",
        "--given",
        "Anna",
        "--family",
        "Müller",
        "--phone",
        "cell:0171 3920001",
        "--email",
        "anna@example.org",
        "--street",
        "Hauptstr. 5",
        "--city",
        "Halle",
        "--key",
        "k01",
        "--group",
        "sonstige",
    )
    return shell


def listed(shell, *args):
    return [contact["key"] for contact in shell.json("contacts", *args)]


def test_a_contact_is_added_shown_found_edited_and_its_history_told(office):
    office("contacts", "edit", "k01", "--phone", "0171 3920002", "--tag", "vip", "--note", "Hund")
    shown = office.json("contacts", "show", "k01")
    assert shown["name"] == {"given": "Anna", "family": "Müller"}
    assert [v["value"] for v in shown["values"] if v["name"] == "TEL"] == ["+49 171 3920002"]
    assert (shown["tags"], shown["note"], shown["state"]) == (["vip"], "Hund", "active")
    assert listed(office, "find", "mueller") == ["k01"]
    (change,) = office.json("contacts", "history", "k01")
    assert change["fields"] == ["category", "note", "phone"]
    office("contacts", "edit", "k01", "--note", "", "--untag", "vip", "--phone", "")
    shown = office.json("contacts", "show", "k01")
    assert "note" not in shown
    assert "tags" not in shown
    assert [v["name"] for v in shown["values"]] == ["EMAIL", "ADR"]


def test_a_table_reads_without_json(office):
    assert "+49 171 3920001" in office("contacts", "list").stdout
    shown = office("contacts", "show", "k01").stdout
    assert "TEL (CELL): +49 171 3920001" in shown
    assert "ADR (HOME): Hauptstr. 5, Halle" in shown


def test_what_is_wrong_is_told_in_one_line_and_exit_2(office):
    for wrong in (
        ["contacts", "add", "--family", "X"],
        ["contacts", "add", "--group", "sonstige"],
        ["contacts", "add", "--family", "X", "--group", "nachbarn"],
        ["contacts", "add", "--family", "X", "--group", "sonstige", "--iban", "DE00"],
        ["contacts", "add", "--family", "X", "--group", "sonstige", "--key", "k01"],
        ["contacts", "show", "k99"],
        ["links", "add", "k01", "--object", "9", "--group", "mieter"],
        ["links", "add", "k01", "--object", "0815", "--group", "mieter", "--from", "31.02.2026"],
        ["grants", "add", "k01", "--to", "horst", "--profile", "voll"],
        ["gdpr", "block", "k01", "--code", "ret"],
        ["gdpr", "block", "k01", "--code", "ret", "--record", "law"],
        ["gdpr", "unblock", "k01"],
        ["relations", "add", "k01", "k01", "--type", "kind"],
        ["shares", "check", "nowhere.toml"],
    ):
        assert office(*wrong, code=2).stderr


def test_a_dry_run_keeps_nothing(office):
    office("contacts", "add", "--family", "Neu", "--key", "k02", "--group", "sonstige", "--dry-run")
    office("links", "add", "k01", "--object", "0815", "--group", "mieter", "--dry-run")
    assert listed(office, "list") == ["k01"]
    assert office.json("links", "list") == []


def test_links_grants_consents_disclosures_and_relations_come_and_go(office):
    office("contacts", "add", "--family", "Öztürk", "--key", "k02", "--group", "sonstige")
    office(
        "links",
        "add",
        "k01",
        "--object",
        "0815",
        "--unit",
        "WE03",
        "--group",
        "mieter",
        "--role",
        "hauptmieter",
        "--from",
        "01.04.2019",
    )
    (link,) = office.json("links", "list", "k01")
    assert (link["object"], link["unit"], link["starts"]) == ("0815", "WE03", "2019-04-01")
    office("links", "end", str(link["id"]), "--on", "2030-06-30")
    assert office.json("links", "list", "--object", "0815")[0]["until"] == "2030-06-30"
    grant = json.loads(
        office("grants", "add", "k01", "--to", "horst", "--profile", "voll", "--reason", "x", "--json").stdout
    )
    assert [c["key"] for c in office.json("shares", "simulate", "--account", "horst", "--at", "2030-01-01")] == ["k01"]
    office("grants", "revoke", str(grant["grant"]))
    assert office.json("grants", "list", "k01")[0]["revoked_at"] is not None
    office("consents", "give", "k01", "--purpose", "weg_kontakt", "--on", "2026-01-01")
    office("consents", "withdraw", "k01", "--purpose", "weg_kontakt")
    assert office.json("consents", "list", "k01")[0]["withdrawn_at"] is not None
    office("disclosures", "start", "k01", "--purpose", "weitergabe_handwerker", "--basis", "Art6-1a")
    office("disclosures", "end", "k01", "--purpose", "weitergabe_handwerker")
    assert office.json("disclosures", "list", "k01")[0]["ended_at"] is not None
    office("relations", "add", "k01", "k02", "--type", "kind")
    assert {r["type"] for r in office.json("relations", "list")} == {"kind", "elternteil"}
    office("relations", "remove", "k01", "k02", "--type", "kind")
    assert office.json("relations", "list") == []
    office("doctor")


def test_a_blocked_contact_is_refused_and_shown_only_on_demand(office):
    office("gdpr", "block", "k01", "--code", "art18-1a", "--record", "contested=Anschrift", "--reason", "Brief")
    office("contacts", "edit", "k01", "--note", "x", code=3)
    office("contacts", "show", "k01", code=3)
    assert office.json("contacts", "show", "k01", "--blocked")["state"] == "restricted"
    assert listed(office, "list") == listed(office, "find", "anna") == []
    assert listed(office, "list", "--blocked") == ["k01"]
    assert "Müller" not in office("contacts", "export", "--format", "vcf").stdout
    office("gdpr", "unblock", "k01", "--reason", "geprüft", code=3)
    office("gdpr", "unblock", "k01", "--reason", "geprüft", "--informed-on", "2025-01-01")
    assert office.json("gdpr", "history", "k01")[0]["lift_reason"] == "geprüft"
    assert listed(office, "list") == ["k01"]


def test_the_actor_and_the_reason_stand_in_the_history(office):
    office("contacts", "edit", "k01", "--note", "x", "--actor", "vera", "--reason", "Anruf")
    assert office.json("contacts", "history", "k01")[0]["actor"] == "cli:vera"


def test_a_file_comes_in_with_a_report_and_goes_out(office, tmp_path):
    file = tmp_path / "in.csv"
    file.write_text(
        "key;family;phone:cell;group\nk02;Öztürk;0171 3920002;mieter\nk03;;;mieter\nk04;Neu;;nachbarn\n",
        encoding="utf-8",
    )
    done = office("contacts", "import", str(file), code=1)
    assert f"{file}:3: name: " in done.stderr
    assert f"{file}:4: group: " in done.stderr
    assert "1 added, 0 changed, 0 unchanged, 2 rejected" in done.stdout
    out = tmp_path / "out.json"
    office("contacts", "export", str(out))
    assert [record["key"] for record in json.loads(out.read_text(encoding="utf-8"))] == ["k01", "k02"]
    again = json.loads(office("contacts", "import", str(out), "--json").stdout)
    assert (again["added"], again["changed"], again["unchanged"]) == (0, 0, 2)


def test_groups_count_their_contacts(office):
    office("groups", "add", "hausmeister", "--name", "Hausmeister")
    office("groups", "add", "Haus Meister", "--name", "x", code=2)
    office("groups", "join", "hausmeister", "k01")
    counts = {group["slug"]: group["contacts"] for group in office.json("groups", "list")}
    assert (counts["hausmeister"], counts["sonstige"], counts["mieter"]) == (1, 1, 0)
    office("groups", "leave", "hausmeister", "k01")


RULES = """
[[share]]
name = "Horst"
for = ["account:horst"]
objects = "*"
groups = "*"
profile = "minimal"
"""


def test_rules_are_checked_compared_applied_and_explained(office, tmp_path):
    file = tmp_path / "new.toml"
    file.write_text(RULES.replace("profile", "profil"), encoding="utf-8")
    refused = office("shares", "check", str(file), code=2)
    assert f"{file}:7: " in refused.stderr
    file.write_text(RULES, encoding="utf-8")
    office("shares", "check", str(file))
    (diff,) = office.json("shares", "diff", str(file))
    assert (diff["login"], diff["gained"]) == ("horst", 1)
    office("shares", "apply", str(file), "--dry-run")
    assert "not visible" in office("shares", "explain", "--account", "horst", "--contact", "k01").stdout
    office("shares", "apply", str(file))
    assert "share 'Horst' line 2" in office("shares", "explain", "--account", "horst", "--contact", "k01").stdout
    (card,) = office.json("shares", "simulate", "--account", "horst", "--at", "2026-06-15")
    assert "TEL" in card["card"]
    assert "EMAIL" not in card["card"]
    file.write_text(RULES.replace("minimal", "standard"), encoding="utf-8")
    refused = office("shares", "apply", str(file), code=3)
    assert "--yes" in refused.stderr
    office("shares", "apply", str(file), "--yes")
    (card,) = office.json("shares", "simulate", "--account", "horst", "--at", "2026-06-15")
    assert "EMAIL" in card["card"]
