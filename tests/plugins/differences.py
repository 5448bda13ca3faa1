"""Every known difference between stock Radicale with our plugins and our own application, and why it is one.

What is not here is the same: ``test_same_content`` compares it, and ``test_differences`` asserts each row.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.plugins.client import HEAD, SPACES, Answer, Client

BOOK = "/chef/alle/"


@dataclass(frozen=True)
class Difference:
    """One request, what is looked at in its answer, and what it is on either side."""

    what: str
    ask: Callable[[Client], object]
    stock: object
    ours: object
    why: str


def _status(method: str, path: str, body: str = "", **headers: str) -> Callable[[Client], object]:
    return lambda client: client.request(method, path, body, **headers).status


def _report(content: str) -> Callable[[Client], Answer]:
    return lambda client: client.request("REPORT", BOOK, f"{HEAD}{content}", Depth="1")


def _query(filters: str) -> Callable[[Client], object]:
    return lambda client: client.query(BOOK, filters).status


def _first_card(client: Client) -> str:
    return min(href for href in client.propfind(BOOK, "1", "D:getetag").responses() if href != BOOK)


def _unchanged(client: Client) -> int:
    card = _first_card(client)
    etag = client.request("GET", card).headers["etag"]
    return client.request("GET", card, If_None_Match=etag).status


def _version_4(client: Client) -> bool:
    body = (
        f"<CR:addressbook-query {SPACES}><D:prop>"
        '<CR:address-data content-type="text/vcard" version="4.0"/></D:prop><CR:filter/></CR:addressbook-query>'
    )
    return b"VERSION:4.0" in _report(body)(client).body


def _limited(client: Client) -> int:
    body = (
        f"<D:sync-collection {SPACES}><D:sync-token/><D:sync-level>1</D:sync-level>"
        "<D:limit><D:nresults>2</D:nresults></D:limit><D:prop><D:getetag/></D:prop></D:sync-collection>"
    )
    return sum("D:getetag" in told for told in _report(body)(client).responses().values())


def _too_many_guesses(client: Client) -> int:
    guesses = [Client(client.application, "niemand", f"guess {number}") for number in range(8)]
    return [guess.request("GET", "/").status for guess in guesses][-1]


def _malformed_header(client: Client) -> int:
    return Client(client.application, "", None).request("PROPFIND", "/", Authorization="Basic !!!").status


def _value(name: str) -> Callable[[Client], str]:
    return lambda client: client.propfind(BOOK, "0", name).responses()[BOOK][name]


def _content_type(client: Client) -> str:
    card = _first_card(client)
    return client.propfind(card, "0", "D:getcontenttype").responses()[card]["D:getcontenttype"]


def _quotes(client: Client) -> int:
    return _value("CS:getctag")(client).count('"')


def _property(name: str) -> Callable[[Client], bool]:
    return lambda client: name in client.propfind(BOOK, "0", name).responses()[BOOK]


DIFFERENCES = (
    Difference("a filter with an unknown element", _query("<CR:nonsense/>"), 400, 403,
               "the core has no CARDDAV:supported-filter (RFC 6352 §8.6)"),
    Difference("an unknown collation",
               _query('<CR:prop-filter name="FN"><CR:text-match collation="i;x">a</CR:text-match></CR:prop-filter>'),
               400, 403, "the core has no CARDDAV:supported-collation (RFC 6352 §8.3)"),
    Difference("an unknown report", lambda client: _report(f"<D:bogus {SPACES}/>")(client).status, 207, 403,
               "the core takes it for a query (RFC 3253 §3.6: DAV:supported-report)"),
    Difference("PROPFIND with Depth infinity", _status("PROPFIND", BOOK, Depth="infinity"), 207, 403,
               "the core takes it for Depth 1 (RFC 4918 §9.1: DAV:propfind-finite-depth)"),
    Difference("GET with If-None-Match", _unchanged, 200, 304, "the core reads no conditions on GET (RFC 9110 §13.1.2)"),
    Difference("cards in version 4.0", _version_4, False, True, "the core reads no version of address-data"),
    Difference("cards in a sync limited to two", _limited, 7, 2, "the core reads no limit (RFC 6578 §3.7)"),
    Difference("the eighth wrong guess", _too_many_guesses, 401, 429, "the core knows one refusal of a login"),
    Difference("a malformed Authorization header", _malformed_header, 500, 401, "the core takes it apart unprotected"),
    Difference("a change date of a book", _property("D:getlastmodified"), True, False,
               "the core cannot leave it out; a true one would move with what the viewer must not see"),
    Difference(
        "an ETag of a book",
        _property("D:getetag"),
        True,
        False,
        "the core wants one; a collection has no representation to compare",
    ),
    Difference("quotes around getctag", _quotes, 2, 0, "the core tells the ETag of the book, which is the quoted token"),
    Difference("the content type of a card", _content_type, "text/vcard;charset=utf-8", "text/vcard; charset=utf-8", "spaces"),
    Difference(
        "privileges in a book",
        _value("D:current-user-privilege-set"),
        "D:privilege(D:read())",
        "D:privilege(D:read()) D:privilege(D:read-current-user-privilege-set())",
        "the core knows reading and writing only (RFC 3744 §3)",
    ),
    Difference("an offer of version 4.0", lambda client: client.propfind(BOOK, "0", "CR:supported-address-data").body.count(b'version="4.0"'),
               0, 1, "the core offers what its vobject parses"),
)  # fmt: skip
