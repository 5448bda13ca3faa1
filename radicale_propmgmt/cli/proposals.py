"""``propmgmt contacts proposals``."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from radicale_propmgmt.cli.context import Work, emit, emit_one, json_option, mutating, reading
from radicale_propmgmt.cli.options import blocked_option, require_shown
from radicale_propmgmt.cli.readable import readable
from radicale_propmgmt.runtime import Core
from radicale_propmgmt.services import contacts, proposals

if TYPE_CHECKING:
    from radicale_propmgmt.db.repositories.proposals import Proposal

_ids = click.argument("ids", metavar="ID…", type=click.IntRange(1), nargs=-1, required=True)


@click.group(name="proposals")
def command() -> None:
    """Edits and deletions that clients asked for and may not make themselves."""


@command.command("list")
@click.option("--all", "every", is_flag=True, help="Decided ones too.")
@reading
def list_all(core: Core, as_json: bool, *, every: bool) -> None:  # noqa: FBT001 - given by the decorator
    """List what waits for a decision, oldest first."""
    with core.database.read() as connection:
        found = proposals.list_proposals(connection, only_open=not every)
    emit([_line(proposal) for proposal in found], as_json)


def _line(proposal: Proposal) -> dict[str, Any]:
    return {
        "id": proposal.id,
        "created_at": proposal.created_at,
        "kind": proposal.kind,
        "contact": proposal.contact_id,
        "account": proposal.login,
        "device": proposal.device,
        "book": proposal.segment,
        "fields": proposal.fields if proposal.kind == "edit" else [],
        "state": proposal.state,
        "decided_at": proposal.decided_at,
        "decided_by": proposal.decided_by,
    }


@command.command("show")
@click.argument("proposal_id", metavar="ID", type=click.IntRange(1))
@blocked_option
@reading
def show(core: Core, as_json: bool, proposal_id: int, *, blocked: bool) -> None:  # noqa: FBT001 - see above
    """Show a proposal field by field: what the client had, what it proposes, and what is stored now.

    Where the contact changed meanwhile there is a conflict, and accepting needs --force.
    """
    with core.database.read() as connection:
        proposal = proposals.get_proposal(connection, proposal_id)
        require_shown(contacts.get_contact(connection, proposal.contact_id), blocked=blocked)
        found = proposals.compare(core.database, connection, proposal, core.settings.locale.country)
    if as_json:
        emit_one(_line(proposal) | {"changes": [asdict(comparison) for comparison in found]}, as_json)
        return
    emit_one(_line(proposal), as_json)
    for comparison in found:
        click.echo(f"{comparison.field}:" + (" conflict" if comparison.conflict else ""))
        for name in ("base", "proposed", "current", "result"):
            click.echo(f"    {name + ':':9} {readable(comparison.field, getattr(comparison, name))}")
    if proposal.kind == "edit" and not found:
        click.echo("The contact says so already.")


@command.command("accept")
@_ids
@click.option("--force", is_flag=True, help="Also where the contact changed meanwhile in the same fields.")
@json_option
@mutating
def accept(work: Work, *, ids: tuple[int, ...], force: bool, as_json: bool) -> None:
    """Do what was proposed; all of these, or none."""
    country = work.core.settings.locale.country
    with work.write() as uow:
        done = [proposals.accept(uow, number, force=force, country=country) for number in dict.fromkeys(ids)]
    emit([asdict(accepted) for accepted in done], as_json)


@command.command("reject")
@_ids
@mutating
def reject(work: Work, *, ids: tuple[int, ...]) -> None:
    """Drop proposals; nothing else changes."""
    with work.write() as uow:
        for number in dict.fromkeys(ids):
            proposals.reject(uow, number)
