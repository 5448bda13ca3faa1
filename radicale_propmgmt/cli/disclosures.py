"""``propmgmt disclosures``."""

from __future__ import annotations

from datetime import date

import click

from radicale_propmgmt.cli.context import Work, emit, emit_one, json_option, mutating, reading
from radicale_propmgmt.cli.options import contact_argument, window
from radicale_propmgmt.db.repositories import listings
from radicale_propmgmt.runtime import Core
from radicale_propmgmt.services import disclosures
from radicale_propmgmt.services.contacts import find_contact


@click.group(name="disclosures")
def command() -> None:
    """Agreements to pass data on (Weitergabe)."""


@command.command("start")
@contact_argument
@click.option("--purpose", required=True, metavar="PURPOSE", help="Such as handwerker.")
@click.option("--recipient", default="", help="To whom.")
@click.option("--basis", default="", help="Legal basis, such as Art6-1a.")
@window
@json_option
@mutating
def start(
    work: Work,
    *,
    contact: str,
    purpose: str,
    recipient: str,
    basis: str,
    starts: date | None,
    until: date | None,
    as_json: bool,
) -> None:
    """Record an agreement to pass data on."""
    with work.write() as uow:
        contact_id = find_contact(uow.connection, contact)
        found = disclosures.start(
            uow, contact_id, purpose, recipient=recipient, basis=basis, starts=starts, until=until
        )
    emit_one({"disclosure": found, "contact": contact_id}, as_json)


@command.command("end")
@contact_argument
@click.option("--purpose", required=True, metavar="PURPOSE")
@mutating
def end(work: Work, *, contact: str, purpose: str) -> None:
    """End an agreement, effective at once."""
    with work.write() as uow:
        disclosures.end(uow, find_contact(uow.connection, contact), purpose)


@command.command("list")
@click.argument("contact", metavar="[CONTACT]", required=False)
@reading
def list_all(core: Core, as_json: bool, contact: str | None) -> None:  # noqa: FBT001 - given by the decorator
    """List agreements, ended ones included, of one contact or all."""
    with core.database.read() as connection:
        contact_id = find_contact(connection, contact) if contact else None
        found = listings.list_disclosures(connection, contact_id=contact_id)
    emit(found, as_json)
