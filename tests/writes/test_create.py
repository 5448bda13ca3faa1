"""PUT under a name that is not visible, and POST."""

from __future__ import annotations

import re
import uuid

import pytest

from radicale_propmgmt.db.repositories import inbox as entries
from radicale_propmgmt.domain.contacts import ContactData, Name, PropertyValue
from radicale_propmgmt.services import contacts, gdpr, inbox
from tests.support.dav import Client
from tests.writes.test_change import card, put

MIETER = "/chef/gruppe-mieter/"


def person(family: str, uid: str = "", email: str = "", phone: str = "+49 30 2312777") -> str:
    lines = [
        "BEGIN:VCARD",
        "VERSION:3.0",
        f"UID:{uid or uuid.uuid4()}",
        f"FN:Neu {family}",
        f"N:{family};Neu;;;",
        f"TEL;TYPE=CELL:{phone}",
        *([f"EMAIL:{email}"] if email else []),
        "END:VCARD",
        "",
    ]
    return "\r\n".join(lines)


def random_name() -> str:
    return f"{uuid.uuid4()}.vcf"


def test_a_group_book_makes_a_contact_of_its_group_under_the_sent_name(client) -> None:
    chef, horst = client("chef"), client("horst")
    name, uid = random_name(), str(uuid.uuid4())
    answer = put(chef, MIETER + name, person("Neumann", uid), If_None_Match="*")
    assert answer.status == 201
    assert "location" not in answer.headers
    body, _ = card(chef, MIETER + name)
    assert f"UID:{uid}" in body
    assert "CATEGORIES:Mieter" in body
    assert "Neumann" in card(horst, "/horst/alle/" + name)[0]


def test_an_object_book_also_links_it(client, world) -> None:
    chef = client("chef")
    world.add_link(world.add_contact("Alt", groups=["mieter"]), "0815", "mieter")
    name = random_name()
    assert put(chef, "/chef/objekt-0815-mieter/" + name, person("Neumann")).status == 201
    assert "X-PROPMGMT-OBJEKT;X-ROLE=mieter" in card(chef, "/chef/alle/" + name)[0]


def test_a_telling_name_is_not_kept(client) -> None:
    """M10: 201 with Location, and the sent name is 404 in the book's next delta."""
    chef = client("chef")
    token = chef.sync(MIETER).token
    answer = put(chef, MIETER + "Neumann%20Otto.vcf", person("Neumann"))
    assert answer.status == 201
    assert re.fullmatch(r"/chef/gruppe-mieter/[0-9a-f-]{36}\.vcf", answer.headers["location"])
    delta = chef.sync(MIETER, token)
    assert delta.statuses == {MIETER + "Neumann%20Otto.vcf": "404", answer.headers["location"]: "200"}


def test_post_makes_a_contact_and_says_where(client) -> None:
    """RFC 5995."""
    chef = client("chef")
    answer = chef.request("POST", MIETER, person("Neumann"), {"Content-Type": "text/vcard"})
    assert answer.status == 201
    assert "Neumann" in card(chef, answer.headers["location"])[0]


def test_who_may_not_create_gets_one_refusal(client, world, anna, name_of) -> None:
    """Whether the name is free, somebody's hidden card's, or a blocked one's."""
    makler = world.add_contact("Makler", groups=["makler"])
    horst = client("horst")
    horst.sync("/horst/alle/")
    world.set_state(anna, 1)
    names = [random_name(), name_of(makler), name_of(anna)]
    answers = [put(horst, f"/horst/alle/{name}", person("X")) for name in names]
    assert {answer.status for answer in answers} == {403}
    assert len({answer.body.replace(name.encode(), b"") for answer, name in zip(answers, names, strict=True)}) == 1


def test_with_if_match_there_is_nothing_to_change(client) -> None:
    assert put(client("chef"), MIETER + random_name(), person("X"), '"etag"').status == 412


def test_a_uid_that_another_visible_card_has_is_refused_with_its_href(client, anna, name_of) -> None:
    """RFC 6352 §6.3.2.1."""
    chef = client("chef")
    body, _ = card(chef, MIETER + name_of(anna))
    answer = put(chef, MIETER + random_name(), body)
    assert answer.status == 409
    assert answer.has("CR:no-uid-conflict")
    assert name_of(anna) in answer.text


def test_a_card_that_was_ever_served_cannot_be_brought_back_by_name_or_uid(client, world, anna, name_of) -> None:
    """Tombstones: the person stays gone, whatever the client does (DAVx5 re-uploads what was 404)."""
    chef = client("chef")
    chef.sync(MIETER)
    body, _ = card(chef, MIETER + name_of(anna))
    with world.database.write("test") as uow:
        gdpr.block(uow, anna, "art18-1a", reason="x")
    assert put(chef, MIETER + name_of(anna), body).status == 403
    assert put(chef, MIETER + random_name(), body, If_None_Match="*").status == 403
    assert not chef.sync(MIETER).responses
    with world.database.read() as connection:
        assert entries.list_entries(connection) == []


def test_a_blocked_person_under_a_new_uid_waits_in_the_inbox_with_the_same_answer(client, world) -> None:
    """Outlook CalDav Synchronizer re-creates what vanished under a new UID."""
    chef = client("chef")
    data = ContactData(name=Name(family="Müller", given="Anna"), values=(PropertyValue("EMAIL", "anna@example.org"),))
    with world.database.write("test") as uow:
        anna = contacts.add_contact(uow, data, groups=["mieter"])
    plain = put(chef, MIETER + random_name(), person("Neumann", email="neu@example.org", phone="+49 30 1111111"))
    with world.database.write("test") as uow:
        gdpr.block(uow, anna, "art18-1a", reason="x")
    name = random_name()
    token = chef.sync(MIETER).token
    answer = put(chef, MIETER + name, person("Müller", email="anna@example.org", phone="+49 30 2222222"))
    assert (answer.status, answer.headers, answer.body) == (plain.status, plain.headers, plain.body)
    assert chef.sync(MIETER, token).statuses == {MIETER + name: "404"}
    with world.database.read() as connection:
        (entry,) = entries.list_entries(connection)
    assert entry.matches == [anna]
    waiting = chef.propfind("/chef/eingang/", "D:getetag", depth="1")
    assert f"/chef/eingang/{entry.name}" in waiting.responses


def test_what_waits_in_the_inbox_is_seen_by_its_creator_and_by_reviewers_alone(client, world) -> None:
    azra, olga, chef = client("azra"), client("olga"), client("chef")
    assert put(azra, "/azra/gruppe-mieter/" + random_name(), person("Wartet")).status == 201
    for who, login, expected in ((azra, "azra", 1), (olga, "olga", 1), (chef, "chef", 0)):
        listed = who.propfind(f"/{login}/eingang/", "D:getetag", depth="1")
        found = [href for href in listed.responses if href.endswith(".vcf")] if listed.status == 207 else []
        assert len(found) == expected, login
    assert not chef.sync("/chef/alle/").responses
    with world.database.write("test") as uow:
        (entry,) = entries.list_entries(uow.connection)
        contact_id = inbox.accept(uow, entry.id)
    assert "Wartet" in card(chef, chef_href(chef, contact_id))[0]
    assert not [h for h in azra.propfind("/azra/eingang/", "D:getetag", depth="1").responses if h.endswith(".vcf")]


def chef_href(chef: Client, contact_id: int) -> str:
    (href,) = chef.sync("/chef/gruppe-mieter/").responses
    return href


@pytest.mark.parametrize("what", ["no card", "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:x\r\nEND:VCARD\r\n"])
def test_a_card_without_a_name_or_sense_is_refused(client, what) -> None:
    answer = put(client("chef"), MIETER + random_name(), what)
    assert answer.status == 403
    assert answer.has("CR:valid-address-data")
