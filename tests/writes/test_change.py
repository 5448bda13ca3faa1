"""PUT on a card that is visible."""

from __future__ import annotations

import pytest

from tests.support.dav import Client, clark

BOOK = "/chef/alle/"


def card(client: Client, href: str) -> tuple[str, str]:
    """The card and its ETag, as the device fetches it."""
    answer = client.multiget(href.rpartition("/")[0] + "/", [href])
    assert answer.statuses[href] == "200", answer.text
    body = answer.prop(href, "CR:address-data").text
    return body, answer.prop(href, "D:getetag").text


def put(client: Client, href: str, body: str, etag: str | None = None, **headers: str):
    given = {"Content-Type": "text/vcard; charset=utf-8", **{k.replace("_", "-"): v for k, v in headers.items()}}
    if etag is not None:
        given["If-Match"] = etag
    return client.request("PUT", href, body, given)


def edited(body: str, old: str, new: str) -> str:
    assert body.count(old) == 1, body
    return body.replace(old, new).replace("\r\n", "\n").replace("\n", "\r\n")


def test_an_edit_reaches_the_database_and_every_other_audience(client, anna, name_of) -> None:
    chef, horst = client("chef"), client("horst")
    href, seen = BOOK + name_of(anna), "/horst/alle/" + name_of(anna)
    token = horst.sync("/horst/alle/").token
    body, etag = card(chef, href)
    answer = put(chef, href, edited(body, "+49 30 2312501", "+49 30 9999999"), etag)
    assert answer.status == 204
    assert "+49 30 9999999" in card(chef, href)[0]
    delta = horst.sync("/horst/alle/", token)
    assert delta.statuses == {seen: "200"}
    assert "+49 30 9999999" in card(horst, seen)[0]


def test_what_the_writer_cannot_see_survives(client, world, anna, name_of) -> None:
    """I5: a masked write never changes a hidden field."""
    world.set_columns(anna, note="Schlüssel beim Nachbarn", internal_note="geheim")
    azra, chef = client("azra"), client("chef")
    href = "/azra/alle/" + name_of(anna)
    body, etag = card(azra, href)
    assert "Schlüssel" not in body
    assert put(azra, href, edited(body, "+49 30 2312501", "+49 30 9999999"), etag).status == 204
    whole, _ = card(chef, BOOK + name_of(anna))
    assert "Schlüssel" in whole
    assert "+49 30 9999999" in whole


def test_what_may_not_be_written_is_refused_and_fetched_back(client, anna, name_of) -> None:
    """Refusing is not reverting: the ETag moves, so that the device fetches the truth (DESIGN §6)."""
    azra = client("azra")
    href = "/azra/alle/" + name_of(anna)
    token = azra.sync("/azra/alle/").token
    body, etag = card(azra, href)
    answer = put(azra, href, edited(body, "anna@example.org", "other@example.org"), etag)
    assert answer.status == 403
    assert answer.has("D:need-privileges")
    after = azra.sync("/azra/alle/", token)
    assert after.statuses == {href: "200"}
    again, new_etag = card(azra, href)
    assert again == body
    assert new_etag != etag


def test_a_partly_allowed_edit_is_partly_done_and_fetched_back(client, anna, name_of) -> None:
    azra = client("azra")
    href = "/azra/alle/" + name_of(anna)
    body, etag = card(azra, href)
    both = edited(edited(body, "anna@example.org", "other@example.org"), "+49 30 2312501", "+49 30 9999999")
    answer = put(azra, href, both, etag)
    assert answer.status == 204
    assert "etag" not in answer.headers
    after, _ = card(azra, href)
    assert "+49 30 9999999" in after
    assert "other@" not in after


def test_a_book_that_is_only_read_refuses_and_nudges_once_until_it_was_fetched(client, anna, name_of) -> None:
    horst = client("horst")
    href = "/horst/alle/" + name_of(anna)
    body, etag = card(horst, href)
    changed = edited(body, "+49 30 2312501", "+49 30 9999999")
    assert put(horst, href, changed, etag).status == 403
    token = horst.sync("/horst/alle/").token
    _, nudged = card(horst, href)
    assert nudged != etag
    assert put(horst, href, changed, nudged).status == 403
    assert horst.sync("/horst/alle/", token).statuses == {href: "200"}
    assert put(horst, href, changed).status == 403


def test_a_stale_edit_of_another_field_is_merged_and_of_the_same_field_refused(client, anna, name_of) -> None:
    chef, other = client("chef"), client("chef", "laptop")
    href = BOOK + name_of(anna)
    body, etag = card(chef, href)
    assert put(other, href, edited(body, "anna@example.org", "neu@example.org"), etag).status == 204
    phone = edited(body, "+49 30 2312501", "+49 30 9999999")
    assert put(chef, href, phone, etag).status == 204
    merged, new_etag = card(chef, href)
    assert "neu@example.org" in merged
    assert "+49 30 9999999" in merged
    assert put(chef, href, edited(body, "+49 30 2312501", "+49 30 1111111"), etag).status == 412
    assert card(chef, href) == (merged, new_etag)


def test_an_etag_that_was_never_issued_is_412(client, anna, name_of) -> None:
    chef = client("chef")
    href = BOOK + name_of(anna)
    body, _ = card(chef, href)
    assert put(chef, href, body, '"never"').status == 412
    assert put(chef, href, body, If_None_Match="*").status == 412


def test_thunderbird_without_if_match_does_not_undo_the_office(client, world, anna, name_of) -> None:
    """M7: the base is what the device last received, not what the office wrote since."""
    bird = client("chef", agent="Thunderbird/140.0")
    href = BOOK + name_of(anna)
    bird.sync(BOOK, "", "D:getetag", "CR:address-data")
    body, _ = card(bird, href)
    world.set_values(anna, phone="+49 30 7777777", email="anna@example.org")
    assert put(bird, href, edited(body, "anna@example.org", "neu@example.org")).status == 204
    after, _ = card(bird, href)
    assert "+49 30 7777777" in after
    assert "neu@example.org" in after


def test_a_conflict_without_if_match_keeps_the_current_value_and_becomes_a_proposal(
    client, world, anna, name_of
) -> None:
    from radicale_propmgmt.db.repositories import proposals

    bird = client("chef", agent="Thunderbird/140.0")
    href = BOOK + name_of(anna)
    bird.sync(BOOK, "", "D:getetag", "CR:address-data")
    body, _ = card(bird, href)
    world.set_values(anna, phone="+49 30 7777777", email="anna@example.org")
    assert put(bird, href, edited(body, "+49 30 2312501", "+49 30 9999999")).status == 204
    assert "+49 30 7777777" in card(bird, href)[0]
    with world.database.read() as connection:
        (proposal,) = proposals.list_proposals(connection)
    assert (proposal.kind, proposal.contact_id, proposal.fields) == ("edit", anna, ["phone"])


def test_a_card_sent_back_unchanged_changes_nothing_and_moves_no_token(client, anna, name_of) -> None:
    chef = client("chef")
    href = BOOK + name_of(anna)
    token = chef.sync(BOOK).token
    body, etag = card(chef, href)
    answer = put(chef, href, body, etag)
    assert answer.status == 204
    assert answer.headers["etag"] == etag
    assert not chef.sync(BOOK, token).responses


@pytest.mark.parametrize(
    ("body", "condition"),
    [
        ("no card", "CR:valid-address-data"),
        ("BEGIN:VCARD\r\nVERSION:3.0\r\nFN:\x01\r\nEND:VCARD\r\n", "CR:valid-address-data"),
        (
            "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:x\r\nNOTE:" + "x" * 1024 * 1024 + "\r\nEND:VCARD\r\n",
            "CR:max-resource-size",
        ),
        ("BEGIN:VCARD\r\nVERSION:3.0\r\nFN:x\r\nUID:other\r\nEND:VCARD\r\n", "CR:no-uid-conflict"),
    ],
)
def test_a_bad_card_is_refused_by_its_precondition_and_changes_nothing(client, anna, name_of, body, condition) -> None:
    chef = client("chef")
    href = BOOK + name_of(anna)
    before, etag = card(chef, href)
    answer = put(chef, href, body, etag)
    assert answer.status == (409 if "uid" in condition else 403)
    assert answer.xml.find(clark(condition)) is not None
    assert card(chef, href)[0] == before


def test_a_rule_that_proposes_answers_as_done(client, world, anna, name_of) -> None:
    from radicale_propmgmt.db.repositories import proposals

    petra = client("petra")
    href = "/petra/alle/" + name_of(anna)
    body, etag = card(petra, href)
    assert put(petra, href, edited(body, "+49 30 2312501", "+49 30 9999999"), etag).status == 204
    assert "+49 30 2312501" in card(petra, href)[0]
    assert petra.request("DELETE", href).status == 204
    with world.database.read() as connection:
        assert [proposal.kind for proposal in proposals.list_proposals(connection)] == ["edit", "delete"]
