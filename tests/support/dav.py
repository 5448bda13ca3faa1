"""A CardDAV client for tests: requests through the real WSGI application, answers parsed by the real XML parser."""

from __future__ import annotations

import base64
import io
import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any
from urllib.parse import unquote_to_bytes
from wsgiref.validate import WSGIWarning, validator
from xml.etree import ElementTree as ET

from radicale import config
from sqlalchemy.exc import NoResultFound

from radicale_propmgmt.accounts.authentication import parse_basic
from radicale_propmgmt.accounts.errors import NotAuthenticatedError
from radicale_propmgmt.dav.application import Application
from radicale_propmgmt.domain.books import Layout
from radicale_propmgmt.server.configuration import FIXED
from radicale_propmgmt.services.logins import log_in
from tests.support.world import World

PREFIXES = {
    "D": "DAV:",
    "CR": "urn:ietf:params:xml:ns:carddav",
    "CS": "http://calendarserver.org/ns/",
    "C": "urn:ietf:params:xml:ns:caldav",
}
DECLARED = " ".join(f'xmlns:{prefix}="{namespace}"' for prefix, namespace in PREFIXES.items())


def clark(name: str) -> str:
    """``D:getetag`` → ``{DAV:}getetag``."""
    prefix, _, local = name.partition(":")
    return f"{{{PREFIXES[prefix]}}}{local}"


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def xml(self) -> ET.Element:
        return ET.fromstring(self.body)

    def has(self, name: str) -> bool:
        return self.xml.find(f".//{clark(name)}") is not None

    @property
    def responses(self) -> dict[str, ET.Element]:
        found = self.xml.findall(clark("D:response"))
        made = {element.findtext(clark("D:href"), ""): element for element in found}
        assert len(made) == len(found), "an href is answered twice"
        return made

    @property
    def statuses(self) -> dict[str, str]:
        """Href → the first status of its response, as Thunderbird looks at it."""
        return {
            href: element.find(f".//{clark('D:status')}").text.split(" ")[1] for href, element in self.responses.items()
        }

    def prop(self, href: str, name: str, status: str = "200") -> ET.Element | None:
        for propstat in self.responses[href].findall(clark("D:propstat")):
            if f" {status} " in propstat.findtext(clark("D:status"), ""):
                found = propstat.find(clark("D:prop")).find(clark(name))
                if found is not None:
                    return found
        return None

    def texts(self, name: str) -> dict[str, str]:
        """Href → text of a property, where it is found."""
        made = {}
        for href in self.responses:
            found = self.prop(href, name)
            if found is not None:
                made[href] = found.text or ""
        return made

    @property
    def token(self) -> str:
        return self.xml.findtext(clark("D:sync-token"), "")


def basic(login: str, password: str = "x") -> str:
    return "Basic " + base64.b64encode(f"{login}:{password}".encode()).decode()


@dataclass
class Client:
    """Requests of one login; the password is its name (how passwords are checked is the matter of other tests)."""

    world: World
    login: str | None = None
    language: str = "de"
    public_url: str = ""
    layout: Layout = Layout.EVERYTHING
    user_agent: str = "test"
    password: str = "x"  # "x": the account itself; else the app password of a device
    device_id: int | None = None
    is_linted: bool = True  # the validator of the standard library refuses what a careless server might let through
    application: Any = field(init=False)

    def __post_init__(self) -> None:
        self.application = make_application(self.world, self.language, self.public_url, self.layout, self.device_id)

    def request(
        self, method: str, path: str, body: str | bytes = b"", headers: Mapping[str, str] | None = None, **environ: Any
    ) -> Answer:
        data = body.encode() if isinstance(body, str) else body
        path, _, query = path.partition("?")
        made: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(path.encode()).decode("latin-1"),
            "QUERY_STRING": query,
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": "dav.example.org",
            "HTTP_USER_AGENT": self.user_agent,
            "REMOTE_ADDR": "127.0.0.1",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(data),
            "wsgi.errors": io.StringIO(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
        }
        if data:
            made["CONTENT_LENGTH"] = str(len(data))
            made["CONTENT_TYPE"] = "text/xml"
        if self.login is not None:
            made["HTTP_AUTHORIZATION"] = basic(self.login, self.password)
        for name, value in (headers or {}).items():
            key = name.upper().replace("-", "_")
            made[key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"] = value
        made.update(environ)
        linted = self.is_linted and re.fullmatch("[A-Z]+", method) is not None
        return call(self.application, {key: value for key, value in made.items() if value is not None}, linted=linted)

    def propfind(self, path: str, *names: str, depth: str | None = "0", **headers: str) -> Answer:
        body = f"<D:propfind {DECLARED}><D:prop>{_empty(names)}</D:prop></D:propfind>"
        given = {} if depth is None else {"Depth": depth}
        return self.request("PROPFIND", path, body, {**given, **_headers(headers)})

    def sync(self, path: str, token: str = "", *names: str, limit: int | None = None, **headers: str) -> Answer:
        cut = "" if limit is None else f"<D:limit><D:nresults>{limit}</D:nresults></D:limit>"
        body = (
            f"<D:sync-collection {DECLARED}><D:sync-token>{token}</D:sync-token><D:sync-level>1</D:sync-level>{cut}"
            f"<D:prop>{_empty(names or ('D:getetag',))}</D:prop></D:sync-collection>"
        )
        return self.request("REPORT", path, body, _headers(headers))

    def multiget(self, path: str, hrefs: list[str], prop: str = "<D:getetag/><CR:address-data/>") -> Answer:
        asked = "".join(f"<D:href>{href}</D:href>" for href in hrefs)
        body = f"<CR:addressbook-multiget {DECLARED}><D:prop>{prop}</D:prop>{asked}</CR:addressbook-multiget>"
        return self.request("REPORT", path, body)

    def query(self, path: str, filter_xml: str, prop: str = "<D:getetag/>", limit: int | None = None) -> Answer:
        cut = "" if limit is None else f"<CR:limit><CR:nresults>{limit}</CR:nresults></CR:limit>"
        body = f"<CR:addressbook-query {DECLARED}><D:prop>{prop}</D:prop>{filter_xml}{cut}</CR:addressbook-query>"
        return self.request("REPORT", path, body)


def _empty(names: tuple[str, ...]) -> str:
    return "".join(f"<{name}/>" for name in names)


def _headers(given: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in given.items()}


def call(application: Any, environ: dict[str, Any], *, linted: bool = True) -> Answer:
    """Make one WSGI call under the validator of the standard library."""
    started: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        started.extend([status, headers])
        return lambda _data: None

    checked = validator(application) if linted else application
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", WSGIWarning)  # it knows no method of WebDAV
        result = checked(environ, start_response)
    assert started, "start_response is called before the application returns"
    try:
        body = b"".join(result)
    finally:
        if hasattr(result, "close"):
            result.close()
    status, headers = started
    names = [name.lower() for name, _ in headers]
    assert len(names) == len(set(names)), "a header is sent twice"
    return Answer(int(status.split(" ")[0]), {name.lower(): value for name, value in headers}, body)


def make_application(
    world: World,
    language: str = "de",
    public_url: str = "",
    layout: Layout = Layout.EVERYTHING,
    device_id: int | None = None,
    **settings: Any,
) -> Application:
    """Make the application over a test world."""

    def authenticate(environ: Mapping[str, Any]) -> Any:
        login, password = parse_basic(environ.get("HTTP_AUTHORIZATION"))
        if password != "x":
            return log_in(world.database, environ.get("HTTP_AUTHORIZATION"), "127.0.0.1")
        try:
            return world.viewer(login, layout, device_id)
        except NoResultFound:
            raise NotAuthenticatedError from None

    configuration = config.load()
    configuration.update(FIXED, "test", privileged=True)
    return Application(
        world.database,
        authenticate=authenticate,
        public_url=public_url,
        language=language,
        configuration=configuration,
        limits=SimpleNamespace(card_bytes=1024 * 1024, photo_bytes=512 * 1024),
        **settings,
    )
