"""The server: a factory for WSGI servers, and granian around it."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

from radicale_propmgmt.dav.application import Application
from radicale_propmgmt.logging_setup import configure_logging
from radicale_propmgmt.runtime import open_core, read_settings
from radicale_propmgmt.server.configuration import radicale_configuration
from radicale_propmgmt.server.dispatcher import Dispatcher
from radicale_propmgmt.server.ticker import Ticker
from radicale_propmgmt.services.logins import log_in

if TYPE_CHECKING:
    from radicale_propmgmt.domain.viewers import Viewer
    from radicale_propmgmt.runtime import Core
    from radicale_propmgmt.server.front import Environ


def create_application() -> Dispatcher:
    """Create the WSGI callable of one worker; the settings file is named by ``$PROPMGMT_CONFIG``.

    Raises:
        ConfigError: Settings or secrets are wrong.
    """
    configure_logging()
    core = open_core(read_settings())
    application = make_application(core)
    gc.freeze()  # what lives as long as the worker is nothing to look through again and again
    Ticker(core).start()
    return application


def make_application(core: Core) -> Dispatcher:
    """Put the application of an opened installation together, without logs and threads."""
    settings = core.settings

    def viewer_of(environ: Environ) -> Viewer:
        return log_in(
            core.database,
            environ.get("HTTP_AUTHORIZATION"),
            environ["REMOTE_ADDR"],
            password_login=settings.accounts.password_login,
        )

    dav = Application(
        core.database,
        authenticate=viewer_of,
        public_url=settings.server.public_url,
        language=settings.locale.language,
        configuration=radicale_configuration(settings.source.parent / "radicale.ini"),
        limits=settings.limits,
        personal_books=settings.accounts.personal_books,
        country=settings.locale.country,
        proposes_for_apple=settings.accounts.propose_for_apple,
    )
    return Dispatcher(core, dav)


__all__ = ["create_application", "make_application"]
