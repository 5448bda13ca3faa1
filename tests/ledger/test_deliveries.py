"""What leaves for a device stands in the ledger before it leaves; what is confirmed there is true (DESIGN §7)."""

from __future__ import annotations

import threading
from wsgiref.util import setup_testing_defaults

import pytest
from sqlalchemy import select

from radicale_propmgmt.accounts.context import Session
from radicale_propmgmt.db.tables import Delivery, Fetched
from radicale_propmgmt.domain.changes import SyncToken
from radicale_propmgmt.ledger import deliveries
from radicale_propmgmt.projection import reading
from storage_plugin.collection import AddressBook
from tests.ledger.conftest import Device, Statements, href_of
from tests.support.dav import basic
from tests.support.engines import open_database
from tests.support.world import World

ALL = "<CR:filter/>"
NAMED = '<CR:filter><CR:prop-filter name="FN"><CR:text-match>Muster</CR:text-match></CR:prop-filter></CR:filter>'


@pytest.fixture
def contact(world: World) -> int:
    return world.add_contact("Muster", groups=["mieter"])


@pytest.fixture
def device(world: World) -> Device:
    return Device(world)


def newest(world: World, login: str = "anna", segment: str = "alle") -> int:
    return world.token(login, segment).seq


def test_a_sync_is_issued_and_confirmed_by_the_next_one(world: World, contact: int, device: Device) -> None:
    """RFC 6578: who presents a token has processed the answer that carried it."""
    token = device.client.sync(device.path()).token
    assert (device.row().issued, device.row().confirmed) == (newest(world), 0)
    device.client.sync(device.path(), token)
    assert device.row().confirmed == newest(world)


def test_a_poll_without_a_change_writes_nothing(world: World, contact: int, device: Device) -> None:
    """150 devices poll every few minutes: a write each would be the load of the house (M16)."""
    token = device.client.sync(device.path()).token
    device.client.sync(device.path(), token)
    for ask in (
        lambda: device.client.sync(device.path(), token),
        lambda: device.client.propfind(device.path(), "D:sync-token", "CS:getctag"),
        lambda: device.client.propfind(device.path(), "D:getetag", depth="1"),
        lambda: device.client.query(device.path(), ALL),
        lambda: device.client.multiget(device.path(), [device.path() + href_of(world, contact)]),
        lambda: device.client.request("GET", device.path() + href_of(world, contact)),
        lambda: device.client.request("GET", device.path()),
    ):
        with Statements(world.database) as statements:
            assert ask().status in {200, 207}
        assert statements.writes == []


def test_the_ledger_costs_one_statement(world: World, contact: int, device: Device) -> None:
    token = device.client.sync(device.path()).token
    device.client.sync(device.path(), token)
    without = Device(world).client
    without.device_id = None
    without.__post_init__()
    for ask in (
        lambda client: client.sync(device.path(), token),
        lambda client: client.request("GET", device.path() + href_of(world, contact)),
        lambda client: client.multiget(device.path(), [device.path() + href_of(world, contact)]),
    ):
        with Statements(world.database) as known:
            ask(device.client)
        with Statements(world.database) as unknown:
            ask(without)
        assert len(known.all) - len(unknown.all) == 1


def test_what_carries_no_card_delivers_nothing(world: World, contact: int, device: Device) -> None:
    """A ctag, a HEAD, a 304 and a 404 give no data away: `recipients` must not name who only asked."""
    path = device.path() + href_of(world, contact)
    etag = device.client.request("HEAD", path).headers["etag"]
    device.client.propfind(device.path(), "CS:getctag", "D:displayname")
    assert device.client.request("GET", path, headers={"If-None-Match": etag}).status == 304
    device.client.request("HEAD", device.path())
    device.client.multiget(device.path(), [device.path() + "0.vcf"])
    assert device.row() is None


def test_every_way_to_a_card_is_a_delivery(world: World, contact: int) -> None:
    for ask in (
        lambda one: one.client.propfind(one.path(), "D:getetag", depth="1"),
        lambda one: one.client.propfind(one.path(), "D:resourcetype", depth="1"),
        lambda one: one.client.query(one.path(), ALL),
        lambda one: one.client.query(one.path(), NAMED),
        lambda one: one.client.query(one.path(), ALL, limit=1),
        lambda one: one.client.query(one.path() + href_of(world, contact), ALL),
        lambda one: one.client.multiget(one.path(), [one.path() + href_of(world, contact)]),
        lambda one: one.client.request("GET", one.path() + href_of(world, contact)),
        lambda one: one.client.request("GET", one.path()),
        lambda one: one.client.sync(one.path()),
    ):
        device = Device(world)
        assert ask(device).status in {200, 207}
        assert device.row().issued == newest(world)


def test_a_listing_confirms_the_listing_before(world: World, contact: int, device: Device) -> None:
    """KDAV and Evolution know no tokens: they compare with what the listing before told them."""
    device.client.propfind(device.path(), "D:getetag", depth="1")
    first = newest(world)
    world.set_state(contact, 1)
    device.client.propfind(device.path(), "D:getetag", depth="1")
    assert (device.row().issued, device.row().confirmed) == (newest(world), first)
    device.client.propfind(device.path(), "D:getetag", depth="1")
    assert device.row().confirmed == newest(world)


def test_a_single_card_confirms_nothing_of_the_others(world: World, contact: int, device: Device) -> None:
    """Else the removal of one card would count as acknowledged because another one was looked at."""
    other = world.add_contact("Anders", groups=["mieter"])
    device.client.propfind(device.path(), "D:getetag", depth="1")
    before = newest(world)
    world.set_state(contact, 1)
    device.client.request("GET", device.path() + href_of(world, other))
    device.client.propfind(device.path(), "D:getetag", depth="1")
    assert device.row().confirmed == before


def test_the_token_of_a_page_confirms_nothing(world: World, device: Device) -> None:
    """What moved twice is told with its last seq only: the removal between may still be unknown to the device."""
    for family in ("A", "B", "C"):
        world.add_contact(family, groups=["mieter"])
    first = device.client.sync(device.path(), limit=2)
    cut = SyncToken.parse(first.token)
    assert device.row().issued == cut.seq
    device.client.sync(device.path(), first.token, limit=2)
    assert device.row().confirmed == 0


def test_an_older_token_takes_no_confirmation_back(world: World, contact: int, device: Device) -> None:
    """A phone restored from its backup: what it confirmed, it once had processed."""
    old = device.client.sync(device.path()).token
    world.set_values(contact, phone="+49 30 2", email=None)
    new = device.client.sync(device.path(), old).token
    device.client.sync(device.path(), new)
    confirmed = device.row().confirmed
    device.client.sync(device.path(), old)
    assert (device.row().confirmed, device.row().issued) == (confirmed, newest(world))


def test_a_refused_token_confirms_nothing(world: World, contact: int, device: Device) -> None:
    token = world.token("anna")
    never = SyncToken(token.epoch, token.book, token.seq + 5)
    assert device.client.sync(device.path(), str(never)).status == 403
    assert device.row() is None


def test_a_device_that_changes_its_audience_keeps_both_rows(world: World, contact: int, device: Device) -> None:
    """Whom a card was made available stays on record; the new book's token confirms that the old one was replaced."""
    old = device.client.sync(device.path()).token
    office = device.row()
    world.set_teams("anna", ["yard"])
    new = device.client.sync(device.path(), old).token
    with world.database.read() as connection:
        row = connection.execute(select(Delivery.__table__).where(Delivery.book_id == office.book_id)).one()
    assert (row.issued, row.whole, row.confirmed) == (office.issued, 0, office.issued)
    assert device.row().whole == newest(world)
    device.client.sync(device.path(), new)
    assert device.row().confirmed == newest(world)


def test_nothing_leaves_while_the_ledger_cannot_be_written(world: World, contact: int, device: Device) -> None:
    """503 and a retry rather than a delivery that nobody knows of."""
    with world.database.write("somebody slow") as uow:
        reading.read_head(uow.connection)
        if world.database.is_sqlite:
            answer = device.client.sync(device.path())
            assert (answer.status, b"vcf" in answer.body) == (503, False)
            assert "retry-after" in answer.headers
        else:  # there writers wait for rows only: the ledger's own are free
            assert device.client.sync(device.path()).status == 207
    assert device.client.sync(device.path()).status == 207


def test_the_delivery_is_committed_when_the_answer_starts(world: World, contact: int, device: Device) -> None:
    """The process may die between two bytes: what was on its way was recorded."""
    seen: list[int] = []
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": device.path(), "HTTP_AUTHORIZATION": basic("anna")}
    setup_testing_defaults(environ)

    def start_response(*_: object) -> None:
        seen.append(device.row().issued)

    list(device.client.application(environ, start_response))
    assert seen == [newest(world)]


def test_two_workers_may_deliver_to_one_device_at_once(world: World, device: Device) -> None:
    """They write one row: neither waits for the other in vain, and the higher seq stays."""
    contacts = [world.add_contact(name, groups=["mieter"]) for name in "ABCD"]
    other = open_database(world.database.engine.url, world.database.clock)
    failures: list[BaseException] = []

    def work(database: object) -> None:
        try:
            for _ in range(8):
                with database.read() as connection:
                    book = world.find_book("anna", "alle")
                    standing = deliveries.look(connection, device.viewer, book)
                    rows = reading.list_cards(connection, book)
                deliveries.deliver_cards(database, standing, rows[:2])
                deliveries.deliver_listing(database, standing, rows, confirms=True)
        except BaseException as error:  # noqa: BLE001 - it is the test's to report
            failures.append(error)

    threads = [threading.Thread(target=work, args=(database,)) for database in (world.database, other)]
    for thread in threads:
        thread.start()
    for number, contact_id in enumerate(contacts):
        world.set_values(contact_id, phone=f"+49 30 {number}", email=None)
    for thread in threads:
        thread.join(timeout=30)
    work(other)
    other.engine.dispose()
    assert failures == []
    assert (device.row().issued, device.row().whole) == (newest(world), newest(world))


def test_a_card_fetched_by_itself_is_forgotten_with_the_next_listing(
    world: World, contact: int, device: Device
) -> None:
    """Exceptions stay few: a device has none once it was told the whole book again."""
    token = device.client.sync(device.path()).token
    world.set_values(contact, phone="+49 30 2", email=None)
    for _ in range(2):
        device.client.request("GET", device.path() + href_of(world, contact))
        with world.database.read() as connection:
            assert connection.scalars(select(Fetched.contact_id)).all() == [contact]
    device.client.sync(device.path(), token)
    with world.database.read() as connection:
        assert connection.scalars(select(Fetched.contact_id)).all() == []


def test_the_plugin_under_radicale_itself_delivers_no_less(world: World, contact: int, device: Device) -> None:
    """Stock Radicale with our storage is a supported way to run: its devices stand in the same ledger."""
    session = Session(database=world.database, viewer=device.viewer)
    with world.database.read() as connection:
        book = AddressBook.at_present(session, connection, world.find_book("anna", "alle"), 1)
    name = href_of(world, contact)
    for ask in (
        lambda: list(book.get_all()),
        lambda: list(book.get_multi([name])),
        lambda: list(book.get_filtered([])),
        book.serialize,
        lambda: list(book.sync("")[1]),
    ):
        with world.database.write("test") as uow:
            uow.connection.execute(Delivery.__table__.delete())
        assert ask()
        assert device.row().issued == newest(world)
