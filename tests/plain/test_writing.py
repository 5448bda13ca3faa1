"""PUT, POST and DELETE by the letter of RFC 9110, RFC 4918 and RFC 6352."""

from __future__ import annotations

import io

import pytest

from tests.plain.client import MKCALENDAR, MKCOL, Plain, card, event
from tests.plain.conftest import MUELLER
from tests.support.dav import Answer, clark

#: What is sent → whether a PUT over a card of ETag "E" goes through, and one where nothing is (RFC 9110 §13.1).
CONDITIONS = {
    "nothing": ({}, True, True),
    "its etag": ({"If-Match": '"E"'}, True, False),
    "its etag in a list": ({"If-Match": '"x", "E","y"'}, True, False),
    "another": ({"If-Match": '"x"'}, False, False),
    "its etag, weakly": ({"If-Match": 'W/"E"'}, False, False),
    "any": ({"If-Match": "*"}, True, False),
    "none": ({"If-None-Match": "*"}, False, True),
    "not its etag": ({"If-None-Match": '"E"'}, False, True),
    "not its etag, weakly": ({"If-None-Match": 'W/"E"'}, False, True),
    "not others": ({"If-None-Match": '"x", "y"'}, True, True),
    "its etag and not others": ({"If-Match": '"E"', "If-None-Match": '"x"'}, True, False),
    "its etag and not it": ({"If-Match": '"E"', "If-None-Match": '"E"'}, False, False),
}


def _with(etag: str, headers: dict[str, str]) -> dict[str, str]:
    return {name: value.replace('"E"', etag) for name, value in headers.items()}


def _condition(answer: Answer) -> str:
    """The name of the precondition that failed."""
    return answer.xml[0].tag.rpartition("}")[2]


@pytest.mark.parametrize("what", CONDITIONS)
def test_a_write_happens_only_if_its_conditions_hold(sqlite_chef: Plain, what: str) -> None:
    book = sqlite_chef.make_book("/chef/persoenlich/")
    headers, over, onto_nothing = CONDITIONS[what]
    etag = sqlite_chef.put(f"{book}a.vcf", card("a")).headers["etag"]
    for method, body in (("PUT", card("a", "Berta")), ("DELETE", "")):
        answer = sqlite_chef.request(
            method, f"{book}a.vcf", body, {"Content-Type": "text/vcard", **_with(etag, headers)}
        )
        assert (answer.status == 204) == over, method
        assert over or answer.status == 412
        sqlite_chef.put(f"{book}a.vcf", card("a"))
    answer = sqlite_chef.request(
        "PUT", f"{book}b.vcf", card("b"), {"Content-Type": "text/vcard", **_with(etag, headers)}
    )
    assert answer.status == (201 if onto_nothing else 412)
    assert sqlite_chef.request("GET", f"{book}b.vcf").status == (200 if onto_nothing else 404)


def test_reading_is_conditional_too(sqlite_chef: Plain) -> None:
    book = sqlite_chef.make_book("/chef/persoenlich/")
    etag = sqlite_chef.put(f"{book}a.vcf", card("a")).headers["etag"]
    assert sqlite_chef.request("GET", f"{book}a.vcf", headers={"If-None-Match": f'"x", W/{etag}'}).status == 304
    assert sqlite_chef.request("GET", f"{book}a.vcf", headers={"If-Match": '"x"'}).status == 412
    whole = sqlite_chef.request("GET", book)
    assert whole.body == card("a").encode()
    assert sqlite_chef.request("GET", book, headers={"If-None-Match": whole.headers["etag"]}).status == 304
    head = sqlite_chef.request("HEAD", f"{book}a.vcf")
    assert (head.body, head.headers["content-length"]) == (b"", str(len(card("a"))))


def test_the_same_bytes_again_change_nothing(chef: Plain, book: str) -> None:
    etag = chef.put(f"{book}a.vcf", card("a")).headers["etag"]
    token = chef.sync(book).token
    again = chef.put(f"{book}a.vcf", card("a"))
    assert (again.status, again.headers["etag"]) == (204, etag)
    assert chef.sync(book, token).token == token
    assert chef.put(f"{book}a.vcf", card("a", "Berta")).headers["etag"] != etag


def test_a_uid_is_one_cards_alone(chef: Plain, book: str, calendar: str) -> None:
    """RFC 6352 §6.3.2.1, RFC 4791 §5.3.2.1: the refusal names who has it. Another collection is another matter."""
    chef.put(f"{book}a b.vcf".replace(" ", "%20"), card("a"))
    answer = chef.put(f"{book}other.vcf", card("a"))
    assert answer.status == 409
    assert answer.xml.findtext(f"{clark('CR:no-uid-conflict')}/{clark('D:href')}") == f"{book}a%20b.vcf"
    chef.put(f"{calendar}a.ics", event("a"))
    answer = chef.put(f"{calendar}b.ics", event("a"))
    assert answer.status == 409
    assert answer.xml.findtext(f"{clark('C:no-uid-conflict')}/{clark('D:href')}") == f"{calendar}a.ics"
    assert chef.put(f"{chef.make_book('/chef/zwei/')}a.vcf", card("a")).status == 201
    chef.request("DELETE", f"{book}a%20b.vcf")
    assert chef.put(f"{book}other.vcf", card("a")).status == 201


def test_a_uid_may_change_under_its_name(chef: Plain, book: str) -> None:
    chef.put(f"{book}a.vcf", card("a"))
    assert chef.put(f"{book}a.vcf", card("b")).status == 204
    assert chef.put(f"{book}b.vcf", card("a")).status == 201


BAD_CARDS = {
    "empty": b"",
    "a calendar": event().encode(),
    "two": (card("a") + card("b")).encode(),
    "one in one": card("a", "x", "BEGIN:VCARD", "END:VCARD").encode(),
    "no UID": card("a").replace("UID:a\r\n", "").encode(),
    "an empty UID": card("").encode(),
    "two UIDs": card("a", "x", "UID:b").encode(),
    "a long UID": card("u" * 256).encode(),
    "no end": card("a").replace("END:VCARD", "").encode(),
    "no version": card("a").replace("VERSION:3.0\r\n", "").encode(),
    "latin-1": card("a", "Bär").encode("latin-1"),
    "a null": card("a", "x\0y").encode(),
    "a control": card("a", "x\x07y").encode(),
    "a lone carriage return": card("a", "x\ry").encode(),
    "no XML character": card("a", "x\uffffy").encode(),
    "no colon": card("a", "x", "TEL;A=" + "b," * 40).encode(),
    "2001 properties": card("a", "x", *["TEL:1"] * 2001).encode(),
    "65 parameters": card("a", "x", "TEL" + ";A=b" * 65 + ":1").encode(),
    "something before it": b"X:1\r\n" + card("a").encode(),
}


@pytest.mark.parametrize("what", BAD_CARDS)
def test_what_is_no_card_is_refused_as_that(sqlite_chef: Plain, what: str) -> None:
    book = sqlite_chef.make_book("/chef/persoenlich/")
    answer = sqlite_chef.put(f"{book}a.vcf", BAD_CARDS[what], Content_Type="text/vcard")
    assert answer.status == 403
    assert _condition(answer) == "valid-address-data"
    assert sqlite_chef.sync(book).statuses == {}


def test_other_types_charsets_and_sizes_have_conditions_of_their_own(sqlite_chef: Plain) -> None:
    book, calendar = sqlite_chef.make_book("/chef/persoenlich/"), sqlite_chef.make_calendar("/chef/kalender-haus/")
    large = card("a", "x", "NOTE:" + "x" * 1024 * 1024)
    asked = [
        (book, card("a"), "image/jpeg", "supported-address-data"),
        (book, card("a"), "text/calendar", "supported-address-data"),
        (book, card("a"), "text/vcard; charset=utf-7", "supported-address-data"),
        (book, card("a").replace("3.0", "2.1"), "text/vcard", "supported-address-data"),
        (book, large, "text/vcard", "max-resource-size"),
        (calendar, event(), "text/vcard", "supported-calendar-data"),
        (calendar, event("a", "20260615T080000Z", "X:" + "x" * 1024 * 1024), "text/calendar", "max-resource-size"),
        (calendar, card("a"), "text/calendar", "valid-calendar-data"),
    ]
    for collection, body, content_type, condition in asked:
        answer = sqlite_chef.put(f"{collection}a", body, Content_Type=content_type)
        assert answer.status == 403
        assert _condition(answer) == condition
    assert (
        sqlite_chef.put(f"{book}a.vcf", card("a"), Content_Type='text/vcard; charset="UTF-8"; version=3.0').status
        == 201
    )
    assert sqlite_chef.put(f"{book}b.vcf", card("b"), Content_Type="").status == 201


def test_a_body_without_a_length_is_read_where_the_server_ends_it(sqlite_chef: Plain) -> None:
    """Transfer-Encoding: chunked, as the server hands it on; more than a card may have is refused all the same."""
    book = sqlite_chef.make_book("/chef/persoenlich/")
    for body, status in ((card("a"), 201), (card("b", "x", "NOTE:" + "x" * 1024 * 1024), 403)):
        chunked = {"wsgi.input": io.BytesIO(body.encode()), "wsgi.input_terminated": True, "CONTENT_TYPE": "text/vcard"}
        assert sqlite_chef.request("PUT", f"{book}a.vcf", **chunked).status == status
    assert sqlite_chef.request("GET", f"{book}a.vcf").text == card("a")


def test_post_finds_a_name(chef: Plain, book: str, calendar: str) -> None:
    """RFC 5995: announced by DAV:add-member."""
    for collection, body, ending in ((book, card("a"), ".vcf"), (calendar, event(), ".ics")):
        address = chef.propfind(collection, "D:add-member").prop(collection, "D:add-member").findtext(clark("D:href"))
        content_type = "text/vcard" if ending == ".vcf" else "text/calendar"
        answer = chef.request("POST", address, body, {"Content-Type": content_type})
        assert answer.status == 201
        where = answer.headers["location"]
        assert where.startswith(collection)
        assert where.endswith(ending)
        assert chef.request("GET", where).text == body


def test_a_contact_of_the_company_is_not_kept_here(world, mueller: int, chef: Plain, book: str) -> None:
    """DESIGN §2.9: a copy would escape every lock; blocked and erased are refused the same (I4).

    Who was never shown it is not told that it exists: to that account it is a UID like any other.
    """
    for state in (0, 1, 2):
        world.set_state(mueller, state)
        for body in (card(MUELLER), card(f"urn:uuid:{MUELLER}"), card(f"URN:UUID:{MUELLER.upper()}")):
            refused = chef.put(f"{book}x.vcf", body)
            assert refused.status == 403
            assert refused.has("D:need-privileges")
    assert chef.sync(book).statuses == {}
    fremd = Plain(world, "fremd", personal_books=True)
    assert fremd.put(f"{fremd.make_book('/fremd/eigen/')}x.vcf", card(MUELLER)).status == 201


@pytest.mark.parametrize("method", ["MOVE", "COPY"])
def test_a_card_of_the_company_goes_into_no_collection_of_ones_own(chef: Plain, book: str, method: str) -> None:
    source = next(href for href in chef.sync("/chef/alle/").statuses)
    for target in (f"{book}x.vcf", book, "/chef/neu/", "/chef/neu/x.vcf"):
        assert chef.transfer(method, source, target).status == 403
    assert chef.sync(book).statuses == {}
    assert chef.request("GET", source).status == 200


@pytest.mark.parametrize("method", ["MOVE", "COPY"])
def test_a_card_of_ones_own_goes_into_no_book_of_contacts(chef: Plain, book: str, method: str) -> None:
    chef.put(f"{book}a.vcf", card("a"))
    for target in ("/chef/alle/x.vcf", "/chef/gruppe-mieter/x.vcf", "/chef/", "/chef/alle/", "/chef/eingang/x.vcf"):
        assert chef.transfer(method, f"{book}a.vcf", target).status == 403
    assert chef.request("GET", f"{book}a.vcf").status == 200


def test_what_lies_nowhere_is_answered_by_where_it_lies(chef: Plain, book: str) -> None:
    """RFC 4918 §9.3.1, §9.7.1: 409 without a parent, 405 where there is one already, 403 where none may be."""
    assert chef.put("/chef/nirgends/a.vcf", card("a")).status == 409
    assert chef.request("MKCOL", "/chef/nirgends/tief/", MKCOL.format("")).status == 409
    assert chef.request("MKCOL", book, MKCOL.format("")).status == 405
    assert chef.request("MKCOL", f"{book}tief/", MKCOL.format("")).status == 403
    answer = chef.request("MKCALENDAR", book, MKCALENDAR.format(""))
    assert (answer.status, _condition(answer)) == (403, "resource-must-be-null")
    assert chef.request("PUT", book, card("a"), {"Content-Type": "text/vcard"}).status == 403
    assert chef.request("DELETE", f"{book}nie.vcf").status == 404
    assert chef.request("DELETE", "/chef/nirgends/").status == 404
    assert chef.request("DELETE", book, headers={"Depth": "0"}).status == 400


def test_only_address_books_and_calendars_are_made(chef: Plain) -> None:
    """RFC 5689 §3.3: valid-resourcetype."""
    plain_type = MKCOL.format("").replace("<CR:addressbook/>", "")
    both = MKCOL.format("").replace(
        "<CR:addressbook/>", '<CR:addressbook/><C:calendar xmlns:C="urn:ietf:params:xml:ns:caldav"/>'
    )
    for body in ("", plain_type, both):
        answer = chef.request("MKCOL", "/chef/x/", body)
        assert (answer.status, _condition(answer)) == (403, "valid-resourcetype")
    assert chef.request("MKCOL", "/chef/x/", "<x/>").status == 400
    calendar = MKCOL.format("").replace("<CR:addressbook/>", '<C:calendar xmlns:C="urn:ietf:params:xml:ns:caldav"/>')
    assert chef.request("MKCOL", "/chef/x/", calendar).status == 201


def test_a_maker_names_properties_or_nothing_is_made(chef: Plain) -> None:
    """RFC 5689 §3.4: all or nothing, and why."""
    answer = chef.request(
        "MKCOL", "/chef/x/", MKCOL.format("<D:displayname>Meins</D:displayname><D:getetag>x</D:getetag>")
    )
    assert answer.status == 403
    assert answer.xml.tag == clark("D:mkcol-response")
    assert answer.has("D:cannot-modify-protected-property")
    assert chef.propfind("/chef/x/", "D:displayname").status == 404
    chef.make_book(
        "/chef/x/",
        "<D:displayname>Meins</D:displayname><CR:addressbook-description>Privat &amp; so</CR:addressbook-description>",
    )
    answer = chef.propfind("/chef/x/", "D:displayname", "CR:addressbook-description")
    assert answer.texts("D:displayname") == {"/chef/x/": "Meins"}
    assert answer.texts("CR:addressbook-description") == {"/chef/x/": "Privat & so"}


def test_one_account_makes_so_many_and_no_more(sqlite_chef: Plain, monkeypatch: pytest.MonkeyPatch) -> None:
    """RFC 4331 §6, and E5 of the threats: 10,000 MKCOLs."""
    monkeypatch.setattr("radicale_propmgmt.services.collections.COLLECTIONS", 3)
    monkeypatch.setattr("radicale_propmgmt.services.collections.ITEMS", 2)
    for number in range(3):
        book = sqlite_chef.make_book(f"/chef/b{number}/")
    answer = sqlite_chef.request("MKCOL", "/chef/b3/", MKCOL.format(""))
    assert (answer.status, _condition(answer)) == (507, "quota-not-exceeded")
    for number in range(2):
        assert sqlite_chef.put(f"{book}{number}.vcf", card(str(number))).status == 201
    assert sqlite_chef.put(f"{book}2.vcf", card("2")).status == 507
    assert sqlite_chef.put(f"{book}0.vcf", card("0", "Neu")).status == 204
