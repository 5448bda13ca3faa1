"""``propmgmt devices``."""

from __future__ import annotations

import click

from radicale_propmgmt.cli.context import Work, emit, emit_one, json_option, mutating, reading
from radicale_propmgmt.domain.books import Layout
from radicale_propmgmt.runtime import Core
from radicale_propmgmt.services import accounts


@click.group(name="devices")
def command() -> None:
    """App passwords, one per device."""


@command.command("add")
@click.argument("login")
@click.option("--label", required=True, help="Which device, in the words of its user.")
@click.option(
    "--layout",
    type=click.Choice([layout.value for layout in Layout]),
    default=Layout.EVERYTHING.value,
    help="Which books the device lists.",
)
@click.option(
    "--groups",
    "groups_mode",
    type=click.Choice(accounts.GROUPS_MODES),
    default="categories",
    show_default=True,
    help="How the device is told of groups: on each contact (DAVx5, Thunderbird), as cards (iOS, macOS), not at all.",
)
@json_option
@mutating
def add(work: Work, *, login: str, label: str, layout: str, groups_mode: str, as_json: bool) -> None:
    """Add a device and print its app password: it is shown this once."""
    with work.write() as uow:
        device_id, password = accounts.add_device(uow, login, label, layout=layout, groups_mode=groups_mode)
        account = accounts.get_account(uow.connection, login)
    emit_one({"device": device_id, "login": account.login, "password": password}, as_json)


@command.command("list")
@click.option("--account", "login", metavar="LOGIN", help="Only those of this account.")
@reading
def list_all(core: Core, as_json: bool, login: str | None) -> None:  # noqa: FBT001 - given by the decorator
    """List devices."""
    with core.database.read() as connection:
        found = accounts.list_devices(connection, login)
    emit(found, as_json)


@command.command("revoke")
@click.argument("device", type=int)
@mutating
def revoke(work: Work, *, device: int) -> None:
    """Revoke a device: its next request is refused."""
    with work.write() as uow:
        was_live = accounts.revoke_device(uow, device)
    if not was_live:
        click.echo("It was revoked before.", err=True)


@command.command("stale")
@click.option("--days", type=click.IntRange(min=1), help="Default: [gdpr] stale_days.")
@reading
def stale(core: Core, as_json: bool, days: int | None) -> None:  # noqa: FBT001 - given by the decorator
    """List live devices that were not seen for some days."""
    with core.database.read() as connection:
        found = accounts.list_stale_devices(
            connection, core.database.clock.now(), days or core.settings.gdpr.stale_days
        )
    emit(found, as_json)
