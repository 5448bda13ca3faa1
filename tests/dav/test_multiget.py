"""addressbook-multiget: any way to write a href, and any form of a card (RFC 6352 §8.7, §10.4)."""

from __future__ import annotations

import re
import time

import pytest

from tests.dav.conftest import NEVER, House
from tests.support.dav import DECLARED, Client, clark
from tests.support.world import World

BOOK = "/chef/alle/"


def _encoded(text: str) -> str:
    return "".join(f"%{octet:02x}" for octet in text.encode())


def test_a_href_may_be_written_in_many_ways(house: House) -> None:
    """RFC 3986 §6.2: percent-encoded or not, as path or URL; the answer has ours."""
    path, name = house.href("mueller"), house.name("mueller")
    host = "dav.example.org"
    for written in (
        BOOK + _encoded(name),
        f"/{_encoded('chef')}/{_encoded('alle')}/{name.replace('-', '%2D')}",
        f"http://{host}{path}",
        f"HTTPS://DAV.EXAMPLE.ORG{path}",
        f"http://{host}:80{path}",
        f"https://{host}:443{path}",
        f"\n   {path}\n ",
    ):
        assert house.client("chef").multiget(BOOK, [written]).statuses == {path: "200"}, written


def test_a_href_with_the_port_of_the_request_is_ours(house: House) -> None:
    path = house.href("mueller")
    body = (
        f"<CR:addressbook-multiget {DECLARED}><D:prop/><D:href>http://h.example:5232{path}</D:href>"
        f"<D:href>http://h.example{path}</D:href></CR:addressbook-multiget>"
    )
    answer = house.client("chef").request("REPORT", BOOK, body, {"Host": "h.example:5232"})
    assert answer.statuses == {path: "200", f"http://h.example{path}": "404"}


def test_whatever_names_no_card_of_this_book_is_404_as_it_was_written(house: House) -> None:
    name = house.name("mueller")
    unknown = [
        "", "/", BOOK, "x", name, f"{BOOK}{NEVER}", house.href("blocked"), house.href("erased"),
        house.href("mueller", "/chef/gruppe-mieter/"), house.href("mueller", "/horst/alle/"), f"{BOOK}x/{name}",
        f"{BOOK}../alle/{name}", f"{BOOK}./{name}", f"{BOOK}%2e%2e/alle/{name}", f"{BOOK}{name}/", f"{BOOK}{name}?x",
        f"{BOOK}{name}#x", f"{BOOK}%2f{name}", f"{BOOK}{name}%00", f"{BOOK}%00", f"{BOOK}%ff", f"{BOOK}%zz", f"{BOOK}%",
        f"{BOOK}%ed%a0%80", f"//evil{BOOK}{name}", f"http://evil.example{BOOK}{name}", f"ftp://dav.example.org{BOOK}{name}",
        f"http://u:p@dav.example.org{BOOK}{name}", f"https://dav.example.org:80{BOOK}{name}", "http://[", "mailto:x@y.z",
        f"{BOOK}{name.upper()}", f"/Chef/alle/{name}", f"{BOOK}\u202e{name}", f"{BOOK}\ufeff{name}", f"{BOOK}a b",
        f"{BOOK}'; DROP TABLE wire;--", f"{BOOK}&lt;x&gt;&amp;&quot;", f"{BOOK}😀", f"{BOOK}{'x' * 100_000}",
    ]  # fmt: skip
    answer = house.client("chef").multiget(BOOK, unknown)
    plain = [
        href.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace("&amp;", "&") for href in unknown
    ]
    assert answer.statuses == dict.fromkeys(plain, "404")
    assert all(answer.responses[href].find(clark("D:propstat")) is None for href in plain)


def test_a_href_with_a_nul_is_no_name_on_either_engine(database) -> None:
    """PostgreSQL refuses a NUL in a text; that is no fault of the server."""
    world = World(database)
    world.add_group("mieter")
    world.add_account("chef")
    world.apply('[[share]]\nname="a"\nfor=["account:chef"]\nobjects="*"\ngroups="*"\nprofile="voll"\n')
    world.add_contact("A", groups=["mieter"])
    hrefs = [f"{BOOK}%00", f"{BOOK}a%00b.vcf", f"{BOOK}%01"]
    assert Client(world, "chef").multiget(BOOK, hrefs).statuses == dict.fromkeys(hrefs, "404")
    filters = '<CR:filter><CR:prop-filter name="FN"><CR:text-match>a b</CR:text-match></CR:prop-filter></CR:filter>'
    assert Client(world, "chef").query(BOOK, filters).status == 207


def test_ten_thousand_hrefs_are_answered(house: House) -> None:
    """Evolution and vdirsyncer ask for all in one."""
    asked = [f"{BOOK}{number:08x}-0000-4000-8000-000000000000.vcf" for number in range(10_000)]
    started = time.perf_counter()
    answer = house.client("chef").multiget(BOOK, [*asked, house.href("mueller")], "<D:getetag/>")
    assert time.perf_counter() - started < 10
    assert answer.body.count(b" 404 ") == 10_000
    assert answer.statuses[house.href("mueller")] == "200"


def test_no_href_is_no_answer(house: House) -> None:
    assert house.client("chef").multiget(BOOK, []).responses == {}


def test_a_card_answers_for_itself_alone(house: House) -> None:
    """RFC 6352 §8: cards have the report, too; the one href is then the card's own."""
    path, other = house.href("mueller"), house.href("schmidt")
    chef = house.client("chef")
    assert chef.multiget(path, [path, other]).statuses == {path: "200", other: "404"}
    assert set(chef.query(path, "<CR:filter/>").statuses) == {path}
    no_match = '<CR:filter><CR:prop-filter name="TITLE"/></CR:filter>'
    assert chef.query(path, no_match).responses == {}
    for gone in (house.href("blocked"), f"{BOOK}{NEVER}"):
        assert {
            chef.multiget(gone, [gone]).status,
            chef.query(gone, "<CR:filter/>").status,
            chef.sync(gone).status,
        } == {404}


def _lines(house: House, who: str, address_data: str) -> list[str]:
    href = house.href(who)
    answer = house.client("chef").multiget(BOOK, [href], address_data)
    text = answer.prop(href, "CR:address-data").text
    assert text.startswith("BEGIN:VCARD\r\nVERSION:")
    assert text.endswith("\r\nEND:VCARD\r\n")
    return text.replace("\r\n ", "").split("\r\n")[2:-2]


def _heads(lines: list[str]) -> list[str]:
    return [re.split("[:;]", line)[0] for line in lines]


def test_only_the_properties_asked_for_come(house: House) -> None:
    """RFC 6352 §10.4.2: names in any case; one without a group means all groups, one with it that group's."""

    def asked(*names: str) -> list[str]:
        props = "".join(f'<CR:prop name="{name}"/>' for name in names)
        return _heads(_lines(house, "schmidt", f"<CR:address-data>{props}</CR:address-data>"))

    assert asked("FN") == ["FN"]
    assert asked("tel") == ["TEL", "item1.TEL"]
    assert asked("item1.TEL") == ["item1.TEL"]
    assert asked("ITEM1.tel", "Item1.X-ABLabel") == ["item1.TEL", "item1.X-ABLabel"]
    assert asked("X-ABLabel") == ["item1.X-ABLabel"]
    assert asked("item2.TEL", "X-NEVER") == []
    assert asked("FN", "fn", "FN") == ["FN"]


def test_a_value_may_be_left_out(house: House) -> None:
    """RFC 6352 §10.4.2, novalue; parameters stay."""
    lines = _lines(
        house,
        "mueller",
        '<CR:address-data><CR:prop name="TEL" novalue="yes"/><CR:prop name="UID" novalue="no"/></CR:address-data>',
    )
    assert [line for line in lines if line.startswith("TEL")] == ["TEL;TYPE=CELL:"]
    assert re.fullmatch("UID:.+", lines[0])


@pytest.mark.parametrize("inner", ["", "<CR:allprop/>"])
def test_all_properties_are_the_whole_card(house: House, inner: str) -> None:
    whole = house.world.contents("chef")[house.people["mueller"]].decode()
    href = house.href("mueller")
    answer = house.client("chef").multiget(BOOK, [href], f"<CR:address-data>{inner}</CR:address-data>")
    assert answer.prop(href, "CR:address-data").text == whole


@pytest.mark.parametrize(
    ("attributes", "version"),
    [
        ("", "3.0"),
        ('version="3.0"', "3.0"),
        ('content-type="text/vcard"', "3.0"),
        ('content-type="TEXT/vcard; charset=utf-8" version=" 4.0 "', "4.0"),
        ('version="4.0"', "4.0"),
    ],
)
def test_both_versions_can_be_asked_for(house: House, attributes: str, version: str) -> None:
    href = house.href("mueller")
    for body in ("", '<CR:prop name="TEL"/>'):
        answer = house.client("chef").multiget(
            BOOK, [href], f"<D:getetag/><CR:address-data {attributes}>{body}</CR:address-data>"
        )
        assert f"\r\nVERSION:{version}\r\n" in answer.prop(href, "CR:address-data").text
        assert answer.prop(href, "CR:address-data").get("version", "3.0") == version
        listed = house.client("chef").sync(BOOK).texts("D:getetag")[href]
        assert answer.prop(href, "D:getetag").text == listed, "decisions/0006: one ETag for both"


@pytest.mark.parametrize(
    "attributes",
    ['version="2.1"', 'version="5.0"', 'version=""', 'content-type="text/x-vcard"', 'content-type="text/calendar"'],
)
@pytest.mark.parametrize("report", ["multiget", "query", "sync"])
def test_other_forms_are_refused_in_every_report(house: House, report: str, attributes: str) -> None:
    """RFC 6352 §8.6, §8.7: CARDDAV:supported-address-data."""
    chef, prop = house.client("chef"), f"<CR:address-data {attributes}/>"
    if report == "sync":
        answer = chef.request(
            "REPORT",
            BOOK,
            f"<D:sync-collection {DECLARED}><D:sync-token/><D:sync-level>1</D:sync-level><D:prop>{prop}</D:prop>"
            "</D:sync-collection>",
        )
    else:
        answer = chef.multiget(BOOK, [NEVER], prop) if report == "multiget" else chef.query(BOOK, "", prop)
    assert answer.status == 403
    assert [element.tag for element in answer.xml] == [clark("CR:supported-address-data")]


@pytest.mark.parametrize("prop", ["<CR:prop/>", '<CR:prop name=""/>', '<CR:prop name="FN" novalue="maybe"/>'])
def test_a_part_without_a_name_is_malformed(house: House, prop: str) -> None:
    assert house.client("chef").multiget(BOOK, [], f"<CR:address-data>{prop}</CR:address-data>").status == 400


@pytest.mark.parametrize(
    ("asked", "found"), [("<D:allprop/>", "D:getetag"), ("<D:propname/>", "D:getetag"), ("", None)]
)
def test_a_report_may_ask_as_a_propfind_does(house: House, asked: str, found: str | None) -> None:
    """RFC 6352 §10.7: allprop, propname, prop or nothing; address-data is in none of them."""
    href = house.href("mueller")
    body = f"<CR:addressbook-multiget {DECLARED}>{asked}<D:href>{href}</D:href></CR:addressbook-multiget>"
    answer = house.client("chef").request("REPORT", BOOK, body)
    assert answer.statuses == {href: "200"}
    assert not answer.has("CR:address-data")
    assert found is None or answer.prop(href, found) is not None


def test_a_masked_viewer_gets_the_masked_card_in_each_form(house: House) -> None:
    """Fields that are hidden are in no version and no part."""
    href = house.href("mueller", "/horst/alle/")
    for asked in ("", 'version="4.0"'):
        for part in ("", '<CR:prop name="EMAIL"/><CR:prop name="NOTE"/><CR:prop name="X-ABLabel"/>'):
            text = (
                house.client("horst")
                .multiget("/horst/alle/", [href], f"<CR:address-data {asked}>{part}</CR:address-data>")
                .text
            )
            assert "example.org" not in text
            assert "Wasser" not in text
            assert "Büro" not in text
