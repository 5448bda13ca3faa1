"""``propmgmt units``."""

from __future__ import annotations

import click

from radicale_propmgmt.cli.context import Work, emit, mutating, reading
from radicale_propmgmt.db.repositories import listings
from radicale_propmgmt.runtime import Core
from radicale_propmgmt.services import property_objects


@click.group(name="units")
def command() -> None:
    """Units (Einheiten) of property objects."""


@command.command("add")
@click.argument("number", metavar="OBJECT")
@click.argument("unit")
@mutating
def add(work: Work, *, number: str, unit: str) -> None:
    """Add a unit to a property object."""
    with work.write() as uow:
        property_objects.add_unit(uow, number, unit)


@command.command("list")
@click.argument("number", metavar="[OBJECT]", required=False)
@reading
def list_all(core: Core, as_json: bool, number: str | None) -> None:  # noqa: FBT001 - given by the decorator
    """List the units, of one object or all."""
    with core.database.read() as connection:
        if number is not None:
            property_objects.get_object(connection, number)
        found = [
            {"object": entry.number, "unit": unit}
            for entry in listings.list_objects(connection)
            for unit in entry.units
            if number in {None, entry.number}
        ]
    emit(found, as_json)
