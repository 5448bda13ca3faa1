"""Erasing a contact leaves nothing of it in what clients sent and were given (GDPR Art. 17)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from radicale_propmgmt.db.tables import (
    AuditPersonal,
    Card,
    CardPast,
    CollectionItem,
    Fetched,
    History,
    InboxRow,
    Nudge,
    ProposalRow,
    Rendition,
    Unlinked,
)
from radicale_propmgmt.domain.contacts import ContactData, Name
from radicale_propmgmt.services import contacts, forgetting
from radicale_propmgmt.transfer import values
from tests.writes.decisions import Office
from tests.writes.test_change import card, edited, put
from tests.writes.test_create import MIETER, person, random_name

TABLES = (ProposalRow, InboxRow, History, CollectionItem, AuditPersonal, CardPast, Fetched, Nudge, Unlinked)
PERSON = ("Schibulski", "schibulski@", "2312999", "8887777", "Schlüsselbund", "5550000")


@pytest.fixture
def office(world) -> Office:
    return Office(world)


def dump(world) -> str:
    with world.database.read() as connection:
        rows = [tuple(row) for table in TABLES for row in connection.execute(select(table.__table__))]
    return "\n".join(
        str([part.decode(errors="replace") if isinstance(part, bytes) else part for part in row]) for row in rows
    )


def test_no_byte_of_the_person_remains(client, world, office, anna, name_of) -> None:
    """Proposals open and decided, waiting cards by match, by number and by mail, history, bases and moves."""
    data = ContactData(
        name=Name(family="Schibulski", given="Olaf"),
        values=(values.phone("030 2312999"), values.email("schibulski@example.org")),
        note="Schlüsselbund",
    )
    early = person("Schibulski", email="schibulski@example.org", phone="+49 30 2312999")
    assert put(client("azra"), "/azra/gruppe-mieter/" + random_name(), early).status == 201
    with office.write() as uow:
        uow.reason = "Schibulski rief an"
        olaf = contacts.add_contact(uow, data, groups=["mieter"])
        contacts.edit_contact(uow, olaf, replace(data, note=""))
    chef, petra = client("chef"), client("petra")
    for who, book in ((petra, "/petra/alle/"), (chef, "/chef/alle/")):
        body, etag = card(who, book + name_of(olaf))
        assert put(who, book + name_of(olaf), edited(body, "+49 30 2312999", "+49 30 8887777"), etag).status == 204
    other = person("Nachbar", phone="+49 30 5550001")
    for body in (person("Schibulski", email="schibulski@example.org"), other):
        assert put(client("azra"), "/azra/gruppe-mieter/" + random_name(), body).status == 201
    assert (
        put(client("azra"), "/azra/gruppe-mieter/" + random_name(), person("Wartet", phone="+49 30 5550000")).status
        == 201
    )
    assert [bool(entry.matches) for entry in office.inbox()] == [False, True, False, False]
    office.release(office.inbox()[-1])
    petra.request("DELETE", "/petra/alle/" + name_of(olaf))
    chef.request("DELETE", MIETER + name_of(olaf))
    before = dump(world)
    assert [text for text in PERSON if text not in before] == []
    with office.write() as uow:
        released = uow.connection.scalar(select(InboxRow.contact_id).where(InboxRow.contact_id.is_not(None)))
        forgetting.forget(uow, olaf)
        forgetting.forget(uow, released)
    after = dump(world)
    assert [text for text in PERSON if text in after] == []
    assert office.history(olaf) == []
    with world.database.read() as connection:
        shown = select(Card.rendition_id).where(Card.rendition_id.is_not(None))
        stale = select(Rendition.id).where(Rendition.contact_id == olaf, Rendition.id.not_in(shown))
        assert connection.scalars(stale).all() == []
    (left,) = office.inbox()
    assert "Nachbar" in left.body.decode()


def test_others_keep_what_is_theirs(client, world, office, anna, name_of) -> None:
    petra = client("petra")
    bert = world.add_contact("Bär", groups=["mieter"], phone="+49 30 4444444", email=None)
    for contact in (anna, bert):
        href = "/petra/alle/" + name_of(contact)
        body, etag = card(petra, href)
        assert put(petra, href, body.replace("CELL", "WORK"), etag).status == 204
    with office.write() as uow:
        contacts.set_tags(uow, bert, add=["vip"])
        forgetting.forget(uow, anna)
    assert [found.contact_id for found in office.proposals()] == [bert]
    assert office.compare(office.proposals()[0])["phone"].base is not None
    assert len(office.history(bert)) == 1
