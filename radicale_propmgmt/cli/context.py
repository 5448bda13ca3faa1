"""What commands share: the opened installation, the options of every change, and printing.

A reading command is decorated with ``@reading`` and gets ``(core, as_json, …)``; a changing one with ``@mutating``
and gets ``(work, …)``, whose ``write()`` is rolled back on ``--dry-run``.
"""

from __future__ import annotations

import functools
import getpass
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import click

from radicale_propmgmt.runtime import Core, open_core, read_settings
from radicale_propmgmt.settings import Settings, chosen_file

if TYPE_CHECKING:
    from pathlib import Path

    from radicale_propmgmt.db.unit_of_work import UnitOfWork

Command = Callable[..., Any]


class Invocation:
    """One call of the command line: reads settings and opens the installation when first needed."""

    def __init__(self, config: str | None) -> None:
        self._config = config

    @property
    def config(self) -> Path:
        """The settings file, whether or not it exists."""
        return chosen_file(self._config)

    @functools.cached_property
    def settings(self) -> Settings:
        """The settings."""
        return read_settings(self.config)

    @functools.cached_property
    def core(self) -> Core:
        """The opened installation."""
        return open_core(self.settings)


class _DryRunOverError(Exception):
    """Rolls the unit of work of a dry run back."""


class Work:
    """A change asked for on the command line: by whom, why, and whether it counts."""

    def __init__(self, invocation: Invocation, *, actor: str, reason: str, dry_run: bool) -> None:
        self.invocation = invocation
        self.actor = actor
        self.reason = reason
        self.dry_run = dry_run

    @property
    def core(self) -> Core:
        """The opened installation."""
        return self.invocation.core

    @contextmanager
    def write(self) -> Iterator[UnitOfWork]:
        """Open the unit of work of this command; a dry run does everything and keeps nothing."""
        try:
            with self.core.database.write(self.actor) as uow:
                uow.reason = self.reason
                yield uow
                if self.dry_run:
                    raise _DryRunOverError  # noqa: TRY301 - an exception is how a unit of work is rolled back
        except _DryRunOverError:
            click.echo("Dry run: nothing was changed.", err=True)


def mutating(command: Command) -> Command:
    """Give a command ``--actor --reason --dry-run`` and a ``Work`` as its first argument."""

    @click.option("--actor", metavar="NAME", help="Who changes this, for audit and history. Default: you.")
    @click.option("--reason", default="", metavar="TEXT", help="Why, for audit and history.")
    @click.option("--dry-run", is_flag=True, help="Do everything, keep nothing.")
    @click.pass_obj
    @functools.wraps(command)
    def wrapped(
        invocation: Invocation, /, *args: Any, actor: str | None, reason: str, dry_run: bool, **kwargs: Any
    ) -> Any:
        work = Work(invocation, actor=_actor(actor), reason=reason, dry_run=dry_run)
        return command(work, *args, **kwargs)

    return wrapped


def reading(command: Command) -> Command:
    """Give a command ``--json``, the opened core and the flag as its first arguments."""

    @json_option
    @click.pass_obj
    @functools.wraps(command)
    def wrapped(invocation: Invocation, /, *args: Any, as_json: bool, **kwargs: Any) -> Any:
        return command(invocation.core, as_json, *args, **kwargs)

    return wrapped


def json_option(command: Command) -> Command:
    """Give a command the flag ``--json`` as ``as_json``."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON.")(command)


def _actor(given: str | None) -> str:
    if given is None:
        return f"cli:{_user()}"
    return given if ":" in given else f"cli:{given}"


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


def emit(rows: Sequence[Any], as_json: bool) -> None:  # noqa: FBT001 - the flag comes from the command line
    """Print rows (mappings or dataclasses with the same keys) as a table, or as a JSON array."""
    plain = [_mapping(row) for row in rows]
    if as_json:
        click.echo(json.dumps(plain, ensure_ascii=False, indent=2, default=_encode))
    elif plain:
        _table(plain)


def emit_one(row: Any, as_json: bool) -> None:  # noqa: FBT001 - the flag comes from the command line
    """Print one record as lines ``key: value``, or as a JSON object."""
    plain = _mapping(row)
    if as_json:
        click.echo(json.dumps(plain, ensure_ascii=False, indent=2, default=_encode))
        return
    for key, value in plain.items():
        click.echo(f"{key}: {_cell(key, value)}")


def _mapping(row: Any) -> dict[str, Any]:
    if is_dataclass(row) and not isinstance(row, type):
        return asdict(row)
    if isinstance(row, Mapping):
        return dict(row)
    return dict(row._asdict())


def _table(rows: list[dict[str, Any]]) -> None:
    keys = list(rows[0])
    lines = [keys, *[[_cell(key, row.get(key)) for key in keys] for row in rows]]
    widths = [max(len(line[column]) for line in lines) for column in range(len(keys))]
    for line in lines:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def _cell(key: str, value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int) and key.endswith("_at"):
        return datetime.fromtimestamp(value, tz=UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    if isinstance(value, (list, tuple, set, frozenset)):
        return ", ".join(str(part) for part in value) or "-"
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False, default=_encode)
    return str(value)


def _encode(value: Any) -> Any:
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    return str(value)
