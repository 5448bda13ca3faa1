"""Never existed, not yours, blocked and erased are one answer: status, headers and bytes (I4, security F)."""

from __future__ import annotations

import pytest

from tests.dav.conftest import NEVER, House
from tests.support.dav import DECLARED, Answer, Client

BOOK = "/chef/alle/"
QUERY = f"<CR:addressbook-query {DECLARED}><D:prop><D:getetag/></D:prop><CR:filter/></CR:addressbook-query>"
SYNC = (
    f"<D:sync-collection {DECLARED}><D:sync-token/><D:sync-level>1</D:sync-level><D:prop><D:getetag/></D:prop>"
    "</D:sync-collection>"
)
PROPFIND = f"<D:propfind {DECLARED}><D:prop><D:getetag/><D:x/></D:prop></D:propfind>"
MULTIGET = (
    f"<CR:addressbook-multiget {DECLARED}><D:prop><CR:address-data/></D:prop><D:href>{{}}</D:href>"
    "</CR:addressbook-multiget>"
)
#: Method, body (of a path), headers.
ASKED = [
    ("GET", "", {}),
    ("HEAD", "", {}),
    ("GET", "", {"If-None-Match": "*"}),
    ("GET", "", {"If-Match": "*"}),
    ("GET", "", {"Accept": "text/vcard;version=4.0"}),
    ("OPTIONS", "", {}),
    ("PROPFIND", PROPFIND, {"Depth": "0"}),
    ("PROPFIND", PROPFIND, {"Depth": "1"}),
    ("PROPFIND", "", {"Depth": "infinity"}),
    ("PROPFIND", "<", {}),
    ("REPORT", QUERY, {}),
    ("REPORT", SYNC, {}),
    ("REPORT", MULTIGET, {}),
    ("PUT", "BEGIN:VCARD", {}),
    ("PUT", "BEGIN:VCARD", {"If-Match": "*"}),
    ("PUT", "BEGIN:VCARD", {"If-None-Match": "*"}),
    ("DELETE", "", {}),
    ("DELETE", "", {"If-Match": '"x"'}),
    ("MOVE", "", {"Destination": "/chef/alle/y.vcf"}),
    ("COPY", "", {"Destination": "/chef/alle/y.vcf"}),
    ("PROPPATCH", "", {}),
    ("MKCOL", "", {}),
    ("LOCK", "", {}),
    ("POST", "", {}),
]


def _answer(client: Client, method: str, path: str, body: str, headers: dict[str, str]) -> Answer:
    """An answer with the asked path, which a multiget and a refused write must repeat, taken out."""
    answer = client.request(method, path, body.format(path) if body == MULTIGET else body, headers)
    name = path.rpartition("/")[2].encode()
    return Answer(answer.status, answer.headers, answer.body.replace(name, b"") if name else answer.body)


def _gone(house: House, book: str) -> list[str]:
    return [
        f"{book}{NEVER}",
        house.href("blocked", book),
        house.href("erased", book),
        house.href("strasse", book) if "mieter" in book else f"{book}ffffffff-0123-4123-8123-0123456789ab.vcf",
    ]


@pytest.mark.parametrize(("method", "body", "headers"), ASKED)
@pytest.mark.parametrize("book", [BOOK, "/chef/gruppe-mieter/"])
def test_what_is_hidden_is_what_never_was(house: House, book: str, method: str, body: str, headers: dict) -> None:
    answers = [_answer(house.client("chef"), method, path, body, headers) for path in _gone(house, book)]
    assert answers[1:] == answers[:-1]
    assert answers[0].status not in {200, 500} or method == "OPTIONS"


@pytest.mark.parametrize(("method", "body", "headers"), ASKED)
def test_another_home_is_like_one_that_never_was(house: House, method: str, body: str, headers: dict) -> None:
    """One refusal, whether the account, the book or the card exists."""
    name = house.name("mueller")
    for ending in ("", "alle/", f"alle/{name}", f"alle/{NEVER}"):
        answers = [
            _answer(house.client("chef"), method, f"{home}{ending}", body, headers)
            for home in ("/fremd/", "/horst/", "/nie/", "/anna%40haus.de/", "/Chef/", "/chef%20/")
        ]
        assert answers[1:] == answers[:-1]
        assert answers[0].status == 403 or method == "OPTIONS"


def test_a_book_that_never_was_is_like_one_of_another_audience(house: House) -> None:
    """Horst has no book of groups; that chef has one, and that a group exists, he cannot tell."""
    for method, body, headers in ASKED:
        answers = [
            _answer(house.client("horst"), method, f"/horst/{segment}/", body, headers)
            for segment in ("gruppe-mieter", "gruppe-nie", "objekt-x")
        ]
        plain = [
            answer.body.replace(b"gruppe-mieter", b"").replace(b"gruppe-nie", b"").replace(b"objekt-x", b"")
            for answer in answers
        ]
        assert len({answer.status for answer in answers}) == 1
        assert len(set(plain)) == 1, method


def test_a_device_that_had_a_card_cannot_tell_why_it_is_gone(world, people, href) -> None:
    """Blocked, erased and withdrawn say the same in a delta: 404, once."""
    chef = Client(world, "chef")
    token = chef.sync(BOOK).token
    world.set_state(people[0], 1)
    world.set_state(people[1], 2)
    world.set_memberships(people[2], [])
    delta = chef.sync(BOOK, token)
    assert delta.statuses == {href(people[n]): "404" for n in range(3)}
    said = {delta.text.split(href(people[n]))[1].split("</D:response>")[0] for n in range(3)}
    assert len(said) == 1
    assert not chef.sync(BOOK, delta.token).responses


def test_a_hidden_contact_leaves_no_trace_in_any_answer(world, people) -> None:
    """Non-interference: listing, token and query are the same bytes before and after somebody hidden changes."""
    contact_id = world.add_contact("Verborgen", groups=[])
    chef = Client(world, "horst")

    def everything() -> list[bytes]:
        filters = '<CR:filter><CR:prop-filter name="FN"><CR:text-match>e</CR:text-match></CR:prop-filter></CR:filter>'
        book = "/horst/alle/"
        return [
            chef.sync(book).body,
            chef.propfind("/horst/", "CS:getctag", "D:sync-token", depth="1").body,
            chef.query(book, filters).body,
            chef.request("GET", book).body,
        ]

    world.set_state(contact_id, 1)
    before = everything()
    world.set_columns(contact_id, family="Anders", note="Geheim")
    world.set_values(contact_id, phone="+49 30 1", email="e@example.org")
    assert everything() == before
