"""A hidden field class leaves no trace: not its values, not its labels, not a number."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radicale_propmgmt.domain.fields import ALL_FIELDS, ALWAYS, FieldClass, class_of
from radicale_propmgmt.domain.text import fold
from radicale_propmgmt.vcard.card import render_card, search_text, to_version_4
from radicale_propmgmt.vcard.contentline import parse_lines
from tests.vcard.people import ANNA, CARD_OF_ANNA, card, household, member, organisation, person

#: What only this class may put on a card.
SECRETS: dict[FieldClass, tuple[str, ...]] = {
    FieldClass.NAME: ("Anna", "Lüdenscheidt;", "Änne", "Mühler", "Schmidt", "geburtsname"),
    FieldClass.SALUTATION: ("Frau", "geehrte"),
    FieldClass.ORGANISATION: ("Söhne", "Einkauf"),
    FieldClass.FUNCTION: ("Prokuristin", "Mieterbeirätin", "Gartenbau"),
    FieldClass.UNIT: ("0815", "0816", "WE03", "WE07", "Miethaus", "hauptmieter", "2026-12-31"),
    FieldClass.PHONE: ("1234567", "3920012", "Nur: abends"),
    FieldClass.EMAIL: ("example.org\r\n", "anna@"),
    FieldClass.ADDRESS: ("Hauptstr. 5;", "06108", "Miete\r\n"),
    FieldClass.URL: ("https:",),
    FieldClass.BIRTHDAY: ("1961", "06-15", "2031"),
    FieldClass.PHOTO: ("Zm90bw", "JPEG"),
    FieldClass.RELATION: ("Bernd", "Carla", "Betreuer", "Spouse"),
    FieldClass.CATEGORY: ("Eigentümer,", "CATEGORIES"),
    FieldClass.NOTE: ("Bitte", "gern"),
    FieldClass.INTERNAL_NOTE: ("zahlt",),
    FieldClass.BANK: ("DE8937", "COBADEFF", "Commerzbank"),
    FieldClass.SEPA: ("M-0815-1", "DE98ZZZ", "2020-01-02"),
    FieldClass.CONSENT: ("weg_kontakt", "weitergabe_handwerker", "Art6"),
    FieldClass.DOCUMENT: (),
    FieldClass.OTHER: ("Stück", "Schrank", "Schlüssel\r\n", "SCHLUESSEL"),
}


def unfolded(body: bytes) -> str:
    return body.replace(b"\r\n ", b"").decode()


#: BANK holds "Anna Müller" in X-HOLDER, SALUTATION the family name: other classes' own values, looked at apart.
def others(hidden: FieldClass) -> frozenset[FieldClass]:
    apart = {FieldClass.NAME: {FieldClass.BANK, FieldClass.URL, FieldClass.EMAIL}, FieldClass.UNIT: {FieldClass.SEPA}}
    return ALL_FIELDS - {hidden} - apart.get(hidden, set())


@pytest.mark.parametrize("hidden", FieldClass)
def test_a_card_without_a_class_contains_none_of_its_values(hidden: FieldClass) -> None:
    body = render_card(card(fields=others(hidden), **CARD_OF_ANNA))
    for secret in SECRETS[hidden]:
        assert secret in unfolded(render_card(card(fields=ALL_FIELDS, **CARD_OF_ANNA)))
        assert secret not in unfolded(body)
        assert secret not in unfolded(to_version_4(body))
        if not secret.endswith("\r\n"):
            assert fold(secret) not in search_text(body)


@given(st.frozensets(st.sampled_from(FieldClass)))
def test_a_card_holds_properties_of_visible_classes_only(fields: frozenset[FieldClass]) -> None:
    properties = parse_lines(render_card(card(fields=fields, **CARD_OF_ANNA)))
    labelled = {p.group for p in properties if p.name != "X-ABLABEL" and p.group}
    for found in properties:
        if found.name == "X-ABLABEL":
            assert found.group in labelled
        elif found.name not in {"N", "FN"}:
            assert found.name in ALWAYS or class_of(found.name) in fields


@given(st.frozensets(st.sampled_from(FieldClass)))
def test_item_groups_count_only_what_is_visible(fields: frozenset[FieldClass]) -> None:
    """A gap in itemN would tell that something is hidden."""
    properties = parse_lines(render_card(card(fields=fields, **CARD_OF_ANNA)))
    groups = list(dict.fromkeys(p.group for p in properties if p.group))
    assert groups == [f"item{n + 1}" for n in range(len(groups))]


def test_a_hidden_name_is_a_nameless_contact() -> None:
    """RFC 2426 demands FN and N."""
    body = render_card(card(fields=frozenset({FieldClass.PHONE}), **CARD_OF_ANNA))
    assert b"\r\nFN:Kontakt\r\nN:;;;;\r\n" in body


def test_a_household_with_a_hidden_name_does_not_name_its_members() -> None:
    home = card(
        household(), ALL_FIELDS - {FieldClass.NAME, FieldClass.RELATION}, related=(member(person("Anna", "Müller")),)
    )
    assert b"Anna" not in render_card(home)


def test_an_organisation_keeps_its_name_when_either_class_shows_it() -> None:
    firm = organisation("Schulze GmbH", "Abteilung")
    assert b"FN:Schulze GmbH" in render_card(card(firm, frozenset({FieldClass.NAME})))
    assert b"FN:Schulze GmbH" in render_card(card(firm, frozenset({FieldClass.ORGANISATION})))
    assert b"Schulze" not in render_card(card(firm, frozenset({FieldClass.PHONE})))


def test_a_nameless_person_falls_back_to_visible_fields_only() -> None:
    nobody = person(organisation=("Firma",), values=ANNA.values)
    assert b"FN:Firma\r\n" in render_card(card(nobody, ALL_FIELDS))
    assert b"FN:anna@example.org\r\n" in render_card(card(nobody, ALL_FIELDS - {FieldClass.ORGANISATION}))
    hidden = ALL_FIELDS - {FieldClass.ORGANISATION, FieldClass.EMAIL}
    assert b"FN:Kontakt\r\n" in render_card(card(nobody, hidden))


def test_object_numbers_are_categories_only_where_units_show() -> None:
    body = render_card(card(fields=frozenset({FieldClass.CATEGORY}), **CARD_OF_ANNA))
    assert "CATEGORIES:Eigentümer,Mieter\r\n".encode() in body
