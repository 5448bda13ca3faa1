"""Field classes are put back as history kept them."""

from __future__ import annotations

import json

from hypothesis import given

from radicale_propmgmt.transfer.merging import by_field_class, own_data
from radicale_propmgmt.transfer.restoring import restored
from tests.vcard.merging import contacts
from tests.vcard.people import ANNA, person


def kept(data):
    """What a history row gives back: its JSON."""
    return json.loads(json.dumps(by_field_class(data)))


def test_a_contact_comes_back_whole_from_what_history_keeps() -> None:
    anna, empty = own_data(ANNA), own_data(person("Bert", "Bär"))
    back = restored(empty, kept(anna))
    assert by_field_class(back) == by_field_class(anna)
    assert sorted(map(str, back.values)) == sorted(map(str, anna.values))
    assert restored(anna, kept(anna)) == anna
    cleared = restored(anna, {**dict.fromkeys(kept(anna)), "name": kept(empty)["name"]})
    assert cleared == empty


@given(contacts(), contacts())
def test_any_contact_becomes_any_other(one, other) -> None:
    wanted = {name: kept(other).get(name) for name in kept(one).keys() | kept(other).keys()}
    assert by_field_class(restored(own_data(one), wanted)) == by_field_class(own_data(other))


def test_one_class_is_put_back_in_its_place_and_the_others_keep_theirs() -> None:
    anna = own_data(ANNA)
    without = restored(anna, {"email": None})
    assert [value.name for value in without.values] == ["TEL", "TEL", "ADR", "URL", "PHOTO", "X-SCHLUESSEL"]
    assert restored(without, {"email": kept(anna)["email"]}) == anna
