"""GET and HEAD: cards and whole books, conditionally and in both versions (RFC 9110 §9.3, §13)."""

from __future__ import annotations

import pytest

from tests.dav.conftest import NEVER, House
from tests.support.dav import Answer, Client

BOOK = "/chef/alle/"


def get(house: House, path: str, login: str = "chef", **headers: str) -> Answer:
    return house.client(login).request("GET", path, headers={k.replace("_", "-"): v for k, v in headers.items()})


def test_a_card_is_what_the_listing_says(house: House) -> None:
    """ETag as in PROPFIND (RFC 4918 §15.6), body as in a report."""
    path = house.href("mueller")
    answer = get(house, path)
    assert answer.status == 200
    assert answer.body == house.world.contents("chef")[house.people["mueller"]]
    assert answer.headers["etag"] == house.client("chef").sync(BOOK).texts("D:getetag")[path]
    assert answer.headers["content-type"] == "text/vcard; charset=utf-8"
    assert answer.headers["content-length"] == str(len(answer.body))
    assert answer.headers["vary"] == "Accept"
    assert answer.headers["cache-control"] == "no-store, private"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "last-modified" not in answer.headers, "it would tell of hidden changes"


@pytest.mark.parametrize(
    "what", ["/", "/chef/", BOOK, "/chef/gruppe-makler/", "card", "hidden", "/fremd/", "/chef/nie/"]
)
@pytest.mark.parametrize("accept", ["*/*", "text/vcard;version=4.0"])
def test_head_has_the_headers_of_get_and_no_body(house: House, what: str, accept: str) -> None:
    path = {"card": house.href("mueller"), "hidden": house.href("blocked")}.get(what, what)
    answer = get(house, path, Accept=accept)
    head = house.client("chef").request("HEAD", path, headers={"Accept": accept})
    assert (head.status, head.headers, head.body) == (answer.status, answer.headers, b"")


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ("{0}", 304), ("W/{0}", 304), ('"x", {0}', 304), ('"x","y" ,W/{0},"z"', 304), ("*", 304), (" * ", 304),
        ('"x"', 200), ('W/"x"', 200), ("", 200), ("x", 200), ('"', 200), ('"x, {0}', 200),
    ],
)  # fmt: skip
def test_what_is_known_is_not_sent_again(house: House, header: str, status: int) -> None:
    """RFC 9110 §13.1.2: a list, compared weakly, or any."""
    path = house.href("mueller")
    etag = get(house, path).headers["etag"]
    for method in ("GET", "HEAD"):
        answer = house.client("chef").request(method, path, headers={"If-None-Match": header.format(etag)})
        assert answer.status == status
        assert answer.headers["etag"] == etag
        assert answer.headers["vary"] == "Accept"
        if status == 304:
            assert answer.body == b""
            assert "content-type" not in answer.headers
            assert "content-length" not in answer.headers


@pytest.mark.parametrize(
    ("header", "status"), [("{0}", 200), ('"x", {0}', 200), ("*", 200), ("W/{0}", 412), ('"x"', 412)]
)
def test_if_match_is_strong(house: House, header: str, status: int) -> None:
    """RFC 9110 §13.1.1."""
    path = house.href("mueller")
    etag = get(house, path).headers["etag"]
    assert get(house, path, If_Match=header.format(etag)).status == status


@pytest.mark.parametrize("who", ["blocked", "erased", "never"])
@pytest.mark.parametrize("header", ["If-None-Match", "If-Match"])
def test_a_condition_on_what_is_not_visible_is_not_looked_at(house: House, header: str, who: str) -> None:
    path = f"{BOOK}{NEVER}" if who == "never" else house.href(who)
    for value in ("*", '"x"'):
        assert house.client("chef").request("GET", path, headers={header: value}).status == 404


def test_a_changed_card_has_another_etag_and_an_unchanged_one_has_not(world, people, href) -> None:
    chef, path = Client(world, "chef"), href(people[0])
    etag = chef.request("GET", path).headers["etag"]
    world.set_columns(people[0], internal_note="not for anybody")
    assert chef.request("GET", path, headers={"If-None-Match": etag}).status == 304
    world.set_columns(people[0], family="Neu")
    assert chef.request("GET", path, headers={"If-None-Match": etag}).status == 200


@pytest.mark.parametrize(
    ("accept", "version"),
    [
        ("", "3.0"),
        ("*/*", "3.0"),
        ("text/*", "3.0"),
        ("text/vcard", "3.0"),
        ("text/vcard; version=4.0", "4.0"),
        ('TEXT/VCARD;VERSION="4.0"', "4.0"),
        ("text/vcard;version=4.0, text/vcard;charset=utf-8;q=0.8, text/vcard;q=0.5", "4.0"),
        ("text/vcard;version=4.0;q=0.5, text/vcard;version=3.0", "3.0"),
        ("text/vcard;version=4.0;q=0", "3.0"),
        ("text/vcard;version=4.0;q=x", "3.0"),
        ("text/vcard;version=2.1", "3.0"),
        ("application/vcard+json", "3.0"),
        ("text/html," * 49 + "text/vcard;version=4.0", "4.0"),
        (";;;=,,;version", "3.0"),
    ],
)
def test_accept_chooses_the_version(house: House, accept: str, version: str) -> None:
    """RFC 9110 §12.5.1, RFC 6350 §10.1; whatever cannot be had is answered with 3.0."""
    for path in (house.href("mueller"), BOOK):
        answer = get(house, path, Accept=accept)
        assert answer.status == 200
        assert set(answer.body.decode().split("\r\n")) & {"VERSION:3.0", "VERSION:4.0"} == {f"VERSION:{version}"}
        assert ("version=4.0" in answer.headers["content-type"]) == (version == "4.0")


def test_ranges_are_not_offered(house: House) -> None:
    """RFC 9110 §14.2: a server may ignore them; 3.0 and 4.0 share a tag, so parts must never mix (decisions/0006)."""
    answer = get(house, house.href("mueller"), Range="bytes=0-3", If_Range="x")
    assert answer.status == 200
    assert "accept-ranges" not in answer.headers
    assert answer.body.endswith(b"END:VCARD\r\n")


def test_a_book_is_all_its_cards_in_one_file(house: House) -> None:
    answer = get(house, BOOK)
    contents = house.world.contents("chef").values()
    assert sorted(answer.body.split(b"BEGIN:VCARD")) == sorted(b"".join(contents).split(b"BEGIN:VCARD"))
    assert answer.headers["content-disposition"] == 'attachment; filename="alle.vcf"'
    assert answer.headers["content-length"] == str(len(answer.body))
    assert get(house, BOOK.rstrip("/")).body == answer.body
    group = get(house, "/chef/gruppe-makler/")
    assert group.body.count(b"BEGIN:VCARD") == 2
    assert group.headers["content-disposition"] == 'attachment; filename="gruppe-makler.vcf"'


def test_a_book_that_did_not_change_is_not_sent_again(world, people) -> None:
    chef = Client(world, "chef")
    first = chef.request("GET", BOOK)
    etag = first.headers["etag"]
    assert etag.startswith('W/"')
    for known in (etag, etag.removeprefix("W/"), "*", f'"x", {etag}'):
        for method in ("GET", "HEAD"):
            answer = chef.request(method, BOOK, headers={"If-None-Match": known})
            assert (answer.status, answer.body, answer.headers["etag"]) == (304, b"", etag)
    world.set_state(people[0], 1)
    answer = chef.request("GET", BOOK, headers={"If-None-Match": etag})
    assert answer.status == 200
    assert answer.body.count(b"BEGIN:VCARD") == 3


def test_an_empty_book_is_an_empty_file(world) -> None:
    answer = Client(world, "chef").request("GET", BOOK)
    assert (answer.status, answer.body, answer.headers["content-length"]) == (200, b"", "0")


def test_a_large_book_is_sent_in_pieces(world) -> None:
    """Nothing holds a whole book in memory; HEAD costs no more than the first pieces."""
    for number in range(12):
        contact_id = world.add_contact(f"Nr{number}", groups=["mieter"])
        world.set_columns(contact_id, note="x" * 100_000)
    chef = Client(world, "chef")
    answer = chef.request("GET", BOOK)
    assert len(answer.body) > 1_200_000
    assert answer.body.count(b"END:VCARD") == 12
    assert chef.request("HEAD", BOOK).headers == answer.headers


@pytest.mark.parametrize("path", ["/", "/chef/", "/chef"])
def test_a_collection_without_cards_is_a_line_of_text(house: House, path: str) -> None:
    """Whoever opens the address in a browser sees that something is there, and nothing else."""
    answer = get(house, path)
    assert (answer.status, answer.body) == (200, b"CardDAV\n")


def test_a_card_is_no_collection(house: House) -> None:
    assert get(house, house.href("mueller") + "/").status == 404
    assert get(house, house.href("mueller") + "/x").status == 404
    assert get(house, house.href("mueller") + "?download").status == 200
    assert get(house, house.href("mueller", "/chef/gruppe-makler/")).status == 404


def test_a_masked_viewer_downloads_masked_cards(house: House) -> None:
    path = house.href("mueller", "/horst/alle/")
    assert get(house, path).status == 403, "another's home"
    for answer in (get(house, path, "horst"), get(house, "/horst/alle/", "horst")):
        assert "Müller" in answer.text
        assert "TEL" in answer.text
        assert "example" not in answer.text
        assert "Wasser" not in answer.text
