"""The catalogue of words is consistent."""

from __future__ import annotations

from radicale_propmgmt.domain import labels


def test_each_relation_is_the_inverse_of_its_inverse() -> None:
    for key, relation in labels.RELATIONS.items():
        assert labels.RELATIONS[relation.inverse].inverse == key
        assert labels.RELATIONS[relation.inverse].internal == relation.internal


def test_there_are_eight_groups_and_each_role_has_a_word() -> None:
    assert list(labels.GROUPS) == [
        *("mieter", "mietinteressenten", "dienstleister", "makler"),
        *("verwalter", "eigentuemer", "banken", "sonstige"),
    ]
    assert {role for group in labels.GROUPS.values() for role in group.roles} <= set(labels.ROLES)


def test_reasons_under_article_18_are_the_four_of_its_first_paragraph() -> None:
    """GDPR Art. 18(1)(a)–(d)."""
    assert [key for key, reason in labels.BLOCK_REASONS.items() if reason.is_art18] == [
        *("art18-1a", "art18-1b", "art18-1c", "art18-1d")
    ]
    assert all(reason.needs_record for reason in labels.BLOCK_REASONS.values())


def test_an_unknown_key_stands_for_itself() -> None:
    assert labels.role_label("hauptmieter") == "Hauptmieter"
    assert labels.role_label("hauptmieter", "en") == "Main tenant"
    assert labels.role_label("Kegelbruder") == "Kegelbruder"
    assert labels.group_label("eigentuemer") == "Eigentümer"
    assert labels.group_label("verein") == "verein"
