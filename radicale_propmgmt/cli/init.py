"""``propmgmt init``."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import click

from radicale_propmgmt.cli.context import Invocation
from radicale_propmgmt.db import schema
from radicale_propmgmt.domain.errors import RefusedError, UsageError
from radicale_propmgmt.projection.project import project_everything
from radicale_propmgmt.runtime import make_secrets, open_core
from radicale_propmgmt.services.demo import load_demo
from radicale_propmgmt.vcard.card import RENDERER_VERSION

if TYPE_CHECKING:
    from radicale_propmgmt.runtime import Core


@click.command(name="init")
@click.option("--demo", is_flag=True, help="Load the demo: never into a database in use.")
@click.option("--today", type=click.DateTime(["%Y-%m-%d"]), help="The day the demo takes place. Default: today.")
@click.pass_obj
def command(invocation: Invocation, *, demo: bool, today: datetime | None) -> None:
    """Create or migrate the database, and make the keys of the installation. May be repeated."""
    settings = invocation.settings
    if today is not None and not demo:
        raise UsageError("--today needs --demo")
    if make_secrets(settings.secrets.file):
        click.echo(f"Keys made: {settings.secrets.file}. Keep a copy apart from the backup.")
    core = open_core(settings, demo=demo)
    prepare(core, demo=demo)
    if demo:
        rules = settings.files.shares.read_text(encoding="utf-8") if settings.files.shares.exists() else ""
        load_demo(core.database, None if today is None else today.date(), rules)
        click.echo("The demo is loaded.")


def prepare(core: Core, *, demo: bool) -> None:
    """Create or migrate a database and bring its cards in line with this program's renderer.

    Raises:
        RefusedError: A demo is to go into a database that is none.
    """
    schema.make_folder(core.database)
    if demo and not schema.is_empty(core.database) and not schema.is_demo(core.database):
        raise RefusedError("this database is in use and no demo")
    migrated = schema.upgrade(core.database)
    seeded = schema.seed(core.database, renderer=RENDERER_VERSION, demo=demo)
    with core.database.read() as connection:
        is_stale = schema.renderer_of(connection) != RENDERER_VERSION
    if is_stale:
        with core.database.write("system") as uow:
            project_everything(uow)
            schema.set_renderer(uow.connection, RENDERER_VERSION)
        click.echo("All cards were made anew.")
    click.echo("Database created." if seeded else "Database migrated." if migrated else "Database is up to date.")
