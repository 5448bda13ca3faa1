"""Stock Radicale with our plugins serves exactly the projected cards: a supported way to run, and an oracle."""

from __future__ import annotations

import pytest

from radicale_propmgmt.runtime import Core
from tests.plugins.client import Answer, Client
from tests.plugins.conftest import LOGINS, stock_application
from tests.support.world import World


def _etags(answer: Answer) -> dict[str, str | None]:
    """Name of each card → its ETag without quotes, None for a 404."""
    assert answer.status == 207
    return {
        href.rpartition("/")[2]: told["D:getetag"].strip('"') if "D:getetag" in told else None
        for href, told in answer.responses().items()
        if not href.endswith("/")
    }


@pytest.mark.parametrize("login", LOGINS)
def test_every_book_lists_exactly_the_projected_cards(stock: dict[str, Client], world: World, login: str) -> None:
    books = world.books(login)
    home = stock[login].propfind(f"/{login}/", "1", "D:displayname").responses()
    assert list(home) == [f"/{login}/", *(f"/{login}/{segment}/" for segment in books)]
    for segment in books:
        path, expected = f"/{login}/{segment}/", world.listing(login, segment)
        assert _etags(stock[login].propfind(path, "1", "D:getetag")) == expected
        assert _etags(stock[login].sync(path)) == expected
        assert _etags(stock[login].multiget(path, [f"{path}{name}" for name in expected])) == expected
        assert _etags(stock[login].query(path)) == expected


def test_the_bytes_are_those_of_the_projection(stock: dict[str, Client], world: World) -> None:
    """XML turns CRLF into LF; GET tells them as they are."""
    expected = sorted(body.decode() for body in world.contents("emil").values())
    told = stock["emil"].query("/emil/alle/").responses()
    assert sorted(card["CR:address-data"].replace("\n", "\r\n") for card in told.values()) == expected
    got = [stock["emil"].request("GET", href) for href in told]
    assert sorted(answer.body.decode() for answer in got) == expected
    assert [answer.headers["etag"] for answer in got] == [card["D:getetag"] for card in told.values()]
    assert stock["emil"].request("GET", "/emil/alle/").body.decode() == "".join(
        body.decode() for body in world.contents("emil").values()
    )


def test_a_device_that_syncs_equals_one_that_lists(stock: dict[str, Client], world: World) -> None:
    """I1, through changes, a block, an unblock and a change of audience."""
    client, path = stock["emil"], "/emil/alle/"
    first = client.sync(path)
    known, token = _etags(first), first.token()
    people = list(world.contents("emil"))
    steps = [
        lambda: world.set_columns(people[0], family="Neu"),
        lambda: world.set_state(people[1], 1),
        lambda: world.set_columns(people[2], family="Anders"),
        lambda: world.set_state(people[1], 0),
        lambda: world.set_teams("emil", []),
        lambda: world.set_teams("emil", ["hausmeister"]),
        lambda: None,
    ]
    for step in steps:
        step()
        answer = client.sync(path, token)
        for name, etag in _etags(answer).items():
            known.pop(name, None)
            if etag is not None:
                known[name] = etag
        token = answer.token()
        assert known == world.listing("emil")
    assert _etags(client.sync(path, token)) == {}


def test_what_is_blocked_and_what_never_was_are_one_answer(stock: dict[str, Client], world: World) -> None:
    """I4: same status, on every way to ask."""
    href = f"/chef/alle/{next(iter(world.listing('chef')))}"
    world.set_state(next(iter(world.contents("chef"))), 1)
    blocked = next(iter({href} - {f"/chef/alle/{name}" for name in world.listing("chef")}), None)
    hidden = [blocked] if blocked else []
    absent = [*hidden, "/chef/alle/00000000-0000-4000-8000-000000000000.vcf", "/chef/alle/%00.vcf"]
    told = stock["chef"].multiget("/chef/alle/", absent).responses()
    assert [card["status"] for card in told.values()] == ["404"] * len(absent)
    assert {stock["chef"].request("GET", path).status for path in absent[:-1]} == {404}
    assert {stock["chef"].propfind(path, "0", "D:getetag").status for path in absent[:-1]} == {404}


def test_a_token_that_was_never_issued_is_refused_by_name(stock: dict[str, Client]) -> None:
    answer = stock["chef"].sync("/chef/alle/", "urn:x-propmgmt:sync:1:000000000000000000000000:1")
    assert answer.status == 403
    assert b"valid-sync-token" in answer.body


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("PROPFIND", "/emil/", 403), ("PROPFIND", "/niemand/", 403), ("PROPFIND", "/chef/nichts/", 404),
     ("GET", "/emil/alle/x.vcf", 403), ("PUT", "/chef/alle/x.vcf", 403), ("PUT", "/chef/alle/", 403),
     ("DELETE", "/chef/alle/", 403), ("DELETE", "/chef/", 403), ("MKCOL", "/chef/neu/", 403),
     ("PROPPATCH", "/chef/alle/", 403), ("MOVE", "/chef/alle/x.vcf", 403), ("PROPFIND", "/", 207)],
)  # fmt: skip
def test_nothing_foreign_is_told_and_nothing_is_written(
    stock: dict[str, Client], method: str, path: str, status: int
) -> None:
    body = "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:x\r\nFN:x\r\nN:x;;;;\r\nEND:VCARD\r\n" if method == "PUT" else ""
    assert stock["chef"].request(method, path, body, Destination="https://localhost:5232/chef/alle/y").status == status


def test_a_wrong_password_is_401(core: Core, passwords: dict[str, str]) -> None:
    application = stock_application(core)
    for login, password in (("chef", "wrong"), ("chef", passwords["emil"]), ("niemand", "wrong"), ("chef", "")):
        answer = Client(application, login, password).propfind("/chef/", "1", "D:displayname")
        assert answer.status == 401
        assert answer.headers["www-authenticate"].startswith("Basic")


def test_an_anonymous_request_after_a_good_one_gets_nothing(stock: dict[str, Client]) -> None:
    """One thread serves both: the viewer of the first must not serve the second."""
    assert stock["chef"].propfind("/chef/alle/", "1", "D:getetag").status == 207
    stranger = Client(stock["chef"].application, "chef", None)
    assert {stranger.propfind(path, "1", "D:getetag").status for path in ("/", "/chef/", "/chef/alle/")} == {401}


@pytest.mark.parametrize(
    ("filters", "families"),
    [('<CR:prop-filter name="FN"><CR:text-match>müller</CR:text-match></CR:prop-filter>', ["Müller"]),
     ('<CR:prop-filter name="TEL"><CR:text-match>23125003</CR:text-match></CR:prop-filter>', ["A & B <GmbH>"]),
     ('<CR:prop-filter name="NOTE"/>', []), ('<CR:prop-filter name="EMAIL"><CR:is-not-defined/></CR:prop-filter>', [])],
)  # fmt: skip
def test_filters_find_what_they_name(stock: dict[str, Client], world: World, filters: str, families: list[str]) -> None:
    """Our own filter decides, in SQL and on the bytes; vobject never sees a card."""
    told = stock["chef"].query("/chef/alle/", filters).responses()
    assert [family in card["CR:address-data"] for card in told.values() for family in families] == [True] * len(
        families
    )
    assert len(told) == len(families)


@pytest.mark.parametrize(
    "filters",
    ["<CR:nonsense/>", "<CR:prop-filter/>",
     '<CR:prop-filter name="FN"><CR:text-match collation="i;strange">x</CR:text-match></CR:prop-filter>'],
)  # fmt: skip
def test_a_filter_we_do_not_know_is_refused(stock: dict[str, Client], filters: str) -> None:
    assert stock["chef"].query("/chef/alle/", filters).status == 400
