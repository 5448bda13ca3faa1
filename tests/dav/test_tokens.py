"""Sync tokens: what we never issued is refused, what we issued never is (RFC 6578 §3.2)."""

from __future__ import annotations

import pytest

from tests.dav.conftest import House
from tests.support.dav import Client, clark

BOOK = "/chef/alle/"
THUNDERBIRD = "Mozilla/5.0 Gecko/20100101 Thunderbird/140.0"


def _bad_tokens(house: House) -> dict[str, str]:
    chef = house.client("chef")
    mine = chef.sync(BOOK).token
    prefix, epoch, book, seq = mine.rsplit(":", 3)
    return {
        "another scheme": f"http://radicale.org/ns/sync/{'a' * 64}",
        "a word": "xyzzy",
        "empty parts": f"{prefix}:::",
        "a book's of another account": house.client("horst").sync("/horst/alle/").token,
        "another book's of mine": chef.sync("/chef/gruppe-mieter/").token,
        "a book that never was": f"{prefix}:{epoch}:{'0' * 24}:{seq}",
        "of tomorrow": f"{prefix}:{epoch}:{book}:{int(seq) + 1}",
        "of a later epoch": f"{prefix}:{int(epoch) + 1}:{book}:{seq}",
        "negative": f"{prefix}:{epoch}:{book}:-1",
        "larger than any number": f"{prefix}:{epoch}:{book}:{'9' * 18}",
        "longer than any number": f"{prefix}:{epoch}:{book}:{'9' * 40}",
        "other digits": f"{prefix}:{epoch}:{book}:\u0661",
        "upper case": mine.upper(),
        "something behind": f"{mine}:x",
        "quoted": f'"{mine}"',
        "quotes of SQL": f"{mine}' OR 1=1 --",
        "long": "x" * 60_000,
    }


def test_a_token_we_never_issued_is_refused(house: House) -> None:
    for what, token in _bad_tokens(house).items():
        answer = house.client("chef").sync(BOOK, token.replace("&", "&amp;"))
        assert answer.status == 403, what
        assert [element.tag for element in answer.xml] == [clark("D:valid-sync-token")], what
        assert token not in answer.text, what


def test_a_token_longer_than_any_is_malformed(house: House) -> None:
    assert house.client("chef").sync(BOOK, "x" * 70_000).status == 400


def test_thunderbird_starts_afresh_with_any_of_them(house: House) -> None:
    """It takes only 207 there, and forgets a card only where a 404 names it."""
    client = house.client("chef", THUNDERBIRD)
    for what, token in _bad_tokens(house).items():
        answer = client.sync(BOOK, token)
        assert answer.status == 207, what
        assert answer.statuses[house.href("blocked")] == "404", what
        assert answer.statuses[house.href("erased")] == "404", what
        assert list(answer.statuses.values()).count("200") == 6, what
        assert answer.token == client.sync(BOOK).token


def test_an_initial_sync_names_nobody_who_is_gone(house: House) -> None:
    """RFC 6578 §3.4; an empty token and one of spaces are none."""
    for token in ("", "  \n"):
        answer = house.client("chef").sync(BOOK, token)
        assert set(answer.statuses.values()) == {"200"}
        assert len(answer.responses) == 6


def test_a_token_and_its_writing_with_space_around_are_one(house: House) -> None:
    chef = house.client("chef")
    token = chef.sync(BOOK).token
    assert not chef.sync(BOOK, f"\n  {token}\n").responses
    assert ":" in token, "RFC 6578 §4: a URI; Evolution syncs by it only if it looks like one"


@pytest.mark.parametrize("limit", ["", "x", "-1", "1.5", "\u0661", "<nresults>"])
def test_a_limit_that_is_no_number_is_malformed(house: House, limit: str) -> None:
    body = (
        '<sync-collection xmlns="DAV:"><sync-token/><sync-level>1</sync-level>'
        f"<limit><nresults>{limit}</nresults></limit><prop/></sync-collection>"
    )
    assert house.client("chef").request("REPORT", BOOK, body).status == 400


def test_a_limit_larger_than_any_book_is_none(house: House) -> None:
    assert len(house.client("chef").sync(BOOK, limit=10**40).responses) == 6
    assert len(house.client("chef").sync(BOOK, limit=6).responses) == 6


def test_a_page_that_is_cut_names_the_collection_and_why(house: House) -> None:
    """RFC 6578 §3.6: 507 and DAV:number-of-matches-within-limits, with the token of what was said."""
    for path in (BOOK, BOOK.rstrip("/")):
        answer = house.client("chef").sync(path, limit=5)
        assert answer.statuses[BOOK] == "507"
        cut = answer.responses[BOOK]
        assert cut.find(f"{clark('D:error')}/{clark('D:number-of-matches-within-limits')}") is not None
        rest = house.client("chef").sync(BOOK, answer.token)
        live = {
            href for href, status in rest.statuses.items() if status == "200"
        }  # other tests sent names that are gone
        assert len(live) == 1
        assert not live & set(answer.responses)


def test_a_cut_delta_holds_404s_as_well(world, people, href) -> None:
    """What is gone counts as a match, and a device that pages ends where one that does not ends."""
    chef = Client(world, "chef")
    token = chef.sync(BOOK).token
    world.set_state(people[0], 1)
    world.set_columns(people[1], family="Neu")
    world.set_state(people[2], 2)
    statuses: dict[str, str] = {}
    while True:
        answer = chef.sync(BOOK, token, limit=1)
        more = answer.statuses.get(BOOK) == "507"
        statuses |= {one: status for one, status in answer.statuses.items() if one != BOOK}
        token = answer.token
        if not more:
            break
    assert statuses == {href(people[0]): "404", href(people[1]): "200", href(people[2]): "404"}
    assert token == chef.sync(BOOK).token


def test_a_token_outlives_everything_it_told_of(world, people) -> None:
    """A token that we issued is never refused, also when the whole book is gone."""
    chef = Client(world, "chef")
    token = chef.sync(BOOK).token
    for contact_id in people:
        world.set_state(contact_id, 2)
    assert list(chef.sync(BOOK, token).statuses.values()) == ["404"] * 4
    world.apply("")
    assert list(chef.sync(BOOK, token).statuses.values()) == ["404"] * 4
