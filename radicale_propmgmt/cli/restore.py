"""``propmgmt restore``."""

from __future__ import annotations

from pathlib import Path

import click

from radicale_propmgmt.cli.context import Work, mutating
from radicale_propmgmt.cli.exits import Exit
from radicale_propmgmt.services.restoring import restore
from radicale_propmgmt.transfer import backup


@click.command(name="restore")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.pass_context
@mutating
def command(work: Work, ctx: click.Context, *, file: Path) -> None:
    """Put a copy in the place of the database; whoever was erased since is erased again before anybody is served.

    Stop the server first. What else happened since the copy is lost: blocks and revoked devices, too.
    """
    core = work.core
    if work.dry_run:
        backup.check(core.database, file)
        click.echo("Dry run: the file is a whole copy; nothing was changed.", err=True)
        return
    done = restore(core.database, file, core.settings.gdpr.audit_head, work.actor, reason=work.reason)
    click.echo(f"Restored. Epoch {done.epoch}; {done.erased} contacts erased again.", err=True)
    click.echo("Look through blocks, rules and devices: what changed since the copy is lost.", err=True)
    if not done.swept:
        click.echo("pending: readers hold the database's log; run `propmgmt gdpr sweep` later", err=True)
        ctx.exit(Exit.FINDINGS)
