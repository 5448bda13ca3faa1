"""``propmgmt links``."""

from __future__ import annotations

from datetime import date

import click

from radicale_propmgmt.cli.context import Work, emit, emit_one, json_option, mutating, reading
from radicale_propmgmt.cli.options import DAY, contact_argument, window
from radicale_propmgmt.db.repositories import listings
from radicale_propmgmt.runtime import Core
from radicale_propmgmt.services import links
from radicale_propmgmt.services.contacts import find_contact


@click.group(name="links")
def command() -> None:
    """Which contact belongs to which object, unit and group, in which role, how long."""


@command.command("add")
@contact_argument
@click.option("--object", "object_number", required=True, metavar="NUMBER")
@click.option("--group", required=True, metavar="SLUG")
@click.option("--unit", metavar="U")
@click.option("--role", metavar="R")
@window
@json_option
@mutating
def add(work: Work, *, contact: str, as_json: bool, **link: str | date | None) -> None:
    """Link a contact to a property object; prints the link's number."""
    with work.write() as uow:
        contact_id = find_contact(uow.connection, contact)
        link_id = links.add_link(uow, contact_id, **link)  # type: ignore[arg-type]
    emit_one({"link": link_id, "contact": contact_id}, as_json)


@command.command("end")
@click.argument("link", type=int)
@click.option("--on", "last_day", type=DAY, required=True, help="The last day on which it holds.")
@mutating
def end(work: Work, *, link: int, last_day: date) -> None:
    """Let a link end."""
    with work.write() as uow:
        links.end_link(uow, link, last_day)


@command.command("list")
@click.argument("contact", metavar="[CONTACT]", required=False)
@click.option("--object", "object_number", metavar="NUMBER")
@click.option("--blocked", is_flag=True, help="Of restricted contacts too.")
@reading
def list_all(
    core: Core,
    as_json: bool,  # noqa: FBT001 - given by the decorator
    contact: str | None,
    object_number: str | None,
    *,
    blocked: bool,
) -> None:
    """List links, of one contact, one object, or all."""
    with core.database.read() as connection:
        contact_id = find_contact(connection, contact) if contact else None
        found = listings.list_links(connection, contact_id=contact_id, object_number=object_number, blocked=blocked)
    emit(found, as_json)
