"""``propmgmt consents``."""

from __future__ import annotations

from datetime import date

import click

from radicale_propmgmt.cli.context import Work, emit, emit_one, json_option, mutating, reading
from radicale_propmgmt.cli.options import DAY, contact_argument
from radicale_propmgmt.db.repositories import listings
from radicale_propmgmt.runtime import Core
from radicale_propmgmt.services import consents
from radicale_propmgmt.services.contacts import find_contact


@click.group(name="consents")
def command() -> None:
    """Consents (GDPR Art. 7)."""


@command.command("give")
@contact_argument
@click.option("--purpose", required=True, metavar="PURPOSE", help="Such as weg_kontakt.")
@click.option("--on", "given_on", type=DAY, help="Default: today.")
@click.option("--until", "valid_until", type=DAY, help="Last day.")
@click.option("--text-version", default="", help="Which text was agreed to.")
@click.option("--channel", default="", help="Portal, paper, mail, phone.")
@click.option("--proof", default="", help="Where the proof is.")
@json_option
@mutating
def give(
    work: Work,
    *,
    contact: str,
    purpose: str,
    given_on: date | None,
    valid_until: date | None,
    as_json: bool,
    **proof: str,
) -> None:
    """Record a consent."""
    with work.write() as uow:
        contact_id = find_contact(uow.connection, contact)
        found = consents.give(uow, contact_id, purpose, on=given_on, valid_until=valid_until, **proof)
    emit_one({"consent": found, "contact": contact_id}, as_json)


@command.command("withdraw")
@contact_argument
@click.option("--purpose", required=True, metavar="PURPOSE")
@mutating
def withdraw(work: Work, *, contact: str, purpose: str) -> None:
    """Withdraw a consent, effective at once."""
    with work.write() as uow:
        consents.withdraw(uow, find_contact(uow.connection, contact), purpose)


@command.command("list")
@click.argument("contact", metavar="[CONTACT]", required=False)
@reading
def list_all(core: Core, as_json: bool, contact: str | None) -> None:  # noqa: FBT001 - given by the decorator
    """List consents, withdrawn ones included, of one contact or all."""
    with core.database.read() as connection:
        contact_id = find_contact(connection, contact) if contact else None
        found = listings.list_consents(connection, contact_id=contact_id)
    emit(found, as_json)
