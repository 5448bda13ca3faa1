"""What real programs send, replayed until they rest: nobody comes back, nothing of others is lost, nobody fights."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from radicale_propmgmt.db.repositories import inbox, proposals
from radicale_propmgmt.db.tables import ContactRow, Wire
from radicale_propmgmt.db.unit_of_work import Database
from radicale_propmgmt.domain.contacts import ContactData, Name, PropertyValue
from radicale_propmgmt.services import accounts, contacts, gdpr
from radicale_propmgmt.transfer.merging import own_data
from tests.support.world import World
from tests.writes.writing_doubles import WRITERS, AppleWriter, OutlookWriter, Site, VdirsyncerWriter, Writer

BOOK = "/chef/gruppe-mieter/"
every_writer = pytest.mark.parametrize("kind", WRITERS, ids=[kind.__name__ for kind in WRITERS])


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """What programs do with answers makes no difference between engines; the answers are compared elsewhere."""
    return sqlite_database


@pytest.fixture
def site(world: World) -> Site:
    def password_of(login: str) -> str:
        with world.database.write("test") as uow:
            return accounts.add_device(uow, login, "test")[1]

    return Site(world, password_of)


@pytest.fixture
def anna(world: World) -> int:
    """As the office enters her: with the fingerprints by which she is known again."""
    data = ContactData(
        name=Name(family="Müller", given="Anna"),
        values=(
            PropertyValue("TEL", "+49 30 2312501", (("TYPE", ("CELL",)),)),
            PropertyValue("EMAIL", "anna@example.org", (("TYPE", ("HOME",)),)),
        ),
        note="Schlüssel beim Nachbarn",
    )
    with world.database.write("test") as uow:
        return contacts.add_contact(uow, data, groups=["mieter"])


@pytest.fixture
def bernd(world: World) -> int:
    return world.add_contact("Schmidt", given="Bernd", groups=["mieter"], email="bernd@example.org")


def of_others(world: World, anna: int) -> dict[tuple[str, int], bytes]:
    """All that anybody is served of anybody but Anna."""
    return {
        (login, contact_id): body
        for login in ("chef", "azra", "horst")
        for contact_id, body in world.contents(login).items()
        if contact_id != anna
    }


def block(world: World, contact_id: int) -> None:
    with world.database.write("test") as uow:
        gdpr.block(uow, contact_id, "art18-1a", reason="x")


def set_value(world: World, contact_id: int, name: str, value: str) -> None:
    """The office writes another number or address in the place of the one there is."""
    with world.database.write("test") as uow:
        data = own_data(contacts.get_contact(uow.connection, contact_id))
        values = tuple(replace(old, value=value) if old.name == name else old for old in data.values)
        contacts.edit_contact(uow, contact_id, replace(data, values=values))


def check_equal_to_a_new_device(writer: Writer) -> None:
    """What the program shows is what the server has."""
    new = type(writer)(writer.site, writer.login, writer.book)
    assert writer.shelf.etags == new.shelf.etags
    assert writer.shelf.bodies == new.shelf.bodies


@every_writer
def test_nobody_who_was_blocked_comes_back(world: World, site: Site, anna: int, bernd: int, name_of, kind) -> None:
    """DESIGN §6: the user edits her card offline while the office blocks her; the program has her card and may create."""
    writer = kind(site, "chef", BOOK)
    before = of_others(world, anna)
    writer.edit(BOOK + name_of(anna), "anna@example.org", "neu@example.org")
    block(world, anna)
    writer.until_quiet()
    assert not [body for body in writer.shelf.bodies.values() if "Anna" in body]
    check_equal_to_a_new_device(writer)
    assert of_others(world, anna) == before
    with world.database.read() as connection:
        shown = select(ContactRow.id).join(Wire, Wire.contact_id == ContactRow.id).where(Wire.state == 0)
        assert connection.scalars(shown).all() == [bernd]
        waiting = inbox.list_entries(connection)
        assert contacts.get_contact(connection, anna).values[1].value == "anna@example.org"
    # Under a new UID it is an ordinary new card; that it is she is seen by whoever looks through the inbox.
    assert [entry.matches for entry in waiting] == ([[anna]] if isinstance(writer, OutlookWriter) else [])


@every_writer
def test_what_was_deleted_offline_and_blocked_meanwhile_disturbs_nobody(
    world: World, site: Site, anna: int, bernd: int, name_of, kind
) -> None:
    writer = kind(site, "chef", BOOK)
    before = of_others(world, anna)
    writer.delete(BOOK + name_of(anna))
    block(world, anna)
    writer.until_quiet()
    check_equal_to_a_new_device(writer)
    assert of_others(world, anna) == before


@every_writer
def test_an_edit_in_a_book_that_is_only_read_is_undone(
    world: World, site: Site, anna: int, bernd: int, name_of, kind
) -> None:
    """Refusing is not reverting: every program must have the server's card back (clients.md §0.1)."""
    world.add_contact("Bank", groups=["banken"])
    writer = kind(site, "horst", "/horst/alle/")
    before = world.contents("horst"), world.contents("chef")
    writer.edit("/horst/alle/" + name_of(anna), "+49 30 2312501", "+49 30 9999999")
    writer.until_quiet()
    check_equal_to_a_new_device(writer)
    assert (world.contents("horst"), world.contents("chef")) == before
    with world.database.read() as connection:  # what Apple's programs are told to be done waits for the office
        assert bool(proposals.list_proposals(connection)) == isinstance(writer, AppleWriter)


@every_writer
def test_a_deletion_in_a_book_that_is_only_read_is_undone(
    world: World, site: Site, anna: int, bernd: int, name_of, kind
) -> None:
    writer = kind(site, "horst", "/horst/alle/")
    before = world.contents("horst"), world.contents("chef")
    href = "/horst/alle/" + name_of(anna)
    writer.delete(href)
    writer.until_quiet()
    assert href in writer.shelf.bodies
    check_equal_to_a_new_device(writer)
    assert (world.contents("horst"), world.contents("chef")) == before


@every_writer
def test_an_edit_is_done_once_and_reaches_the_others(
    world: World, site: Site, anna: int, bernd: int, name_of, kind
) -> None:
    writer, other = kind(site, "chef", BOOK), kind(site, "chef", BOOK)
    before = of_others(world, anna)
    writer.edit(BOOK + name_of(anna), "anna@example.org", "neu@example.org")
    writer.until_quiet()
    assert writer.writes == 1
    other.until_quiet()
    check_equal_to_a_new_device(other)
    check_equal_to_a_new_device(writer)
    assert b"neu@example.org" in world.contents("azra")[anna]
    assert of_others(world, anna) == before
    with world.database.read() as connection:
        stored = contacts.get_contact(connection, anna)
    assert stored.note == "Schlüssel beim Nachbarn"
    assert [value.value for value in stored.values] == ["+49 30 2312501", "neu@example.org"]


@every_writer
def test_the_office_wins_a_conflict_and_the_program_shows_it(
    world: World, site: Site, anna: int, bernd: int, name_of, kind
) -> None:
    """412, or without If-Match the current value and a proposal (DESIGN §6): never a silent overwrite."""
    writer = kind(site, "chef", BOOK)
    before = of_others(world, anna)
    writer.edit(BOOK + name_of(anna), "anna@example.org", "neu@example.org")
    set_value(world, anna, "EMAIL", "buero@example.org")
    writer.until_quiet()
    check_equal_to_a_new_device(writer)
    assert "buero@example.org" in writer.shelf.bodies[BOOK + name_of(anna)]
    assert of_others(world, anna) == before


@every_writer
def test_edits_of_different_fields_both_stand(world: World, site: Site, anna: int, bernd: int, name_of, kind) -> None:
    """M7: the office changed the number while the program edited the address for e-mail."""
    writer = kind(site, "chef", BOOK)
    writer.edit(BOOK + name_of(anna), "anna@example.org", "neu@example.org")
    set_value(world, anna, "TEL", "+49 30 7777777")
    writer.until_quiet()
    check_equal_to_a_new_device(writer)
    body = world.contents("chef")[anna]
    assert b"+49 30 7777777" in body
    if kind is not VdirsyncerWriter:  # it compares whole cards before it sends any
        assert b"neu@example.org" in body


@every_writer
def test_what_a_program_takes_away_comes_back_only_by_its_own_hand(
    world: World, site: Site, anna: int, bernd: int, name_of, kind
) -> None:
    """DELETE ends the membership; a second device that edited her meanwhile does not undo it."""
    writer, other = kind(site, "chef", BOOK), kind(site, "chef", BOOK)
    before = of_others(world, anna)
    writer.delete(BOOK + name_of(anna))
    writer.until_quiet()
    assert anna not in world.contents("chef", "gruppe-mieter")
    assert of_others(world, anna) == before
    check_equal_to_a_new_device(writer)
    other.until_quiet()
    check_equal_to_a_new_device(other)
