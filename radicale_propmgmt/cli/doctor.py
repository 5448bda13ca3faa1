"""``propmgmt doctor``."""

from __future__ import annotations

import click

from radicale_propmgmt.cli.context import Invocation, emit, json_option
from radicale_propmgmt.cli.exits import Exit
from radicale_propmgmt.projection import doctor


@click.command(name="doctor")
@click.option("--repair", is_flag=True, help="Write what should be there.")
@json_option
@click.pass_context
def command(ctx: click.Context, *, repair: bool, as_json: bool) -> None:
    """Compute every book from scratch and report where it differs (exit 1)."""
    invocation: Invocation = ctx.obj
    database = invocation.core.database
    found = doctor.check(database)
    emit(found, as_json)
    for audience, group in doctor.groups_left_out(database):
        click.echo(f"Audience {audience}: group {group!r} has too many members for a card of its own.", err=True)
    if not found:
        click.echo("All books are what the rules say.", err=True)
        return
    if repair:
        doctor.repair(database, "cli:doctor")
        click.echo(f"{len(found)} differences repaired.", err=True)
        return
    click.echo(f"{len(found)} differences; `propmgmt doctor --repair` writes what should be there.", err=True)
    ctx.exit(Exit.FINDINGS)
