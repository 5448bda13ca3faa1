"""A client that speaks to a WSGI application without a socket, and reads multistatus answers."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote

from defusedxml import ElementTree

PREFIXES = {"DAV:": "D", "urn:ietf:params:xml:ns:carddav": "CR", "http://calendarserver.org/ns/": "CS"}
HEAD = '<?xml version="1.0"?>'
SPACES = 'xmlns:D="DAV:" xmlns:CR="urn:ietf:params:xml:ns:carddav" xmlns:CS="http://calendarserver.org/ns/"'
CARD_PROPERTIES = "<D:prop><D:getetag/><CR:address-data/></D:prop>"


@dataclass(frozen=True)
class Answer:
    """One answer of an application."""

    status: int
    headers: dict[str, str]
    body: bytes

    def responses(self) -> dict[str, dict[str, str]]:
        """Href → what is told of it: "status" of the whole, or property → text, if it is told with 200."""
        told: dict[str, dict[str, str]] = {}
        for response in ElementTree.fromstring(self.body).iter("{DAV:}response"):
            href = unquote(response.findtext("{DAV:}href"))
            assert href not in told, "told twice"
            told[href] = dict(_told(response))
        return told

    def token(self) -> str:
        return ElementTree.fromstring(self.body).findtext("{DAV:}sync-token")


def _told(response: Any) -> Iterable[tuple[str, str]]:
    whole = response.findtext("{DAV:}status")
    if whole:
        yield "status", whole.split()[1]
    for propstat in response.iter("{DAV:}propstat"):
        if propstat.findtext("{DAV:}status").split()[1] == "200":
            for element in propstat.find("{DAV:}prop"):
                yield human(element.tag), _value(element)


def _value(element: Any) -> str:
    """Text, or the names and texts of children in the order of names: order of children means nothing here."""
    if len(element) == 0:
        return element.text or ""
    return " ".join(sorted(f"{human(child.tag)}({_value(child).strip()})" for child in element))


def human(tag: str) -> str:
    space, _, name = tag[1:].partition("}")
    return f"{PREFIXES.get(space, space)}:{name}"


@dataclass(frozen=True)
class Client:
    """One account's device."""

    application: Any
    login: str
    password: str | None

    def request(self, method: str, path: str, body: str = "", **headers: str) -> Answer:
        """Send one request. ``headers`` are written ``If_Match="*"``."""
        raw = body.encode()
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": path.encode().decode("latin-1"),
            "QUERY_STRING": "",
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "5232",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "CONTENT_LENGTH": str(len(raw)),
            "CONTENT_TYPE": "application/xml; charset=utf-8",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "https",
            "wsgi.input": io.BytesIO(raw),
            "wsgi.errors": io.StringIO(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
        }
        if self.password is not None:
            pair = f"{self.login}:{self.password}".encode()
            environ["HTTP_AUTHORIZATION"] = f"Basic {base64.b64encode(pair).decode()}"
        environ.update({f"HTTP_{name.upper()}": value for name, value in headers.items()})
        started: list[Any] = []
        result = self.application(environ, lambda status, head, *_: started.extend((status, head)))
        try:
            content = b"".join(result)
        finally:
            getattr(result, "close", lambda: None)()
        return Answer(int(started[0].split()[0]), {name.lower(): value for name, value in started[1]}, content)

    def propfind(self, path: str, depth: str, *names: str) -> Answer:
        asked = "".join(f"<{name}/>" for name in names)
        return self.request(
            "PROPFIND", path, f"{HEAD}<D:propfind {SPACES}><D:prop>{asked}</D:prop></D:propfind>", Depth=depth
        )

    def sync(self, path: str, token: str = "") -> Answer:
        return self._report(
            path, "D:sync-collection", f"<D:sync-token>{token}</D:sync-token><D:sync-level>1</D:sync-level>"
        )

    def multiget(self, path: str, hrefs: Iterable[str]) -> Answer:
        return self._report(path, "CR:addressbook-multiget", "", "".join(f"<D:href>{quote(h)}</D:href>" for h in hrefs))

    def query(self, path: str, filters: str = "") -> Answer:
        return self._report(path, "CR:addressbook-query", "", f"<CR:filter>{filters}</CR:filter>")

    def _report(self, path: str, name: str, before: str, after: str = "") -> Answer:
        body = f"{HEAD}<{name} {SPACES}>{before}{CARD_PROPERTIES}{after}</{name}>"
        return self.request("REPORT", path, body, Depth="1" if name == "CR:addressbook-query" else "0")
