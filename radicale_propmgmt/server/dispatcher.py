"""The outermost WSGI application: cleans requests, answers probes, and passes the rest to DAV."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from radicale_propmgmt.db import schema
from radicale_propmgmt.domain.errors import PropmgmtError, UnavailableError
from radicale_propmgmt.projection.due import clock_has_jumped
from radicale_propmgmt.server.front import Environ, Front, is_exposed, length_problem
from radicale_propmgmt.server.maintenance import RETRY_AFTER, Maintenance

if TYPE_CHECKING:
    from radicale_propmgmt.runtime import Core

StartResponse = Callable[..., Any]
WSGIApplication = Callable[[Environ, StartResponse], Iterable[bytes]]

logger = logging.getLogger(__name__)


class Dispatcher:
    """One installation as a WSGI callable (PEP 3333)."""

    def __init__(self, core: Core, dav: WSGIApplication) -> None:
        self._core = core
        self._dav = dav
        self._front = Front(core.settings.server.trusted_proxies)
        self._maintenance = Maintenance(core)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request. Nothing of a request or an error is ever quoted in an answer of ours."""
        request = self._front.clean(environ)
        path = request.get("PATH_INFO", "")
        if path == "/healthz":
            return _probe(request, start_response, "200 OK", b"ok\n", "text/plain")
        if path == "/readyz":
            return self._readyz(request, start_response)
        if is_exposed(request):
            return _plain(start_response, "403 Forbidden", "Use https: passwords do not travel in clear.")
        if problem := length_problem(request, self._core.settings.server.max_request_bytes):
            return _plain(start_response, problem, "The request is too large or malformed.")
        if self._maintenance.problems():
            retry = ("Retry-After", str(RETRY_AFTER))
            return _plain(start_response, "503 Service Unavailable", "The server is being maintained.", retry)
        return self._answer(request, start_response)

    def _answer(self, request: Environ, start_response: StartResponse) -> Iterable[bytes]:
        try:
            self._core.reload_rules()
        except PropmgmtError as error:  # the last good rules hold
            logger.error("rules_not_reloaded reason=%s", type(error).__name__)  # noqa: TRY400 - no traceback is needed
        try:
            return self._dav(request, start_response)
        except UnavailableError as error:
            retry = ("Retry-After", str(error.retry_after))
            return _plain(start_response, "503 Service Unavailable", "Try again soon.", retry)
        except Exception:
            logger.exception("request_failed")
            return _plain(start_response, "500 Internal Server Error", "The server could not answer.")

    def _readyz(self, request: Environ, start_response: StartResponse) -> Iterable[bytes]:
        problems = readiness_problems(self._core) or [f"maintenance:{code}" for code in self._maintenance.problems()]
        body = json.dumps({"ready": not problems, "problems": problems}).encode() + b"\n"
        status = "503 Service Unavailable" if problems else "200 OK"
        return _probe(request, start_response, status, body, "application/json")


def readiness_problems(core: Core) -> list[str]:
    """List why this process should get no requests now, as codes; empty = ready."""
    try:
        schema.require_head(core.database)
        problems = [f"storage:{name}" for name in schema.storage_problems(core.database)]
        if clock_has_jumped(core.database):
            problems.append("clock")
    except UnavailableError:
        return ["database"]
    except PropmgmtError:
        return ["schema"]
    return problems


def _probe(
    request: Environ, start_response: StartResponse, status: str, body: bytes, content_type: str
) -> Iterable[bytes]:
    method = request.get("REQUEST_METHOD")
    if method not in {"GET", "HEAD"}:
        return _plain(start_response, "405 Method Not Allowed", "GET or HEAD.", ("Allow", "GET, HEAD"))
    start_response(status, _headers(body, content_type))
    return [body if method == "GET" else b""]


def _plain(start_response: StartResponse, status: str, text: str, *more: tuple[str, str]) -> Iterable[bytes]:
    body = f"{text}\n".encode()
    start_response(status, [*_headers(body, "text/plain"), *more])
    return [body]


def _headers(body: bytes, content_type: str) -> list[tuple[str, str]]:
    return [
        ("Content-Type", f"{content_type}; charset=utf-8"),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"),
        ("X-Content-Type-Options", "nosniff"),
    ]
