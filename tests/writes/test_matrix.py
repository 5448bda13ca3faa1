"""Who may do what where: every role, every method, every kind of path, against rules written by hand (security.md E1)."""

from __future__ import annotations

import re
import uuid
from typing import NamedTuple

import pytest
from sqlalchemy import select

from radicale_propmgmt.db.tables import (
    ContactRow,
    ContactTag,
    ContactValue,
    GroupRow,
    LinkRow,
    Membership,
    RelationRow,
    Wire,
)
from radicale_propmgmt.services import accounts, gdpr
from tests.support.dav import DECLARED, Answer, Client
from tests.support.world import World
from tests.writes.conftest import RULES

HIDDEN = """
[[deny]]
name = "nobody sees who is vip"
for = ["account:chef", "account:azra", "account:horst", "account:petra"]
tags = ["vip"]
"""
#: Role → the account's login; the last ones are not let in.
ROLES = {
    "writes all": "chef",
    "writes some fields": "azra",
    "reads": "horst",
    "proposes": "petra",
    "has no rules": "rolf",
    "anonymous": None,
    "disabled": "dora",
    "revoked device": "chef",
}
STRANGERS = {"anonymous", "disabled", "revoked device"}
READS = ["OPTIONS", "GET", "HEAD", "PROPFIND", "REPORT"]
CHANGES = ["PUT", "POST", "DELETE", "MOVE", "COPY"]
OTHERS = ["MKCOL", "MKCALENDAR", "PROPPATCH", "PATCH", "LOCK", "UNLOCK", "ACL"]
METHODS = [*READS, *CHANGES, *OTHERS]
WRITERS = {"writes all", "writes some fields"}
FOREIGN = ["foreign home", "foreign book", "foreign card", "nobody's home"]
RESERVED = ["documents", "a document", "interface", "web", "inside"]
#: Family names of those whom nobody may see.
SECRETS = ["Geheimrat", "Gesperrter", "Gewesene"]
#: Names that no card of the viewer's has; what they answer must not differ.
ABSENT = ["hidden card", "blocked card", "random name"]

TABLES = [ContactRow, ContactValue, ContactTag, Membership, LinkRow, RelationRow, GroupRow, Wire]
SYNC = f"<D:sync-collection {DECLARED}><D:sync-token/><D:sync-level>1</D:sync-level><D:prop/></D:sync-collection>"
PATCH = f"<D:propertyupdate {DECLARED}><D:set><D:prop><D:resourcetype/></D:prop></D:set></D:propertyupdate>"


class House(NamedTuple):
    world: World
    names: dict[str, str]


@pytest.fixture
def house(world: World, name_of) -> House:
    """Anna is seen by all who see anybody, once per method, and three are seen by nobody any more."""
    for login in ("rolf", "dora"):
        world.add_account(login)
    world.apply(RULES + HIDDEN)
    people = {method: world.add_contact("Anna", groups=["mieter"], phone=f"+49 30 23125{at:02}", email=None)
              for at, method in enumerate([*CHANGES, "other"])}  # fmt: skip
    people["hidden card"] = world.add_contact(SECRETS[0], groups=["mieter"], tags=["vip"])
    people["blocked card"] = world.add_contact(SECRETS[1], groups=[])
    world.set_state(people["blocked card"], 1)  # before anybody could see it
    world.set_memberships(people["blocked card"], ["mieter"])
    people["card once served"] = world.add_contact(SECRETS[2], groups=["mieter"])
    for login in ("chef", "azra", "horst", "petra"):
        Client(world, login).sync(f"/{login}/alle/")
    with world.database.write("test") as uow:
        gdpr.block(uow, people["card once served"], "art18-1a", reason="x")
    return House(world, {what: name_of(contact_id) for what, contact_id in people.items()})


def place(house: House, login: str, method: str, where: str) -> str:
    """The path of a place, as a role means it: its own home, and that of somebody else."""
    book, somebody = f"/{login}/alle/", house.names[method if method in CHANGES else "other"]
    return {
        "root": "/",
        "home": f"/{login}/",
        "book": book,
        "unknown book": f"/{login}/gruppe-garten/",
        "visible card": book + somebody,
        "hidden card": book + house.names["hidden card"],
        "blocked card": book + house.names["blocked card"],
        "random name": f"{book}{uuid.uuid4()}.vcf",
        "card once served": book + house.names["card once served"],
        "card of an unknown book": f"/{login}/gruppe-garten/{somebody}",
        "deeper": f"{book}a/b",
        "foreign home": "/olga/",
        "foreign book": "/olga/alle/",
        "foreign card": f"/olga/alle/{somebody}",
        "nobody's home": "/niemand/",
        "documents": "/documents/",
        "a document": "/documents/a/b.pdf",
        "interface": "/api/v1/contacts",
        "web": "/ui/",
        "inside": "/.web/",
    }[where]


PLACES = ["root", "home", "book", "unknown book", "visible card", *ABSENT, "card once served", "card of an unknown book",
          "deeper", *FOREIGN, *RESERVED]  # fmt: skip


def expected(role: str, method: str, where: str) -> int:
    """What a role is answered. The order is that of decision: form, who, whose home, right, what is visible."""
    if where in RESERVED:
        return 404
    if method == "OPTIONS":
        return 200
    if role in STRANGERS:
        return 401
    if where in FOREIGN:
        return 403
    if where == "visible card" and role == "has no rules":
        where = "random name"
    if method in READS:
        return expected_of_reading(method, where)
    if method == "PROPPATCH" and where in {"home", "book", "unknown book"}:
        return (
            404 if where == "unknown book" else 207
        )  # how he sees it is everybody's own; what is refused stands inside
    return MAY.get((method, where), {}).get(role, 403)


def expected_of_reading(method: str, where: str) -> int:
    if method == "REPORT":
        return {"book": 207, "root": 403, "home": 403, "visible card": 403}.get(where, 404)
    if where not in {"root", "home", "book", "visible card"}:
        return 404
    return 207 if method == "PROPFIND" else 200


#: All that is not 403: what is done, kept as a proposal (204), or told to be gone to those who may take away.
MAY: dict[tuple[str, str], dict[str, int]] = {
    ("PUT", "visible card"): {"writes all": 204, "writes some fields": 204, "proposes": 204},
    **{("PUT", where): {"writes all": 201, "writes some fields": 201, "proposes": 204} for where in ABSENT},
    ("PUT", "card once served"): {"proposes": 204},
    ("POST", "book"): {"writes all": 201, "writes some fields": 201, "proposes": 204},
    ("DELETE", "visible card"): {"writes all": 204, "proposes": 204},
    **{("DELETE", where): {"writes all": 404, "proposes": 204} for where in [*ABSENT, "card once served"]},
    **{(method, "visible card"): {"writes all": 201} for method in ("MOVE", "COPY")},
    **{(method, where): {"writes all": 404} for method in ("MOVE", "COPY") for where in [*ABSENT, "card once served"]},
}


@pytest.fixture
def ask(house: House, clock):
    """Send one request of the matrix; whoever asks has a device of his own, and never too many refusals behind him."""
    passwords: dict[str, str] = {}
    for role, login in ROLES.items():
        with house.world.database.write("test") as uow:
            device_id, passwords[role] = accounts.add_device(uow, login or "chef", "phone")
            if role == "revoked device":
                accounts.revoke_device(uow, device_id)
            if role == "disabled":
                accounts.disable_account(uow, login)

    def of(role: str, method: str, where: str) -> Answer:
        clock.advance(minutes=2)
        login = ROLES[role] or "chef"
        answering = Client(house.world, None if role == "anonymous" else login, password=passwords[role])
        path = place(house, login, method, where)
        return answering.request(method, path, *request_of(house, method, login))

    return of


def request_of(house: House, method: str, login: str) -> tuple[str, dict[str, str]]:
    if method in {"PUT", "POST"}:
        phone = f"+49 30 9{uuid.uuid4().int % 10**6:06}"
        lines = [
            "BEGIN:VCARD",
            "VERSION:3.0",
            "FN:Anna Anna",
            "N:Anna;Anna;;;",
            f"TEL;TYPE=CELL:{phone}",
            "END:VCARD",
            "",
        ]
        return "\r\n".join(lines), {"Content-Type": "text/vcard"}
    if method in {"MOVE", "COPY"}:
        return "", {"Destination": f"/{login}/gruppe-makler/{house.names[method]}"}
    return {"REPORT": SYNC, "PROPPATCH": PATCH}.get(method, ""), {}


def contacts_of(world: World) -> dict[str, list[str]]:
    """All that is stored about contacts, and what waits."""
    with world.database.read() as connection:
        return {str(table.__table__): sorted(map(str, connection.execute(select(table.__table__)))) for table in TABLES}


@pytest.mark.parametrize("role", ROLES)
def test_every_role_is_answered_by_the_rules_everywhere(house: House, ask, role: str) -> None:
    """What is refused, or waits for the office, changes nothing; no answer names anybody hidden."""
    for method in METHODS:
        wanted = {where: expected(role, method, where) for where in PLACES}
        done = [where for where in PLACES if wanted[where] < 300 and role in WRITERS]
        before = contacts_of(house.world)
        for where in [*(where for where in PLACES if where not in done), *done]:
            if where in done[:1] and method in CHANGES:
                assert contacts_of(house.world) == before, method
            answer = ask(role, method, where)
            assert answer.status == wanted[where], (method, where)
            assert not any(secret in answer.text for secret in SECRETS), (method, where)
        if method not in CHANGES or not done:
            assert contacts_of(house.world) == before, method


@pytest.mark.parametrize("role", [role for role in ROLES if role not in STRANGERS])
def test_a_hidden_card_and_a_name_that_never_was_are_one_answer(house: House, ask, role: str) -> None:
    """I4: status, headers and bytes, whatever is asked of it."""
    for method in METHODS:
        answers = [ask(role, method, where) for where in ABSENT]
        told = [(found.status, found.headers, _without_names(found)) for found in answers]
        assert told[0] == told[1] == told[2], method


def _without_names(answer: Answer) -> bytes:
    return re.sub(rb"[0-9a-f-]{36}\.vcf", b"NAME", answer.body)
