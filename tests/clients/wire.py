"""What a client program has of the network: requests with its own headers, and a record of what was said."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_to_bytes

from tests.clients.demo_world import DemoWorld
from tests.support.dav import Answer, basic, call

DAV = "{DAV:}"
CARD = "{urn:ietf:params:xml:ns:carddav}"
CS = "{http://calendarserver.org/ns/}"


@dataclass(frozen=True)
class Exchange:
    """One request and its answer, as golden files keep them."""

    method: str
    path: str
    headers: Mapping[str, str]
    is_known: bool
    answer: Answer


@dataclass
class Wire:
    """The connection of one device."""

    application: Any
    login: str
    password: str
    headers: dict[str, str]
    said: list[Exchange] = field(default_factory=list)

    @classmethod
    def of(cls, world: DemoWorld, login: str, headers: Mapping[str, str], layout: str | None = None) -> Wire:
        return cls(world.application, login, world.password(login, layout), dict(headers))

    def ask(self, method: str, path: str, body: str = "", *, is_known: bool = True, **headers: str) -> Answer:
        """Send one request; ``is_known`` = with credentials; headers are written ``If_None_Match="x"``."""
        sent = self.headers | {name.replace("_", "-"): value for name, value in headers.items()}
        answer = call(self.application, self._environ(method, path, body.encode(), sent, is_known=is_known))
        self.said.append(Exchange(method, path, headers, is_known, answer))
        return answer

    def _environ(
        self, method: str, path: str, body: bytes, headers: Mapping[str, str], *, is_known: bool
    ) -> dict[str, Any]:
        made: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": "",
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "5232",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": "localhost:5232",
            "REMOTE_ADDR": "127.0.0.1",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": io.StringIO(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
        }
        if body:
            made["CONTENT_LENGTH"] = str(len(body))
        if is_known:
            made["HTTP_AUTHORIZATION"] = basic(self.login, self.password)
        for name, value in headers.items():
            key = name.upper().replace("-", "_")
            made[key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"] = value
        return made
