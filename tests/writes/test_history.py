"""Every acknowledged write stands in the history of its contact, and can be undone."""

from __future__ import annotations

from datetime import date

import pytest

from radicale_propmgmt.db.repositories import lookups
from radicale_propmgmt.domain.errors import ContactLockedError, NotFoundError, UsageError
from radicale_propmgmt.services import contacts, gdpr, links
from tests.writes.decisions import Office
from tests.writes.test_change import card, edited, put
from tests.writes.test_create import MIETER, person, random_name


@pytest.fixture
def office(world) -> Office:
    return Office(world)


def find(world, href: str) -> int:
    with world.database.read() as connection:
        from radicale_propmgmt.db.repositories.identities import find_by_name

        found = find_by_name(connection, href.rpartition("/")[2])
    assert found is not None
    return found.contact_id


def test_every_accepted_write_keeps_who_when_which_fields_before_and_after(client, world, office, clock) -> None:
    world.add_contact("Makler", groups=["makler"])
    chef, azra = client("chef"), client("azra", "laptop")
    name = random_name()
    assert put(chef, MIETER + name, person("Neu", email="a@example.org")).status == 201
    contact = find(world, name)
    born = office.fields(contact)
    clock.advance(days=1)
    body, etag = card(azra, "/azra/alle/" + name)
    assert put(azra, "/azra/alle/" + name, edited(body, "2312777", "9999999"), etag).status == 204
    chef.request("MOVE", MIETER + name, headers={"Destination": "/chef/gruppe-makler/" + name})
    assert chef.request("DELETE", "/chef/gruppe-makler/" + name).status == 204
    entries = office.history(contact)[::-1]
    kinds = [(entry.kind, entry.actor, entry.login, entry.device) for entry in entries]
    assert kinds == [
        ("created", "account:chef", "chef", "phone"),
        ("membership", "account:chef", "chef", "phone"),
        ("fields", "account:azra", "azra", "laptop"),
        ("membership", "account:chef", "chef", "phone"),
        ("membership", "account:chef", "chef", "phone"),
        ("membership", "account:chef", "chef", "phone"),
    ]
    assert (entries[0].before, entries[0].after) == ({}, born)
    assert [entry.at for entry in entries[:3]] == [entries[0].at] * 2 + [entries[0].at + 86400]
    assert entries[2].fields == ["phone"]
    assert entries[2].before == {"phone": born["phone"]}
    assert entries[2].after == {"phone": office.fields(contact)["phone"]} != entries[2].before
    assert [(entry.before["group"], entry.after["group"]) for entry in entries[3:]] == [
        (None, "makler"),
        ("mieter", None),
        ("makler", None),
    ]


def test_what_came_through_the_inbox_names_the_device_that_sent_it(client, world, office) -> None:
    assert put(client("azra"), "/azra/gruppe-mieter/" + random_name(), person("Wartet")).status == 201
    (entry,) = office.inbox()
    contact = office.release(entry, object_number="0815")
    found = office.history(contact)
    assert [change.kind for change in found] == ["link", "membership", "created"]
    assert {(change.actor, change.login, change.device) for change in found} == {("cli:vera", "azra", "phone")}
    assert found[-1].after == office.fields(contact)


def test_undo_restores_exactly_what_was_after_each_revision(client, world, office, anna, name_of) -> None:
    """Fields, memberships, windows of links and removed links; then the undoing itself is undone."""
    chef, href = client("chef"), "/chef/alle/" + name_of(anna)
    link = world.add_link(anna, "0815", "mieter", starts=date(2020, 1, 1))

    def edit(old: str, new: str):
        def work() -> None:
            body, etag = card(chef, href)
            assert put(chef, href, edited(body, old, new), etag).status == 204

        return work

    def do(work):
        def done() -> None:
            with office.write() as uow:
                work(uow)

        return done

    steps = [
        edit("+49 30 2312501", "+49 30 9999999"),
        edit("EMAIL:anna@example.org\r\n", "NOTE:Hund\\nund Katze\r\nX-NEU;X-A=b:drei\r\n"),
        edit("FN:Anna Müller\r\n", "FN:Anna Müller\r\nBDAY:1961-04-05\r\nEMAIL;TYPE=WORK:neu@example.org\r\n"),
        lambda: chef.request("DELETE", MIETER + name_of(anna)),
        do(lambda uow: contacts.set_tags(uow, anna, add=["vip"])),
        do(lambda uow: links.end_link(uow, link, date(2026, 12, 31))),
    ]
    states = [(0, office.fields(anna), office.places(anna))]
    for step in steps:
        step()
        states.append((office.history(anna)[0].rev, office.fields(anna), office.places(anna)))
    assert len({str(state[1:]) for state in states}) == len(states)
    for rev, fields, places in [*states[::-1], *states]:
        office.undo(anna, rev)
        assert (office.fields(anna), office.places(anna)) == (fields, places)


def test_a_link_that_was_taken_away_comes_back_and_one_that_was_added_is_told(world, office, anna) -> None:
    link = world.add_link(anna, "0815", "mieter", starts=date(2026, 6, 15))
    with office.write() as uow:
        links.end_link(uow, link, date(2026, 12, 31))
        links.remove_link(uow, link)
        new = links.add_link(uow, anna, object_number="0816", group="mieter")
    done = office.undo(anna, 0)
    assert ("mieter", "0815", None, None, date(2026, 6, 15), None) in office.places(anna)
    assert ("mieter", "0816", None, None, None, None) in office.places(anna)
    (left,) = done.left
    assert f"link {new} was added" in left


def test_undo_is_refused_where_it_cannot_be(client, world, office, anna) -> None:
    name = random_name()
    assert put(client("chef"), MIETER + name, person("Neu")).status == 201
    with pytest.raises(UsageError, match="was made after"):
        office.undo(find(world, name), 0)
    with pytest.raises(NotFoundError, match="no revision 99999"):
        office.undo(anna, 99999)
    with office.write() as uow:
        gdpr.block(uow, anna, "art18-1a", reason="x")
    with pytest.raises(ContactLockedError):
        office.undo(anna, 0)
    with world.database.read() as connection:
        assert lookups.contact_state(connection, anna) == 1
