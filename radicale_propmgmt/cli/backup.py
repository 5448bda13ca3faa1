"""``propmgmt backup``."""

from __future__ import annotations

from pathlib import Path

import click

from radicale_propmgmt.cli.context import Invocation
from radicale_propmgmt.db import schema
from radicale_propmgmt.transfer import backup


@click.command(name="backup")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.pass_obj
def command(invocation: Invocation, *, file: Path) -> None:
    """Write a checked copy of the database, readable by you only, while the server runs.

    Keys and journal are not in it: keep the secrets file apart, and the journal outside every backup of the database.
    """
    database = invocation.core.database
    schema.require_head(database)
    size = backup.write(database, file)
    click.echo(f"{size} bytes, checked.", err=True)
