"""Let the real evolution-data-server keep one CardDAV book, and print its contacts.

A program for Debian's own Python (the bindings of Evolution are no wheel), inside a D-Bus session of its own:
``dbus-run-session -- /usr/bin/python3 evolution_reader.py URL LOGIN``. The first line on standard input is the
password; each further line is a number: synchronise until there are so many contacts, and print them as one line of
JSON. The end of the input is the end of the program.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from urllib.parse import urlsplit

import gi

for library in ("EDataServer", "EBookContacts", "EBook"):
    gi.require_version(library, "1.2")
from gi.repository import EBook, EBookContacts, EDataServer, GLib  # noqa: E402 - the versions are chosen first

SECONDS = 20
#: "Do not wait for the connection": it is this program that gives the password.
NO_WAIT = 2**32 - 1
VCARD_30 = EBookContacts.VCardFormat(1)
ALL = '(contains "x-evolution-any-field" "")'


def make_source(url: str, login: str) -> EDataServer.Source:
    """Describe the book as Evolution's own dialog does."""
    where = urlsplit(url)
    source = EDataServer.Source.new(None, None)
    source.set_display_name("test")
    source.get_extension(EDataServer.SOURCE_EXTENSION_ADDRESS_BOOK).set_backend_name("carddav")
    source.get_extension(EDataServer.SOURCE_EXTENSION_SECURITY).set_method("none")
    source.get_extension(EDataServer.SOURCE_EXTENSION_WEBDAV_BACKEND).set_resource_path(where.path)
    authentication = source.get_extension(EDataServer.SOURCE_EXTENSION_AUTHENTICATION)
    authentication.set_host(where.hostname)
    authentication.set_port(where.port)
    authentication.set_user(login)
    authentication.set_method("plain/password")
    return source


def wait(what: str, holds: Callable[[], bool]) -> None:
    """Run the main loop until something holds."""
    until = time.monotonic() + SECONDS
    while not holds():
        if time.monotonic() > until:
            raise SystemExit(f"not within {SECONDS} s: {what}")
        GLib.MainContext.default().iteration(may_block=False)
        time.sleep(0.02)


def connect(url: str, login: str, password: str) -> EBook.BookClient:
    registry = EDataServer.SourceRegistry.new_sync(None)
    made = make_source(url, login)
    registry.commit_source_sync(made, None)
    wait("the source is registered", lambda: registry.ref_source(made.get_uid()) is not None)
    source = registry.ref_source(made.get_uid())
    client = EBook.BookClient.connect_sync(source, NO_WAIT, None)
    credentials = EDataServer.NamedParameters.new()
    credentials.set(EDataServer.SOURCE_CREDENTIAL_USERNAME, login)
    credentials.set(EDataServer.SOURCE_CREDENTIAL_PASSWORD, password)
    source.invoke_authenticate_sync(credentials, None)
    connected = EDataServer.SourceConnectionStatus.CONNECTED
    wait("the book is connected", lambda: source.get_connection_status() == connected)
    return client


def contacts(client: EBook.BookClient) -> list[EBookContacts.Contact]:
    return client.get_contacts_sync(ALL, None)[1]


def main() -> None:
    client = connect(sys.argv[1], sys.argv[2], sys.stdin.readline().strip())
    for line in sys.stdin:
        client.refresh_sync(None)
        wait(f"{line.strip()} contacts", lambda count=int(line): len(contacts(client)) == count)
        sys.stdout.write(json.dumps([contact.to_string(VCARD_30) for contact in contacts(client)]) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
