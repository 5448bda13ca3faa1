"""The server process: granian around the application factory."""

from __future__ import annotations

import os
import signal
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING

from granian import Granian
from granian.constants import Interfaces, SSLProtocols
from granian.http import HTTP1Settings
from granian.log import LogLevels

from radicale_propmgmt.db import schema
from radicale_propmgmt.domain.errors import ConfigError, UnavailableError
from radicale_propmgmt.logging_setup import granian_logging
from radicale_propmgmt.runtime import open_core
from radicale_propmgmt.server.tls import self_signed
from radicale_propmgmt.settings import CONFIG_VARIABLE, split_bind

if TYPE_CHECKING:
    from pathlib import Path

    from radicale_propmgmt.settings import Settings

FACTORY = "radicale_propmgmt.server:create_application"
#: Seconds that a worker gets to finish its answers.
DRAIN = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """Where and how a server listens."""

    host: str
    port: int
    certificate: Path | None = None
    key: Path | None = None

    @property
    def url(self) -> str:
        """The address to open on this machine."""
        scheme = "http" if self.certificate is None else "https"
        return f"{scheme}://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"


def listen(settings: Settings, bind: str | None = None, *, tls_self_signed: bool = False) -> Listening:
    """Check everything a server needs before it starts, and say where it will listen.

    Raises:
        ConfigError: Secrets, schema, certificate or address are wrong; each says what to do.
        UnavailableError: The database is away, or the address is in use.
    """
    core = open_core(settings)
    schema.require_head(core.database)
    core.database.engine.dispose()  # workers are forked: a connection must not be shared
    try:
        host, port = split_bind(bind or settings.server.bind)
    except ValueError as error:
        raise ConfigError(f"server.bind: {error}") from None
    certificate, key = settings.server.tls_cert, settings.server.tls_key
    if tls_self_signed:
        certificate, key = self_signed(settings.secrets.file.parent / "tls", [host])
    for file in (certificate, key):
        if file is not None and not os.access(file, os.R_OK):
            raise ConfigError(f"{file}: server.tls_cert, server.tls_key: the file cannot be read")
    _require_free(host, port)
    return Listening(host=host, port=port, certificate=certificate, key=key)


def _require_free(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise UnavailableError(f"server.bind: cannot listen on {host}:{port}: {error.strerror}") from None


def run(settings: Settings, listening: Listening, *, workers: int | None = None) -> None:
    """Serve until SIGTERM, which drains; SIGHUP starts the workers anew, one by one.

    Only the name of the settings file passes through the environment: granian copies it into every request.
    """
    os.environ[CONFIG_VARIABLE] = str(settings.source)
    os.register_at_fork(after_in_child=_end_on_sigterm)
    Granian(
        FACTORY,
        address=listening.host,
        port=listening.port,
        interface=Interfaces.WSGI,
        workers=workers or settings.server.workers,
        blocking_threads=settings.server.threads,
        factory=True,
        respawn_failed_workers=True,
        workers_kill_timeout=DRAIN,
        websockets=False,
        log_level=LogLevels.error,
        log_access=False,
        log_dictconfig=granian_logging(),
        http1_settings=HTTP1Settings(header_read_timeout=30_000, max_buffer_size=64 * 1024),
        ssl_cert=listening.certificate,
        ssl_key=listening.key,
        ssl_protocol_min=SSLProtocols.tls12,
    ).serve()


def _end_on_sigterm() -> None:
    """Let SIGTERM end a worker that is still starting; granian sets its own handler when the worker is ready.

    A forked worker inherits the handler of its parent, under which it would sit SIGTERM out until it is killed.
    """
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
