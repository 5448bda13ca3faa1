"""Personal address books: made by MKCOL, filled byte for byte, synced as every book is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from radicale_propmgmt.db.repositories import restores
from radicale_propmgmt.domain.changes import SyncToken
from tests.plain.client import MKCOL, Plain, card
from tests.support.dav import clark


def filters(inner: str) -> str:
    return f"<CR:filter>{inner}</CR:filter>"


def test_a_book_holds_what_is_put_into_it_byte_for_byte(chef: Plain, book: str) -> None:
    """DESIGN §2.9: no line is folded anew, no property reordered, no line end changed."""
    sent = "BEGIN:VCARD\nVERSION:4.0\nUID:urn:uuid:x\nfn:Bär\nitem1.X-ABLabel:a\\,b\nPHOTO:data:image/png;base64,AA\n  ==\nEND:VCARD"
    answer = chef.put(f"{book}a.vcf", sent)
    assert answer.status == 201
    got = chef.request("GET", f"{book}a.vcf")
    assert got.body == sent.encode()
    assert got.headers["etag"] == answer.headers["etag"]
    assert got.headers["content-type"] == "text/vcard; charset=utf-8"
    listed = chef.multiget(book, [f"{book}a.vcf"])
    assert listed.texts("CR:address-data")[f"{book}a.vcf"] == sent


def test_a_home_lists_its_collections_after_its_books(chef: Plain, book: str, calendar: str) -> None:
    """macOS takes only the first book: that stays "alle"."""
    answer = chef.propfind("/chef/", "D:resourcetype", "D:displayname", depth="1")
    assert list(answer.responses) == ["/chef/", "/chef/alle/", "/chef/gruppe-mieter/", book, calendar]
    assert answer.prop(book, "D:resourcetype").find(clark("CR:addressbook")) is not None


def test_a_device_that_syncs_hears_of_every_change_once(chef: Plain, book: str) -> None:
    """RFC 6578 §3.4: made, changed, removed; what came and went between is not mentioned."""
    chef.put(f"{book}a.vcf", card("a"))
    chef.put(f"{book}b.vcf", card("b"))
    first = chef.sync(book)
    assert set(first.statuses.values()) == {"200"}
    chef.put(f"{book}a.vcf", card("a", "Berta"))
    chef.request("DELETE", f"{book}b.vcf")
    chef.put(f"{book}c.vcf", card("c"))
    chef.put(f"{book}d.vcf", card("d"))
    chef.request("DELETE", f"{book}d.vcf")
    second = chef.sync(book, first.token)
    assert second.statuses == {f"{book}a.vcf": "200", f"{book}b.vcf": "404", f"{book}c.vcf": "200"}
    assert chef.sync(book, second.token).statuses == {}
    assert chef.sync(book).statuses == {f"{book}a.vcf": "200", f"{book}c.vcf": "200"}


def test_a_removed_card_that_comes_back_is_known_to_have_been_there(chef: Plain, book: str) -> None:
    """M3: the first time it was there is never reset, or a device keeps it for ever."""
    chef.put(f"{book}a.vcf", card("a"))
    token = chef.sync(book).token
    chef.request("DELETE", f"{book}a.vcf")
    chef.put(f"{book}a.vcf", card("a"))
    chef.request("DELETE", f"{book}a.vcf")
    assert chef.sync(book, token).statuses == {f"{book}a.vcf": "404"}


def test_a_sync_in_pages_loses_nothing(chef: Plain, book: str) -> None:
    """RFC 6578 §3.6: 507 on the collection, and a token from which the next page goes on."""
    for number in range(7):
        chef.put(f"{book}{number}.vcf", card(str(number)))
    token, found = "", {}
    for page in range(4):
        answer = chef.sync(book, token, limit=2)
        statuses = answer.statuses
        assert (statuses.pop(book, None) == "507") == (page < 3)
        found |= statuses
        token = answer.token
    assert len(found) == 7
    assert chef.sync(book, token).statuses == {}


def test_a_token_of_a_book_that_was_made_anew_is_none(chef: Plain, book: str) -> None:
    """Its history ended with it; a device that has it starts afresh (RFC 6578 §3.2)."""
    chef.put(f"{book}a.vcf", card("a"))
    token = chef.sync(book).token
    assert chef.request("DELETE", book).status == 204
    for method in ("GET", "PROPFIND"):
        assert chef.request(method, book).status == 404
        assert chef.request(method, f"{book}a.vcf").status == 404
    assert chef.sync(book, token).status == 404
    chef.make_book(book)
    refused = chef.sync(book, token)
    assert refused.status == 403
    assert refused.has("D:valid-sync-token")
    assert chef.sync(book).statuses == {}


def test_a_token_of_before_a_restore_is_good_up_to_it(world, chef: Plain, book: str) -> None:
    """M6: what was issued in the time that was lost is no token; what was issued before is."""
    chef.put(f"{book}a.vcf", card("a"))
    before = chef.sync(book).token
    token = SyncToken.parse(before)
    lost = str(replace(token, seq=token.seq + 1))
    with world.database.write("test") as uow:
        restores.begin_epoch(uow, 2)
    chef.put(f"{book}b.vcf", card("b"))
    assert chef.sync(book, before).statuses == {f"{book}b.vcf": "200"}
    assert chef.sync(book, lost).status == 403
    assert chef.sync(book, str(replace(token, epoch=3))).status == 403


def test_thunderbird_is_answered_whatever_token_it_has(world, chef: Plain, book: str) -> None:
    """It repeats a refused token for ever: everything there is and was, instead."""
    chef.put(f"{book}a.vcf", card("a"))
    chef.put(f"{book}b.vcf", card("b"))
    chef.request("DELETE", f"{book}b.vcf")
    bird = Plain(world, "chef", user_agent="Mozilla/5.0 Thunderbird/153.7.0", personal_books=True)
    assert bird.sync(book, "http://elsewhere/1").statuses == {f"{book}a.vcf": "200", f"{book}b.vcf": "404"}


def test_a_query_finds_cards_by_what_stands_in_them(chef: Plain, book: str) -> None:
    chef.put(f"{book}a.vcf", card("a", "Anna", "TEL:+49 30 1"))
    chef.put(f"{book}b.vcf", card("b", "Bär"))
    found = chef.query(book, filters('<CR:prop-filter name="FN"><CR:text-match>BÄR</CR:text-match></CR:prop-filter>'))
    assert list(found.responses) == [f"{book}b.vcf"]


def test_without_personal_books_a_home_has_none(world) -> None:
    """[accounts] personal_books = false: "bind" is what the client lacks."""
    chef = Plain(world, "chef")
    answer = chef.request("MKCOL", "/chef/persoenlich/", MKCOL.format(""))
    assert answer.status == 403
    assert answer.has("D:need-privileges")
    assert chef.request("PROPFIND", "/chef/persoenlich/").status == 404
    assert chef.make_calendar("/chef/kalender-x/")


@pytest.mark.parametrize(
    "segment",
    [
        "alle",
        "gruppe-mieter",
        "gruppe-neu",
        "objekt-1",
        "eingang",
        "gesperrt",
        "geburtstage",
        "einzelfreigaben",
        "Alle",
    ],
)
def test_names_of_books_of_contacts_are_not_free(chef: Plain, segment: str) -> None:
    for method, body in (("MKCOL", MKCOL.format("")), ("MKCALENDAR", "")):
        assert chef.request(method, f"/chef/{segment}/", body).status == 403
    assert len(chef.propfind("/chef/", "D:resourcetype", depth="1").responses) == 3


def test_nobody_else_reaches_a_book(chef: Plain, horst: Plain, book: str) -> None:
    """Outside the own home every answer is one (DESIGN §3)."""
    chef.put(f"{book}a.vcf", card("a"))
    answers = {
        (answer.status, answer.body)
        for path in (book, f"{book}a.vcf", "/chef/nie/", "/chef/nie/a.vcf")
        for method in ("GET", "PUT", "DELETE", "PROPFIND", "PROPPATCH", "MKCOL", "MOVE")
        for answer in [horst.request(method, path, card("a") if method == "PUT" else "")]
    }
    assert {status for status, _ in answers} == {403}
    assert len(answers) == 1
    assert horst.request("GET", "/horst/persoenlich/").status == 404
