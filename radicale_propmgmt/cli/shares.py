"""``propmgmt shares``."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from pathlib import Path

import click

from radicale_propmgmt.cli.context import Work, emit, emit_one, json_option, mutating, reading
from radicale_propmgmt.cli.exits import Exit
from radicale_propmgmt.cli.options import DAY
from radicale_propmgmt.db.repositories.contacts import load_contacts
from radicale_propmgmt.domain.errors import UsageError
from radicale_propmgmt.projection.reading import read_head
from radicale_propmgmt.runtime import Core
from radicale_propmgmt.services import shares
from radicale_propmgmt.services.contacts import find_contact
from radicale_propmgmt.vcard.card import formatted_name

_file = click.argument("file", type=click.Path(path_type=Path), required=False)


@click.group(name="shares")
def command() -> None:
    """Share rules: who may see which contacts, with which fields, how long."""


def _read(core: Core, file: Path | None) -> tuple[str, str]:
    path = file or core.settings.files.shares
    try:
        return path.read_text(encoding="utf-8-sig"), str(path)
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}:1: file: cannot be read ({type(error).__name__})") from None


@command.command("check")
@_file
@reading
def check(core: Core, as_json: bool, file: Path | None) -> None:  # noqa: FBT001 - given by the decorator
    """Check a rule file, by default the installation's (exit 2 with file:line: key: what to do)."""
    rules = shares.check(core.database, *_read(core, file))
    emit_one({"shares": len(rules.shares), "denies": len(rules.denies), "profiles": sorted(rules.profiles)}, as_json)


@command.command("apply")
@_file
@click.option("--yes", is_flag=True, help="Even if accounts gain more than a tenth of their cards.")
@json_option
@mutating
def apply(work: Work, *, file: Path | None, yes: bool, as_json: bool) -> None:
    """Apply a rule file, by default the installation's. The first one needs no --yes."""
    text, name = _read(work.core, file)
    if work.dry_run:
        emit(shares.diff_file(work.core.database, text, name), as_json)
        click.echo("Dry run: nothing was changed.", err=True)
        return
    try:
        with work.core.database.read() as connection:
            is_first = read_head(connection).rules_version == 0
        applied = shares.apply(work.core.database, text, name, actor=work.actor, accept_gain=yes or is_first)
    except shares.GainTooLargeError as refusal:
        emit(refusal.gains, as_json)
        click.echo(f"propmgmt: {refusal}: `propmgmt shares apply --yes` applies it", err=True)
        click.get_current_context().exit(Exit.REFUSED)
    if as_json:
        emit_one(asdict(applied), as_json)
        return
    emit([entry for entry in applied.diffs if entry.gained or entry.lost or entry.changed], as_json)
    click.echo(f"Version {applied.version} " + ("applied." if applied.changed else "holds already."), err=True)


@command.command("diff")
@_file
@reading
def diff(core: Core, as_json: bool, file: Path | None) -> None:  # noqa: FBT001 - given by the decorator
    """Tell who would gain and lose how many cards by a rule file, per account."""
    emit(shares.diff_file(core.database, *_read(core, file)), as_json)


@command.command("explain")
@click.option("--account", "login", required=True, metavar="LOGIN")
@click.option("--contact", required=True, metavar="CONTACT")
@click.option("--at", "day", type=DAY, help="Default: today.")
@reading
def explain(
    core: Core,
    as_json: bool,  # noqa: FBT001 - given by the decorator
    login: str,
    contact: str,
    day: date | None,
) -> None:
    """Tell why an account sees a contact, or the first condition that fails."""
    with core.database.read() as connection:
        contact_id = find_contact(connection, contact)
    found = shares.explain(core.database, login, contact_id, day)
    if as_json:
        emit_one(asdict(found), as_json)
    else:
        click.echo("\n".join(found.as_lines()))


@command.command("simulate")
@click.option("--account", "login", required=True, metavar="LOGIN")
@click.option("--at", "day", type=DAY, required=True)
@reading
def simulate(core: Core, as_json: bool, login: str, day: date) -> None:  # noqa: FBT001 - given by the decorator
    """Show what an account would see on a day; with --json whole cards."""
    cards = shares.simulate(core.database, login, day)
    with core.database.read() as connection:
        contacts = load_contacts(connection, [card.contact_id for card in cards])
    rows = [
        {
            "contact": card.contact_id,
            "key": contacts[card.contact_id].key,
            "name": formatted_name(contacts[card.contact_id]),
            "href": card.href,
            "books": card.books,
        }
        for card in cards
    ]
    if as_json:
        rows = [row | {"card": card.body.decode()} for row, card in zip(rows, cards, strict=True)]
    emit(rows, as_json)
