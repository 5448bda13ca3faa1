"""``propmgmt contacts history`` and ``contacts undo``."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from radicale_propmgmt.cli.context import Work, emit, emit_one, json_option, mutating, reading
from radicale_propmgmt.cli.options import blocked_option, contact_argument, require_shown
from radicale_propmgmt.cli.readable import local_time, readable, sender
from radicale_propmgmt.runtime import Core
from radicale_propmgmt.services import contacts, history

if TYPE_CHECKING:
    from radicale_propmgmt.db.repositories.history import HistoryEntry


@click.command("history")
@contact_argument
@blocked_option
@reading
def command(core: Core, as_json: bool, contact: str, *, blocked: bool) -> None:  # noqa: FBT001 - given by the decorator
    """List what was changed about a contact, newest first: who, when, which fields, before and after.

    A change that the office accepted for somebody names the one who accepted it and the device that sent it.
    """
    with core.database.read() as connection:
        contact_id = contacts.find_contact(connection, contact)
        require_shown(contacts.get_contact(connection, contact_id), blocked=blocked)
        found = history.list_changes(connection, contact_id)
    zone = core.settings.zone
    if as_json:
        emit([asdict(entry) | {"kind": entry.kind, "when": local_time(entry.at, zone)} for entry in found], as_json)
        return
    for entry in found:
        who = sender(entry.actor, entry.login, entry.device)
        click.echo(f"revision {entry.rev}  {local_time(entry.at, zone)}  {who}")
        for line in _lines(entry):
            click.echo(f"    {line}")


def _lines(entry: HistoryEntry) -> list[str]:
    if entry.kind in {"fields", "created"}:
        return [
            f"{name}: {readable(name, entry.before.get(name))} → {readable(name, entry.after.get(name))}"
            for name in entry.fields
        ]
    return [f"{entry.kind}: {_place(entry.before)} → {_place(entry.after)}"]


def _place(content: dict[str, Any]) -> str:
    return ", ".join(f"{key} {value}" for key, value in content.items() if value is not None) or "–"


@click.command("undo")
@contact_argument
@click.option("--to", "revision", type=click.IntRange(0), required=True, metavar="REV", help="See `contacts history`.")
@json_option
@mutating
def undo(work: Work, *, contact: str, revision: int, as_json: bool) -> None:
    """Put a contact back as it was after revision REV; 0 is before the first.

    Everything recorded later is undone: fields, plain memberships, windows of links, and links that were taken away.
    Links that were added since stay, and so do relations; they are listed.
    """
    with work.write() as uow:
        contact_id = contacts.find_contact(uow.connection, contact)
        done = history.undo(uow, contact_id, revision)
    if as_json:
        emit_one({"contact": contact_id, "to": revision, **asdict(done)}, as_json)
        return
    for change in done.fields:
        before, after = readable(change.field, change.before), readable(change.field, change.after)
        click.echo(f"{change.field}: {before} → {after}")
    for line in done.places:
        click.echo(line)
    for line in done.left:
        click.echo(f"not undone: {line}", err=True)
    if not done.fields and not done.places:
        click.echo("Nothing to undo.", err=True)
