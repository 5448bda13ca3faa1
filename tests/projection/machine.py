"""The central test: random histories on one side, devices that know only hrefs, ETags and tokens on the other."""

from __future__ import annotations

import contextlib
import sys
from dataclasses import replace
from datetime import date, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import Connection, select, update

from radicale_propmgmt.db.tables import Rendition, Wire
from radicale_propmgmt.domain.clock import day_begins
from radicale_propmgmt.projection import bookshelf, doctor, due, reading
from tests.projection.judge import Person, books_of, rule_text, sees
from tests.projection.observer import Observer
from tests.support.world import DeviceDouble, World

GROUPS = ["mieter", "eigentuemer"]
OBJECTS = ["0815", "0900"]
LOGINS = ["horst", "chef", "azra"]
START = date(2026, 6, 15)
SEGMENTS = [
    "alle",
    "gruppe-mieter",
    "gruppe-eigentuemer",
    "objekt-0815",
    "objekt-0900",
    "objekt-0815-mieter",
    "einzelfreigaben",
]
SUBJECTS = ["account:horst", "account:chef", "team:azubi"]
LAST = START + timedelta(days=4)  # by then every window has ended
PROFILES = {
    "minimal": ["name", "organisation", "function", "unit", "phone"],
    "kommunikation": ["name", "organisation", "phone", "email", "address"],
}

days = st.integers(-2, 3).map(lambda n: START + timedelta(days=n))
maybe_day = st.one_of(st.none(), days)
limits = st.sampled_from([None, 1, 2])
meant = st.sampled_from([SUBJECTS, SUBJECTS, SUBJECTS, *([subject] for subject in SUBJECTS)])
field_sets = st.sampled_from([["name", "phone", "email", "relation"], ["name", "phone", "relation"], ["name", "email"]])
shares = st.fixed_dictionaries(
    {
        "kind": st.just("share"),
        "for": meant,
        "fields": field_sets,
        "objects": st.sampled_from([None, None, ["0815"]]),
        "groups": st.sampled_from([None, None, ["mieter"], ["eigentuemer"]]),
        "tenancy": st.sampled_from(["current", "current", "any", "former"]),
        "disclosure": st.sampled_from([False, False, True]),
        "consent_fields": st.sampled_from([[], [], ["email"]]),
        "books": st.sampled_from([["all"], ["all", "group"], ["object", "group"], ["object-group", "all"]]),
        "from": st.sampled_from([None, None, START + timedelta(days=1)]),
        "until": st.sampled_from([None, None, START + timedelta(days=1), START + timedelta(days=2)]),
    }
)
denies = st.fixed_dictionaries(
    {
        "kind": st.just("deny"),
        "for": meant,
        "fields": st.sampled_from([["phone"], ["phone", "email"], []]),
        "from": st.none(),
        "until": st.sampled_from([None, START + timedelta(days=1)]),
    }
)
BROAD = {
    "kind": "share",
    "for": SUBJECTS,
    "fields": ["name", "phone", "email", "relation"],
    "objects": None,
    "groups": None,
    "tenancy": "current",
    "disclosure": False,
    "consent_fields": [],
    "books": ["all", "group", "object", "object-group"],
    "from": None,
    "until": None,
}
rule_files = st.tuples(st.lists(shares, min_size=1, max_size=3), st.lists(denies, max_size=2)).map(
    lambda pair: [rule for part in pair for rule in part]
)


class _UndoError(Exception):
    """Ends a unit of work whose changes were only tried."""


def ordered(day: date | None, other: date | None) -> tuple[date | None, date | None]:
    if day is not None and other is not None and other < day:
        return other, day
    return day, other


class ProjectionMachine(RuleBasedStateMachine):
    """I1, I2 and I3 after every step; the database comes from the subclass."""

    def make_database(self):
        raise NotImplementedError

    @initialize(more=st.lists(denies, max_size=1))
    def start(self, more: list[dict]) -> None:
        self.database = self.make_database()
        self.clock = self.database.clock
        self.today = START
        self.clock.set(day_begins(self.today, self.database.zone) + 9 * 3600)
        self.world = World(self.database)
        self.people: dict[int, Person] = {}
        for slug in GROUPS:
            self.world.add_group(slug)
        for number in OBJECTS:
            self.world.add_object(number)
        self.teams = {"horst": set(), "chef": set(), "azra": {"azubi"}}
        for login in LOGINS:
            self.world.add_account(login, self.teams[login])
        self.world.add_account("nobody")
        self.rules: list[dict] = []
        self.devices = [DeviceDouble(self.world, login, "alle") for login in LOGINS]
        self.observer = Observer(self.world, LOGINS, SEGMENTS)
        self.bytes_of: dict[tuple[str, str], bytes] = {}
        self.steps = 0
        self.last = self.observer.look()
        self._settle([BROAD, *more])

    def _settle(self, rules: list[dict]) -> None:
        """Begin where faults show soon: all is seen, a window ends, a pair, a VIP, and devices that know all of it."""
        self.add_contact("mieter", "0815", None, START + timedelta(days=1))
        self.add_contact("eigentuemer", None, None, None)
        self.marry(0, 1)
        self.tag(0, vip=True)
        self.apply_rules(rules)
        for device in self.devices:
            self._sync(device, 1)

    def teardown(self) -> None:
        """Let a history that went well come to its end: all windows end, and every device syncs before and after."""
        if not hasattr(self, "database"):
            return
        if sys.exc_info()[0] is None and hasattr(self, "last"):
            self._sync_all()
            while self.today < LAST:
                self.tomorrow(0)
                self.everything_holds()
            self._sync_all()
        self.database.engine.dispose()

    def _pick(self, number: int) -> int:
        ids = sorted(self.people)
        return ids[number % len(ids)]

    # what happens -------------------------------------------------------------------------------------------

    @rule(rules=rule_files)
    def apply_rules(self, rules: list[dict]) -> None:
        self.rules = rules
        self.world.apply(rule_text(rules))

    @precondition(lambda self: len(self.people) < 5)
    @rule(group=st.sampled_from(GROUPS), number=st.sampled_from([None, *OBJECTS]), a=maybe_day, b=maybe_day)
    def add_contact(self, group: str, number: str | None, a: date | None, b: date | None) -> None:
        family = f"Familie{len(self.people)}"
        contact_id = self.world.add_contact(family, groups=[group], phone="+49 30 1", email="a@example.org")
        self.people[contact_id] = Person(memberships={group}, phone="+49 30 1", email="a@example.org", family=family)
        if number is not None:
            self._link(contact_id, number, group, *ordered(a, b))

    def _link(self, contact_id: int, number: str, group: str, starts: date | None, until: date | None) -> None:
        link_id = self.world.add_link(contact_id, number, group, starts=starts, until=until)
        self.people[contact_id].links[link_id] = [number, group, starts, until]

    @rule(n=st.integers(0, 3), number=st.sampled_from(OBJECTS), group=st.sampled_from(GROUPS), a=maybe_day, b=maybe_day)
    def add_link(self, n: int, number: str, group: str, a: date | None, b: date | None) -> None:
        self._link(self._pick(n), number, group, *ordered(a, b))

    @rule(n=st.integers(0, 3), until=days)
    def end_link(self, n: int, until: date) -> None:
        person = self.people[self._pick(n)]
        if person.links:
            link_id = min(person.links)
            self.world.end_link(link_id, until)
            person.links[link_id][3] = until

    @rule(n=st.integers(0, 3), groups=st.sets(st.sampled_from(GROUPS)))
    def set_memberships(self, n: int, groups: set[str]) -> None:
        contact_id = self._pick(n)
        self.world.set_memberships(contact_id, groups)
        self.people[contact_id].memberships = set(groups)

    @rule(
        n=st.integers(0, 3),
        phone=st.sampled_from(["+49 30 1", "+49 30 2"]),
        email=st.sampled_from(["a@example.org", "b@example.org"]),
    )
    def edit(self, n: int, phone: str, email: str) -> None:
        contact_id = self._pick(n)
        self.world.set_values(contact_id, phone=phone, email=email)
        self.people[contact_id].phone, self.people[contact_id].email = phone, email

    @rule(n=st.integers(0, 3), family=st.sampled_from(["Huber", "Maier"]))
    def rename(self, n: int, family: str) -> None:
        contact_id = self._pick(n)
        self.world.set_columns(contact_id, family=family)
        self.people[contact_id].family = family

    @rule(n=st.integers(0, 3), note=st.sampled_from(["eins", "zwei"]))
    def edit_hidden(self, n: int, note: str) -> None:
        """No rule here ever shows internal notes: nothing may move."""
        self.world.set_columns(self._pick(n), internal_note=note)
        assert self.observer.look() == self.last

    @rule(n=st.integers(0, 3), state=st.sampled_from([0, 0, 1, 1, 2]))
    def block_unblock_or_erase(self, n: int, state: int) -> None:
        contact_id = self._pick(n)
        if self.people[contact_id].state != 2:
            self.world.set_state(contact_id, state)
            self.people[contact_id].state = state

    @rule(n=st.integers(0, 3), times=st.integers(2, 3))
    def block_and_unblock_unseen(self, n: int, times: int) -> None:
        """A card goes and returns, perhaps more than once, between two syncs of all devices (M3)."""
        for time in range(times):
            self.block_unblock_or_erase(n, 1 - time % 2)
            self.everything_holds()

    @rule(n=st.integers(0, 3), vip=st.booleans())
    def tag(self, n: int, vip: bool) -> None:
        contact_id = self._pick(n)
        self.world.set_tags(contact_id, ["vip"] if vip else [])
        self.people[contact_id].tags = {"vip"} if vip else set()

    @rule(n=st.integers(0, 3), to=st.sampled_from(SUBJECTS), profile=st.sampled_from(list(PROFILES)), until=days)
    def grant(self, n: int, to: str, profile: str, until: date) -> None:
        contact_id = self._pick(n)
        grant_id = self.world.grant(contact_id, to, profile, until=until)
        self.people[contact_id].grants[grant_id] = (to, PROFILES[profile], until)

    @rule(n=st.integers(0, 3))
    def revoke(self, n: int) -> None:
        person = self.people[self._pick(n)]
        if person.grants:
            grant_id = min(person.grants)
            self.world.revoke(grant_id)
            del person.grants[grant_id]

    @rule(n=st.integers(0, 3), until=days)
    def consent(self, n: int, until: date) -> None:
        contact_id = self._pick(n)
        consent_id = self.world.consent(contact_id, "weg_kontakt", START - timedelta(days=9), until)
        self.people[contact_id].consents[consent_id] = until

    @rule(n=st.integers(0, 3))
    def withdraw(self, n: int) -> None:
        person = self.people[self._pick(n)]
        if person.consents:
            consent_id = min(person.consents)
            self.world.withdraw(consent_id)
            del person.consents[consent_id]

    @rule(n=st.integers(0, 3), until=days)
    def disclose(self, n: int, until: date) -> None:
        contact_id = self._pick(n)
        self.world.disclose(contact_id, "handwerker", until)
        person = self.people[contact_id]
        person.disclosure_until = max(person.disclosure_until or date.min, until)

    @rule(n=st.integers(0, 3), m=st.integers(0, 3))
    def marry(self, n: int, m: int) -> None:
        one, two = self._pick(n), self._pick(m)
        if one != two and self.people[one].spouse is None and self.people[two].spouse is None:
            self.world.relate(one, two)
            self.people[one].spouse, self.people[two].spouse = two, one

    @rule(number=st.sampled_from(OBJECTS), name=st.sampled_from(["Haus", "Turm"]))
    def rename_object(self, number: str, name: str) -> None:
        self.world.rename_object(number, name)

    @rule(login=st.sampled_from(["azra", "azra", "horst"]), member=st.sampled_from([False, False, True]))
    def change_team(self, login: str, member: bool) -> None:
        """The account changes its audience."""
        self.teams[login] = {"azubi"} if member else set()
        self.world.set_teams(login, self.teams[login])

    @precondition(lambda self: self.today < LAST)
    @rule(second=st.sampled_from([0, 9 * 3600]))
    def tomorrow(self, second: int) -> None:
        """A right ends on the second: the day before it holds to the last one."""
        self.today += timedelta(days=1)
        begins = day_begins(self.today, self.database.zone)
        self.clock.set(begins - 1)
        assert self.observer.look() == self.last
        self.clock.set(begins + second)

    # devices --------------------------------------------------------------------------------------------------

    @precondition(lambda self: len(self.devices) < 8)
    @rule(login=st.sampled_from(LOGINS), segment=st.sampled_from(SEGMENTS), limit=limits)
    def new_device(self, login: str, segment: str, limit: int | None) -> None:
        device = DeviceDouble(self.world, login, segment)
        self._sync(device, limit)
        self.devices.append(device)

    def _sync_all(self) -> None:
        for device in self.devices:
            self._sync(device, None)

    @rule(n=st.integers(0, 7), limit=limits)
    def sync(self, n: int, limit: int | None) -> None:
        self._sync(self.devices[n % len(self.devices)], limit)

    @rule(n=st.integers(0, 7))
    def sync_one_page(self, n: int) -> None:
        """A device that loses the connection between two pages goes on from there later."""
        self.devices[n % len(self.devices)].sync(limit=1, pages=1)

    @rule(n=st.integers(0, 7))
    def sync_a_copy(self, n: int) -> None:
        """A device restored from an old backup of itself syncs too: the original stays behind."""
        self._sync(self.devices[n % len(self.devices)].copy(), None)

    def _sync(self, device: DeviceDouble, limit: int | None) -> None:
        device.sync(limit)
        fresh = self.world.listing(device.login, device.segment)
        assert device.cards == fresh, "I1: an incremental device differs from a fresh listing"
        again = device.ask()
        assert again is None or again == ([], device.token, False), "a delta without a change is not empty"

    # judges ---------------------------------------------------------------------------------------------------

    @rule(n=st.integers(0, 3), state=st.sampled_from([1, 2]))
    def were_the_projection_to_miss_a_block(self, n: int, state: int) -> None:
        """M11, the second line of defence: the state alone hides a card from every read and makes a delta say 404."""
        contact_id = self._pick(n)
        books = [(login, segment) for login in LOGINS for segment in SEGMENTS]
        with contextlib.suppress(_UndoError), self.database.write("test") as uow:
            state_of = update(Wire).where(Wire.contact_id == contact_id)
            uow.connection.execute(state_of.values(state=state))
            for login, segment in books:
                if self.last[login][segment].token is not None:
                    self._check_second_line(uow.connection, login, segment, contact_id)
            raise _UndoError

    def _check_second_line(self, connection: Connection, login: str, segment: str, contact_id: int) -> None:
        viewer, seen = self.world.viewer(login), self.last[login][segment]
        book = bookshelf.find_book(connection, viewer, segment)
        href = connection.scalar(select(Wire.href).where(Wire.contact_id == contact_id))
        assert href not in {row.href for row in reading.list_cards(connection, book)}
        assert href not in reading.find_cards(connection, book, list(seen.etags))
        assert href not in {row.href for row in reading.search(connection, book, [])}
        ids = connection.scalars(select(Rendition.id).where(Rendition.contact_id == contact_id)).all()
        assert reading.bodies(connection, ids) == {}
        page = reading.changes_since(connection, viewer, book, replace(seen.token, seq=0), seen.token.epoch)
        told = {row.href: row.etag for row in page.rows}
        assert told == {**seen.etags, **({href: None} if href in seen.etags else {})}

    @invariant()
    def everything_holds(self) -> None:
        """I2 and I3 on one look at all books, and now and then the doctor's opinion."""
        if not hasattr(self, "last"):
            return
        now = self.observer.look()
        self._check_books(now)
        self._check_tokens(now)
        self._check_etags(now)
        self.last = now
        self.steps += 1
        if self.steps % 4 == 0:
            due.tick(self.database)
            assert doctor.check(self.database) == []

    def _check_books(self, now: dict) -> None:
        """I2: membership in every book, and the fields of every card."""
        for login in LOGINS:
            names = {f"account:{login}"} | {f"team:{team}" for team in self.teams[login]}
            expected: dict[str, set[int]] = {segment: set() for segment in SEGMENTS}
            for contact_id, person in self.people.items():
                fields, pairs = sees(names, person, self.rules, self.today)
                for segment in books_of(pairs, names, self.rules):
                    if segment in expected:
                        expected[segment].add(contact_id)
                if fields:
                    self._check_card(now[login]["alle"].bodies.get(contact_id, b"").decode(), person, fields, names)
            for segment in SEGMENTS:
                assert set(now[login][segment].bodies) == expected[segment], (login, segment)

    def _check_card(self, body: str, person: Person, fields: set[str], names: set[str]) -> None:
        assert body.startswith("BEGIN:VCARD")
        assert (f":{person.phone}\r\n" in body) == ("phone" in fields)
        assert (f":{person.email}\r\n" in body) == ("email" in fields)
        assert (f"N:{person.family};" in body) == ("name" in fields)
        spouse = self.people.get(person.spouse) if person.spouse else None
        seen = spouse is not None and "name" in sees(names, spouse, self.rules, self.today)[0]
        assert ("X-SPOUSE" in body or "X-ABRELATEDNAMES" in body) == (seen and "relation" in fields)

    def _check_tokens(self, now: dict) -> None:
        """I3: a book's token moves if and only if bytes, presence or membership changed."""
        for login, books in now.items():
            for segment, (token, listing, _) in books.items():
                old_token, old_listing, _ = self.last[login][segment]
                if listing != old_listing:
                    assert token != old_token, f"{login} {segment}: changed under one token"
                elif token is not None and old_token is not None and token.book == old_token.book:
                    assert token == old_token, f"{login} {segment}: the token moved and nothing changed"

    def _check_etags(self, now: dict) -> None:
        """A strong validator: one ETag of a card means the same bytes for everybody and for ever (RFC 9110 §8.8.1)."""
        for books in now.values():
            for _, etags, bodies in books.values():
                for (href, etag), body in zip(etags.items(), bodies.values(), strict=True):
                    assert self.bytes_of.setdefault((href, etag), body) == body, "one ETag, two representations"
