"""Files come in: all or nothing per record, a second time nothing at all, and every rejected record says why."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import func, select

from radicale_propmgmt.db.repositories import listings, lookups
from radicale_propmgmt.db.repositories.audit import GENESIS, link_hash
from radicale_propmgmt.db.repositories.contacts import load_contacts
from radicale_propmgmt.db.tables import AuditPersonal, AuditRow, Wire
from radicale_propmgmt.domain.errors import ConfigError
from radicale_propmgmt.services import contacts, exports, gdpr, links
from radicale_propmgmt.services.imports import BATCH, import_file
from radicale_propmgmt.transfer.drafts import ImportReport
from radicale_propmgmt.transfer.merging import own_data
from tests.services.conftest import Office

MAPPING = """
delimiter = ";"
create_objects = false

[columns]
"Nr" = "key"
"Anrede" = "salutation"
"Vorname" = "given"
"Nachname" = "family"
"Mobil" = { field = "phone", type = "CELL" }
"Büro" = { field = "phone", type = "WORK" }
"Mail" = "email"
"Straße" = "street"
"PLZ" = "postal_code"
"Ort" = "city"
"Objekt" = "object"
"Einheit" = "unit"
"Art" = "role"
"Gruppe" = "group"
"Von" = "from"
"Bis" = "until"
"IBAN" = "iban"

[groups]
"Mieter" = "mieter"

[roles]
"HM" = "hauptmieter"
"""
HEAD = "Nr;Anrede;Vorname;Nachname;Mobil;Büro;Mail;Straße;PLZ;Ort;Objekt;Einheit;Art;Gruppe;Von;Bis;IBAN;Egal\n"
ANNA = (
    "4711;Frau;Anna;Müller;0171 3920001;;anna@example.org;Hauptstr. 5;06108;Halle;0815;WE03;HM;Mieter;01.04.2019;;;x\n"
)
BERND = "4712;Herr;Bernd;Müller;;030 23125001;;Hauptstr. 5;06108;Halle;0815;WE03;;Mieter;01.04.2019;31.12.2030;;x\n"


class Files:
    def __init__(self, office: Office, folder: Path) -> None:
        self.office = office
        self.folder = folder

    def csv(self, text: str, *, mapping: str | None = MAPPING, encoding: str = "utf-8", **options) -> ImportReport:
        file = self.folder / "import.csv"
        file.write_bytes(text.encode(encoding))
        if mapping is not None:
            options["mapping"] = self.folder / "mapping.toml"
            options["mapping"].write_text(mapping, encoding="utf-8")
        return import_file(self.office.database, file, "csv", actor="cli:test", **options)

    def text(self, text: str, file_format: str, **options) -> ImportReport:
        file = self.folder / f"import.{file_format}"
        file.write_text(text, encoding="utf-8", newline="")
        return import_file(self.office.database, file, file_format, actor="cli:test", **options)

    def contact(self, reference: str):
        with self.office.database.read() as connection:
            return contacts.get_contact(connection, contacts.find_contact(connection, reference))

    def links(self, reference: str):
        with self.office.database.read() as connection:
            return listings.list_links(connection, contact_id=contacts.find_contact(connection, reference))

    def counts(self) -> tuple[int, int]:
        with self.office.database.read() as connection:
            audits = connection.scalar(select(func.count()).select_from(AuditRow))
            return lookups.count_contacts(connection), audits or 0


@pytest.fixture
def files(sqlite_office: Office, tmp_path: Path) -> Files:
    return Files(sqlite_office, tmp_path)


def told(report: ImportReport) -> tuple[int, int, int, int]:
    return report.added, report.changed, report.unchanged, len(report.rejected)


def test_an_erp_export_becomes_contacts_with_their_links(office: Office, tmp_path: Path):
    files = Files(office, tmp_path)
    assert told(files.csv(HEAD + ANNA + BERND)) == (2, 0, 0, 0)
    anna = files.contact("4711")
    assert (anna.salutation, anna.name.given) == ("frau", "Anna")
    assert [(v.name, v.value) for v in anna.values] == [
        ("TEL", "+49 171 3920001"),
        ("EMAIL", "anna@example.org"),
        ("ADR", ";;Hauptstr. 5;Halle;;06108;"),
    ]
    (link,) = files.links("4711")
    assert (link.object, link.unit, link.role, str(link.starts)) == ("0815", "WE03", "hauptmieter", "2019-04-01")
    assert "0171" not in office.sees("horst")[anna.id]
    assert "+49 171 3920001" in office.sees("horst")[anna.id]


def test_a_second_import_changes_nothing_and_writes_nothing(files: Files):
    files.csv(HEAD + ANNA + BERND)
    before = files.counts(), files.office.seq("chef")
    assert told(files.csv(HEAD + ANNA + BERND)) == (0, 0, 2, 0)
    assert (files.counts(), files.office.seq("chef")) == before


def test_a_changed_row_changes_one_contact_and_its_own_link(files: Files):
    files.csv(HEAD + ANNA + BERND)
    moved = ANNA.replace("0171 3920001", "0171 3920099").replace("01.04.2019;;", "01.04.2019;30.06.2026;")
    assert told(files.csv(HEAD + moved + BERND)) == (0, 1, 1, 0)
    (link,) = files.links("4711")
    assert str(link.until) == "2026-06-30"
    assert files.contact("4711").values[0].value == "+49 171 3920099"


def test_who_moves_in_again_after_moving_out_gets_a_second_link(files: Files):
    files.csv(HEAD + ANNA.replace("01.04.2019;;", "01.04.2019;31.03.2020;"))
    assert told(files.csv(HEAD + ANNA.replace("01.04.2019;;", "01.05.2024;;"))) == (0, 1, 0, 0)
    assert [str(link.starts) for link in files.links("4711")] == ["2019-04-01", "2024-05-01"]


def test_an_unchanged_row_does_not_undo_what_the_office_edited_since(files: Files):
    files.csv(HEAD + ANNA)
    anna = files.contact("4711")
    from dataclasses import replace

    with files.office.write() as uow:
        contacts.edit_contact(uow, anna.id, replace(own_data(anna), values=()))
    assert told(files.csv(HEAD + ANNA)) == (0, 0, 1, 0)
    assert files.contact("4711").values == ()


def test_a_changed_row_leaves_alone_what_the_file_does_not_speak_of(files: Files):
    files.csv(HEAD + ANNA)
    anna = files.contact("4711")
    from dataclasses import replace

    with files.office.write() as uow:
        contacts.edit_contact(uow, anna.id, replace(own_data(anna), note="Hund", tags=frozenset({"vip"})))
    files.csv(HEAD + ANNA.replace("Anna", "Anne"))
    anna = files.contact("4711")
    assert (anna.name.given, anna.note, anna.tags) == ("Anne", "Hund", {"vip"})


def test_several_rows_of_one_key_are_one_contact_with_several_links(files: Files):
    second = ANNA.replace(";0815;WE03;", ";0816;;")
    assert told(files.csv(HEAD + ANNA + BERND + second)) == (2, 0, 0, 0)
    assert [link.object for link in files.links("4711")] == ["0815", "0816"]
    assert told(files.csv(HEAD + ANNA + BERND + second)) == (0, 0, 2, 0)


def test_every_rejected_row_says_where_which_field_and_why_and_stops_nothing(files: Files):
    bad = (
        ANNA.replace("4711", "1").replace("01.04.2019", "31.02.2019")
        + ANNA.replace("4711", "2").replace("anna@example.org", "anna")
        + ANNA.replace("4711", "3").replace("0815", "0999")
        + ANNA.replace("4711", "4").replace("WE03", "WE99")
        + ANNA.replace("4711", "5").replace("Mieter", "Makler?")
        + ANNA.replace("4711", "6").replace(";;x", ";DE00;x")
        + ANNA.replace("4711", "7").replace("Anna;Müller", ";")
        + ANNA.replace("4711", "8").replace("Frau", "Gräfin")
        + ANNA.replace("\n", ";;;;\n")
    )
    report = files.csv(HEAD + bad + BERND)
    assert report.added == 1
    assert [(r.line, r.field) for r in report.rejected] == [
        (2, "from"),
        (3, "email"),
        (4, "object"),
        (5, "unit"),
        (6, "group"),
        (7, "iban"),
        (8, "name"),
        (9, "salutation"),
        (10, "-"),
    ]
    assert not any("anna" in r.why.lower() for r in report.rejected)


def test_objects_and_units_are_made_if_the_import_may(files: Files):
    row = ANNA.replace("0815;WE03", "0999;WE01")
    assert told(files.csv(HEAD + row, create_objects=True)) == (1, 0, 0, 0)
    assert [(link.object, link.unit) for link in files.links("4711")] == [("0999", "WE01")]


def test_a_blocked_contact_is_rejected_without_telling_that_it_is_one(files: Files):
    files.csv(HEAD + ANNA + BERND)
    with files.office.write() as uow:
        gdpr.block(uow, files.contact("4711").id, "ret", record={"law": "x"})
    before = files.contact("4711")
    report = files.csv(HEAD + ANNA.replace("Anna", "Anne") + BERND)
    assert told(report) == (0, 0, 1, 1)
    assert "block" not in report.rejected[0].why
    assert files.contact("4711") == before


def test_an_erased_contact_does_not_come_back_by_its_uid(files: Files):
    card = "BEGIN:VCARD\nVERSION:3.0\nUID:old-uid-1\nFN:A B\nN:B;A;;;\nEND:VCARD\n"
    files.text(card, "vcf", group="mieter")
    with files.office.write() as uow:
        uow.connection.execute(Wire.__table__.update().values(state=2, uid=None))
    assert told(files.text(card, "vcf", group="mieter")) == (0, 0, 0, 1)


def test_a_dry_run_tells_all_and_keeps_nothing(files: Files):
    before = files.counts()
    assert told(files.csv(HEAD + ANNA + BERND.replace("0815", "0999"), dry_run=True)) == (1, 0, 0, 1)
    assert files.counts() == before


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_the_encodings_of_german_programs_are_understood(files: Files, encoding: str):
    assert told(files.csv(HEAD + ANNA, encoding=encoding)) == (1, 0, 0, 0)
    assert files.contact("4711").name.family == "Müller"


def test_a_wrong_mapping_names_file_line_and_key(files: Files):
    with pytest.raises(ConfigError) as refusal:
        files.csv(HEAD + ANNA, mapping='delimter = ";"\n[columns]\n"Nr" = "keyy"\n')
    assert len(refusal.value.problems) == 2
    assert "mapping.toml:3: columns.Nr: unknown field 'keyy'" in refusal.value.problems[1]


def test_cards_of_all_versions_come_in_and_a_bad_one_stops_nothing(files: Files):
    cards = (
        "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:anna\r\nFN:Anna Müller\r\nN:Müller;Anna;;;\r\n"
        "TEL;TYPE=CELL:0171 3920001\r\nCATEGORIES:Mieter,vip\r\nX-FOO;X-BAR=1:kept\r\nEND:VCARD\r\n"
        "BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;Bernd\r\n"
        "TEL;CELL:0171 3920002\r\nEND:VCARD\r\n"
        "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:nobody\r\nFN:\r\nEND:VCARD\r\n"
        "BEGIN:VCARD\r\nVERSION:4.0\r\nUID:urn:uuid:a1b2c3d4-e5f6-4711-8899-aabbccddeeff\r\nFN:Cem Öztürk\r\n"
        "N:Öztürk;Cem;;;\r\nTEL;VALUE=uri:tel:+49-171-3920003\r\nEND:VCARD\r\n"
    )
    report = files.text(cards, "vcf", group="mieter")
    assert told(report) == (3, 0, 0, 1)
    assert told(files.text(cards, "vcf", group="mieter")) == (0, 0, 3, 1)
    cem = files.contact("a1b2c3d4-e5f6-4711-8899-aabbccddeeff")
    assert cem.name.family == "Öztürk"
    with files.office.database.read() as connection:
        found = load_contacts(connection, lookups.search_contacts(connection, ["bernd"], limit=5))
    assert [contact.name.family for contact in found.values()] == ["Müller"]


def test_categories_that_are_groups_become_memberships_and_others_tags(files: Files):
    card = "BEGIN:VCARD\nVERSION:3.0\nUID:x\nFN:A B\nN:B;A;;;\nCATEGORIES:Eigentümer,vip,0815\nEND:VCARD\n"
    assert told(files.text(card, "vcf")) == (1, 0, 0, 0)
    with files.office.database.read() as connection:
        (contact_id,) = exports.select_contacts(connection, group="eigentuemer")
        assert contacts.get_contact(connection, contact_id).tags == {"vip"}


def test_an_unknown_key_of_json_is_named_by_its_path(files: Files):
    records = [{"key": "1", "name": {"family": "A"}, "groups": ["mieter"], "phones": [{"nummer": "1"}]}]
    report = files.text(json.dumps(records, indent=1), "json")
    assert [(r.line, r.field, r.why) for r in report.rejected] == [(2, "contacts[0].phones[0].nummer", "unknown key")]


@pytest.mark.parametrize("file_format", ["json", "csv"])
def test_what_is_exported_comes_in_again_without_a_change(files: Files, file_format: str):
    files.csv(HEAD + ANNA + BERND)
    with files.office.database.read() as connection:
        text = "".join(exports.export(connection, exports.select_contacts(connection), file_format))
    before = files.office.seq("chef")
    assert told(files.text(text, file_format)) == (0, 0, 2, 0)
    assert files.office.seq("chef") == before


def test_an_export_of_all_kinds_leaves_blocked_contacts_out(files: Files):
    files.csv(HEAD + ANNA + BERND)
    with files.office.write() as uow:
        gdpr.block(uow, files.contact("4711").id, "ret", record={"law": "x"})
    with files.office.database.read() as connection:
        ids = [files.contact("4711").id, files.contact("4712").id]
        for file_format in exports.FORMATS:
            text = "".join(exports.export(connection, ids, file_format))
            assert "Bernd" in text
            assert "Anna" not in text


def test_more_records_than_one_unit_of_work_takes_all_come_in(files: Files):
    rows = "".join(f"{n};;V;N{n};;;;;;;0815;WE03;;Mieter;;;;\n" for n in range(BATCH + 20))
    steps = []
    report = files.csv(HEAD + rows, progress=lambda done, total: steps.append((done, total)))
    assert told(report) == (BATCH + 20, 0, 0, 0)
    assert steps == [(BATCH, BATCH + 20), (BATCH + 20, BATCH + 20)]
    assert len(files.office.sees("horst")) == BATCH + 20


def test_a_link_ended_by_hand_is_not_opened_again_by_an_equal_row(files: Files):
    files.csv(HEAD + ANNA)
    (link,) = files.links("4711")
    with files.office.write() as uow:
        links.end_link(uow, link.id, uow.today)
    files.csv(HEAD + ANNA)
    assert files.links("4711")[0].until is not None


def test_the_audit_chain_of_an_import_verifies_link_by_link(files: Files):
    """Written in batches, it is the same chain as one by one; each reason has its own salt."""
    files.csv(HEAD + ANNA + BERND, reason="Übernahme")
    secrets = files.office.database.secrets
    with files.office.database.read() as connection:
        rows = [row._asdict() for row in connection.execute(select(AuditRow.__table__).order_by(AuditRow.seq))]
        texts = connection.scalars(select(AuditPersonal.text)).all()
    previous = GENESIS
    for row in rows:
        assert row["previous"] == previous
        previous = row.pop("hash")
        assert link_hash(secrets.audit, row) == previous
    assert [row["action"] for row in rows][-4:] == ["contact.added"] * 2 + ["link.added"] * 2
    assert texts.count("Übernahme") == 4
    assert len({row["commitment"] for row in rows[-4:]}) == 4
