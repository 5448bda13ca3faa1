"""``propmgmt groups``."""

from __future__ import annotations

import click

from radicale_propmgmt.cli.context import Work, emit, mutating, reading
from radicale_propmgmt.cli.options import contact_argument
from radicale_propmgmt.db.repositories import listings, lookups
from radicale_propmgmt.runtime import Core
from radicale_propmgmt.services import groups
from radicale_propmgmt.services.contacts import find_contact


@click.group(name="groups")
def command() -> None:
    """Contact groups, and plain memberships in them."""


@command.command("add")
@click.argument("slug")
@click.option("--name", required=True, help="As shown.")
@mutating
def add(work: Work, *, slug: str, name: str) -> None:
    """Add an own group."""
    with work.write() as uow:
        groups.add_group(uow, slug, name)


@command.command("rename")
@click.argument("slug")
@click.option("--name", required=True, help="As shown.")
@mutating
def rename(work: Work, *, slug: str, name: str) -> None:
    """Rename a group; its slug stays."""
    with work.write() as uow:
        groups.rename_group(uow, slug, name)


@command.command("join")
@click.argument("slug")
@contact_argument
@mutating
def join(work: Work, *, slug: str, contact: str) -> None:
    """Make a contact a member of a group, without an object."""
    with work.write() as uow:
        groups.join_group(uow, find_contact(uow.connection, contact), slug)


@command.command("leave")
@click.argument("slug")
@contact_argument
@mutating
def leave(work: Work, *, slug: str, contact: str) -> None:
    """End a contact's plain membership."""
    with work.write() as uow:
        groups.leave_group(uow, find_contact(uow.connection, contact), slug)


@command.command("list")
@reading
def list_all(core: Core, as_json: bool) -> None:  # noqa: FBT001 - given by the decorator
    """List the groups with the number of their contacts."""
    with core.database.read() as connection:
        counts = listings.count_by_group(connection)
        found = [
            {"slug": slug, "name": group.name, "system": group.system, "contacts": counts.get(slug, 0)}
            for slug, group in lookups.groups_by_slug(connection).items()
        ]
    emit(found, as_json)
