"""The known ways to lose or resurrect a card (M1–M14 in radicale_propmgmt/README.md), each with the naive form beside it."""

from __future__ import annotations

import threading
from datetime import date

import pytest
from sqlalchemy import insert, select, update

from radicale_propmgmt.db.repositories import restores
from radicale_propmgmt.db.tables import Due, LinkRow, Wire
from radicale_propmgmt.domain.changes import SyncToken
from radicale_propmgmt.domain.clock import day_begins
from radicale_propmgmt.domain.errors import InvalidSyncTokenError
from radicale_propmgmt.projection import doctor, due, reading
from radicale_propmgmt.projection.project import project
from tests.support.engines import open_database
from tests.support.world import DeviceDouble, World

RULES = """
[[share]]
name = "all"
for = ["account:chef"]
objects = "*"
groups = "*"
fields = ["name", "phone", "email", "relation"]
books = ["all", "group"]
"""


@pytest.fixture
def world(database) -> World:
    world = World(database)
    world.add_group("mieter")
    world.add_group("makler")
    world.add_object("0815")
    world.add_account("chef")
    world.apply(RULES)
    return world


def test_a_block_wins_against_a_write_that_read_before_it(world: World) -> None:
    """M1: the counter row is the first statement of every writer, so nobody decides on what another is changing.

    The naive form reads the contact's state, then waits for the counter, then writes the card live again.
    """
    people = [world.add_contact(f"F{n}", groups=["mieter"]) for n in range(8)]
    for n in range(0, 8, 2):
        world.relate(people[n], people[n + 1])
    start = threading.Barrier(2)

    def block() -> None:
        for contact_id in people[::2]:
            start.wait(20)
            world.set_state(contact_id, 1)

    def edit() -> None:
        for contact_id in people[::2]:
            start.wait(20)
            world.set_columns(contact_id + 1, family="Neu")

    threads = [threading.Thread(target=block), threading.Thread(target=edit)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    live = set(world.contents("chef"))
    assert not live & set(people[::2])
    assert doctor.check(world.database) == []


def test_a_reader_beside_writers_loses_no_change(world: World) -> None:
    """M2: the book's newest seq is read first and bounds the rows, so the token is never ahead of them."""
    people = [world.add_contact(f"F{n}", groups=["mieter"]) for n in range(4)]
    device = DeviceDouble(world, "chef", "alle")
    done = threading.Event()

    def write() -> None:
        for n in range(40):
            world.set_columns(people[n % 4], family=f"N{n}")
        done.set()

    writer = threading.Thread(target=write)
    writer.start()
    while not done.is_set():
        device.sync()
    writer.join(60)
    device.sync()
    assert device.cards == world.listing("chef")


def test_a_token_from_before_a_restore_is_valid_up_to_the_restored_seq_and_never_beyond(world: World) -> None:
    """M6: after a restore the counter repeats numbers; an epoch keeps a token of the lost time from being believed."""
    contact = world.add_contact("Alt", groups=["mieter"])
    viewer = world.viewer("chef")
    book = world.find_book("chef", "alle")
    restored = world.token("chef").seq
    with world.database.write("test") as uow:
        restores.begin_epoch(uow, 2)
    for number in range(6):
        world.set_columns(contact, family=f"Neu{number}")
    with world.database.read() as connection:
        page = reading.changes_since(connection, viewer, book, SyncToken(1, book.token_id, restored), 2)
        assert [row.contact_id for row in page.rows] == [contact]
        with pytest.raises(InvalidSyncTokenError):
            reading.changes_since(connection, viewer, book, SyncToken(1, book.token_id, restored + 3), 2)


@pytest.mark.parametrize("segment", ["alle", "gruppe-mieter"])
def test_a_state_that_the_projection_missed_turns_a_row_into_a_404(world: World, segment: str) -> None:
    """M11: the second line of defence must not drop the row: without its 404 the device keeps the blocked card."""
    contact = world.add_contact("Block", groups=["mieter"])
    device = DeviceDouble(world, "chef", segment)
    device.sync()
    world.set_columns(contact, family="Blockmann")
    with world.database.write("test") as uow:
        uow.connection.execute(update(Wire).where(Wire.contact_id == contact).values(state=1))
    assert world.listing("chef", segment) == {}
    device.sync()
    assert device.cards == {}


def test_a_body_is_not_sent_once_its_contact_is_blocked(world: World) -> None:
    """M12: rows are read in one statement, bodies later by id: each chunk looks at the state again."""
    contact = world.add_contact("Block", groups=["mieter"])
    book = world.find_book("chef", "alle")
    with world.database.read() as connection:
        rows = reading.list_cards(connection, book)
    world.set_state(contact, 1)
    with world.database.read() as connection:
        assert reading.bodies(connection, [row.rendition_id for row in rows]) == {}


def test_a_second_process_uses_rules_that_the_first_applied_at_once(world: World) -> None:
    """M13: every transaction compares the version with what the process has compiled."""
    other = World(open_database(world.database.engine.url, world.database.clock), world.groups, world.objects)
    contact = world.add_contact("Müller", groups=["mieter"])
    assert set(other.contents("chef")) == {contact}
    world.apply(RULES.replace('groups = "*"', 'groups = ["makler"]'))
    other.set_columns(contact, family="Maier")
    assert other.contents("chef") == {}
    assert doctor.check(other.database) == []
    other.database.engine.dispose()


def test_the_slower_clock_does_not_reopen_a_right_that_the_faster_ended(world: World, clock) -> None:
    """M13: the stored clock never goes back."""
    world.apply(RULES + "until = 2026-06-15\n")
    contact = world.add_contact("Müller", groups=["mieter"])
    assert set(world.contents("chef")) == {contact}
    now = clock.now()
    clock.set_day(date(2026, 6, 16))
    assert world.contents("chef") == {}
    clock.set(now)
    world.set_columns(contact, family="Maier")
    assert world.contents("chef") == {}


def test_a_rule_that_starts_shows_contacts_that_had_no_card(world: World, clock) -> None:
    """M14: a rule's window concerns every contact of the audience, those without a row too."""
    world.apply(RULES + "from = 2026-06-17\n")
    contact = world.add_contact("Müller", groups=["mieter"])
    assert world.contents("chef") == {}
    clock.set(day_begins(date(2026, 6, 17), world.database.zone) - 1)
    assert world.contents("chef") == {}
    clock.advance(seconds=1)
    assert set(world.contents("chef")) == {contact}


def test_a_wave_of_ends_is_projected_before_the_next_answer(world: World, clock) -> None:
    """M14: what is due is projected in batches; no answer shows a link that has ended."""
    count = due.BATCH + 5
    people = [world.add_contact(f"F{n}") for n in range(count)]
    with world.database.write("test") as uow:
        uow.connection.execute(
            insert(LinkRow),
            [
                {
                    "contact_id": contact,
                    "object_id": world.objects["0815"],
                    "unit_id": None,
                    "group_id": world.groups["mieter"],
                    "role": None,
                    "starts": None,
                    "until": date(2026, 6, 20),
                }
                for contact in people
            ],
        )
        project(uow, people)
    device = DeviceDouble(world, "chef", "alle")
    device.sync()
    assert len(device.cards) == count
    clock.set_day(date(2026, 6, 20))
    assert len(world.listing("chef")) == count
    clock.set_day(date(2026, 6, 21))
    device.sync()
    assert device.cards == {}
    with world.database.read() as connection:
        assert connection.scalars(select(Due.id)).all() == []


def test_hidden_writes_show_in_no_token(world: World) -> None:
    """M9: tokens count per audience; the revision never leaves the house."""
    world.add_contact("Müller", groups=["mieter"])
    stranger = world.add_contact("Fremd")
    before = world.token("chef")
    world.set_columns(stranger, family="Anders")
    world.add_account("neu")
    assert world.token("chef") == before


def test_a_no_change_delta_is_empty(world: World) -> None:
    world.add_contact("Müller", groups=["mieter"])
    viewer, book = world.viewer("chef"), world.find_book("chef", "alle")
    token = world.token("chef")
    with world.database.read() as connection:
        assert reading.changes_since(connection, viewer, book, token, 1) == ([], token, False)


def test_the_token_of_another_account_is_one_we_never_issued(world: World) -> None:
    world.add_account("horst")
    world.apply(RULES + RULES.replace('"all"\nfor', '"two"\nfor').replace("chef", "horst"))
    world.add_contact("Müller", groups=["mieter"])
    token = world.token("horst")
    viewer, book = world.viewer("chef"), world.find_book("chef", "alle")
    with world.database.read() as connection, pytest.raises(InvalidSyncTokenError):
        reading.changes_since(connection, viewer, book, token, 1)


def test_a_book_of_an_ended_rule_stays_reachable_and_empties(world: World) -> None:
    """M15: a book that answers 404 empties no device."""
    world.add_contact("Müller", groups=["mieter"])
    device = DeviceDouble(world, "chef", "gruppe-mieter")
    device.sync()
    assert len(device.cards) == 1
    world.apply(RULES.replace('books = ["all", "group"]', 'books = ["all"]'))
    assert "gruppe-mieter" not in world.books("chef")
    device.sync()
    assert device.cards == {}
