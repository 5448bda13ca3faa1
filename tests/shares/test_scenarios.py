"""The demo's rules do what their wishes say: ten scenarios on the day the fixture is told and around it."""

from __future__ import annotations

from datetime import date

import pytest

from radicale_propmgmt.domain.books import BookKind
from radicale_propmgmt.domain.fields import PROFILES, FieldClass, Fields
from radicale_propmgmt.domain.grants import Consent
from radicale_propmgmt.domain.visibility import visible
from tests.shares.fixture import AUDIENCES, SUBJECTS, TODAY, demo_rules

RULES = demo_rules()
PHONE: Fields = frozenset({FieldClass.NAME, FieldClass.ORGANISATION, FieldClass.UNIT, FieldClass.PHONE})
ADDRESS_LIST: Fields = frozenset({FieldClass.NAME, FieldClass.ADDRESS})
STANDARD, BANK = PROFILES["standard"], frozenset({FieldClass.BANK})
#: k07 and k08 are blocked, k13 is erased.
ALL = "k01 k02 k03 k04 k05 k06 k09 k10 k11 k12 k14 k15 k16"


@pytest.mark.parametrize(
    ("number", "login", "day", "contacts", "fields"),
    [
        (1, "horst", TODAY, "k01 k02 k06 k09 k11", PHONE),
        (2, "bruno", TODAY, "k04 k05 k12", STANDARD | BANK),
        (3, "schulze", TODAY, "k01", PHONE),
        (3, "schulze", date(2026, 4, 30), "", PHONE),
        (3, "schulze", date(2026, 5, 1), "k01", PHONE),
        (3, "schulze", date(2026, 9, 30), "k01", PHONE),
        (3, "schulze", date(2026, 10, 1), "", PHONE),
        (4, "chef", TODAY, ALL, PROFILES["voll"]),
        (5, "azra", TODAY, "k01 k02 k04 k05 k06 k09 k11 k12 k15", STANDARD),
        (8, "petra", TODAY, "k14", PROFILES["kommunikation"]),
        (8, "petra", date(2026, 8, 31), "k14", PROFILES["kommunikation"]),
        (8, "petra", date(2026, 9, 1), "", PROFILES["kommunikation"]),
        (9, "sued1", TODAY, "k15 k16", PROFILES["verwaltung"]),
        (10, "beirat0816", TODAY, "k04 k12", ADDRESS_LIST),
        (11, "stb", TODAY, "", STANDARD | BANK),
        (11, "stb", date(2026, 2, 28), "", STANDARD | BANK),
        (11, "stb", date(2026, 3, 1), "k06 k09", STANDARD | BANK),
        (11, "stb", date(2026, 3, 10), "k06 k09", STANDARD | BANK),
        (11, "stb", date(2026, 3, 31), "k06 k09", STANDARD | BANK),
        (11, "stb", date(2026, 4, 1), "", STANDARD | BANK),
        (12, "empfang", TODAY, ALL.replace("k04 ", ""), PROFILES["minimal"]),
    ],
)
def test_a_scenario_shows_exactly_its_contacts_and_fields(
    number: int, login: str, day: date, contacts: str, fields: Fields
) -> None:
    views = {key: visible(AUDIENCES[login], subject, RULES, day) for key, subject in SUBJECTS.items()}
    assert {key: view.fields for key, view in views.items() if view} == dict.fromkeys(contacts.split(), fields)


def test_a_tenant_who_moved_out_is_a_former_one_from_the_next_day_on() -> None:
    last_day, after = date(2025, 3, 31), date(2025, 4, 1)
    assert visible(AUDIENCES["horst"], SUBJECTS["k03"], RULES, last_day)
    assert not visible(AUDIENCES["horst"], SUBJECTS["k03"], RULES, after)


def test_the_board_sees_phone_and_email_of_an_owner_only_while_the_consent_holds() -> None:
    from dataclasses import replace

    owner = SUBJECTS["k12"]
    consent = Consent("weg_kontakt", TODAY, date(2026, 6, 20))
    more = ADDRESS_LIST | {FieldClass.PHONE, FieldClass.EMAIL}
    for facts, day, expected in (
        (consent, TODAY, more),
        (consent, date(2026, 6, 20), more),
        (consent, date(2026, 6, 21), ADDRESS_LIST),
        (replace(consent, withdrawn=True), TODAY, ADDRESS_LIST),
        (replace(consent, purpose="newsletter"), TODAY, ADDRESS_LIST),
    ):
        view = visible(AUDIENCES["beirat0816"], replace(owner, consents=(facts,)), RULES, day)
        assert view.fields == expected


def test_the_demo_has_accounts_with_books_per_group_per_object_and_per_both() -> None:
    kinds = {rule.name: rule.books for rule in RULES.shares}
    assert BookKind.GROUP in kinds["Geschäftsführung"]
    assert BookKind.OBJECT in kinds["Team Süd"]
    assert BookKind.OBJECT in kinds["Objektverwalter"]
    assert BookKind.OBJECT_GROUP in kinds["Technik"]
    assert kinds["Hausmeister Krause"] == {BookKind.ALL}


def test_only_the_team_of_0900_writes_and_only_two_field_classes() -> None:
    assert {rule.name: rule.write for rule in RULES.shares if rule.write != "none"} == {
        "Team Süd": frozenset({FieldClass.PHONE, FieldClass.EMAIL})
    }


def test_whoever_is_external_has_a_purpose_and_a_legal_basis() -> None:
    external = {rule.name for rule in RULES.shares if rule.external and rule.purpose and rule.legal_basis}
    assert external == {"Sanitär Schulze 0815", "Beirat Lindenhof", "Steuerberater Jahresabschluss"}
