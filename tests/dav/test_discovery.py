"""How clients find the books: well-known, principal, home set, listing."""

from __future__ import annotations

import pytest

from radicale_propmgmt.domain.books import Layout
from tests.support.dav import Client, clark


@pytest.mark.parametrize("path", ["/.well-known/carddav", "/.well-known/carddav/", "/.well-known/caldav"])
@pytest.mark.parametrize("method", ["GET", "PROPFIND", "OPTIONS", "HEAD"])
def test_well_known_redirects_without_credentials(world, method: str, path: str) -> None:
    """RFC 6764 §5; Thunderbird and iOS ask by PROPFIND."""
    answer = Client(world).request(method, path)
    assert (answer.status, answer.headers["location"]) == (301, "/")


def test_the_redirect_names_the_public_address_where_one_is_set(world) -> None:
    answer = Client(world, public_url="https://kontakte.example.org/").request("GET", "/.well-known/carddav")
    assert answer.headers["location"] == "https://kontakte.example.org/"


def test_options_says_addressbook_without_credentials(world) -> None:
    """Evolution tests a book so; the answer is the same for every path, so it tells nothing."""
    answers = [Client(world).request("OPTIONS", path) for path in ("/", "/chef/", "/chef/alle/", "/wer/auch/")]
    assert {answer.status for answer in answers} == {200}
    assert all(answer.headers["dav"] == "1, 3, extended-mkcol, addressbook, calendar-access" for answer in answers)
    assert len({tuple(sorted(answer.headers.items())) for answer in answers}) == 1


def test_everything_else_wants_credentials(world) -> None:
    for method, path in [("PROPFIND", "/"), ("GET", "/chef/alle/"), ("REPORT", "/chef/alle/"), ("PUT", "/chef/x/y")]:
        answer = Client(world).request(method, path)
        assert answer.status == 401
        assert answer.headers["www-authenticate"] == 'Basic realm="propmgmt", charset="UTF-8"'


def test_the_root_names_the_principal_and_nobody_else(chef: Client) -> None:
    for depth in ("0", "1"):
        answer = chef.propfind("/", "D:current-user-principal", "D:resourcetype", depth=depth)
        assert list(answer.responses) == ["/"]
        assert answer.prop("/", "D:current-user-principal").findtext(clark("D:href")) == "/chef/"


def test_the_home_is_principal_home_set_and_owner(chef: Client) -> None:
    names = ("CR:addressbook-home-set", "D:principal-URL", "D:owner", "D:current-user-principal")
    answer = chef.propfind("/chef/", *names, "D:displayname", "CS:email-address-set", "CR:directory-gateway")
    assert [answer.prop("/chef/", name).findtext(clark("D:href")) for name in names] == ["/chef/"] * 4
    assert answer.prop("/chef/", "CS:email-address-set") is not None
    assert answer.prop("/chef/", "CR:directory-gateway", "404") is not None


def test_the_home_lists_all_contacts_first(chef: Client) -> None:
    """macOS takes only the first book."""
    answer = chef.propfind("/chef/", "D:displayname", "D:resourcetype", "CS:getctag", depth="1")
    assert list(answer.responses)[:2] == ["/chef/", "/chef/alle/"]
    assert answer.texts("D:displayname")["/chef/alle/"] == "Alle Kontakte"
    assert answer.texts("D:displayname")["/chef/gruppe-mieter/"] == "Mieter"
    assert answer.prop("/chef/alle/", "D:resourcetype").find(clark("CR:addressbook")) is not None
    tokens = answer.texts("CS:getctag")
    assert len(set(tokens.values())) == len(tokens)


def test_a_path_without_its_slash_is_answered_with_it(chef: Client) -> None:
    assert list(chef.propfind("/chef", "D:displayname").responses) == ["/chef/"]
    assert list(chef.propfind("/chef/alle", "D:displayname").responses) == ["/chef/alle/"]


def test_a_layout_narrows_the_listing_and_not_what_is_reachable(world, people) -> None:
    client = Client(world, "chef", layout=Layout.SINGLE)
    assert list(client.propfind("/chef/", "D:displayname", depth="1").responses) == ["/chef/", "/chef/alle/"]
    assert client.propfind("/chef/gruppe-mieter/", "D:displayname").status == 207


def test_names_are_in_the_language_of_the_house(world, people) -> None:
    answer = Client(world, "chef", language="en").propfind("/chef/alle/", "D:displayname")
    assert answer.texts("D:displayname") == {"/chef/alle/": "All contacts"}


def test_a_read_only_book_announces_reading_alone(chef: Client) -> None:
    """Every client decides by this whether it lets people edit: Thunderbird once, at subscription.

    It takes any of write, write-content, write-properties and all for a right to edit, so that a book in which nothing
    but the own view may be changed must not announce write-properties either.
    """
    answer = chef.propfind("/chef/alle/", "D:current-user-privilege-set")
    found = answer.prop("/chef/alle/", "D:current-user-privilege-set")
    assert [next(iter(privilege)).tag for privilege in found] == [
        clark("D:read"),
        clark("D:read-current-user-privilege-set"),
    ]


def test_a_book_announces_what_is_true(chef: Client) -> None:
    answer = chef.propfind(
        "/chef/alle/", "D:supported-report-set", "CR:supported-address-data", "CR:max-resource-size", "D:sync-token",
        "CS:getctag", "CR:supported-collation-set", "D:resource-id", "CR:addressbook-description",
    )  # fmt: skip
    book = "/chef/alle/"
    reports = [element[0][0].tag for element in answer.prop(book, "D:supported-report-set")]
    assert reports == [clark("D:sync-collection"), clark("CR:addressbook-multiget"), clark("CR:addressbook-query")]
    versions = [element.get("version") for element in answer.prop(book, "CR:supported-address-data")]
    assert versions == ["3.0", "4.0"]
    assert answer.prop(book, "CR:max-resource-size").text == "1048576"
    assert answer.prop(book, "D:sync-token").text == answer.prop(book, "CS:getctag").text
    assert answer.prop(book, "D:resource-id").findtext(clark("D:href")).startswith("urn:uuid:")


def test_what_is_not_there_is_404_after_what_is(chef: Client) -> None:
    """Thunderbird looks at the first status of a response and drops the book unless it is 200."""
    asked = ("D:quota-used-bytes", "D:getlastmodified", "CS:me-card", "D:displayname", "D:add-member")
    answer = chef.propfind("/chef/", *asked, depth="1")
    assert set(answer.statuses.values()) == {"200"}
    assert answer.prop("/chef/alle/", "CS:me-card", "404") is not None


@pytest.mark.parametrize("header", [{"Brief": "t"}, {"Prefer": "return=minimal"}, {"Prefer": "a, return=minimal;x"}])
def test_a_client_may_ask_for_no_404s(chef: Client, header: dict[str, str]) -> None:
    """RFC 8144 §2.1, and Apple's older Brief."""
    answer = chef.propfind("/chef/", "D:displayname", "D:quota-used-bytes", **header)
    assert b" 404 " not in answer.body
    assert ("preference-applied" in answer.headers) == ("Prefer" in header)
    assert "Prefer" in answer.headers["vary"]


def test_unknown_properties_come_back_with_their_own_namespace(chef: Client) -> None:
    body = '<propfind xmlns="DAV:"><prop><x:a xmlns:x="urn:&lt;&quot;&amp;"/><b xmlns=""/><xml:c/></prop></propfind>'
    answer = chef.request("PROPFIND", "/chef/", body)
    missing = answer.xml[0].findall(clark("D:propstat"))[0].find(clark("D:prop"))
    assert [element.tag for element in missing] == [
        '{urn:<"&}a', "b", "{http://www.w3.org/XML/1998/namespace}c",
    ]  # fmt: skip


def test_allprop_propname_and_include(chef: Client) -> None:
    """RFC 4918 §9.1; an empty body is allprop."""
    for body in ("", '<propfind xmlns="DAV:"><allprop/></propfind>'):
        answer = chef.request("PROPFIND", "/chef/alle/", body, {"Depth": "1"})
        assert answer.prop("/chef/alle/", "D:displayname") is not None
        assert not answer.has("D:sync-token")
        assert len(answer.texts("D:getetag")) == 4
    body = '<propfind xmlns="DAV:"><allprop/><include><sync-token/></include></propfind>'
    assert chef.request("PROPFIND", "/chef/alle/", body).texts("D:sync-token")
    names = chef.request("PROPFIND", "/chef/alle/", '<propfind xmlns="DAV:"><propname/></propfind>', {"Depth": "1"})
    assert names.prop("/chef/alle/", "D:sync-token").text is None
    assert len(names.texts("D:getetag")) == 4
    assert set(names.texts("D:getetag").values()) == {""}


def test_infinite_depth_is_refused_and_none_is_zero(chef: Client) -> None:
    """RFC 4918 §9.1 lets a server refuse; tsdav sends no Depth while it looks around."""
    refused = chef.propfind("/chef/alle/", "D:displayname", depth="infinity")
    assert refused.status == 403
    assert refused.has("D:propfind-finite-depth")
    assert len(chef.propfind("/chef/", "D:displayname", depth=None).responses) == 1
    assert chef.propfind("/chef/", "D:displayname", depth="2").status == 400
