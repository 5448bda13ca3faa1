"""Listing, sync-collection, multiget: what a device is told."""

from __future__ import annotations

import pytest

from tests.support.dav import Client, clark

BOOK = "/chef/alle/"
UNKNOWN = "urn:x-propmgmt:sync:1:000000000000000000000000:7"


def apply(cards: dict[str, str], answer) -> str:
    """Do to a device's cards what a delta says."""
    assert answer.status == 207, answer.text
    for href, status in answer.statuses.items():
        if status == "404":
            cards.pop(href, None)
        elif status == "200":
            cards[href] = answer.prop(href, "D:getetag").text
    return answer.token


def test_a_listing_and_an_initial_sync_say_the_same(chef: Client) -> None:
    listing = chef.propfind(BOOK, "D:getetag", "D:getcontenttype", depth="1")
    first = chef.sync(BOOK)
    assert len(listing.texts("D:getetag")) == 4
    assert first.texts("D:getetag") == listing.texts("D:getetag")
    assert set(listing.texts("D:getcontenttype").values()) == {"text/vcard; charset=utf-8"}
    assert listing.statuses[BOOK] == "404"  # a book has neither


def test_a_delta_holds_the_changes_and_nothing_else(chef: Client, world, people, href) -> None:
    cards: dict[str, str] = {}
    token = apply(cards, chef.sync(BOOK))
    assert not chef.sync(BOOK, token).responses
    world.set_columns(people[0], family="Meier")
    world.set_memberships(people[1], ["makler"])
    world.set_state(people[2], 1)
    answer = chef.sync(BOOK, token)
    assert answer.statuses[href(people[0])] == "200"
    assert answer.statuses[href(people[2])] == "404"
    assert href(people[3]) not in answer.responses
    apply(cards, answer)
    assert cards == chef.sync(BOOK).texts("D:getetag")


def test_a_contact_that_leaves_the_group_leaves_its_book(chef: Client, world, people, href) -> None:
    token = chef.sync("/chef/gruppe-mieter/").token
    world.set_memberships(people[1], ["makler"])
    delta = chef.sync("/chef/gruppe-mieter/", token)
    assert delta.statuses == {href(people[1], "/chef/gruppe-mieter/"): "404"}


def test_pages_add_up_to_the_whole(chef: Client) -> None:
    """RFC 6578 §3.6: 507 on the collection says that more is to come."""
    cards: dict[str, str] = {}
    token, pages = "", 0
    while True:
        answer = chef.sync(BOOK, token, limit=1)
        statuses = answer.statuses
        more = statuses.pop(BOOK, None) == "507"
        assert len(statuses) == 1
        token, pages = answer.token, pages + 1
        cards |= answer.texts("D:getetag")
        if not more:
            break
    assert pages == 4
    assert cards == chef.sync(BOOK).texts("D:getetag")
    assert token == chef.sync(BOOK).token


def test_a_limit_of_nothing_is_refused(chef: Client) -> None:
    answer = chef.sync(BOOK, limit=0)
    assert (answer.status, answer.has("D:number-of-matches-within-limits")) == (403, True)


@pytest.mark.parametrize("token", [UNKNOWN, "http://radicale.org/ns/sync/abc", "x"])
def test_a_token_that_is_not_ours_is_refused(chef: Client, token: str) -> None:
    """RFC 6578 §3.2: a DAV:valid-sync-token makes clients start afresh."""
    answer = chef.sync(BOOK, token)
    assert answer.status == 403
    assert [element.tag for element in answer.xml] == [clark("D:valid-sync-token")]


def test_thunderbird_gets_everything_for_a_token_that_is_not_ours(world, people, href) -> None:
    """It takes only 207 there, and removes a card only where a 404 names it."""
    world.set_state(people[0], 1)
    client = Client(world, "chef", user_agent="Mozilla/5.0 Gecko/20100101 Thunderbird/140.0")
    answer = client.sync(BOOK, UNKNOWN, "D:getetag", "CR:address-data")
    assert answer.statuses[href(people[0])] == "404"
    assert sorted(answer.statuses.values()) == ["200", "200", "200", "404"]
    assert chef_is_current(client, answer.token)


def chef_is_current(client: Client, token: str) -> bool:
    return not client.sync(BOOK, token).responses


def test_cards_come_inline_and_byte_for_byte(chef: Client, world, people, href) -> None:
    """Thunderbird asks for address-data in sync-collection; CR LF and markup survive the XML."""
    answer = chef.sync(BOOK, "", "D:getetag", "CR:address-data")
    contents = world.contents("chef")
    for contact_id in people:
        assert answer.prop(href(contact_id), "CR:address-data").text.encode() == contents[contact_id]


def test_an_empty_prop_still_tells_what_changed(chef: Client) -> None:
    """Stock Radicale loses changes there: the token moves on and nothing is said."""
    body = '<sync-collection xmlns="DAV:"><sync-token/><sync-level>1</sync-level><prop/></sync-collection>'
    assert len(chef.request("REPORT", BOOK, body).responses) == 4


@pytest.mark.parametrize("level", ["<sync-level>infinite</sync-level>", "<sync-level> 1 </sync-level>", ""])
def test_all_levels_of_a_book_are_one(chef: Client, level: str) -> None:
    """A book holds no collections (RFC 6352 §5.2); drafts of RFC 6578 said by Depth what sync-level says (App. A)."""
    body = f'<sync-collection xmlns="DAV:"><sync-token/>{level}<prop><getetag/></prop></sync-collection>'
    answer = chef.request("REPORT", BOOK, body, {"Depth": "1"})
    assert answer.texts("D:getetag") == chef.sync(BOOK).texts("D:getetag")


@pytest.mark.parametrize("level", ["<sync-level>0</sync-level>", "<sync-level/>", "<sync-level>2</sync-level>", ""])
def test_a_level_that_is_none_is_refused(chef: Client, level: str) -> None:
    body = f'<sync-collection xmlns="DAV:"><sync-token/>{level}<prop/></sync-collection>'
    assert chef.request("REPORT", BOOK, body, {"Depth": "0"}).status == 400
    assert chef.request("REPORT", BOOK, body).status == 400


@pytest.mark.parametrize("depth", [None, "0", "1", "infinity", "2", "?"])
def test_depth_of_a_report_does_not_count(chef: Client, depth: str | None) -> None:
    """RFC 6578 §3.2 wants 0, Thunderbird sends 1, Evolution none; RFC 6352 §8.6 wants 1 for a query."""
    header = {} if depth is None else {"Depth": depth}
    assert len(chef.sync(BOOK, **header).responses) == 4


def test_multiget_answers_each_href_once(chef: Client, people, href) -> None:
    known = [href(people[0]), href(people[1])]
    unknown = [BOOK, f"{BOOK}nie.vcf", "", "x.vcf", href(people[0], "/chef/gruppe-mieter/"), "http://[", "//evil/a",
               "http://evil.example.org" + known[0], f"{BOOK}%ff.vcf", f"{BOOK}a/b.vcf", "/fremd/alle/x.vcf"]  # fmt: skip
    answer = chef.multiget(BOOK, [*known, known[0], *unknown])
    assert answer.statuses == dict.fromkeys(known, "200") | dict.fromkeys(unknown, "404")
    for element in (answer.responses[one] for one in unknown):
        assert element.find(clark("D:propstat")) is None, "404 belongs to the response: Thunderbird stumbles otherwise"


def test_multiget_takes_absolute_and_encoded_hrefs(chef: Client, people, href) -> None:
    path = href(people[0])
    for written in (f"http://dav.example.org{path}", f"https://DAV.example.org{path}", path.replace("-", "%2d")):
        answer = chef.multiget(BOOK, [written])
        assert answer.statuses == {path: "200"}


def test_two_writings_of_one_href_are_one_response(chef: Client, people, href) -> None:
    path = href(people[0])
    assert chef.multiget(BOOK, [path, path.replace("-", "%2D")]).statuses == {path: "200"}


def test_more_hrefs_than_may_be_asked_are_refused(chef: Client) -> None:
    answer = chef.multiget(BOOK, ["/a"] * 100_001)
    assert (answer.status, answer.has("D:number-of-matches-within-limits")) == (403, True)


def test_blocked_is_like_never_existed(chef: Client, world, people, href) -> None:
    path, never = href(people[0]), f"{BOOK}01234567-0123-4123-8123-0123456789ab.vcf"
    world.set_state(people[0], 1)
    one, other = (chef.multiget(BOOK, [asked]).body.replace(asked.encode(), b"") for asked in (path, never))
    assert one == other
    answers = [chef.request("GET", asked) for asked in (path, never)]
    assert answers[0] == answers[1]
    assert answers[0].status == 404
    answers = [chef.propfind(asked, "D:getetag") for asked in (path, never)]
    assert answers[0] == answers[1]
    assert path not in chef.propfind(BOOK, "D:getetag", depth="1").responses


def test_a_card_can_be_had_in_part_and_as_4_0(chef: Client, people, href) -> None:
    """RFC 6352 §10.4.2."""
    part = '<CR:address-data><CR:prop name="FN"/><CR:prop name="TEL" novalue="yes"/></CR:address-data>'
    text = chef.multiget(BOOK, [href(people[0])], part).prop(href(people[0]), "CR:address-data").text
    lines = text.split("\r\n")
    assert {line.partition(":")[0].partition(";")[0] for line in lines if line} == {
        "BEGIN", "VERSION", "FN", "TEL", "END",
    }  # fmt: skip
    assert any(line.startswith("TEL") and line.endswith(":") for line in lines)
    whole = '<CR:address-data content-type="text/vcard" version="4.0"/>'
    found = chef.multiget(BOOK, [href(people[0])], whole).prop(href(people[0]), "CR:address-data")
    assert found.get("version") == "4.0"
    assert "VERSION:4.0" in found.text


@pytest.mark.parametrize("attributes", ['content-type="application/vcard+json"', 'version="2.1"'])
def test_other_forms_of_a_card_are_refused(chef: Client, attributes: str) -> None:
    answer = chef.multiget(BOOK, ["/a"], f"<CR:address-data {attributes}/>")
    assert (answer.status, answer.has("CR:supported-address-data")) == (403, True)


def test_reports_belong_to_books(chef: Client, people, href) -> None:
    for path in ("/", "/chef/", href(people[0])):
        answer = chef.sync(path)
        assert (answer.status, answer.has("D:supported-report")) == (403, True), path
    unknown = chef.request("REPORT", BOOK, '<expand-property xmlns="DAV:"/>')
    assert (unknown.status, unknown.has("D:supported-report")) == (403, True)
    assert chef.sync("/chef/nie/").status == 404


def test_a_masked_viewer_sees_only_its_fields(world, people) -> None:
    horst = Client(world, "horst").sync("/horst/alle/", "", "CR:address-data")
    assert "example.org" not in horst.text
    assert "TEL" in horst.text


def test_a_right_ends_on_the_second(chef: Client, world, clock, people) -> None:
    """What is due is projected before a read: no timer is between a person and the end of a right."""
    token = chef.sync(BOOK).token
    rules = (
        'until = 2026-06-15\nfor = ["account:chef"]\nname="all"\nobjects="*"\ngroups="*"\nprofile="voll"\nbooks=["all"]'
    )
    world.apply(f"[[share]]\n{rules}\n")
    assert not [s for s in chef.sync(BOOK, token).statuses.values() if s == "404"]
    clock.advance(days=1)
    assert list(chef.sync(BOOK, token).statuses.values()).count("404") == 4
