"""The command ``propmgmt``: nouns are loaded when they are asked for."""

from __future__ import annotations

import gc
import sys
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import click

from radicale_propmgmt.cli.context import Invocation
from radicale_propmgmt.cli.exits import exit_of
from radicale_propmgmt.domain.errors import PropmgmtError

#: Noun → module below ``radicale_propmgmt.cli`` and the attribute that is its command, and its line in the help.
NOUNS: dict[str, tuple[str, str]] = {
    "init": ("init:command", "Create or migrate the database."),
    "serve": ("serve:command", "Run the server."),
    "demo": ("demo:command", "Try it out in a throw-away folder."),
    "accounts": ("accounts:command", "Who logs in."),
    "teams": ("accounts:teams", "Teams that rules may name."),
    "devices": ("devices:command", "App passwords, one per device."),
    "groups": ("groups:command", "Contact groups."),
    "objects": ("objects:command", "Property objects."),
    "units": ("units:command", "Units of property objects."),
    "contacts": ("contacts:command", "Contacts."),
    "links": ("links:command", "Which contact belongs to which object, unit and group."),
    "grants": ("grants:command", "Single contacts for single accounts."),
    "shares": ("shares:command", "Share rules: check, apply, compare, explain."),
    "gdpr": ("gdpr:command", "Locks, retention and erasure."),
    "consents": ("consents:command", "Consents (GDPR Art. 7)."),
    "disclosures": ("disclosures:command", "Agreements to pass data on."),
    "relations": ("relations:command", "How contacts are related."),
    "audit": ("audit:command", "The audit chain."),
    "backup": ("backup:command", "Write a copy of the database."),
    "restore": ("restore:command", "Put a copy in the place of the database."),
    "doctor": ("doctor:command", "Compare the books with what the rules say."),
}
_PACKAGE = "radicale_propmgmt.cli"


class Root(click.Group):
    """The root command: loads its nouns late, and turns refusals into exit codes."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """List the nouns that this installation has."""
        return [noun for noun, (place, _) in NOUNS.items() if find_spec(f"{_PACKAGE}.{place.partition(':')[0]}")]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the nouns into the help without loading them."""
        with formatter.section("Commands"):
            formatter.write_dl([(noun, NOUNS[noun][1]) for noun in self.list_commands(ctx)])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load one noun."""
        return super().get_command(ctx, cmd_name) or self._load(cmd_name)

    def _load(self, noun: str) -> click.Command | None:
        module, _, attribute = NOUNS.get(noun, ("", ""))[0].partition(":")
        if not module or find_spec(f"{_PACKAGE}.{module}") is None:
            return None
        command: click.Command = getattr(import_module(f"{_PACKAGE}.{module}"), attribute)
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Accept ``--config FILE`` anywhere before ``--``."""
        own, rest = _hoist_config(args)
        return super().parse_args(ctx, own + rest)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a refusal is one line on standard error and an exit code."""
        try:
            return super().invoke(ctx)
        except PropmgmtError as refusal:
            click.echo(f"propmgmt: {refusal or type(refusal).__name__}", err=True)
            ctx.exit(exit_of(type(refusal)))


def _hoist_config(args: list[str]) -> tuple[list[str], list[str]]:
    own: list[str] = []
    rest: list[str] = []
    waiting = iter(args)
    for arg in waiting:
        if arg == "--":
            return own, [*rest, arg, *waiting]
        if arg == "--config":
            own += [arg, *[value for value in [next(waiting, None)] if value is not None]]
        elif arg.startswith("--config="):
            own.append(arg)
        else:
            rest.append(arg)
    return own, rest


@click.command(cls=Root, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--config", metavar="FILE", help="Default: $PROPMGMT_CONFIG, else config/propmgmt.toml.")
@click.version_option(package_name="radicale_propmgmt")
@click.pass_context
def root(ctx: click.Context, config: str | None) -> None:
    """One contact database for a property manager, served as exact address books."""
    ctx.obj = Invocation(config)


#: New containers before the collector looks for cycles: listings and imports make many, and none of them in cycles.
_COLLECT_AFTER = (50_000, 20, 50)


def main() -> None:
    """Run the command line. The collector's setting passes on to the workers of ``serve``, which are forked."""
    gc.set_threshold(*_COLLECT_AFTER)
    sys.exit(root(prog_name="propmgmt"))


if __name__ == "__main__":
    main()
