"""Stock Radicale with our plugins and our own application tell every account the same, by whatever way it asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.plugins.client import Answer, Client
from tests.plugins.conftest import LOGINS
from tests.support.world import World

Told = dict[str, dict[str, str]]
CARD = ("D:getetag", "D:resourcetype", "D:current-user-principal", "D:owner")
HOME = (
    "D:displayname",
    "D:resourcetype",
    "D:sync-token",
    "D:owner",
    "D:current-user-principal",
    "CR:addressbook-home-set",
)
ABSENT = "00000000-0000-4000-8000-000000000000.vcf"


def _told(answer: Answer) -> tuple[int, Told, str | None]:
    """Status, what is told of each href, and the token. XML made LF of every line end before we see it."""
    if answer.status != 207:
        return answer.status, {}, None
    told = {
        href: {
            name: value.replace("\r\n", "\n")
            for name, value in properties.items()
            if name != "D:getetag" or not href.endswith("/")  # a book's own: see differences
        }
        for href, properties in answer.responses().items()
    }
    return answer.status, told, answer.token()


def _paths(world: World, login: str) -> list[str]:
    return [f"/{login}/{segment}/" for segment in world.books(login)]


@pytest.fixture(params=LOGINS)
def pair(request: pytest.FixtureRequest, stock: dict[str, Client], ours: dict[str, Client]) -> tuple[Client, Client]:
    """The same account at both applications."""
    return stock[request.param], ours[request.param]


def _same(pair: tuple[Client, Client], ask: Callable[[Client], Answer]) -> tuple[int, Told, str | None]:
    at_stock, at_ours = (_told(ask(client)) for client in pair)
    assert at_ours == at_stock
    return at_stock


def test_homes_list_the_same_books(pair: tuple[Client, Client], world: World) -> None:
    _, told, _ = _same(pair, lambda client: client.propfind(f"/{client.login}/", "1", *HOME))
    assert list(told)[1:] == _paths(world, pair[0].login)
    assert list(pair[1].propfind(f"/{pair[0].login}/", "1", *HOME).responses()) == list(told), "alle comes first"


def test_books_list_the_same_cards(pair: tuple[Client, Client], world: World) -> None:
    for path in _paths(world, pair[0].login):
        _, told, _ = _same(pair, lambda client, path=path: client.propfind(path, "1", *CARD))
        assert len(told) == 1 + len(world.listing(pair[0].login, path.split("/")[2]))


def test_queries_find_the_same_cards(pair: tuple[Client, Client], world: World) -> None:
    name = '<CR:prop-filter name="FN"><CR:text-match match-type="contains">ü</CR:text-match></CR:prop-filter>'
    for path in _paths(world, pair[0].login):
        for filters in ("", name, '<CR:prop-filter name="EMAIL"/>'):
            _same(pair, lambda client, path=path, filters=filters: client.query(path, filters))


def test_multigets_fetch_the_same_cards(pair: tuple[Client, Client], world: World) -> None:
    """Cards of the book, a card of another book, and one that never was."""
    foreign = next(iter(world.listing("chef", "gruppe-eigentuemer")))
    for path in _paths(world, pair[0].login):
        names = [*world.listing(pair[0].login, path.split("/")[2]), foreign, ABSENT]
        hrefs = [f"{path}{name}" for name in names]
        _, told, _ = _same(pair, lambda client, path=path, hrefs=hrefs: client.multiget(path, hrefs))
        assert set(told) == set(hrefs)


def _steps(world: World) -> Iterator[Callable[[], object]]:
    people = list(world.contents("chef"))
    yield lambda: world.set_columns(people[0], family="Neu")
    yield lambda: world.set_state(people[1], 1)
    yield lambda: world.set_state(people[2], 2)
    yield lambda: world.set_state(people[1], 0)
    yield lambda: world.add_link(people[0], "0815", "mieter")
    yield lambda: world.set_teams("emil", [])
    yield lambda: world.set_teams("emil", ["hausmeister"])
    yield lambda: world.set_teams("fremd", ["hausmeister"])
    yield lambda: world.rename_object("0815", "Umbenannt")
    yield lambda: None


def test_syncs_tell_the_same_after_every_change(pair: tuple[Client, Client], world: World) -> None:
    """The tokens are the same text, so that a device may change from one to the other."""
    tokens: dict[str, str] = {}
    for step in _steps(world):
        for path in _paths(world, pair[0].login):
            if path not in tokens:
                tokens[path] = _same(pair, lambda client, path=path: client.sync(path))[2] or ""
        step()
        for path, token in list(tokens.items()):
            told = _same(pair, lambda client, path=path, token=token: client.sync(path, token))
            tokens[path] = told[2] or token


def test_one_card_is_the_same(pair: tuple[Client, Client], world: World) -> None:
    for name in [*world.listing(pair[0].login), ABSENT]:
        path = f"/{pair[0].login}/alle/{name}"
        at_stock, at_ours = (client.request("GET", path) for client in pair)
        assert (at_ours.status, at_ours.headers.get("etag")) == (at_stock.status, at_stock.headers.get("etag"))
        if at_stock.status == 200:
            assert at_ours.body == at_stock.body
        _same(pair, lambda client, path=path: client.propfind(path, "0", *CARD))


VCARD = "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:x\r\nFN:x\r\nN:x;;;;\r\nEND:VCARD\r\n"
REFUSALS = (
    ("PROPFIND", "/emil/"), ("PROPFIND", "/niemand/"), ("PROPFIND", "/chef/nichts/"), ("PROPFIND", "/chef/alle/x.vcf"),
    ("GET", "/emil/alle/x.vcf"), ("GET", "/chef/alle/x.vcf"), ("PUT", "/chef/alle/x.vcf"), ("PUT", "/emil/alle/x.vcf"),
    ("DELETE", "/chef/alle/x.vcf"), ("DELETE", "/chef/alle/"), ("DELETE", "/chef/"), ("MKCOL", "/chef/neu/"),
    ("MOVE", "/chef/alle/x.vcf"),
)  # fmt: skip


@pytest.mark.parametrize(("method", "path"), REFUSALS, ids=lambda value: value)
def test_refusals_have_the_same_status(
    stock: dict[str, Client], ours: dict[str, Client], method: str, path: str
) -> None:
    body = VCARD if method == "PUT" else ""
    headers = {"Destination": "https://localhost:5232/chef/alle/y.vcf", "Depth": "0"}
    at_stock, at_ours = (of["chef"].request(method, path, body, **headers).status for of in (stock, ours))
    assert at_ours == at_stock


@pytest.mark.parametrize("password", [None, "wrong", ""])
def test_strangers_get_the_same(stock: dict[str, Client], ours: dict[str, Client], password: str | None) -> None:
    for path in ("/", "/chef/", "/chef/alle/", "/niemand/"):
        answers = {Client(of["chef"].application, "chef", password).propfind(path, "0").status for of in (stock, ours)}
        assert answers == {401}


def test_a_token_nobody_issued_is_refused_by_the_same_name(stock: dict[str, Client], ours: dict[str, Client]) -> None:
    for of in (stock, ours):
        answer = of["chef"].sync("/chef/alle/", "urn:x-propmgmt:sync:1:000000000000000000000000:1")
        assert answer.status == 403
        assert b"valid-sync-token" in answer.body
