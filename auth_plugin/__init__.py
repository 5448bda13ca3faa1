"""Radicale's authentication: hands name and password on to the accounts, and the viewer on to storage."""

from __future__ import annotations

import base64
import contextlib
import logging
from functools import cache
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING

from radicale.auth import AuthContext, BaseAuth

from radicale_propmgmt.accounts.context import Session, enter, leave
from radicale_propmgmt.accounts.errors import NotAuthenticatedError, TooManyFailuresError
from radicale_propmgmt.domain.errors import ConfigError, UnavailableError
from radicale_propmgmt.runtime import Core, open_core, read_settings
from radicale_propmgmt.services.logins import log_in

if TYPE_CHECKING:
    from collections.abc import Iterable

    from radicale.config import Configuration
    from radicale.types import WSGIEnviron

#: Option of Radicale's section ``[auth]``: path of our settings file. Default: as for the command line.
OPTION = "propmgmt_config"
_LOGGER = logging.getLogger(__name__)


class Auth(BaseAuth):
    """Checks app passwords (and human ones, if the settings say so) and says who asks.

    Radicale knows one refusal only: a wrong password and too many of them are both 401. A database that is away is
    raised and becomes 500, never 401: a client that is told 401 forgets its password and asks a human for a new one.
    """

    def __init__(self, configuration: Configuration, core: Core | None = None) -> None:
        """Read the settings, so that a wrong file ends the start; the database is opened by the first login.

        Args:
            configuration: Radicale's.
            core: An installation that is open already, instead of the one that ``[auth] propmgmt_config`` names.
        """
        super().__init__(configuration)
        self._chosen: str | None = None
        if OPTION in configuration.options("auth"):
            self._chosen = configuration.get("auth", OPTION)
        self._core = core
        if core is None:
            read_settings(self._chosen)

    def get_external_login(self, environ: WSGIEnviron) -> tuple[()] | tuple[str, str]:  # noqa: ARG002
        """Forget who made the request before: Radicale asks here first, whether or not anybody logs in."""
        leave()
        return ()

    def _login_ext(self, login: str, password: str, context: AuthContext) -> str:
        leave()
        core = self._core or _core_of_process(self._chosen)
        _reload_rules(core)
        try:
            viewer = log_in(
                core.database,
                _basic(login, password),
                _address(context, core.settings.server.trusted_proxies),
                password_login=core.settings.accounts.password_login,
            )
        except (NotAuthenticatedError, TooManyFailuresError):
            return ""
        enter(Session(database=core.database, viewer=viewer, language=core.settings.locale.language))
        return viewer.login


@cache
def _core_of_process(chosen: str | None) -> Core:
    """Open an installation once per process."""
    return open_core(read_settings(chosen))


def _reload_rules(core: Core) -> None:
    """Apply a changed rule file; a wrong one, or a busy database, leaves what holds."""
    try:
        with contextlib.suppress(UnavailableError):
            core.reload_rules()
    except ConfigError as error:
        _LOGGER.error("The rule file is wrong, the last good version holds: %s", error)  # noqa: TRY400 - no traceback


def _basic(login: str, password: str) -> str:
    """Write the header that Radicale took apart (RFC 7617 §2): the accounts read it strictly."""
    return "Basic " + base64.b64encode(f"{login}:{password}".encode(errors="replace")).decode("ascii")


def _address(context: AuthContext, trusted_proxies: Iterable[str]) -> str:
    """Return the client's address: the socket's, or what a trusted proxy says in X-Remote-Addr."""
    address = context.remote_addr or ""
    try:
        peer = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if context.x_remote_addr and any(peer in ip_network(network) for network in trusted_proxies):
        return context.x_remote_addr
    return address
