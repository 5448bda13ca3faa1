"""I4: to whom it was never served, blocked, erased and never existed are one answer; else blocked, erased, withdrawn."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.invariants.asked import ABOUT_A_CARD, NEVER, ask, ask_everything
from tests.invariants.twins import DENIES, LOGINS, SEGMENTS, A, B, C, Twin, X

#: Examples per profile, on SQLite; half as many on PostgreSQL.
EXAMPLES = {"dev": 3, "ci": 5, "nightly": 300}

SHARES = st.builds(
    lambda login, objects, groups, fields, books: (
        f"""
[[share]]
name = "{login}"
for = ["account:{login}"]
objects = {objects}
groups = {groups}
fields = {fields}
books = {books}
"""
    ),
    st.sampled_from(LOGINS),
    st.sampled_from(['"*"', '"*"', '["0815"]']),
    st.sampled_from(['"*"', '"*"', '["mieter"]']),
    st.sampled_from(['["name", "phone", "relation"]', '["name", "relation"]', '["name", "phone"]']),
    st.sampled_from(['["all", "group", "object"]', '["all", "object"]']),
)
RULES = st.lists(SHARES, max_size=2).map(
    lambda shares: DENIES + "".join(shares).replace('name = "', 'name = "one more ', 1)
)
BROAD = DENIES + "".join(
    f'[[share]]\nname = "{login}"\nfor = ["account:{login}"]\nobjects = "*"\ngroups = "*"\n'
    'fields = ["name", "phone", "relation"]\nbooks = ["all", "group", "object"]\n'
    for login in LOGINS
)
WHO = st.sampled_from([X, X, A, B, C])
OPERATIONS = st.one_of(
    st.tuples(st.just("rules"), RULES),
    st.tuples(st.just("edit"), WHO, st.sampled_from(["+49 30 1", "+49 30 2"])),
    st.tuples(st.just("join"), WHO, st.sampled_from([(), ("mieter",), ("mieter", "eigentuemer")])),
    st.tuples(st.just("link"), WHO, st.sampled_from(["mieter", "eigentuemer"]), st.sampled_from([None, 0, 1])),
    st.tuples(st.just("marry"), st.just(X), st.sampled_from([A, C])),
    st.tuples(st.just("grant"), WHO, st.sampled_from(LOGINS)),
    st.tuples(st.just("block"), st.sampled_from([A, B]), st.sampled_from([0, 1, 2])),
    st.just(("tomorrow",)),
    st.just(("sync",)),
)
HISTORIES = st.lists(OPERATIONS, max_size=4)


def settings_for(new_database) -> settings:
    """Histories are short and an example takes a second: a failing one is shown as it is."""
    examples = EXAMPLES.get(settings.get_current_profile_name(), EXAMPLES["dev"])
    return settings(
        max_examples=examples if new_database().is_sqlite else max(2, examples // 2), phases=[Phase.generate]
    )


def assert_equal(told: dict[str, dict]) -> None:
    """Compare what several worlds tell; the first difference is named."""
    for one, other in itertools.pairwise(told):
        assert told[one].keys() == told[other].keys()
        for key, answer in told[one].items():
            assert answer == told[other][key], f"{one} is not {other}: {key}"


@pytest.mark.parametrize("from_birth", [True, False], ids=["never served", "served to one of two"])
def test_nobody_can_tell_why_a_contact_is_not_there(new_database, from_birth: bool) -> None:
    """Two databases that differ in the hidden contact alone answer alike: bytes, headers, and the work they take."""

    @settings_for(new_database)
    @given(HISTORIES, HISTORIES, st.sampled_from(SEGMENTS))
    def property_holds(before: list[tuple], after: list[tuple], segment: str) -> None:
        told: dict[str, dict[str, dict]] = {}
        for fate in ("absent", "blocked", "erased", "denied"):
            twin = Twin(new_database(), fate, from_birth)
            twin.tell([("rules", BROAD), ("marry", A, C), *before], [("marry", X, B), *after])
            told[fate] = {login: ask_everything(twin, login, segment) for login in LOGINS}
            for asked in ABOUT_A_CARD:
                never = ask(twin, "zeuge", asked, segment, NEVER)
                hidden = told[fate]["zeuge"][repr(asked)]
                assert hidden[:3] == never[:3], f"{fate} is not a name that nobody ever had: {asked}"
        assert_equal({fate: answers["zeuge"] for fate, answers in told.items()})
        assert_equal({fate: answers["chef"] for fate, answers in told.items() if from_birth or fate != "absent"})

    property_holds()
