"""Random histories with devices of every style; the judge says whom group cards list."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from radicale_propmgmt.domain.clock import day_begins
from radicale_propmgmt.projection import doctor, due
from radicale_propmgmt.vcard.contentline import parse_lines
from radicale_propmgmt.vcard.group_card import is_group_card, read_members
from tests.groups.styled import STYLES, StyledWorld
from tests.projection.judge import Person, rule_text, sees
from tests.projection.observer import Observer
from tests.support.world import DeviceDouble

GROUPS = ["mieter", "makler"]
LOGINS = ["horst", "chef"]
READERS = [f"{login}/{style}" for login in LOGINS for style in STYLES]
START = date(2026, 6, 15)

days = st.integers(-1, 2).map(lambda n: START + timedelta(days=n))
shares = st.fixed_dictionaries(
    {
        "kind": st.just("share"),
        "for": st.sampled_from([["account:horst"], ["account:chef"], ["team:azubi"]]),
        "fields": st.sampled_from([["name", "category"], ["name", "category", "unit"], ["name", "phone"]]),
        "objects": st.sampled_from([None, ["0815"]]),
        "groups": st.sampled_from([None, ["mieter"]]),
        "tenancy": st.sampled_from(["current", "any"]),
        "disclosure": st.just(value=False),
        "consent_fields": st.just([]),
        "books": st.sampled_from([["all"], ["all", "group"]]),
        "from": st.none(),
        "until": st.sampled_from([None, START + timedelta(days=1)]),
    }
)
denies = st.fixed_dictionaries(
    {
        "kind": st.just("deny"),
        "for": st.sampled_from([["account:chef"], ["team:azubi"]]),
        "fields": st.sampled_from([["category"], []]),
        "from": st.none(),
        "until": st.none(),
    }
)
rule_files = st.tuples(st.lists(shares, min_size=1, max_size=3), st.lists(denies, max_size=1)).map(
    lambda pair: [rule for part in pair for rule in part]
)


class StyledMachine(RuleBasedStateMachine):
    """I1–I3 for every style after every step; the database comes from the subclass."""

    def make_database(self):
        raise NotImplementedError

    @initialize(rules=rule_files)
    def start(self, rules: list[dict]) -> None:
        self.database = self.make_database()
        self.today = START
        self.database.clock.set(day_begins(START, self.database.zone) + 9 * 3600)
        self.world = StyledWorld(self.database)
        self.people: dict[int, Person] = {}
        self.names = {slug: slug.capitalize() for slug in GROUPS}
        self.teams: dict[str, set[str]] = {login: set() for login in LOGINS}
        for slug in GROUPS:
            self.world.add_group(slug)
        self.world.add_object("0815")
        for login in LOGINS:
            self.world.add_account(login)
        for reader in READERS:
            self.world.add_device(*reader.split("/"))
        self.rules: list[dict] = []
        self.observer = Observer(self.world, READERS, ["alle"])
        self.last = self.observer.look()
        self.steps = 0
        self.apply_rules(rules)
        self.add_contact("mieter", linked=True)
        self.devices = [DeviceDouble(self.world, reader, "alle") for reader in READERS]

    def teardown(self) -> None:
        if hasattr(self, "database"):
            self.database.engine.dispose()

    def _pick(self, number: int) -> int:
        ids = sorted(self.people)
        return ids[number % len(ids)]

    @rule(rules=rule_files)
    def apply_rules(self, rules: list[dict]) -> None:
        self.rules = rules
        self.world.apply(rule_text(rules))

    @precondition(lambda self: len(self.people) < 3)
    @rule(group=st.sampled_from(GROUPS), linked=st.booleans())
    def add_contact(self, group: str, *, linked: bool) -> None:
        contact_id = self.world.add_contact(f"Familie{len(self.people)}", groups=[group])
        self.people[contact_id] = Person(memberships={group})
        if linked:
            self.link(-1, group, None)

    @rule(n=st.integers(0, 2), group=st.sampled_from(GROUPS), until=st.one_of(st.none(), days))
    def link(self, n: int, group: str, until: date | None) -> None:
        contact_id = self._pick(n)
        link_id = self.world.add_link(contact_id, "0815", group, until=until)
        self.people[contact_id].links[link_id] = ["0815", group, None, until]

    @rule(n=st.integers(0, 2), groups=st.sets(st.sampled_from(GROUPS)))
    def set_memberships(self, n: int, groups: set[str]) -> None:
        contact_id = self._pick(n)
        self.world.set_memberships(contact_id, groups)
        self.people[contact_id].memberships = set(groups)

    @rule(n=st.integers(0, 2), phone=st.sampled_from(["+49 30 1", "+49 30 2"]))
    def edit(self, n: int, phone: str) -> None:
        self.world.set_values(self._pick(n), phone=phone, email=None)

    @rule(n=st.integers(0, 2), state=st.sampled_from([0, 0, 1, 2]))
    def block_unblock_or_erase(self, n: int, state: int) -> None:
        person = self.people[self._pick(n)]
        if person.state != 2:
            self.world.set_state(self._pick(n), state)
            person.state = state

    @rule(n=st.integers(0, 2), vip=st.booleans())
    def tag(self, n: int, *, vip: bool) -> None:
        self.world.set_tags(self._pick(n), ["vip"] if vip else [])
        self.people[self._pick(n)].tags = {"vip"} if vip else set()

    @rule(slug=st.sampled_from(GROUPS), name=st.sampled_from(["Eins", "Zwei"]))
    def rename(self, slug: str, name: str) -> None:
        self.names[slug] = f"{name} {slug}"
        self.world.rename_group(slug, self.names[slug])

    @rule(login=st.sampled_from(LOGINS), member=st.booleans())
    def change_team(self, login: str, *, member: bool) -> None:
        self.teams[login] = {"azubi"} if member else set()
        self.world.set_teams(login, self.teams[login])

    @precondition(lambda self: self.today < START + timedelta(days=3))
    @rule()
    def tomorrow(self) -> None:
        self.today += timedelta(days=1)
        self.database.clock.set(day_begins(self.today, self.database.zone))

    @rule(n=st.integers(0, 5), limit=st.sampled_from([None, None, 1, 2]))
    def sync(self, n: int, limit: int | None) -> None:
        device = self.devices[n]
        device.sync(limit)
        assert device.cards == self.world.listing(device.login), "I1: an incremental device differs from a listing"
        assert device.ask() == ([], device.token, False)

    @rule(n=st.integers(0, 5), style=st.sampled_from(STYLES))
    def change_style(self, n: int, style: str) -> None:
        """A device is set up again in another style and keeps what it has."""
        login, _, _ = self.devices[n].login.partition("/")
        self.devices[n].login = f"{login}/{style}"

    @invariant()
    def everything_holds(self) -> None:
        if not hasattr(self, "devices"):
            return
        now = self.observer.look()
        for reader in READERS:
            self._check_groups(reader, now[reader]["alle"].bodies)
            self._check_token(reader, now)
        self.last = now
        self.steps += 1
        if self.steps % 4 == 0:
            due.tick(self.database)
            assert doctor.check(self.database) == []

    def _check_groups(self, reader: str, bodies: dict[int, bytes]) -> None:
        """I2: the groups that a phone shows, and what contacts' cards say of them."""
        login, _, style = reader.partition("/")
        names = {f"account:{login}"} | {f"team:{team}" for team in self.teams[login]}
        expected: dict[str, list[str]] = {}
        for contact_id, person in self.people.items():
            fields, pairs = sees(names, person, self.rules, self.today)
            assert (contact_id in bodies) == bool(fields)
            groups = {group for _, group in pairs} if "category" in fields else set()
            for slug in groups:
                expected.setdefault(slug, []).append(self.world.uid(contact_id))
            told = b"\r\nCATEGORIES:" in bodies.get(contact_id, b"")
            assert told == (style == "categories" and bool(groups))
        cards = [parse_lines(body) for number, body in bodies.items() if number < 0]
        assert all(is_group_card(card) for card in cards)
        wanted = {(self.names[slug], *sorted(uids)) for slug, uids in expected.items()}
        shown = [(name, *members) for name, members in map(read_members, cards)]
        assert len(shown) == len(set(shown))
        assert set(shown) == (wanted if style == "cards" else set())

    def _check_token(self, reader: str, now: dict) -> None:
        """I3: a book's token moves if and only if one of its cards did."""
        token, etags, _ = now[reader]["alle"]
        old_token, old_etags, _ = self.last[reader]["alle"]
        if old_token is not None and token.book == old_token.book:
            assert (token == old_token) == (etags == old_etags), reader
