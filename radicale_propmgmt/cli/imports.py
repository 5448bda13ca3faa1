"""``propmgmt contacts import``."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from radicale_propmgmt.cli.context import Work, emit_one, json_option, mutating
from radicale_propmgmt.cli.exits import Exit
from radicale_propmgmt.services import imports
from radicale_propmgmt.transfer.mapping import FIELDS

_EPILOG = f"""A mapping file is TOML: [columns] "Heading" = "FIELD", or a table of field, type, label and name_part;
delimiter, encoding and date_format are found by themselves unless set; create_objects = true makes objects and units;
[groups], [roles], [kinds] and [salutations] translate words. FIELD is one of {", ".join(FIELDS)}."""


@click.command("import", epilog=_EPILOG)
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--format", "file_format", type=click.Choice(imports.FORMATS), help="Default: by the file's ending.")
@click.option("--group", metavar="SLUG", help="Group of records that name none.")
@click.option("--mapping", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="For csv: its columns.")
@click.option("--create-objects/--no-create-objects", default=None, help="Make objects and units that do not exist.")
@json_option
@mutating
def import_contacts(work: Work, *, file: Path, file_format: str | None, as_json: bool, **options: Any) -> None:
    """Import contacts. A second import changes nothing; rejected records are listed and stop nothing (exit 1)."""
    shows_bar = not as_json and sys.stderr.isatty()
    with click.progressbar(length=0, label="Import", file=sys.stderr, hidden=not shows_bar) as bar:

        def progress(done: int, total: int) -> None:
            bar.length = total
            bar.update(done - bar.pos)

        report = imports.import_file(
            work.core.database,
            file,
            file_format or imports.format_of(file),
            actor=work.actor,
            reason=work.reason,
            dry_run=work.dry_run,
            country=work.core.settings.locale.country,
            progress=progress,
            **options,
        )
    if work.dry_run:
        click.echo("Dry run: nothing was changed.", err=True)
    if as_json:
        emit_one(asdict(report), as_json)
    else:
        for rejected in report.rejected:
            click.echo(f"{file}:{rejected.line}: {rejected.field}: {rejected.why}", err=True)
        click.echo(
            f"{report.added} added, {report.changed} changed, {report.unchanged} unchanged, "
            f"{len(report.rejected)} rejected"
        )
    if report.rejected:
        click.get_current_context().exit(Exit.FINDINGS)
