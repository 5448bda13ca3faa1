"""``propmgmt gdpr``."""

from __future__ import annotations

from datetime import date

import click

from radicale_propmgmt.cli import erasure
from radicale_propmgmt.cli.context import Work, emit, emit_one, json_option, mutating, reading
from radicale_propmgmt.cli.options import DAY, PAIR, contact_argument
from radicale_propmgmt.db.repositories import listings
from radicale_propmgmt.domain.errors import UsageError
from radicale_propmgmt.domain.labels import BLOCK_REASONS
from radicale_propmgmt.runtime import Core
from radicale_propmgmt.services import gdpr
from radicale_propmgmt.services.contacts import find_contact

_CODES = "\n\n".join(
    f"{code}: {reason.label.en}" + (f" (record: {reason.needs_record})" if reason.needs_record else "")
    for code, reason in BLOCK_REASONS.items()
)


@click.group(name="gdpr")
def command() -> None:
    """Restriction of processing (GDPR Art. 18) and erasure (Art. 17)."""


for _command in (erasure.erase, erasure.sweep, erasure.replay):
    command.add_command(_command)


@command.command("block", help=f"Block a contact: from now on no protocol shows it.\n\n{_CODES}")
@contact_argument
@click.option("--code", required=True, metavar="CODE")
@click.option("--until", type=DAY, help="Day of review; a block never ends by itself.")
@click.option("--record", "record", type=PAIR, multiple=True, help="What the code demands; may be repeated.")
@json_option
@mutating
def block(
    work: Work, *, contact: str, code: str, until: date | None, record: tuple[tuple[str, str], ...], as_json: bool
) -> None:
    """Block a contact."""
    with work.write() as uow:
        contact_id = find_contact(uow.connection, contact)
        block_id = gdpr.block(uow, contact_id, code, until, dict(record))
    emit_one({"block": block_id, "contact": contact_id}, as_json)


@command.command("unblock")
@contact_argument
@click.option("--informed-on", type=DAY, help="When the person was told (GDPR Art. 18(3)).")
@mutating
def unblock(work: Work, *, contact: str, informed_on: date | None) -> None:
    """Lift every block of a contact; needs --reason."""
    if not work.reason.strip():
        raise UsageError("unblocking needs a reason: --reason TEXT")
    with work.write() as uow:
        gdpr.unblock(uow, find_contact(uow.connection, contact), work.reason, informed_on)


@command.command("protect")
@contact_argument
@click.option("--off", is_flag=True, help="Clear it.")
@mutating
def protect(work: Work, *, contact: str, off: bool) -> None:
    """Set an information block (§51 BMG): phone, e-mail and address only for right `protected`."""
    with work.write() as uow:
        gdpr.protect(uow, find_contact(uow.connection, contact), protected=not off)


@command.command("history")
@click.argument("contact", metavar="[CONTACT]", required=False)
@click.option("--open", "only_open", is_flag=True, help="Only blocks that hold.")
@reading
def history(
    core: Core,
    as_json: bool,  # noqa: FBT001 - given by the decorator
    contact: str | None,
    *,
    only_open: bool,
) -> None:
    """List blocks and their lifting, of one contact or all."""
    with core.database.read() as connection:
        contact_id = find_contact(connection, contact) if contact else None
        found = listings.list_blocks(connection, contact_id, only_open=only_open)
    emit(found, as_json)
