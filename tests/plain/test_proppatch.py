"""PROPPATCH: of the own view, all or nothing, never shown to another account (RFC 4918 §9.2)."""

from __future__ import annotations

import pytest

from tests.plain.client import Plain, card
from tests.support.dav import clark

COLOUR = '<A:calendar-color xmlns:A="http://apple.com/ns/ical/">#ff2968ff</A:calendar-color>'
_ICAL = "{http://apple.com/ns/ical/}"


def _statuses(answer) -> dict[str, str]:
    return {
        prop.tag.rpartition("}")[2]: propstat.findtext(clark("D:status")).split(" ")[1]
        for propstat in answer.xml.iter(clark("D:propstat"))
        for prop in propstat.find(clark("D:prop"))
    }


@pytest.mark.parametrize(
    "path", ["/chef/", "/chef/alle/", "/chef/gruppe-mieter/", "/chef/persoenlich/", "/chef/kalender-haus/"]
)
def test_a_name_is_set_for_oneself_alone(chef: Plain, horst: Plain, book: str, calendar: str, path: str) -> None:
    """macOS sets colours and names on every account that is added; another's list must not change by it."""
    theirs = path.replace("/chef/", "/horst/")
    before = (
        horst.propfind(theirs, "D:displayname").texts("D:displayname")
        if theirs[7:8] in "ag" and theirs != "/horst/"
        else {}
    )
    answer = chef.patch(path, f"<D:displayname>Mein &lt;Haus&gt;</D:displayname>{COLOUR}")
    assert answer.status == 207
    assert _statuses(answer) == {"displayname": "200", "calendar-color": "200"}
    for depth, where in (("0", path), ("1", "/chef/")):
        assert chef.propfind(where, "D:displayname", depth=depth).texts("D:displayname")[path] == "Mein <Haus>"
    if before:
        assert horst.propfind(theirs, "D:displayname").texts("D:displayname") == before
    everything = chef.request("PROPFIND", path, headers={"Depth": "0"})
    assert everything.xml.find(f".//{_ICAL}calendar-color").text == "#ff2968ff"
    chef.patch(path, "", remove=f"<D:displayname/>{COLOUR}")
    assert chef.propfind(path, "D:displayname").texts("D:displayname")[path] != "Mein <Haus>"


def test_setting_moves_no_token(chef: Plain) -> None:
    """I3: a token moves with cards, and with nothing else."""
    token = chef.sync("/chef/alle/").token
    chef.patch("/chef/alle/", "<D:displayname>x</D:displayname>")
    assert chef.sync("/chef/alle/", token).token == token


def test_a_me_card_is_kept_on_the_home(chef: Plain) -> None:
    """macOS (traces §4.5): PROPPATCH of the home {CS:me-card/href}."""
    me = '<CS:me-card xmlns:CS="http://calendarserver.org/ns/"><D:href>/chef/alle/x.vcf</D:href></CS:me-card>'
    assert chef.patch("/chef/", me).status == 207
    found = chef.propfind("/chef/", "CS:me-card").prop("/chef/", "CS:me-card")
    assert found.findtext(clark("D:href")) == "/chef/alle/x.vcf"


PROTECTED = [
    "<D:getetag>x</D:getetag>",
    "<D:resourcetype><D:collection/></D:resourcetype>",
    "<D:owner><D:href>/horst/</D:href></D:owner>",
    "<D:current-user-privilege-set/>",
    "<D:sync-token>x</D:sync-token>",
    "<D:quota-used-bytes>0</D:quota-used-bytes>",
    '<CS:getctag xmlns:CS="http://calendarserver.org/ns/">x</CS:getctag>',
    '<C:supported-calendar-component-set xmlns:C="urn:ietf:params:xml:ns:caldav"/>',
    '<CR:max-resource-size xmlns:CR="urn:ietf:params:xml:ns:carddav">1</CR:max-resource-size>',
]


@pytest.mark.parametrize("property_xml", PROTECTED)
def test_what_the_server_computes_cannot_be_set_and_nothing_else_then_is(sqlite_chef: Plain, property_xml: str) -> None:
    """RFC 4918 §9.2.1: 403 with cannot-modify-protected-property, and 424 for the others."""
    sqlite_chef.make_book("/chef/persoenlich/")
    for path in ("/chef/", "/chef/alle/", "/chef/persoenlich/"):
        before = sqlite_chef.request("PROPFIND", path, headers={"Depth": "0"}).body
        for change in (
            {"properties": f"<D:displayname>x</D:displayname>{property_xml}"},
            {"properties": "<D:displayname>x</D:displayname>", "remove": property_xml},
        ):
            answer = sqlite_chef.patch(path, **change)
            assert answer.status == 207
            assert sorted(_statuses(answer).values()) == ["403", "424"]
            assert _statuses(answer)["displayname"] == "424"
            assert answer.has("D:cannot-modify-protected-property")
        assert sqlite_chef.request("PROPFIND", path, headers={"Depth": "0"}).body == before


def test_the_last_instruction_counts(chef: Plain, book: str) -> None:
    """RFC 4918 §9.2: in document order."""
    body = (
        '<D:propertyupdate xmlns:D="DAV:" xmlns:x="urn:x"><D:set><D:prop><x:a>1</x:a><x:b>1</x:b></D:prop></D:set>'
        "<D:remove><D:prop><x:a/><x:never/></D:prop></D:remove><D:set><D:prop><x:b>2</x:b></D:prop></D:set></D:propertyupdate>"
    )
    answer = chef.request("PROPPATCH", book, body)
    assert _statuses(answer) == {"a": "200", "b": "200", "never": "200"}
    found = chef.request(
        "PROPFIND", book, '<propfind xmlns="DAV:" xmlns:x="urn:x"><prop><x:a/><x:b/></prop></propfind>'
    )
    assert found.xml.find(".//{urn:x}b").text == "2"
    assert [prop.tag for prop in found.xml.iter("{urn:x}a")] == ["{urn:x}a"]
    assert "404" in found.text


def test_what_is_kept_is_what_was_sent(chef: Plain, book: str) -> None:
    """RFC 4918 §4.3: language, attributes, elements of any name; nothing of it can break the answer."""
    sent = (
        '<x:tree xmlns:x="urn:x" xmlns:y="urn:y?a&amp;b&quot;" xml:lang="de" y:at="&lt;&quot;&amp;"><x:leaf n="1">&lt;b&gt;&amp;]]&gt;</x:leaf>'
        '<plain xmlns="">ä&#10;</plain></x:tree>'
    )
    assert chef.patch(book, sent).status == 207
    asked = '<propfind xmlns="DAV:" xmlns:x="urn:x"><prop><x:tree/></prop></propfind>'
    for path, depth in ((book, "0"), ("/chef/", "1")):
        tree = chef.request("PROPFIND", path, asked, {"Depth": depth}).xml.find(".//{urn:x}tree[@xml]") or chef.request(
            "PROPFIND", path, asked, {"Depth": depth}
        ).xml.find(".//{urn:x}leaf/..")
        assert tree.attrib == {"{http://www.w3.org/XML/1998/namespace}lang": "de", '{urn:y?a&b"}at': '<"&'}
        assert [(child.tag, child.text, child.attrib) for child in tree] == [
            ("{urn:x}leaf", "<b>&]]>", {"n": "1"}),
            ("plain", "ä\n", {}),
        ]


def test_nothing_is_set_on_cards_and_the_root_and_what_is_not(chef: Plain, book: str) -> None:
    chef.put(f"{book}a.vcf", card("a"))
    name = "<D:displayname>x</D:displayname>"
    source = next(iter(chef.sync("/chef/alle/").statuses))
    for path in ("/", source, "/chef/alle/nie.vcf", f"{book}a.vcf", f"{book}nie.vcf"):
        answer = chef.patch(path, name)
        assert answer.status == 403
        assert answer.has("D:need-privileges")
    for path in ("/chef/gruppe-nie/", "/chef/nirgends/"):
        assert chef.patch(path, name).status == 404
    for body in ("", "<x/>", '<D:propertyupdate xmlns:D="DAV:"/>', '<!DOCTYPE x><D:propertyupdate xmlns:D="DAV:"/>'):
        assert chef.request("PROPPATCH", book, body).status == 400


def test_so_much_may_be_set_and_no_more(sqlite_chef: Plain) -> None:
    """507 in the propstat (RFC 4918 §9.2.1), and nothing of it is kept."""
    book = sqlite_chef.make_book("/chef/persoenlich/")
    before = sqlite_chef.request("PROPFIND", book).body
    many = "".join(f'<x:p{n} xmlns:x="urn:x">1</x:p{n}>' for n in range(101))
    answer = sqlite_chef.patch(book, many)
    assert set(_statuses(answer).values()) == {"507"}
    large = f'<x:p xmlns:x="urn:x">{"&lt;" * 30_000}</x:p>'
    assert set(_statuses(sqlite_chef.patch(book, large)).values()) == {"507"}
    assert sqlite_chef.request("PROPFIND", book).body == before


def test_a_collection_made_anew_has_forgotten(chef: Plain, book: str) -> None:
    chef.patch(book, f"<D:displayname>Alt</D:displayname>{COLOUR}")
    chef.request("DELETE", book)
    chef.make_book(book)
    assert "Alt" not in chef.request("PROPFIND", book).text
