"""Worlds that differ in one contact only, and are otherwise equal to the last random number."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import sha256

from sqlalchemy import select, update

from radicale_propmgmt.db.tables import AudienceRow, BookRow
from radicale_propmgmt.db.unit_of_work import Database
from radicale_propmgmt.projection import due
from tests.support.dav import Client
from tests.support.world import World

START = date(2026, 6, 15)
ACTIVE, BLOCKED, ERASED = 0, 1, 2
LOGINS = ("zeuge", "chef")
SEGMENTS = ("alle", "gruppe-mieter", "objekt-0815", "einzelfreigaben")
#: The contact in question, and three others.
X, A, B, C = 17, 11, 12, 29
DENIES = """
[[deny]]
name = "one account"
for = ["account:zeuge"]
tags = ["vip"]

[[deny]]
name = "nobody"
for = ["account:zeuge", "account:chef"]
tags = ["geheim"]
"""


def href_of(number: int) -> str:
    return f"{uuid.UUID(int=number << 64 | 0x4000_8000_0000_0000)}.vcf"


def uid_of(number: int) -> str:
    return str(uuid.UUID(int=number << 100))


@dataclass
class Twin:
    """One of several worlds, told by the same history; ``fate`` says what becomes of X.

    absent (never existed) | blocked | erased | denied (withdrawn, where it was served before).
    """

    database: Database
    fate: str
    from_birth: bool  # X meets its fate as it comes into being: no account was ever served it
    world: World = field(init=False)
    tokens: list[tuple[str, str, str]] = field(default_factory=list)  # (login, segment, token)
    clients: dict[str, Client] = field(init=False)
    has_x: bool = False
    pairs: set[frozenset[int]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.database.clock.set_day(START)
        self.world = World(self.database)
        for slug in ("mieter", "eigentuemer"):
            self.world.add_group(slug)
        self.world.add_object("0815")
        for login in LOGINS:
            self.world.add_account(login)
        self.world.apply(DENIES)
        self.clients = {login: Client(self.world, login, is_linted=False) for login in LOGINS}

    def tell(self, before: list[tuple], after: list[tuple]) -> None:
        """Let a history happen: X comes after ``before``, and its fate at the latest before ``after``."""
        for number, family in ((A, "Albers"), (B, "Behrens"), (C, "Claasen")):
            self._add(number, family, "mieter" if number != C else "eigentuemer")
        for operation in before:
            self._do(operation)
        if self.fate != "absent":
            self._bring_x()
        for operation in (("sync",), *after):
            self._do(operation)
        if not self.from_birth:
            self._meet_fate()
            for operation in after:
                self._do(operation)
        due.catch_up(self.database, None)

    def _add(self, number: int, family: str, group: str, **more: object) -> None:
        self.world.add_contact(
            family, groups=[group], contact_id=number, href=href_of(number), uid=uid_of(number), **more
        )

    def _bring_x(self) -> None:
        self.has_x = True
        states = {"blocked": BLOCKED, "erased": ERASED}
        state = states.get(self.fate, ACTIVE) if self.from_birth else ACTIVE
        tags = ["vip", "geheim"] if self.from_birth and self.fate == "denied" else ["vip"]
        if self.from_birth and state:
            tags = []
        self._add(X, "Xanthippe", "mieter", state=state, tags=tags, phone="+49 171 9999999")

    def _meet_fate(self) -> None:
        match self.fate:
            case "blocked":
                self.world.set_state(X, BLOCKED)
            case "erased":
                self.world.set_state(X, ERASED)
            case "denied":
                self.world.set_tags(X, ["vip", "geheim"])

    def _do(self, operation: tuple) -> None:
        name, *arguments = operation
        if X in arguments and not self.has_x:
            return
        getattr(self, f"_{name}")(*arguments)
        self._fix_tokens()

    def _fix_tokens(self) -> None:
        """Books of all twins have the same random ids."""
        with self.database.write("test") as uow:
            for book_id, segment, token_id, key in uow.connection.execute(
                select(BookRow.id, BookRow.segment, BookRow.token_id, AudienceRow.key).join(
                    AudienceRow, AudienceRow.id == BookRow.audience_id
                )
            ).all():
                fixed = sha256(f"{key} {segment}".encode()).hexdigest()[:24]
                if token_id != fixed:
                    uow.connection.execute(update(BookRow).where(BookRow.id == book_id).values(token_id=fixed))

    # what may happen, to X as to others ---------------------------------------------------------------------

    def _rules(self, text: str) -> None:
        self.world.apply(text)

    def _edit(self, number: int, phone: str) -> None:
        self.world.set_values(number, phone=phone, email=None)

    def _join(self, number: int, groups: tuple[str, ...]) -> None:
        self.world.set_memberships(number, groups)

    def _link(self, number: int, group: str, days: int | None) -> None:
        until = None if days is None else START + timedelta(days=days)
        self.world.add_link(number, "0815", group, until=until)

    def _marry(self, number: int, other: int) -> None:
        pair = frozenset({number, other})
        if len(pair) == 2 and pair not in self.pairs:
            self.pairs.add(pair)
            self.world.relate(number, other)

    def _grant(self, number: int, login: str) -> None:
        self.world.grant(number, f"account:{login}", "kommunikation")

    def _block(self, number: int, state: int) -> None:
        self.world.set_state(number, state)

    def _tomorrow(self) -> None:
        self.database.clock.advance(days=1)

    def _sync(self) -> None:
        for login, client in self.clients.items():
            for segment in SEGMENTS:
                answer = client.sync(f"/{login}/{segment}/")
                if answer.status == 207:
                    self.tokens.append((login, segment, answer.token))
