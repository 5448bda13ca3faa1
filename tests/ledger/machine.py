"""Random histories: real programs on one side, the ledger's opinion of what they hold on the other."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import select

from radicale_propmgmt.db.tables import BookRow, Card, CardPast, Delivery, Fetched, Rendition, Wire
from radicale_propmgmt.domain.changes import SyncToken
from radicale_propmgmt.ledger.bases import find_base
from radicale_propmgmt.ledger.pruning import prune
from radicale_propmgmt.projection import bookshelf, doctor, reading
from radicale_propmgmt.projection.nudge import nudge, nudge_gone
from tests.ledger.conftest import Device, furnish
from tests.support.dav import Answer
from tests.support.world import write

GROUPS = ["mieter", "makler"]
SEGMENTS = ["alle", "gruppe-mieter"]
PHONES = ["+49 30 1", "+49 30 2", "+49 30 3"]
INLINE = ("D:getetag", "CR:address-data")
ALL = "<CR:filter/>"


@dataclass
class Copy:
    """One book on a device: what really arrived, and what the server must not believe beyond it."""

    cards: dict[str, bytes] = field(default_factory=dict)
    token: str = ""
    is_cut: bool = False  # between two pages of a first listing nobody may know what it holds
    processed: dict[int, int] = field(default_factory=dict)  # book → seq that it may truthfully have confirmed
    issued: dict[int, int] = field(default_factory=dict)  # book → newest seq of what arrived


class LedgerMachine(RuleBasedStateMachine):
    """The database comes from the subclass."""

    def make_database(self):
        raise NotImplementedError

    @initialize()
    def start(self) -> None:
        self.world = furnish(self.make_database())
        self.clock = self.world.database.clock
        self.days = 0
        self.people = [self.world.add_contact(family, groups=["mieter"], phone=PHONES[0]) for family in "AB"]
        self.devices = [Device(self.world, login) for login in ("anna", "anna", "horst")]
        self.copies = {(d.id, segment): Copy() for d in self.devices for segment in SEGMENTS}
        with self.world.database.read() as connection:
            self.hrefs = dict(connection.execute(select(Wire.contact_id, Wire.href)).all())

    def _pick(self, n: int) -> int:
        return self.people[n % len(self.people)]

    # what happens at the office ----------------------------------------------------------------------------------

    @precondition(lambda self: len(self.people) < 4)
    @rule(group=st.sampled_from(GROUPS))
    def add(self, group: str) -> None:
        contact_id = self.world.add_contact(f"F{len(self.people)}", groups=[group], phone=PHONES[0])
        self.people.append(contact_id)
        with self.world.database.read() as connection:
            self.hrefs[contact_id] = connection.scalar(select(Wire.href).where(Wire.contact_id == contact_id))

    @rule(n=st.integers(0, 3), phone=st.sampled_from(PHONES))
    def edit(self, n: int, phone: str) -> None:
        self.world.set_values(self._pick(n), phone=phone, email="a@example.org")

    @rule(n=st.integers(0, 3), note=st.sampled_from(["eins", "zwei"]))
    def edit_what_horst_does_not_see(self, n: int, note: str) -> None:
        self.world.set_columns(self._pick(n), note=note)

    @rule(n=st.integers(0, 3), state=st.sampled_from([0, 0, 1]))
    def block_or_unblock(self, n: int, state: int) -> None:
        self.world.set_state(self._pick(n), state)

    @rule(n=st.integers(0, 3), groups=st.sets(st.sampled_from(GROUPS), min_size=1))
    def move(self, n: int, groups: set[str]) -> None:
        self.world.set_memberships(self._pick(n), groups)

    @rule(team=st.sampled_from(["office", "yard"]))
    def change_team(self, team: str) -> None:
        self.world.set_teams("anna", [team])

    @rule(n=st.integers(0, 3), d=st.integers(0, 2))
    def nudge(self, n: int, d: int) -> None:
        viewer = self.devices[d].viewer
        with write(self.world.database) as uow:
            nudge(uow, viewer.account_id, viewer.audience_id, self._pick(n))

    @rule(d=st.integers(0, 2), segment=st.sampled_from(SEGMENTS), name=st.sampled_from(["x.vcf", "y.vcf"]))
    def put_a_name(self, d: int, segment: str, name: str) -> None:
        device = self.devices[d]
        with write(self.world.database) as uow:
            nudge_gone(uow, device.viewer, self.world.find_book(device.login, segment), name)

    @precondition(lambda self: self.days < 80)
    @rule(days=st.sampled_from([0, 1, 20]))
    def prune(self, days: int) -> None:
        self.days += days
        self.clock.advance(days=days, hours=2)
        prune(self.world.database)

    # what devices do ---------------------------------------------------------------------------------------------

    def _device(self, d: int, segment: str) -> tuple[Device, Copy, str]:
        device = self.devices[d]
        return device, self.copies[device.id, segment], device.path(segment)

    def _take(self, device: Device, copy: Copy, segment: str, answer: Answer, *, whole: bool) -> list[str]:
        """Take an answer in; return what is told without its bytes."""
        bodies = answer.texts("CR:address-data")
        missing = []
        base = device.path(segment)
        for path, status in answer.statuses.items():
            if path == base:
                continue
            href = path.removeprefix(base)
            if status == "404":
                copy.cards.pop(href, None)
            elif path in bodies:
                copy.cards[href] = bodies[path].replace("\r\n", "\n").replace("\n", "\r\n").encode()
            else:
                missing.append(path)
        if whole:
            told = {path.removeprefix(base) for path in answer.statuses}
            copy.cards = {href: body for href, body in copy.cards.items() if href in told}
        self._note_arrived(device, copy, segment, {path.removeprefix(base) for path in bodies})
        return missing

    def _note_arrived(self, device: Device, copy: Copy, segment: str, hrefs: set[str]) -> None:
        """Read, as the judge, which seq the newest of the cards has that just arrived."""
        viewer = device.viewer
        with self.world.database.read() as connection:
            book = bookshelf.find_book(connection, viewer, segment)
            rows = {row.href: row for row in reading.list_cards(connection, book)}
            bodies = reading.bodies(connection, [row.rendition_id for row in rows.values()])
        arrived = [row.seq for href, row in rows.items() if href in hrefs]
        assert all(copy.cards[href] == bodies[rows[href].rendition_id] for href in hrefs)
        copy.issued[book.id] = max([copy.issued.get(book.id, 0), *arrived])

    def _fetch(self, device: Device, copy: Copy, segment: str, paths: list[str]) -> None:
        if paths:
            answer = device.client.multiget(device.path(segment), paths)
            self._take(device, copy, segment, answer, whole=False)

    @rule(d=st.integers(0, 2), segment=st.sampled_from(SEGMENTS), inline=st.booleans())
    def sync(self, d: int, segment: str, inline: bool) -> None:
        """Thunderbird takes the bytes with the delta, DAVx5 fetches them after it."""
        device, copy, path = self._device(d, segment)
        assert self._page(device, copy, segment, None, inline=inline).status == 207
        listing = self.world.listing(device.login, segment)
        assert copy.cards.keys() == listing.keys(), f"I1: {path} differs from a fresh listing"

    @rule(d=st.integers(0, 2), segment=st.sampled_from(SEGMENTS))
    def sync_one_page(self, d: int, segment: str) -> None:
        device, copy, _ = self._device(d, segment)
        self._page(device, copy, segment, 1, inline=True)

    def _page(self, device: Device, copy: Copy, segment: str, limit: int | None, *, inline: bool) -> Answer:
        asked = INLINE if inline else ("D:getetag",)
        answer = device.client.sync(device.path(segment), copy.token, *asked, limit=limit)
        if copy.token:
            self._confirm(copy, copy.token)
        is_first = not copy.token
        copy.token = answer.token
        copy.is_cut = any(status == "507" for status in answer.statuses.values())
        missing = self._take(device, copy, segment, answer, whole=is_first and not copy.is_cut)
        self._fetch(device, copy, segment, missing)
        return answer

    def _confirm(self, copy: Copy, text: str) -> None:
        token = SyncToken.parse(text)
        with self.world.database.read() as connection:
            book_id = connection.scalar(select(BookRow.id).where(BookRow.token_id == token.book))
        copy.processed[book_id] = max(copy.processed.get(book_id, 0), token.seq)

    @rule(d=st.integers(0, 2), segment=st.sampled_from(SEGMENTS), query=st.booleans())
    def list_all(self, d: int, segment: str, query: bool) -> None:
        """Evolution and KDAV list, then fetch what differs."""
        device, copy, path = self._device(d, segment)
        ask = (lambda: device.client.query(path, ALL)) if query else self._propfind(device, path)
        answer = ask()
        copy.is_cut = False
        self._fetch(device, copy, segment, self._take(device, copy, segment, answer, whole=True))
        token = self.world.token(device.login, segment)
        self._confirm(copy, str(token))

    def _propfind(self, device: Device, path: str):
        return lambda: device.client.propfind(path, "D:getetag", depth="1")

    @rule(d=st.integers(0, 2), segment=st.sampled_from(SEGMENTS), n=st.integers(0, 3), multiget=st.booleans())
    def fetch_one(self, d: int, segment: str, n: int, multiget: bool) -> None:
        device, copy, path = self._device(d, segment)
        href = self.hrefs[self._pick(n)]
        if multiget:
            self._fetch(device, copy, segment, [path + href])
            return
        answer = device.client.request("GET", path + href)
        if answer.status == 200:
            copy.cards[href] = answer.body
            self._note_arrived(device, copy, segment, {href})
        else:
            copy.cards.pop(href, None)

    @rule(d=st.integers(0, 2), segment=st.sampled_from(SEGMENTS))
    def download(self, d: int, segment: str) -> None:
        """Somebody looks at the book with a browser: the program that syncs gets none of it."""
        device, _, path = self._device(d, segment)
        assert device.client.request("GET", path).status == 200

    # judges ------------------------------------------------------------------------------------------------------

    @invariant()
    def the_ledger_is_right(self) -> None:
        if not hasattr(self, "devices"):
            return
        with self.world.database.read() as connection:
            rows = {(r.device_id, r.book_id): r for r in connection.execute(select(Delivery.__table__))}
            for (device_id, _), copy in self.copies.items():
                for book_id, seq in copy.issued.items():
                    assert seq == 0 or rows[device_id, book_id].issued >= seq, "a delivery was lost"
                for (owner, book_id), row in rows.items():
                    if owner == device_id and book_id in copy.processed:
                        assert row.confirmed <= copy.processed[book_id], "more is confirmed than was processed"
            for device in self.devices:
                for segment in SEGMENTS:
                    self._check_bases(connection, device, segment)
            self._check_renditions(connection)

    def _check_bases(self, connection, device: Device, segment: str) -> None:
        viewer, copy = device.viewer, self.copies[device.id, segment]
        book = bookshelf.find_book(connection, viewer, segment)
        for href in reading.find_cards(connection, book, list(copy.cards)):
            contact_id = next(c for c, name in self.hrefs.items() if name == href)
            found = find_base(connection, viewer, book, contact_id)
            held = copy.cards[href]
            assert found is not None or copy.is_cut, "the base of a card that a device holds is gone"
            assert found is None or found.body == held, "the base is not what the device last received"

    def _check_renditions(self, connection) -> None:
        """What is referred to is there."""
        there = set(connection.scalars(select(Rendition.id)))
        for table in (Card, CardPast, Fetched):
            assert set(connection.scalars(select(table.rendition_id))) - {None} <= there

    def teardown(self) -> None:
        if hasattr(self, "world"):
            assert doctor.check(self.world.database) == []
            self.world.database.engine.dispose()
