"""Logging in: who asks, with the books that his device reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from radicale_propmgmt.accounts.authentication import authenticate
from radicale_propmgmt.accounts.errors import BooksMissingError
from radicale_propmgmt.projection.audiences import assign_variant

if TYPE_CHECKING:
    from radicale_propmgmt.db.unit_of_work import Database
    from radicale_propmgmt.domain.viewers import Viewer


def log_in(database: Database, header: str | None, address: str, *, password_login: bool = False) -> Viewer:
    """Authenticate one request as ``authenticate`` does; a device whose books nobody made yet gets them first.

    They are made with the device and with every change of its account's audience; this is for what came another way.

    Raises:
        NotAuthenticatedError: No credentials, or wrong ones.
        TooManyFailuresError: Wrong ones, too often.
        UnavailableError: The database is away.
    """
    try:
        return authenticate(database, header, address, password_login=password_login)
    except BooksMissingError as missing:
        with database.write("system") as uow:
            assign_variant(uow, missing.account_id, missing.style)
    return authenticate(database, header, address, password_login=password_login)
