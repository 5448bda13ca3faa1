"""Options and arguments that several nouns share."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import click

from radicale_propmgmt.domain.contacts import ContactState
from radicale_propmgmt.domain.errors import RefusedError, UsageError
from radicale_propmgmt.transfer import values

if TYPE_CHECKING:
    from collections.abc import Callable

    from radicale_propmgmt.domain.contacts import Contact


class Day(click.ParamType[date]):
    """A day, as ``2026-06-15`` or ``15.06.2026``."""

    name = "DAY"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Read the day."""
        if isinstance(value, date):
            return value
        try:
            return values.day(str(value))
        except UsageError as error:
            self.fail(str(error), param, ctx)


DAY = Day()


def window(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command ``--from`` and ``--until`` as ``starts`` and ``until``: inclusive local days."""
    command = click.option("--until", type=DAY, help="Last day.")(command)
    return click.option("--from", "starts", type=DAY, help="First day.")(command)


contact_argument = click.argument("contact", metavar="CONTACT")
blocked_option = click.option("--blocked", is_flag=True, help="Restricted contacts too.")


def require_shown(contact: Contact, *, blocked: bool) -> None:
    """Refuse to show a restricted contact, unless ``--blocked`` was given.

    Raises:
        RefusedError: It is restricted.
    """
    if contact.state is not ContactState.ACTIVE and not blocked:
        raise RefusedError(f"contact {contact.id} is restricted: --blocked shows it")


class Pair(click.ParamType[tuple[str, str]]):
    """A text ``KEY=VALUE``."""

    name = "KEY=VALUE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        """Split at the first equals sign."""
        key, separator, rest = str(value).partition("=")
        if not separator or not key:
            self.fail("write KEY=VALUE", param, ctx)
        return key, rest


PAIR = Pair()
