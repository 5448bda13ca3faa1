"""``propmgmt accounts`` and ``propmgmt teams``."""

from __future__ import annotations

import sys

import click

from radicale_propmgmt.cli.context import Work, emit, emit_one, json_option, mutating, reading
from radicale_propmgmt.runtime import Core
from radicale_propmgmt.services import accounts


@click.group(name="accounts")
def command() -> None:
    """Who logs in: accounts with their teams and rights."""


@command.command("add")
@click.argument("login")
@click.option("--name", required=True, help="The person's or desk's name.")
@click.option("--team", "teams", multiple=True, metavar="T", help="A team; may be repeated.")
@click.option("--right", "rights", multiple=True, type=click.Choice(sorted(accounts.RIGHTS)), help="May be repeated.")
@click.option("--external", is_flag=True, help="Somebody outside the house.")
@json_option
@mutating
def add(
    work: Work,
    *,
    login: str,
    name: str,
    teams: tuple[str, ...],
    rights: tuple[str, ...],
    external: bool,
    as_json: bool,
) -> None:
    """Add an account; its devices get their app passwords by `devices add`."""
    with work.write() as uow:
        account_id = accounts.add_account(uow, login, name, teams=teams, rights=rights, external=external)
        added = accounts.get_account(uow.connection, login)
    emit_one({"id": account_id, "login": added.login, "teams": added.teams, "rights": added.rights}, as_json)


@command.command("list")
@reading
def list_all(core: Core, as_json: bool) -> None:  # noqa: FBT001 - given by the decorator
    """List all accounts."""
    with core.database.read() as connection:
        found = accounts.list_accounts(connection)
    emit(found, as_json)


@command.command("show")
@click.argument("login")
@reading
def show(core: Core, as_json: bool, login: str) -> None:  # noqa: FBT001 - given by the decorator
    """Show one account."""
    with core.database.read() as connection:
        found = accounts.get_account(connection, login)
    emit_one(found, as_json)


@command.command("password")
@click.argument("login")
@click.option("--stdin", "from_stdin", is_flag=True, help="Read the password from standard input.")
@mutating
def password(work: Work, *, login: str, from_stdin: bool) -> None:
    """Set the human password, for the web UI; devices have app passwords."""
    if from_stdin:
        entered = sys.stdin.readline().rstrip("\r\n")
    else:
        entered = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    with work.write() as uow:
        accounts.set_password(uow, login, entered)


@command.command("disable")
@click.argument("login")
@mutating
def disable(work: Work, *, login: str) -> None:
    """Disable an account: its devices get no answer any more, from the next request on."""
    with work.write() as uow:
        accounts.disable_account(uow, login)


@command.command("enable")
@click.argument("login")
@mutating
def enable(work: Work, *, login: str) -> None:
    """Enable an account again."""
    with work.write() as uow:
        accounts.enable_account(uow, login)


@command.command("teams")
@click.argument("login")
@click.argument("team", nargs=-1)
@mutating
def set_teams(work: Work, *, login: str, team: tuple[str, ...]) -> None:
    """Put an account into exactly these teams."""
    with work.write() as uow:
        accounts.set_teams(uow, login, team)


@command.command("rights")
@click.argument("login")
@click.argument("right", nargs=-1, type=click.Choice(sorted(accounts.RIGHTS)))
@mutating
def set_rights(work: Work, *, login: str, right: tuple[str, ...]) -> None:
    """Give an account exactly these rights."""
    with work.write() as uow:
        accounts.set_rights(uow, login, right)


@click.group(name="teams")
def teams() -> None:
    """Teams that rules may name as `team:NAME`."""


@teams.command("add")
@click.argument("name")
@mutating
def add_team(work: Work, *, name: str) -> None:
    """Add a team."""
    with work.write() as uow:
        accounts.add_team(uow, name)


@teams.command("list")
@reading
def list_teams(core: Core, as_json: bool) -> None:  # noqa: FBT001 - given by the decorator
    """List all teams."""
    with core.database.read() as connection:
        found = accounts.list_teams(connection)
    emit([{"team": name, "accounts": count} for name, count in found], as_json)
