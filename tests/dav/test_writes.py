"""Every write is refused as one of a right that is missing, and touches nothing (RFC 3744 §7.1.1)."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from tests.dav.conftest import NEVER, House
from tests.support.dav import Client, clark

BOOK = "/chef/alle/"
CARD = b"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:x\r\nFN:Boese\r\nN:Boese;;;;\r\nEND:VCARD\r\n"
MKCOL = '<mkcol xmlns="DAV:"><set><prop><displayname>Boese</displayname></prop></set></mkcol>'
PATCH = '<propertyupdate xmlns="DAV:"><set><prop><displayname>Boese</displayname></prop></set></propertyupdate>'
LACKING = {
    "PUT": "write-content",
    "PATCH": "write-content",
    "LOCK": "write-content",
    "DELETE": "unbind",
    "MOVE": "unbind",
    "COPY": "bind",
    "MKCOL": "bind",
    "MKCALENDAR": "bind",
    "POST": "bind",
    "PROPPATCH": "write-properties",
    "UNLOCK": "unlock",
    "ACL": "write-acl",
}
BODIES = {"PUT": CARD, "POST": CARD, "MKCOL": MKCOL, "PROPPATCH": PATCH}
HEADERS = {"Destination": "http://dav.example.org/chef/gruppe-mieter/x.vcf", "Overwrite": "T", "Depth": "infinity"}


_OWN_VIEW = {"the home", "the home without its slash", "a book", "a book without its slash", "a book that is not"}


#: Where the refusal of a write leaves its nudge (DESIGN §6).
HEALING = {
    "refused_writes",
    "ledger_head",
    "audience",
    "card",
    "card_past",
    "place",
    "nudge",
    "gone_name",
    "sqlite_sequence",
}


def _tables(world) -> dict[str, list]:
    """Everything in the database but what makes devices fetch the truth back."""
    with world.database.read() as connection:
        names = connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'table'")).all()
        return {
            name: connection.execute(text(f'SELECT * FROM "{name}"')).all() for name in names if name not in HEALING
        }


@pytest.fixture(scope="module")
def paths(house: House) -> dict[str, str]:
    return {
        "the root": "/",
        "the home": "/chef/",
        "the home without its slash": "/chef",
        "a book": BOOK,
        "a book without its slash": "/chef/alle",
        "a book that is not": "/chef/gruppe-neu/",
        "a card": house.href("mueller"),
        "a card with a slash": house.href("mueller") + "/",
        "a blocked card": house.href("blocked"),
        "an erased card": house.href("erased"),
        "a card that never was": f"{BOOK}{NEVER}",
        "a card in a book that is not": f"/chef/gruppe-neu/{NEVER}",
        "deeper": f"{BOOK}a/b/c",
    }


@pytest.mark.parametrize("method", LACKING)
def test_a_write_lacks_its_privilege_wherever_it_goes(house: House, paths: dict[str, str], method: str) -> None:
    """DAVx5 and Evolution take this body, and no other, as "read-only" and go on."""
    before = _tables(house.world)
    for where, path in paths.items():
        if method == "PROPPATCH" and where in _OWN_VIEW:
            continue  # everybody may set how they themselves see it: tests/plain
        house.world.database.clock.advance(minutes=10)  # 60 refused writes an hour are answered
        for headers in ({}, HEADERS, {"If-Match": '"x"'}, {"If-None-Match": "*"}, {"If-Match": "*"}):
            answer = house.client("chef").request(method, path, BODIES.get(method, b""), headers)
            assert answer.status == 403, where
            assert answer.headers["content-type"] == "application/xml; charset=utf-8"
            assert answer.xml.tag == clark("D:error")
            resource = answer.xml.find(f"{clark('D:need-privileges')}/{clark('D:resource')}")
            assert resource.find(clark("D:privilege"))[0].tag == clark(f"D:{LACKING[method]}")
            of_parent = LACKING[method] in {"unbind", "bind"} and method != "POST"
            named = resource.findtext(clark("D:href"))
            expected = path.rstrip("/").rpartition("/")[0] if of_parent and path != "/" else path
            assert named.rstrip("/") == expected.rstrip("/"), where
            assert "Boese" not in answer.text
    assert _tables(house.world) == before


@pytest.mark.parametrize("method", LACKING)
def test_a_write_to_another_home_is_one_answer(house: House, method: str) -> None:
    """Existing or not, of an account or of nobody: RFC 3744 §7.1.1 without a resource."""
    answers = {
        house.client("chef").request(method, path, BODIES.get(method, b"")).body
        for path in (
            "/fremd/",
            "/fremd/alle/",
            "/nie/",
            f"/horst/alle/{house.name('mueller')}",
            "/nie/x/y",
            "/CHEF/alle/",
        )
    }
    assert len(answers) == 1
    assert b"need-privileges" in answers.pop()


@pytest.mark.parametrize("method", LACKING)
def test_nobody_writes_without_credentials(house: House, method: str) -> None:
    for path in ("/", "/chef/", BOOK, "/nie/"):
        assert house.client(None).request(method, path, BODIES.get(method, b"")).status == 401


@pytest.mark.parametrize(
    "method",
    ["TRACE", "CONNECT", "SEARCH", "BIND", "REBIND", "VERSION-CONTROL", "_HANDLE_REQUEST", "get", "X" * 50, ""],
)
def test_other_methods_are_none_of_ours(house: House, method: str) -> None:
    """RFC 9110 §15.5.6: with the methods that are."""
    for login in ("chef", None):
        for path in ("/", BOOK, house.href("mueller"), "/fremd/"):
            answer = house.client(login).request(method, path)
            assert answer.status == 405
            assert answer.headers["allow"].startswith("OPTIONS, GET, HEAD, PROPFIND, REPORT")
            assert answer.body == b"Method Not Allowed\n"


def test_a_book_is_the_same_after_every_attempt_on_it(world, people) -> None:
    """Stock Radicale's PUT on a book replaces it, and DELETE of a home takes all books with it."""
    chef = Client(world, "chef")
    before = chef.sync(BOOK)
    for path in ("/", "/chef/", BOOK, "/chef/gruppe-mieter/"):
        for method in ("PUT", "DELETE", "MOVE", "MKCOL", "POST"):
            answer = chef.request(method, path, CARD, {"Content-Type": "text/vcard", **HEADERS})
            assert answer.status == 403
    assert chef.sync(BOOK).body == before.body
    assert not chef.sync(BOOK, before.token).responses
    assert len(chef.request("PROPFIND", "/chef/", headers={"Depth": "1"}).responses) == 4


def test_the_size_of_what_is_refused_does_not_matter(house: House) -> None:
    """It is refused before it is read."""

    class Untouchable:
        def read(self, *_args: object) -> bytes:
            raise AssertionError("the body of a refused request was read")

        readline = readlines = __iter__ = read

    for method in ("PUT", "DELETE", "PROPPATCH", "MKCOL", "POST"):
        answer = house.client("chef").request(
            method, f"{BOOK}x.vcf", headers={"Content-Length": "200000000"}, **{"wsgi.input": Untouchable()}
        )
        assert answer.status == 403
    for method in ("PROPFIND", "REPORT", "PUT"):
        answer = house.client("chef").request(
            method, BOOK, headers={"Content-Length": "1000", "Authorization": ""}, **{"wsgi.input": Untouchable()}
        )
        assert answer.status == 401, "who asks is known before a body is read"
