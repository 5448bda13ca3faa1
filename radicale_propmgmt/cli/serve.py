"""``propmgmt serve``."""

from __future__ import annotations

import click

from radicale_propmgmt.cli.context import Invocation
from radicale_propmgmt.logging_setup import configure_logging
from radicale_propmgmt.server.process import listen, run
from radicale_propmgmt.server.tls import fingerprint


@click.command(name="serve")
@click.option("--bind", metavar="HOST:PORT", help="Default: [server] bind.")
@click.option("--workers", type=click.IntRange(1, 64), help="Default: [server] workers.")
@click.option("--tls-self-signed", is_flag=True, help="Make a certificate for this machine: for trials in a LAN.")
@click.pass_obj
def command(invocation: Invocation, *, bind: str | None, workers: int | None, tls_self_signed: bool) -> None:
    """Run the server. SIGTERM lets it finish its answers; SIGHUP starts its workers anew."""
    settings = invocation.settings
    listening = listen(settings, bind, tls_self_signed=tls_self_signed)
    click.echo(f"propmgmt serves at {listening.url}")
    if tls_self_signed and listening.certificate is not None:
        click.echo(f"SHA-256 of the certificate: {fingerprint(listening.certificate)}")
    configure_logging()
    run(settings, listening, workers=workers)
