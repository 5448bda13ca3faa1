"""``propmgmt demo``."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from datetime import date
from pathlib import Path

import click

from radicale_propmgmt.cli.context import Invocation
from radicale_propmgmt.cli.init import prepare
from radicale_propmgmt.cli.options import DAY
from radicale_propmgmt.domain.audiences import GroupStyle
from radicale_propmgmt.domain.books import Layout
from radicale_propmgmt.domain.clock import local_day
from radicale_propmgmt.logging_setup import configure_logging
from radicale_propmgmt.runtime import Core, make_secrets, open_core, read_settings
from radicale_propmgmt.server.process import listen, run
from radicale_propmgmt.services import accounts, demo, shares
from radicale_propmgmt.services.contacts import get_contact

_SETTINGS = """# A throw-away demo.
[database]
url = "sqlite:///propmgmt.db"

[server]
bind = {bind}
workers = 1

[files]
shares = "shares.toml"

[secrets]
file = "secrets.toml"
"""

_HOW = """
How to add it (password = the app password of a login above):
  iOS, iPadOS    Settings > Apps > Contacts > Accounts > Add > Other > CardDAV: server {host}, user, password.
                 Needs https: start with --tls-self-signed and trust the certificate, or use a proxy with a real one.
                 Groups as lists (devices add --groups cards): user {cards_login}, password {cards_password}
  DAVx5          Login with URL and user name: {url}/ , then choose the books. Group method: categories.
  Thunderbird    Address Book > New > CardDAV Address Book: user name, location {url}/ , then choose the books.
  Outlook        CalDav Synchronizer: new profile "Contacts", DAV URL of one book such as {url}/chef/alle/ ,
                 "Outlook <- Server (Replicate)", an own folder, WebDAV collection sync on.
  vdirsyncer     storage type carddav, url {url}/

Phones in the local network:  propmgmt demo --bind 0.0.0.0:{port} --tls-self-signed
"""


@click.command(name="demo")
@click.option("--bind", metavar="HOST[:PORT]", default="127.0.0.1:5232", show_default=True)
@click.option("--today", type=DAY, help="The day it takes place. Default: today.")
@click.option("--tls-self-signed", is_flag=True, help="Make a certificate for this machine: for phones in the LAN.")
@click.option("--json", "as_json", is_flag=True, help="Print the logins as JSON.")
@click.option("--no-serve", is_flag=True, help="Only set it up, in a folder that stays.")
@click.pass_obj
def command(
    invocation: Invocation, *, bind: str, today: date | None, tls_self_signed: bool, as_json: bool, no_serve: bool
) -> None:
    """Try everything out: a small world in a throw-away folder, one login per share scenario."""
    bind = bind if bind.rpartition(":")[2].isdecimal() and ":" in bind else f"{bind}:5232"
    rules = _rules(invocation)
    with _folder(stays=no_serve) as folder:
        core = _set_up(Path(folder), bind, rules, today)
        logins, phone = _logins(core, today), _phone(core)
        listening = listen(core.settings, tls_self_signed=tls_self_signed)
        url = listening.url.replace("//0.0.0.0", "//THIS-MACHINE")
        if as_json:
            told = {"url": url, "folder": folder, "logins": logins, "group_cards": phone}
            click.echo(json.dumps(told, ensure_ascii=False, indent=2))
        else:
            _print(url, folder, logins, phone, listening.port)
        core.database.engine.dispose()
        if not no_serve:
            configure_logging()
            run(core.settings, listening)


@contextmanager
def _folder(*, stays: bool) -> Iterator[str]:
    if stays:
        yield tempfile.mkdtemp(prefix="propmgmt-demo-")
        return
    with tempfile.TemporaryDirectory(prefix="propmgmt-demo-") as folder:
        yield folder


def _rules(invocation: Invocation) -> str:
    """Return the rule file as told: the installation's if it is there, else the one of the clone."""
    own = Path(__file__).parents[2] / "config" / "shares.toml"
    for candidate in (own, invocation.settings.files.shares):
        if candidate.exists():
            return candidate.read_text(encoding="utf-8")
    return ""


def _set_up(folder: Path, bind: str, rules: str, today: date | None) -> Core:
    config = folder / "propmgmt.toml"
    config.write_text(_SETTINGS.format(bind=json.dumps(bind)), encoding="utf-8")
    settings = read_settings(config)
    make_secrets(settings.secrets.file)
    core = open_core(settings, demo=True)
    with redirect_stdout(sys.stderr):
        prepare(core, demo=True)
    day = today or local_day(core.database.clock.now(), core.database.zone)
    settings.files.shares.write_text(demo.shifted(rules, day), encoding="utf-8")
    demo.load_demo(core.database, day, rules)
    return core


def _logins(core: Core, today: date | None) -> list[dict[str, str]]:
    day = today or local_day(core.database.clock.now(), core.database.zone)
    found = []
    for scenario in demo.SCENARIOS:
        with core.database.write(demo.ACTOR) as uow:
            _, password = accounts.add_device(uow, scenario.login, "demo", layout=scenario.layout)
        cards = shares.simulate(core.database, scenario.login, day)
        with core.database.read() as connection:
            keys = sorted(str(get_contact(connection, card.contact_id).key) for card in cards)
        found.append(
            {
                "login": scenario.login,
                "password": password,
                "scenario": demo.shifted(scenario.text, day),
                "sees": " ".join(keys) or "nothing today",
                "books": " ".join(sorted({book for card in cards for book in card.books} | {"alle"})),
            }
        )
    return found


def _phone(core: Core) -> dict[str, str]:
    """Add a device that shows groups the way iOS and macOS do."""
    with core.database.write(demo.ACTOR) as uow:
        _, password = accounts.add_device(
            uow, demo.IPHONE, "iPhone", layout=Layout.SINGLE.value, groups_mode=GroupStyle.CARDS.value
        )
    return {"login": demo.IPHONE, "password": password}


def _print(url: str, folder: str, logins: list[dict[str, str]], phone: dict[str, str], port: int) -> None:
    click.echo(f"\nURL       {url}/\nFolder    {folder}\n")
    for login in logins:
        click.echo(f"{login['login']:<12}{login['password']}")
        click.echo(f"            {login['scenario']}")
        click.echo(f"            sees {login['sees']}; books {login['books']}")
    cards = {f"cards_{key}": value for key, value in phone.items()}
    click.echo(_HOW.format(url=url, host=url.partition("//")[2], port=port, **cards))
