"""PROPFIND: what every client of the traces asks for, by every way of asking (RFC 4918 §9.1)."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from tests.dav.conftest import LOGINS, RULES, House
from tests.support.dav import PREFIXES, Client, clark

BOOK = "/chef/alle/"
#: Client → what it asks of a home's members or a book (the recorded traces), with the properties that are answered.
ASKED = {
    "Thunderbird, home": ("D:resourcetype D:displayname D:current-user-privilege-set", "*"),
    "Thunderbird, book": ("D:displayname CS:getctag D:sync-token", "*"),
    "Evolution, home": (
        (
            "D:resourcetype D:displayname D:getetag D:getcontenttype D:getcontentlength D:creationdate D:getlastmodified "
            "CR:addressbook-description"
        ),
        "D:resourcetype D:displayname CR:addressbook-description",
    ),
    "SyncEvolution": (
        "D:displayname D:resourcetype CR:addressbook-home-set CR:addressbook-description CR:supported-address-data",
        "D:displayname D:resourcetype CR:addressbook-description CR:supported-address-data",
    ),
    "iOS, home": (
        (
            "D:add-member D:current-user-privilege-set D:displayname CR:max-image-size CR:max-resource-size CS:me-card "
            "D:owner CS:push-transports CS:pushkey D:quota-available-bytes D:quota-used-bytes D:resource-id "
            "D:resourcetype D:supported-report-set D:sync-token"
        ),
        (
            "D:current-user-privilege-set D:displayname CR:max-image-size CR:max-resource-size D:owner D:resource-id "
            "D:resourcetype D:supported-report-set D:sync-token"
        ),
    ),
    "DAVx5, book": (
        "CR:max-resource-size CR:supported-address-data D:supported-report-set CS:getctag D:sync-token",
        "*",
    ),
    "tsdav, home": ("D:displayname CS:getctag D:resourcetype D:sync-token", "*"),
    "Outlook, book": ("D:resourcetype D:displayname D:current-user-privilege-set D:supported-report-set", "*"),
}
ASKED_OF_PRINCIPAL = {
    "iOS and macOS": (
        (
            "CR:addressbook-home-set CR:directory-gateway D:displayname CS:email-address-set D:principal-collection-set "
            "D:principal-URL D:resource-id D:supported-report-set"
        ),
        (
            "CR:addressbook-home-set D:displayname CS:email-address-set D:principal-collection-set D:principal-URL "
            "D:resource-id D:supported-report-set"
        ),
    ),
    "DAVx5": ("D:displayname D:group-membership D:resourcetype CR:addressbook-home-set", "*"),
    "SyncEvolution": (
        (
            "D:alternate-URI-set D:principal-URL D:current-user-principal D:group-member-set D:group-membership "
            "D:displayname D:resourcetype CR:addressbook-home-set CR:principal-address"
        ),
        (
            "D:alternate-URI-set D:principal-URL D:current-user-principal D:group-member-set D:group-membership "
            "D:displayname D:resourcetype CR:addressbook-home-set"
        ),
    ),
    "Evolution": ("D:resourcetype D:current-user-principal D:principal-URL CR:addressbook-home-set", "*"),
}


def _found(answer, href: str) -> tuple[list[str], list[str]]:
    """The names of a response's 200 and 404 propstats, in order; 200 stands first."""
    names: dict[str, list[str]] = {"200": [], "404": []}
    order = []
    for propstat in answer.responses[href].findall(clark("D:propstat")):
        status = propstat.findtext(clark("D:status"), "").split(" ")[1]
        order.append(status)
        names[status] += [element.tag for element in propstat.find(clark("D:prop"))]
    assert order == sorted(order)
    return names["200"], names["404"]


@pytest.mark.parametrize("client", ASKED)
def test_a_book_answers_what_a_client_asks(house: House, client: str) -> None:
    asked, found = ASKED[client]
    _check(house, BOOK, asked, found, depth="0")
    answer = house.client("chef").propfind("/chef/", *asked.split(), depth="1")
    assert set(answer.statuses.values()) == {"200"}


@pytest.mark.parametrize("client", ASKED_OF_PRINCIPAL)
def test_a_principal_answers_what_a_client_asks(house: House, client: str) -> None:
    asked, found = ASKED_OF_PRINCIPAL[client]
    _check(house, "/chef/", asked, found, depth="0")


def _check(house: House, path: str, asked: str, found: str, *, depth: str) -> None:
    names = asked.split()
    there = names if found == "*" else found.split()
    answer = house.client("chef").propfind(path, *names, depth=depth)
    ours, missing = _found(answer, path)
    assert ours == [clark(name) for name in there]
    assert missing == [clark(name) for name in names if name not in there]


def test_a_card_has_a_type_an_etag_and_the_reports_of_a_card(house: House) -> None:
    """RFC 6352 §8: the reports are those of books and of cards."""
    path = house.href("mueller")
    asked = ("D:resourcetype", "D:getcontenttype", "D:getetag", "D:owner", "D:supported-report-set")
    for depth in ("0", "1", "infinity", None):
        answer = house.client("chef").propfind(path, *asked, "CR:address-data", depth=depth)
        assert list(answer.responses) == [path]
        assert answer.prop(path, "D:getcontenttype").text == "text/vcard; charset=utf-8"
        reports = [element[0][0].tag for element in answer.prop(path, "D:supported-report-set")]
        assert reports == [clark("CR:addressbook-multiget"), clark("CR:addressbook-query")]
        assert answer.prop(path, "CR:address-data", "404") is not None, "RFC 6352 §10.4: of reports only"
    listed = house.client("chef").propfind(BOOK, "D:getetag", depth="1").texts("D:getetag")
    assert answer.prop(path, "D:getetag").text == listed[path]


@pytest.mark.parametrize("path", ["/", "/chef/", "/chef/alle/"])
def test_all_we_have_is_what_propname_names(house: House, path: str) -> None:
    """Each named property is found, and nothing that allprop shows is left out (RFC 4918 §9.1)."""
    client = house.client("chef")
    named, _ = _found(client.request("PROPFIND", path, '<propfind xmlns="DAV:"><propname/></propfind>'), path)
    assert len(set(named)) == len(named)
    every, _ = _found(client.request("PROPFIND", path), path)
    assert set(every) <= set(named)
    short = {namespace: prefix for prefix, namespace in PREFIXES.items()}
    names = [f"{short[tag[1:].partition('}')[0]]}:{tag.partition('}')[2]}" for tag in named]
    assert _found(client.propfind(path, *names), path) == (named, [])


def test_a_property_asked_twice_is_answered_once(house: House) -> None:
    names = ("D:displayname", "D:quota-used-bytes", "D:displayname", "D:quota-used-bytes")
    found, missing = _found(house.client("chef").propfind(BOOK, *names), BOOK)
    assert (found, missing) == ([clark("D:displayname")], [clark("D:quota-used-bytes")])


@pytest.mark.parametrize("prefer", ["return=minimal", 'return="minimal"', "respond-async, return=minimal"])
def test_minimal_leaves_out_what_is_missing_and_says_so(house: House, prefer: str) -> None:
    """RFC 8144 §2.1, RFC 7240 §3: also where nothing at all is found, an empty 200 stays."""
    client = house.client("chef")
    answer = client.propfind("/chef/", "D:displayname", "D:quota-used-bytes", depth="1", Prefer=prefer)
    assert answer.headers["preference-applied"] == "return=minimal"
    assert b" 404 " not in answer.body
    nothing = client.propfind(BOOK, "D:quota-used-bytes", depth="1", Prefer=prefer)
    assert set(nothing.statuses.values()) == {"200"}
    assert len(nothing.responses) == 7
    assert " 404 " not in client.sync(BOOK, "", "D:getetag", "D:quota-used-bytes", Prefer=prefer).text


@pytest.mark.parametrize("header", [{"Brief": "f"}, {"Prefer": "return=representation"}, {"Prefer": "minimal"}, {}])
def test_nobody_else_is_given_less(house: House, header: dict[str, str]) -> None:
    answer = house.client("chef").propfind(BOOK, "D:quota-used-bytes", **header)
    assert answer.prop(BOOK, "D:quota-used-bytes", "404") is not None
    assert "preference-applied" not in answer.headers


def test_more_than_two_hundred_properties_are_refused(house: House) -> None:
    props = "".join(f"<p{number}/>" for number in range(201))
    body = f'<propfind xmlns="DAV:"><prop>{props}</prop></propfind>'
    assert house.client("chef").request("PROPFIND", BOOK, body).status == 400


@pytest.mark.parametrize("login", LOGINS)
def test_any_login_has_a_home_under_a_well_formed_address(house: House, login: str) -> None:
    """Hrefs are percent-encoded (RFC 3986), then escaped; the client asks for what it was told, or for its own way."""
    client = house.client(login)
    home = client.propfind("/", "D:current-user-principal").prop("/", "D:current-user-principal")[0].text
    assert home.isascii()
    assert " " not in home
    answer = client.propfind(home, "D:displayname", depth="1")
    assert list(answer.responses) == [home, f"{home}alle/"]
    assert answer.texts("D:displayname")[home] == login
    book = f"{home}alle/"
    listed = client.propfind(book, "D:getetag", depth="1").texts("D:getetag")
    assert len(listed) == 6
    assert set(client.multiget(book, [href.replace("&", "&amp;") for href in listed]).statuses.values()) == {"200"}
    assert client.propfind(f"/{quote(login, safe='')}/", "D:displayname").status == 207
    assert client.sync(book).texts("D:getetag") == listed
    other = f"/{quote(login, safe='')}/alle/"
    assert set(client.multiget(book, [href.replace(book, other) for href in listed]).statuses) == set(listed)


def test_a_home_without_a_rule_is_empty(house: House) -> None:
    client = house.client("niemand")
    assert list(client.propfind("/niemand/", "D:displayname", depth="1").responses) == ["/niemand/"]
    answer = client.propfind("/niemand/alle/", "D:getetag", depth="1")
    assert answer.status in {207, 404}
    assert len(answer.responses) == 1 if answer.status == 207 else answer.body == b"Not Found\n"


def test_markup_and_characters_beyond_the_bmp_survive(house: House) -> None:
    href = house.href("xml")
    text = house.client("chef").multiget(BOOK, [href]).prop(href, "CR:address-data").text
    assert 'FN:"D" <b>&amp\\;]]>\r\n' in text
    assert "NOTE:😀 𝔘\\n<![CDATA[x]]>\r\n" in text


def test_names_of_books_hold_any_character(world) -> None:
    """What XML has no character for is left out, or no client could read its listing any more."""
    world.add_group("laut", 'A\x01\x0b\uffff<b>&amp;\t"😀]]>')
    world.apply(RULES)
    world.add_contact("A", groups=["laut"])
    answer = Client(world, "chef").propfind("/chef/", "D:displayname", "CR:addressbook-description", depth="1")
    assert answer.texts("D:displayname")["/chef/gruppe-laut/"] == 'A<b>&amp;\t"😀]]>'


def test_white_space_in_a_namespace_comes_back_as_it_was(house: House) -> None:
    """XML 1.0 §3.3.3: in an attribute a plain line end would be read as a space."""
    body = '<propfind xmlns="DAV:"><prop><a xmlns="urn:&#10;x&#9;y&#13;"/></prop></propfind>'
    answer = house.client("chef").request("PROPFIND", "/chef/", body)
    assert [element.tag for element in answer.xml[0][1][0]] == ["{urn:\nx\ty\r}a"]
