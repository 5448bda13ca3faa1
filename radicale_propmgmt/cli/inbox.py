"""``propmgmt contacts inbox``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from radicale_propmgmt.cli.context import Work, emit, emit_one, json_option, mutating, reading
from radicale_propmgmt.cli.readable import readable
from radicale_propmgmt.runtime import Core
from radicale_propmgmt.services import inbox
from radicale_propmgmt.transfer.merging import by_field_class
from radicale_propmgmt.vcard.card import formatted_name
from radicale_propmgmt.vcard.sent import read_sent

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from radicale_propmgmt.db.repositories.inbox import Entry

_ids = click.argument("ids", metavar="ID…", type=click.IntRange(1), nargs=-1, required=True)


@click.group(name="inbox")
def command() -> None:
    """Cards that clients created and somebody has to release."""


@command.command("list")
@reading
def list_all(core: Core, as_json: bool) -> None:  # noqa: FBT001 - given by the decorator
    """List what waits, oldest first, with the contacts that it may be: hidden ones, too."""
    with core.database.read() as connection:
        found = [_line(connection, entry) for entry in inbox.list_open(connection)]
    emit(found if as_json else [_plain(line) for line in found], as_json)


def _line(connection: Connection, entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "created_at": entry.created_at,
        "account": entry.login,
        "device": entry.device,
        "book": entry.segment,
        "group": entry.group,
        "object": entry.object_number,
        "name": formatted_name(read_sent(entry.body or b"").data),
        "matches": [match._asdict() for match in inbox.list_matches(connection, entry)],
    }


def _plain(line: dict[str, Any]) -> dict[str, Any]:
    return line | {"matches": [f"{match['contact']} ({match['state']})" for match in line["matches"]]}


@command.command("show")
@click.argument("entry_id", metavar="ID", type=click.IntRange(1))
@reading
def show(core: Core, as_json: bool, entry_id: int) -> None:  # noqa: FBT001 - given by the decorator
    """Show one card whole."""
    with core.database.read() as connection:
        entry = inbox.get_entry(connection, entry_id)
        line = _line(connection, entry)
    fields = by_field_class(read_sent(entry.body or b"").data)
    if as_json:
        emit_one(line | {"fields": fields}, as_json)
        return
    emit_one(_plain(line) | {name: readable(name, content) for name, content in fields.items()}, as_json)


@command.command("accept")
@_ids
@click.option("--group", metavar="SLUG", help="Default: that of the book it was created in.")
@click.option("--object", "object_number", metavar="NUMBER", help="Default: that of the book it was created in.")
@click.option("--force", is_flag=True, help="Although it may be a restricted or erased contact.")
@json_option
@mutating
def accept(
    work: Work, *, ids: tuple[int, ...], group: str | None, object_number: str | None, force: bool, as_json: bool
) -> None:
    """Make contacts of these cards; of all, or of none."""
    country = work.core.settings.locale.country
    with work.write() as uow:
        made = [
            {
                "id": number,
                "contact": inbox.accept(
                    uow, number, group=group, object_number=object_number, country=country, force=force
                ),
            }
            for number in dict.fromkeys(ids)
        ]
    emit(made, as_json)


@command.command("reject")
@_ids
@mutating
def reject(work: Work, *, ids: tuple[int, ...]) -> None:
    """Drop cards; the devices that created them are told that they are gone."""
    with work.write() as uow:
        for number in dict.fromkeys(ids):
            inbox.reject(uow, number)
