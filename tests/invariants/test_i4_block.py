"""A blocked contact is gone from every book of every account, and every device that had it is told (I4, GDPR Art. 18)."""

from __future__ import annotations

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.invariants.asked import ABOUT_A_CARD, NEVER, ask
from tests.invariants.twins import BLOCKED, ERASED, SEGMENTS, A, B, C, Twin, X, href_of

RULES = """
[[share]]
name = "all"
for = ["account:chef"]
objects = "*"
groups = "*"
profile = "voll"
books = ["all", "group", "object"]

[[share]]
name = "tenants of one house"
for = ["account:zeuge"]
objects = ["0815"]
groups = ["mieter"]
fields = ["name", "phone", "relation"]
books = ["all", "group", "object"]
"""
READS = [asked for asked in ABOUT_A_CARD if asked.method in {"GET", "HEAD", "PROPFIND", "REPORT"}]
PLACES = st.fixed_dictionaries(
    {
        "groups": st.sampled_from([(), ("mieter",), ("mieter", "eigentuemer")]),
        "linked": st.booleans(),
        "granted": st.sampled_from([None, "zeuge", "chef"]),
    }
)


def _prepare(database, people: dict[int, dict], married: int) -> Twin:
    twin = Twin(database, "absent", from_birth=False)
    twin.world.apply(RULES)
    for number, place in people.items():
        twin._add(number, f"Familie{number}", "mieter")
        twin._join(number, place["groups"])
        if place["linked"]:
            twin._link(number, "mieter", None)
        if place["granted"]:
            twin._grant(number, place["granted"])
    twin._marry(X, married)
    return twin


@pytest.mark.parametrize("state", [BLOCKED, ERASED])
def test_a_block_empties_every_device(new_database, state: int) -> None:
    """Its card is a 404 in the next delta of each device that had it, and everything asked of it is as of a random name."""
    examples = 6 if new_database().is_sqlite else 3

    @settings(max_examples=examples, phases=[Phase.generate])
    @given(st.fixed_dictionaries(dict.fromkeys([A, B, C, X], PLACES)), st.sampled_from([A, B]))
    def property_holds(people: dict[int, dict], married: int) -> None:
        twin = _prepare(new_database(), people, married)
        devices = {}
        for login, client in twin.clients.items():
            for segment in SEGMENTS:
                first = client.sync(f"/{login}/{segment}/")
                if first.status == 207:
                    devices[login, segment] = first.token, first.texts("D:getetag")
        twin.world.set_state(X, state)
        for (login, segment), (token, had) in devices.items():
            _check_device(twin, login, segment, token, had)

    property_holds()


def _check_device(twin: Twin, login: str, segment: str, token: str, had: dict[str, str]) -> None:
    book = f"/{login}/{segment}/"
    client = twin.clients[login]
    gone = book + href_of(X)
    delta = client.sync(book, token)
    assert (delta.statuses.get(gone) == "404") == (gone in had)
    left = {href: etag for href, etag in had.items() if href != gone} | delta.texts("D:getetag")
    assert left == client.sync(book).texts("D:getetag")
    assert left == client.propfind(book, "D:getetag", depth="1").texts("D:getetag")
    assert b"Familie17" not in client.request("GET", book).body
    for asked in READS:
        assert ask(twin, login, asked, segment, href_of(X)) == ask(twin, login, asked, segment, NEVER), asked
