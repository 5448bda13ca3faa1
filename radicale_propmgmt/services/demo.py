"""The demo: a small world in which every share scenario can be seen, told on one day."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date
from importlib import resources
from typing import TYPE_CHECKING, Any

from radicale_propmgmt.db.repositories import accounts as account_rows
from radicale_propmgmt.db.repositories import lookups
from radicale_propmgmt.domain.clock import local_day
from radicale_propmgmt.services import accounts, disclosures, gdpr, grants, property_objects, relations, shares
from radicale_propmgmt.services.contacts import find_contact
from radicale_propmgmt.services.import_batches import Batch
from radicale_propmgmt.transfer.drafts import Draft
from radicale_propmgmt.transfer.json_file import read_json

if TYPE_CHECKING:
    from radicale_propmgmt.db.unit_of_work import Database, UnitOfWork

#: The day on which the fixture and its rules are told.
TOLD_ON = date(2026, 6, 15)
ACTOR = "system"

_DAY = re.compile(r"\b[0-9]{4}-[0-9]{2}-[0-9]{2}\b")


@dataclass(frozen=True, slots=True)
class Scenario:
    """What one login of the demo shows; days in ``text`` are as told, see ``shifted``."""

    login: str
    text: str
    layout: str = "everything"


#: One login per share scenario, in the order they are told.
SCENARIOS: tuple[Scenario, ...] = (
    Scenario("horst", "caretaker: tenants and contractors of 0815-0817, phones only", "single"),
    Scenario("bruno", "accountant: owners with bank data, all objects"),
    Scenario("schulze", "external craftsman: tenants of 0815 who agreed, until 2026-09-30"),
    Scenario("chef", "managing director: everybody, books per group", "groups"),
    Scenario("azra", "trainee: tenants, owners, contractors; no bank data"),
    Scenario("petra", "one contact granted to one user, until 2026-08-31"),
    Scenario("sued1", "property manager of 0900: may write phones and e-mails"),
    Scenario("beirat0816", "WEG advisory board: owners of 0816, name and postal address"),
    Scenario("stb", "tax adviser: contractors with bank data, 2026-03-01 to 2026-03-31 only"),
    Scenario("empfang", "reception phone: names and numbers of everybody but VIPs", "single"),
    Scenario("verwalter", "books per object", "objects"),
    Scenario("technik", "books per object and group"),
)

#: Whose second device is an iPhone, which shows groups from cards of their own.
IPHONE = "chef"


def shifted(text: str, today: date) -> str:
    """Shift every ISO day of a text so that 2026-06-15 becomes ``today``."""
    by = today - TOLD_ON

    def shift(match: re.Match[str]) -> str:
        return (date.fromisoformat(match[0]) + by).isoformat()

    return _DAY.sub(shift, text) if by else text


def load_demo(database: Database, today: date | None, shares_text: str = "") -> None:
    """Load the demo; a database that has it is left alone.

    Args:
        database: A database at head with its groups.
        today: The day it takes place; None = today.
        shares_text: The rule file as told on 2026-06-15. It is applied as told first, so that a server never takes
            the unshifted file for news, then with shifted days.
    """
    today = today or local_day(database.clock.now(), database.zone)
    with database.read() as connection:
        if lookups.known_contacts(connection, keys=["k01"]):
            return
    fixture = json.loads(shifted(_fixture(), today))
    with database.write(ACTOR) as uow:
        _add_world(uow, fixture)
    if shares_text:
        for text in dict.fromkeys((shares_text, shifted(shares_text, today))):
            shares.apply(database, text, "shares.toml", actor=ACTOR, accept_gain=True)
    with database.write(ACTOR) as uow:
        _add_facts(uow, fixture)


def _fixture() -> str:
    return resources.files("radicale_propmgmt.services").joinpath("demo_data/fixture.json").read_text(encoding="utf-8")


def _add_world(uow: UnitOfWork, fixture: dict[str, Any]) -> None:
    known = lookups.objects_by_number(uow.connection)
    for entry in fixture["objects"]:
        units = entry.pop("units")
        if entry["number"] not in known:
            property_objects.add_object(uow, **entry)
        for unit in units:
            property_objects.add_unit(uow, entry["number"], unit)
    for account in fixture["accounts"]:
        if account_rows.find_account_id(uow.connection, account["login"]) is None:
            accounts.add_account(
                uow,
                account["login"],
                account["name"],
                teams=account.get("teams", ()),
                rights=account.get("rights", ()),
                external=account.get("external", False),
            )
    records = json.dumps(fixture["contacts"]).encode()
    drafts = [draft for draft in read_json(records, group=None, country="DE") if isinstance(draft, Draft)]
    Batch().take(uow, drafts)


def _add_facts(uow: UnitOfWork, fixture: dict[str, Any]) -> None:
    def contact(key: str) -> int:
        return find_contact(uow.connection, key)

    for one, kind, other in fixture["relations"]:
        relations.add(uow, contact(one), kind, contact(other))
    for entry in fixture["disclosures"]:
        disclosures.start(
            uow,
            contact(entry["contact"]),
            entry["purpose"],
            recipient=entry["recipient"],
            basis=entry["basis"],
            starts=date.fromisoformat(entry["from"]),
        )
    for entry in fixture["grants"]:
        uow.reason = entry["reason"]
        until = date.fromisoformat(entry["until"])
        grants.add_grant(uow, contact(entry["contact"]), entry["to"], entry["profile"], until=until)
    for entry in fixture["blocks"]:
        gdpr.block(
            uow,
            contact(entry["contact"]),
            entry["code"],
            date.fromisoformat(entry["until"]),
            entry["record"],
            entry["reason"],
        )
