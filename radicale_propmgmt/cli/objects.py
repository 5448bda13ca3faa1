"""``propmgmt objects``."""

from __future__ import annotations

import click

from radicale_propmgmt.cli.context import Work, emit, mutating, reading
from radicale_propmgmt.db.repositories import listings
from radicale_propmgmt.runtime import Core
from radicale_propmgmt.services import property_objects


@click.group(name="objects")
def command() -> None:
    """Property objects (Objekte)."""


@command.command("add")
@click.argument("number")
@click.option("--name", required=True, help="As shown.")
@click.option("--street", default="")
@click.option("--postal-code", default="")
@click.option("--city", default="")
@click.option("--controller", default="", help="Who is responsible (GDPR Art. 4(7)), if not you.")
@mutating
def add(work: Work, *, number: str, name: str, **parts: str) -> None:
    """Add a property object."""
    with work.write() as uow:
        property_objects.add_object(uow, number, name, **parts)


@command.command("rename")
@click.argument("number")
@click.option("--name", required=True, help="As shown.")
@mutating
def rename(work: Work, *, number: str, name: str) -> None:
    """Rename a property object; its number stays."""
    with work.write() as uow:
        property_objects.rename_object(uow, number, name)


@command.command("list")
@reading
def list_all(core: Core, as_json: bool) -> None:  # noqa: FBT001 - given by the decorator
    """List the property objects with their units."""
    with core.database.read() as connection:
        found = listings.list_objects(connection)
    emit(found, as_json)
