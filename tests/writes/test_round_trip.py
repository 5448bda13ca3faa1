"""A card in the real words of each program, edited in one field, through the server: that field changes and nothing else.

What a program makes of a card is told in ``tests.vcard.client_cards``; how it is merged is proved there. Here it goes the
whole way: in by PUT, into the database, and out to an audience that sees everything.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import pytest

from radicale_propmgmt.db.unit_of_work import Database
from radicale_propmgmt.domain.contacts import ContactData, PropertyValue
from radicale_propmgmt.domain.fields import FieldClass
from radicale_propmgmt.services import contacts
from radicale_propmgmt.transfer.merging import by_field_class, own_data
from tests.clients.doubles.apple import IosContacts
from tests.clients.doubles.davx5 import Davx5
from tests.clients.doubles.evolution import Evolution
from tests.clients.doubles.outlook import Outlook
from tests.clients.doubles.thunderbird import Thunderbird
from tests.support.dav import Client
from tests.support.world import World
from tests.vcard.client_cards import CARDS, PHOTO, TENANT
from tests.vcard.merging import said
from tests.writes.test_change import card, put

RULES = """
[[share]]
name = "the office writes what it sees"
for = ["account:chef"]
objects = "*"
groups = "*"
profile = "verwaltung"
extra_fields = ["photo"]
write = "visible"

[[share]]
name = "the data protection officer sees all"
for = ["account:olga"]
objects = "*"
groups = "*"
profile = "dsb"
"""
BOOK, OTHER = "/chef/alle/", "/olga/alle/"
AGENTS = {
    "Thunderbird": Thunderbird,
    "Apple": IosContacts,
    "DAVx5": Davx5,
    "Outlook": Outlook,
    "Evolution": Evolution,
}
#: Programs that send no If-Match: the ledger knows what they edited.
BLIND = {"Thunderbird", "Evolution"}
NEW_PHOTO = "iVBORw0KGgoA" + "Tm92" * 40


@dataclass
class Desk:
    """One program with the tenant's card, and somebody who sees all of her."""

    world: World
    client: Client
    other: Client
    contact_id: int
    name: str

    def send(self, program: str, body: str) -> int:
        _, etag = card(self.client, BOOK + self.name)
        return put(self.client, BOOK + self.name, body, None if program in BLIND else etag).status

    @property
    def stored(self) -> ContactData:
        with self.world.database.read() as connection:
            return own_data(contacts.get_contact(connection, self.contact_id))

    @property
    def seen(self) -> dict[FieldClass, object]:
        return said(card(self.other, OTHER + self.name)[0].encode())


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """What is merged is merged before the database sees it."""
    return sqlite_database


@pytest.fixture
def desk_of(world: World, client, name_of):
    world.apply(RULES)
    world.rename_object("0815", "Miethaus Hauptstr. 5")

    def of(program: str, data: ContactData = TENANT) -> Desk:
        with world.database.write("test") as uow:
            uid = TENANT.uid
            contact_id = contacts.add_contact(uow, own_data(data), uid=uid, groups=["mieter"])
        world.add_link(contact_id, "0815", "mieter", unit="WE03", role="hauptmieter", starts=date(2019, 4, 1))
        world.relate(contact_id, world.add_contact("Müller", given="Bernd", groups=["mieter"], email=None))
        agent = AGENTS[program].HEADERS["User-Agent"]
        return Desk(world, client("chef", program, agent), client("olga", "desk"), contact_id, name_of(contact_id))

    return of


def words_of(program: str) -> str:
    return CARDS[program][1]


every_program = pytest.mark.parametrize("program", CARDS)


@every_program
def test_a_card_sent_back_unchanged_changes_nothing_for_anybody(desk_of, program: str) -> None:
    desk = desk_of(program)
    before, seen, token = desk.stored, desk.seen, desk.other.sync(OTHER).token
    assert desk.send(program, words_of(program)) == 204
    assert desk.stored == before
    assert desk.seen == seen
    assert not desk.other.sync(OTHER, token).responses


def number_of(program: str, digits: str) -> str:
    """A number as the program writes it."""
    (line,) = (
        line for line in words_of(program).split("\n") if digits in "".join(filter(str.isdigit, line.partition(":")[2]))
    )
    return line.partition(":")[2]


def edits(program: str) -> dict[str, tuple[str, str, FieldClass]]:
    """What is edited → the text as the program writes it, the new text, the class."""
    return {
        "family name": ("Müller-Lüdenscheidt;Anna", "Müller;Anna", FieldClass.NAME),
        "number of two types": (number_of(program, "3457654321"), "+49 341 998877", FieldClass.PHONE),
        "labelled number": (number_of(program, "1713920012"), "+49 160 9988776", FieldClass.PHONE),
        "e-mail": ("verein@example.org", "klub@example.org", FieldClass.EMAIL),
        "street": ("Hauptstr. 5;", "Hauptstr. 7;", FieldClass.ADDRESS),
        "note": ("9 Uhr 😀\\n\\n", "10 Uhr 👩🏽‍🌾\\n\\n\\n", FieldClass.NOTE),
        "title": ("TITLE:Prokuristin", "TITLE:Chefin\\, neu", FieldClass.FUNCTION),
        "department": (";Einkauf", ";Verkauf", FieldClass.ORGANISATION),
        "birthday": ("BDAY", "BDAY", FieldClass.BIRTHDAY),
        "link": ("org/anna", "org/neu", FieldClass.URL),
    }


@every_program
@pytest.mark.parametrize("what", edits("Thunderbird"))
def test_one_edit_changes_one_field_for_everybody(desk_of, program: str, what: str) -> None:
    """I5: labels, types, order, hidden fields and properties that the program does not know stay as they are."""
    desk = desk_of(program)
    before, seen = by_field_class(desk.stored), desk.seen
    old, new, field_class = edits(program)[what]
    body = words_of(program)
    if what == "birthday":
        old, new = ("19610405", "19610406") if "19610405" in body else ("1961-04-05", "1961-04-06")
    assert old in body
    assert desk.send(program, body.replace(old, new)) == 204
    after = by_field_class(desk.stored)
    assert {name for name in before | after if before.get(name) != after.get(name)} == {field_class.value}
    told = desk.seen
    changed = {found for found in FieldClass if told[found] != seen[found]}
    assert changed == {field_class}


@every_program
def test_another_picture_is_another_picture_and_nothing_else(desk_of, program: str) -> None:
    desk = desk_of(program)
    before = desk.stored
    flat = words_of(program).replace("\n  ", "")  # Apple folds it
    assert PHOTO in flat
    assert desk.send(program, flat.replace(PHOTO, NEW_PHOTO)) == 204
    expected = tuple(replace(old, value=NEW_PHOTO) if old.name == "PHOTO" else old for old in before.values)
    photos = [(value.name, value.value) for value in desk.stored.values]
    assert photos == [(value.name, value.value) for value in expected]
    assert replace(desk.stored, values=()) == replace(before, values=())


@every_program
@pytest.mark.parametrize("keeps", [True, False])
def test_two_hundred_properties_of_others_survive_an_edit(desk_of, program: str, keeps: bool) -> None:
    """W3: a property that a program does not know may come back or not; neither is an edit."""
    unknown = tuple(PropertyValue(f"X-P{n}", f"{n};a\\, b", (("X-Q", (f'"{n}", {n}',)),)) for n in range(200))
    desk = desk_of(program, replace(TENANT, values=(*TENANT.values, *unknown)))
    before = desk.stored
    lines = [f"X-P{n};X-Q=\"^'{n}^', {n}\":{n};a\\, b" for n in range(200)] if keeps else []
    body = words_of(program).replace("END:VCARD", "\n".join([*lines, "END:VCARD"])).replace("verein@", "klub@")
    assert desk.send(program, body) == 204
    assert desk.stored == replace(
        before,
        values=tuple(replace(old, value=old.value.replace("verein@", "klub@")) for old in before.values),
    )
