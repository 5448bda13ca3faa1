"""``propmgmt audit``."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click

from radicale_propmgmt.cli.context import Invocation, Work, emit, json_option, mutating, reading
from radicale_propmgmt.cli.exits import Exit
from radicale_propmgmt.db.repositories import audit_reads
from radicale_propmgmt.domain.errors import UsageError
from radicale_propmgmt.runtime import Core
from radicale_propmgmt.services import audit, erasure


@click.group(name="audit")
def command() -> None:
    """The audit chain: who decided what, when, under which rules; it cannot be changed unseen."""


@command.command("verify")
@json_option
@click.pass_context
def verify(ctx: click.Context, *, as_json: bool) -> None:
    """Check every entry, and that the chain reaches the heads noted outside (exit 1: the first broken entry)."""
    invocation: Invocation = ctx.obj
    core = invocation.core
    heads = core.settings.gdpr.audit_head
    found = audit.verify(core.database, heads)
    emit([asdict(finding) for finding in found], as_json)
    if found:
        ctx.exit(Exit.FINDINGS)
    audit.note_head(core.database, heads)
    click.echo("The chain is whole.", err=True)


@command.command("list")
@click.option("--contact", metavar="CONTACT", help="Of one contact, erased ones included: by number.")
@click.option("--action", metavar="CODE", help="Of one kind, such as contact.erased.")
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True)
@reading
def list_entries(core: Core, as_json: bool, *, contact: str | None, action: str | None, limit: int) -> None:  # noqa: FBT001 - given by the decorator
    """List entries, newest first."""
    with core.database.read() as connection:
        contact_id = erasure.find_contact(connection, contact)[0] if contact else None
        found = audit_reads.list_entries(connection, contact_id=contact_id, action=action, limit=limit)
    emit(
        [
            {
                "entry": entry.seq,
                "at": datetime.fromtimestamp(entry.at, tz=UTC).isoformat(),
                "actor": entry.actor,
                "action": entry.action,
                "contact": entry.contact_id,
                "rules": entry.rules_version,
                "facts": entry.facts,
                "text": entry.text,
            }
            for entry in found
        ],
        as_json,
    )


@command.command("export")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--personal", is_flag=True, help="With the personal parts and their salts.")
@click.pass_obj
def export(invocation: Invocation, *, file: Path, personal: bool) -> None:
    """Write all entries into a new file, as JSON lines, readable by you only."""
    count = audit.export(invocation.core.database, file, personal=personal)
    click.echo(f"{count} entries.", err=True)


@command.command("prune")
@click.option("--older-than", "days", type=click.IntRange(30), required=True, metavar="DAYS")
@mutating
def prune(work: Work, *, days: int) -> None:
    """Let entries older than so many days go, from the chain's start; needs --reason. An entry says up to where."""
    if not work.reason.strip():
        raise UsageError("pruning needs a reason: --reason TEXT")
    with work.write() as uow:
        count = audit.prune(uow, days)
    click.echo(f"{count} entries went.", err=True)
