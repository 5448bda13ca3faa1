"""``propmgmt grants``."""

from __future__ import annotations

from datetime import date

import click

from radicale_propmgmt.cli.context import Work, emit, emit_one, json_option, mutating, reading
from radicale_propmgmt.cli.options import contact_argument, window
from radicale_propmgmt.db.repositories import listings
from radicale_propmgmt.runtime import Core
from radicale_propmgmt.services import grants
from radicale_propmgmt.services.contacts import find_contact


@click.group(name="grants")
def command() -> None:
    """Single contacts for single accounts (Einzelfreigaben)."""


@command.command("add")
@contact_argument
@click.option("--to", required=True, metavar="LOGIN|team:NAME")
@click.option("--profile", required=True, metavar="P")
@window
@json_option
@mutating
def add(
    work: Work, *, contact: str, to: str, profile: str, starts: date | None, until: date | None, as_json: bool
) -> None:
    """Show one contact to one account or team; needs --reason."""
    with work.write() as uow:
        contact_id = find_contact(uow.connection, contact)
        grant_id = grants.add_grant(uow, contact_id, to, profile, starts=starts, until=until)
    emit_one({"grant": grant_id, "contact": contact_id}, as_json)


@command.command("revoke")
@click.argument("grant", type=int)
@mutating
def revoke(work: Work, *, grant: int) -> None:
    """Revoke a grant, effective at once."""
    with work.write() as uow:
        grants.revoke_grant(uow, grant)


@command.command("list")
@click.argument("contact", metavar="[CONTACT]", required=False)
@reading
def list_all(core: Core, as_json: bool, contact: str | None) -> None:  # noqa: FBT001 - given by the decorator
    """List grants, of one contact or all."""
    with core.database.read() as connection:
        contact_id = find_contact(connection, contact) if contact else None
        found = listings.list_grants(connection, contact_id=contact_id)
    emit(found, as_json)
