"""``propmgmt gdpr erase``, ``sweep`` and ``replay``."""

from __future__ import annotations

import click

from radicale_propmgmt.cli.context import Invocation, Work, emit, json_option, mutating
from radicale_propmgmt.cli.exits import Exit
from radicale_propmgmt.db import sweep as files
from radicale_propmgmt.domain.errors import UsageError
from radicale_propmgmt.services import audit, erasure, following
from radicale_propmgmt.services.restoring import finish

#: Contacts erased in one unit of work.
BATCH = 50


@click.command("erase")
@click.argument("contacts", metavar="CONTACT...", nargs=-1, required=True)
@click.option("--force", is_flag=True, help="Although they are not blocked.")
@json_option
@click.pass_context
@mutating
def erase(work: Work, ctx: click.Context, *, contacts: tuple[str, ...], force: bool, as_json: bool) -> None:
    """Erase blocked contacts: nothing of them is left (GDPR Art. 17). Needs --reason; it must not name them.

    Exit 1: erased, but open readers still hold up the last bytes; `gdpr sweep` finishes.
    """
    if not work.reason.strip():
        raise UsageError("erasing needs a reason: --reason TEXT")
    database = work.core.database
    if not work.dry_run:
        following.complete(database, work.actor)  # what a cut-off run left
    with database.read() as connection:
        found = dict.fromkeys(erasure.find_contact(connection, reference) for reference in contacts)
    waiting = [contact_id for contact_id, erased in found if not erased]
    done = [erasure.Erased(contact_id, {}) for contact_id, erased in found if erased]
    suppress = work.core.settings.gdpr.suppression
    for start in range(0, len(waiting), BATCH):
        with work.write() as uow:
            done += erasure.erase_all(uow, waiting[start : start + BATCH], force=force, suppress=suppress)
        database.reached("erase:committed")
        if len(waiting) > BATCH:
            click.echo(f"{min(start + BATCH, len(waiting))} of {len(waiting)} contacts", err=True)
    emit([{"contact": one.contact, "rows": sum(one.rows.values())} for one in done], as_json)
    if not work.dry_run:
        _finish(ctx, work.invocation)


@click.command("sweep")
@click.pass_context
def sweep(ctx: click.Context) -> None:
    """Remove what deleted rows left in the database's files (on PostgreSQL: VACUUM FULL, statistics, log)."""
    invocation: Invocation = ctx.obj
    if not files.rewrite(invocation.core.database):
        _tell_pending(ctx)


@click.command("replay")
@click.pass_context
@mutating
def replay(work: Work, ctx: click.Context) -> None:
    """Do what the journal says and the database does not know: after a restore by other means, or a cut-off run."""
    if work.dry_run:
        for code in following.problems(work.core.database):
            click.echo(code)
        return
    done = finish(work.core.database, work.core.settings.gdpr.audit_head, work.actor, reason=work.reason)
    click.echo(f"Epoch {done.epoch}; {done.erased} contacts erased again.", err=True)
    if not done.swept:
        _tell_pending(ctx)


def _finish(ctx: click.Context, invocation: Invocation) -> None:
    """Note the chain's head, and clean the files of SQLite; PostgreSQL's wait for ``gdpr sweep``."""
    core = invocation.core
    audit.note_head(core.database, core.settings.gdpr.audit_head)
    if not core.database.is_sqlite:
        click.echo("PostgreSQL keeps the bytes until `propmgmt gdpr sweep` (see config/README.md).", err=True)
    elif not files.rewrite(core.database):
        _tell_pending(ctx)


def _tell_pending(ctx: click.Context) -> None:
    click.echo("pending: readers hold the database's log; run `propmgmt gdpr sweep` later", err=True)
    ctx.exit(Exit.FINDINGS)
