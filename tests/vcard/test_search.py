"""The search text holds whatever RFC 6352 §10.5.4 could match."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radicale_propmgmt.domain.fields import ALL_FIELDS, FieldClass
from radicale_propmgmt.domain.text import fold
from radicale_propmgmt.vcard.card import render_card, search_text
from radicale_propmgmt.vcard.contentline import Property, parse_lines, serialise
from tests.vcard.people import CARD_OF_ANNA, card

BODY = render_card(card(fields=ALL_FIELDS, **CARD_OF_ANNA))


PLAIN = render_card(card(fields=ALL_FIELDS - {FieldClass.OTHER}, **CARD_OF_ANNA))


@pytest.mark.parametrize("body", [BODY, PLAIN], ids=["with a quoted parameter", "without"])
def test_every_value_and_component_is_found(body: bytes) -> None:
    text = search_text(body)
    for found in parse_lines(body):
        if found.name not in {"PHOTO", "BEGIN", "END", "VERSION"}:
            for needle in (found.text, *found.structured, *found.texts):
                assert fold(needle) in text


def test_each_property_is_named_and_pictures_are_left_out() -> None:
    text = search_text(BODY)
    assert "\nfn:dr. anna muller-ludenscheidt\n" in text
    assert "\norg:ludenscheidt, sohne & co.;einkauf\n" in text
    assert "zm90bw" not in text


@given(st.lists(st.text('aÄß,;:"\\n', min_size=1, max_size=8), max_size=4), st.text('x":;,', max_size=4))
def test_any_part_of_any_value_is_found_by_its_fold(values: list[str], param: str) -> None:
    body = serialise([Property("NOTE", value, (("X-A", (param,)),), "item1") for value in values])
    text = search_text(body)
    for found in parse_lines(body):
        for start in range(len(found.text)):
            assert fold(found.text[start : start + 3]) in text
