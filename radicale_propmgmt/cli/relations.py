"""``propmgmt relations``."""

from __future__ import annotations

import click

from radicale_propmgmt.cli.context import Work, emit, mutating, reading
from radicale_propmgmt.cli.options import contact_argument
from radicale_propmgmt.db.repositories import listings
from radicale_propmgmt.domain.labels import RELATIONS
from radicale_propmgmt.runtime import Core
from radicale_propmgmt.services import relations
from radicale_propmgmt.services.contacts import find_contact

_KINDS = f"One of {', '.join(RELATIONS)}."


@click.group(name="relations")
def command() -> None:
    """How contacts are related."""


@command.command("add")
@contact_argument
@click.argument("other")
@click.option("--type", "kind", required=True, metavar="TYPE", help=f"What OTHER is to CONTACT. {_KINDS}")
@mutating
def add(work: Work, *, contact: str, other: str, kind: str) -> None:
    """Relate two contacts, in both directions."""
    with work.write() as uow:
        relations.add(uow, find_contact(uow.connection, contact), kind, find_contact(uow.connection, other))


@command.command("remove")
@contact_argument
@click.argument("other")
@click.option("--type", "kind", required=True, metavar="TYPE", help=_KINDS)
@mutating
def remove(work: Work, *, contact: str, other: str, kind: str) -> None:
    """Remove a relation, in both directions."""
    with work.write() as uow:
        relations.remove(uow, find_contact(uow.connection, contact), kind, find_contact(uow.connection, other))


@command.command("list")
@click.argument("contact", metavar="[CONTACT]", required=False)
@reading
def list_all(core: Core, as_json: bool, contact: str | None) -> None:  # noqa: FBT001 - given by the decorator
    """List relations, of one contact or all."""
    with core.database.read() as connection:
        contact_id = find_contact(connection, contact) if contact else None
        found = listings.list_relations(connection, contact_id=contact_id)
    emit(found, as_json)
