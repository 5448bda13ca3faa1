"""Proposals: what a client may not do itself waits for the office."""

from __future__ import annotations

from datetime import date

import pytest

from radicale_propmgmt.db.repositories import proposals as rows
from radicale_propmgmt.domain.errors import ContactLockedError, NotFoundError, RefusedError
from radicale_propmgmt.services import gdpr, proposals
from tests.writes.decisions import Office
from tests.writes.test_change import card, edited, put
from tests.writes.test_create import person, random_name

BOOK = "/petra/alle/"


@pytest.fixture
def office(world) -> Office:
    return Office(world)


@pytest.fixture
def proposed(client, office, anna, name_of):
    """Petra, who only proposes, gives Anna another phone."""
    petra = client("petra")
    body, etag = card(petra, BOOK + name_of(anna))
    assert put(petra, BOOK + name_of(anna), edited(body, "+49 30 2312501", "+49 30 9999999"), etag).status == 204
    (found,) = office.proposals()
    return found


def test_an_accepted_edit_reaches_every_audience_and_stands_in_history(client, office, anna, name_of, proposed) -> None:
    tokens = {login: client(login).sync(f"/{login}/alle/").token for login in ("horst", "chef")}
    compared = office.compare(proposed)
    assert set(compared) == {"phone"}
    assert not compared["phone"].conflict
    assert compared["phone"].base == compared["phone"].current != compared["phone"].proposed
    done = office.accept(proposed)
    assert (done.contact_id, done.fields) == (anna, ["phone"])
    for login, token in tokens.items():
        book = f"/{login}/alle/"
        assert client(login).sync(book, token).statuses == {book + name_of(anna): "200"}
        assert "+49 30 9999999" in card(client(login), book + name_of(anna))[0]
    (change,) = office.history(anna)
    assert (change.actor, change.login, change.device, change.fields) == ("cli:vera", "petra", "phone", ["phone"])
    assert office.fields(anna)["phone"] == change.after["phone"] == compared["phone"].result
    assert office.proposals() == []


def test_what_changed_meanwhile_stays_and_the_same_field_needs_force(client, world, office, anna, proposed) -> None:
    world.set_values(anna, phone="+49 30 2312501", email="neu@example.org")
    assert not office.compare(proposed)["phone"].conflict
    world.set_values(anna, phone="+49 30 7777777", email="neu@example.org")
    compared = office.compare(proposed)["phone"]
    assert compared.conflict
    with pytest.raises(RefusedError, match="--force"):
        office.accept(proposed)
    assert "7777777" in str(office.fields(anna)["phone"])
    office.accept(proposed, force=True)
    assert office.fields(anna)["phone"] == compared.result
    assert "9999999" in str(office.fields(anna)["phone"])
    assert "7777777" not in str(office.fields(anna)["phone"])
    assert "neu@example.org" in str(office.fields(anna)["email"])


def test_only_the_proposed_fields_are_written(client, world, office, anna, name_of) -> None:
    """A partly allowed edit is partly done; the proposal holds the rest and nothing else."""
    bird = client("chef", agent="Thunderbird/140.0")
    bird.sync("/chef/alle/", "", "D:getetag", "CR:address-data")
    href = "/chef/alle/" + name_of(anna)
    body, _ = card(bird, href)
    world.set_values(anna, phone="+49 30 7777777", email="anna@example.org")
    both = edited(edited(body, "+49 30 2312501", "+49 30 9999999"), "anna@example.org", "neu@example.org")
    assert put(bird, href, both).status == 204
    (found,) = office.proposals()
    assert found.fields == ["phone"]
    world.set_values(anna, phone="+49 30 7777777", email="wieder@example.org")
    office.accept(found, force=True)
    assert "wieder@example.org" in str(office.fields(anna)["email"])


def test_what_a_stale_device_proposes_does_not_undo_the_office(client, world, office, anna, name_of) -> None:
    """M7, for refused writes, too: the base is what the device holds, or nothing is deleted."""
    petra = client("petra")
    petra.sync(BOOK, "", "D:getetag", "CR:address-data")
    body, _ = card(petra, BOOK + name_of(anna))
    world.set_columns(anna, family="Meier")
    assert put(petra, BOOK + name_of(anna), edited(body, "+49 30 2312501", "+49 30 9999999")).status == 204
    (found,) = office.proposals()
    assert set(office.compare(found)) == {"phone"}
    office.accept(found)
    assert office.fields(anna)["name"]["family"] == "Meier"


def test_a_card_that_is_none_and_a_refused_copy_propose_nothing(client, office, anna, name_of) -> None:
    petra = client("petra")
    assert put(petra, BOOK + name_of(anna), "no card").status == 204
    assert put(petra, BOOK + name_of(anna), "x", Content_Type="image/png").status in {204, 403}
    assert office.proposals() == []


def test_an_accepted_deletion_takes_the_contact_out_of_that_book(client, world, office, name_of) -> None:
    contact = world.add_contact("Huber", groups=["makler"])
    world.add_link(contact, "0815", "mieter", starts=date(2020, 1, 1))
    petra, chef, horst = client("petra"), client("chef"), client("horst")
    assert petra.request("DELETE", BOOK + name_of(contact)).status == 204
    (found,) = office.proposals()
    assert office.compare(found) == {}
    assert office.accept(found).ended == 1
    assert office.places(contact) == {
        ("makler", None, None, None, None, None),
        ("mieter", "0815", None, None, date(2020, 1, 1), date(2026, 6, 14)),
    }
    assert not petra.sync(BOOK).responses
    assert not horst.sync("/horst/alle/").responses
    assert card(chef, "/chef/alle/" + name_of(contact))
    with world.database.read() as connection:
        assert rows.list_proposals(connection, only_open=False)[0].state == "accepted"


def test_a_rejected_proposal_changes_nothing_and_what_was_sent_is_dropped(world, office, anna, proposed) -> None:
    before = office.fields(anna)
    with office.write() as uow:
        proposals.reject(uow, proposed.id)
    with world.database.read() as connection:
        (found,) = rows.list_proposals(connection, only_open=False)
    assert (found.state, found.body, found.decided_by) == ("rejected", None, "cli:vera")
    assert office.fields(anna) == before
    assert office.history(anna) == []
    with pytest.raises(NotFoundError):
        office.accept(proposed)


def test_nothing_is_accepted_on_a_contact_that_was_blocked_meanwhile(office, anna, proposed) -> None:
    with office.write() as uow:
        gdpr.block(uow, anna, "art18-1a", reason="x")
    with pytest.raises(ContactLockedError):
        office.accept(proposed, force=True)
    assert len(office.proposals()) == 1


def test_an_edit_is_still_accepted_when_its_client_no_longer_sees_the_contact(world, office, anna, proposed) -> None:
    world.set_memberships(anna, ["makler"])
    office.accept(proposed)
    assert "9999999" in str(office.fields(anna)["phone"])


def test_a_device_in_a_loop_fills_no_disk(client, world, office, anna, name_of, monkeypatch) -> None:
    monkeypatch.setattr(rows, "MOST_OPEN", 2)
    petra = client("petra")
    body, etag = card(petra, BOOK + name_of(anna))
    for number in range(4):
        assert put(petra, BOOK + name_of(anna), edited(body, "2312501", f"99999{number:02}"), etag).status == 204
        _, etag = card(petra, BOOK + name_of(anna))
    assert len(office.proposals()) == 2


def test_a_new_card_where_nothing_may_be_made_is_no_proposal(client, office) -> None:
    assert put(client("petra"), BOOK + random_name(), person("Neu")).status == 204
    assert office.proposals() == []
