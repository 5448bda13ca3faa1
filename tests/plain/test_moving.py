"""COPY and MOVE within one account (RFC 4918 §9.8, §9.9)."""

from __future__ import annotations

import pytest

from tests.plain.client import Plain, card, event


@pytest.fixture
def other(chef: Plain) -> str:
    return chef.make_book("/chef/zwei/", "<D:displayname>Zwei</D:displayname>")


def test_a_move_is_a_removal_here_and_an_arrival_there(chef: Plain, book: str, other: str) -> None:
    chef.put(f"{book}a.vcf", card("a"))
    here, there = chef.sync(book).token, chef.sync(other).token
    answer = chef.transfer("MOVE", f"{book}a.vcf", f"{other}b%20%C3%A4.vcf")
    assert answer.status == 201
    assert answer.headers["location"] == f"{other}b%20%C3%A4.vcf"
    assert chef.sync(book, here).statuses == {f"{book}a.vcf": "404"}
    assert chef.sync(other, there).statuses == {f"{other}b%20%C3%A4.vcf": "200"}
    assert chef.request("GET", f"{other}b%20%C3%A4.vcf").text == card("a")


def test_a_copy_leaves_the_original(chef: Plain, book: str, other: str) -> None:
    chef.put(f"{book}a.vcf", card("a"))
    assert chef.transfer("COPY", f"{book}a.vcf", f"{other}a.vcf").status == 201
    assert chef.request("GET", f"{book}a.vcf").text == chef.request("GET", f"{other}a.vcf").text


def test_a_copy_beside_the_original_would_have_its_uid(chef: Plain, book: str) -> None:
    chef.put(f"{book}a.vcf", card("a"))
    assert chef.transfer("COPY", f"{book}a.vcf", f"{book}b.vcf").status == 409
    assert chef.transfer("MOVE", f"{book}a.vcf", f"{book}b.vcf").status == 201
    assert chef.sync(book).statuses == {f"{book}b.vcf": "200"}


@pytest.mark.parametrize("method", ["COPY", "MOVE"])
def test_overwrite_says_whether_what_is_there_may_go(chef: Plain, book: str, other: str, method: str) -> None:
    chef.put(f"{book}a.vcf", card("a"))
    chef.put(f"{other}a.vcf", card("b"))
    assert chef.transfer(method, f"{book}a.vcf", f"{other}a.vcf", Overwrite="F").status == 412
    assert chef.request("GET", f"{other}a.vcf").text == card("b")
    assert chef.request("GET", f"{book}a.vcf").status == 200
    assert chef.transfer(method, f"{book}a.vcf", f"{other}a.vcf", Overwrite="x").status == 400
    assert chef.transfer(method, f"{book}a.vcf", f"{other}a.vcf").status == 204
    assert chef.request("GET", f"{other}a.vcf").text == card("a")


def test_conditions_speak_of_what_is_moved(chef: Plain, book: str, other: str) -> None:
    etag = chef.put(f"{book}a.vcf", card("a")).headers["etag"]
    assert chef.transfer("MOVE", f"{book}a.vcf", f"{other}a.vcf", **{"If-Match": '"x"'}).status == 412
    assert chef.transfer("MOVE", f"{book}a.vcf", f"{other}a.vcf", **{"If-Match": etag}).status == 201
    assert chef.transfer("MOVE", f"{book}a.vcf", f"{other}a.vcf").status == 404


def test_where_to_is_read_strictly(chef: Plain, book: str) -> None:
    """Another server, port, home or spelling of a path is none of ours (E2 of the threats)."""
    chef.put(f"{book}a.vcf", card("a"))
    asked = {
        "": 400,
        "zwei/a.vcf": 400,
        "http://evil.example/chef/zwei/a.vcf": 502,
        "http://dav.example.org:81/chef/zwei/a.vcf": 502,
        "ftp://dav.example.org/chef/zwei/a.vcf": 502,
        "http://[/chef/zwei/a.vcf": 400,
        "/chef/zwei/a.vcf?x": 400,
        "/chef/persoenlich/..%2Fb.vcf": 400,
        "/chef/persoenlich/%2e%2e/b.vcf": 400,
        "/chef/persoenlich/b%00.vcf": 400,
        "/chef/persoenlich/%ff.vcf": 400,
        "/horst/persoenlich/a.vcf": 403,
        "/chef/persoenlich/a/b.vcf": 403,
        "/chef/persoenlich/b.vcf/": 403,
        "/chef/persoenlich/": 403,
        "/chef/persoenlich/a.vcf": 403,
        "/chef/": 403,
        "/": 400,
        "/chef/nirgends/a.vcf": 409,
    }
    found = {to: chef.request("MOVE", f"{book}a.vcf", headers={"Destination": to}).status for to in asked}
    assert found == asked
    assert chef.sync(book).statuses == {f"{book}a.vcf": "200"}


def test_an_event_is_no_card(chef: Plain, book: str, calendar: str) -> None:
    chef.put(f"{book}a.vcf", card("a"))
    chef.put(f"{calendar}a.ics", event("a"))
    todos = chef.make_calendar(
        "/chef/aufgaben/",
        '<C:supported-calendar-component-set><C:comp name="VTODO"/></C:supported-calendar-component-set>',
    )
    for method in ("COPY", "MOVE"):
        for source, target, condition in (
            (f"{book}a.vcf", f"{calendar}b.ics", "C:supported-calendar-data"),
            (f"{calendar}a.ics", f"{book}b.vcf", "CR:supported-address-data"),
            (f"{calendar}a.ics", f"{todos}b.ics", "C:supported-calendar-component"),
        ):
            answer = chef.transfer(method, source, target)
            assert answer.status == 403
            assert answer.has(condition)


def test_a_collection_is_renamed_with_all_it_holds(chef: Plain, book: str, other: str) -> None:
    chef.put(f"{other}a.vcf", card("a"))
    token = chef.sync(other).token
    assert chef.transfer("MOVE", other, "/chef/drei/", Depth="0").status == 400
    assert chef.transfer("MOVE", other, "/chef/drei/").status == 201
    assert chef.request("PROPFIND", other).status == 404
    assert chef.sync("/chef/drei/", token).status == 403, "a URL's history is not handed to another URL"
    assert chef.sync("/chef/drei/").statuses == {"/chef/drei/a.vcf": "200"}
    assert chef.propfind("/chef/drei/", "D:displayname").texts("D:displayname") == {"/chef/drei/": "Zwei"}
    assert chef.make_book(other)
    assert chef.sync(other).statuses == {}
    assert chef.transfer("MOVE", "/chef/drei/", other, Overwrite="F").status == 412
    assert chef.transfer("MOVE", "/chef/drei/", other).status == 204
    assert chef.sync(other).statuses == {f"{other}a.vcf": "200"}


def test_a_collection_is_copied_with_or_without_what_it_holds(chef: Plain, other: str) -> None:
    chef.put(f"{other}a.vcf", card("a"))
    chef.put(f"{other}b.vcf", card("b"))
    chef.request("DELETE", f"{other}b.vcf")
    assert chef.transfer("COPY", other, "/chef/leer/", Depth="0").status == 201
    assert chef.sync("/chef/leer/").statuses == {}
    assert chef.transfer("COPY", other, "/chef/voll/").status == 201
    assert chef.sync("/chef/voll/").statuses == {"/chef/voll/a.vcf": "200"}
    assert chef.transfer("COPY", other, "/chef/leer/", Overwrite="F").status == 412
    assert chef.transfer("COPY", other, other).status == 403
    assert chef.propfind("/chef/voll/", "D:displayname").texts("D:displayname") == {"/chef/voll/": "Zwei"}
    for target in ("/chef/alle/", "/chef/gruppe-x/", "/chef/voll/tief/", "/horst/x/"):
        assert chef.transfer("COPY", other, target).status == 403
