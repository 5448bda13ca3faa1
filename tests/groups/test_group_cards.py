"""What devices see of groups, over the real application."""

from __future__ import annotations

from tests.groups.styled import Phone, StyledWorld


def test_an_iphone_sees_one_card_per_group_that_lists_its_members(
    world: StyledWorld, people: list[int], phone: Phone
) -> None:
    """iOS and macOS show groups from X-ADDRESSBOOKSERVER-KIND cards only, and ignore CATEGORIES."""
    anna, bernd, cem = (world.uid(contact) for contact in people)
    assert phone.groups() == {"Mieter": sorted([anna, bernd]), "Makler": [cem]}
    assert not any(b"CATEGORIES" in body for body in phone.bodies().values())
    assert len(phone.bodies()) == 5
