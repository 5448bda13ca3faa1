"""What each profile shows is written down once more here, so that a slip of the table is seen."""

from __future__ import annotations

import pytest

from radicale_propmgmt.domain.fields import ALL_FIELDS, ALWAYS, PROFILES, PROPERTY_CLASS, FieldClass, class_of


def words(text: str) -> set[str]:
    return set(text.split())


def test_the_built_in_profiles_show_what_the_manual_says() -> None:
    minimal = words("name organisation function unit phone")
    standard = minimal | words("address email url category")
    assert {
        "minimal": minimal,
        "standard": standard,
        "kommunikation": words("name organisation phone email address"),
        "verwaltung": standard | words("salutation relation birthday note other"),
        "bank": {"bank"},
        "sepa": {"sepa"},
        "voll": set(ALL_FIELDS) - words("bank sepa internal_note consent"),
        "dsb": set(ALL_FIELDS),
    } == PROFILES


@pytest.mark.parametrize(
    ("name", "field_class"),
    [
        ("TEL", FieldClass.PHONE),
        ("tel", FieldClass.PHONE),
        ("X-ABShowAs", FieldClass.ORGANISATION),
        ("X-PROPMGMT-NOTIZ", FieldClass.INTERNAL_NOTE),
        ("NOTE", FieldClass.NOTE),
        ("X-PROPMGMT-KONTO", FieldClass.BANK),
        ("X-NEVER-HEARD-OF", FieldClass.OTHER),
        ("UID", None),
        ("Version", None),
    ],
)
def test_every_vcard_property_has_its_class(name: str, field_class: FieldClass | None) -> None:
    assert class_of(name) is field_class


def test_what_is_unknown_is_other_and_nothing_known_is() -> None:
    assert set(PROPERTY_CLASS.values()) == ALL_FIELDS - {FieldClass.OTHER}
    assert not ALWAYS & PROPERTY_CLASS.keys()
    assert all(name == name.upper() for name in PROPERTY_CLASS)
