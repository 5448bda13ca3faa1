"""The DAV application: Radicale's, with everything that touches contacts answered from the projection.

The order is fixed: form of the request, who, whose home, right, what is visible, precondition, content. A body is read
only after authentication. Nothing is logged but classes, places in the code and ids.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from radicale.app import Application as RadicaleApplication

from radicale_propmgmt.accounts.context import Session, acting
from radicale_propmgmt.domain.errors import NotVisibleError, PropmgmtError

from .download import answer_get
from .errors import ForeignHomeError, MethodNotAllowedError, answer_refusal, plain
from .handling import Handling
from .plain.proppatch import answer_proppatch
from .plain.routing import answer_plain, is_plain
from .propfind import answer_propfind
from .refusals import refuse_write
from .reports import answer_report
from .request import ALLOW, Environ, Path, Request, check_front, host_of, read_path
from .responses import Response, StartResponse, log_failure, send
from .writes import answer_delete, answer_post, answer_put, answer_transfer

if TYPE_CHECKING:
    from radicale.config import Configuration

    from radicale_propmgmt.db.unit_of_work import Database
    from radicale_propmgmt.domain.viewers import Viewer

    from .resources import DavLimits

#: Class 2 needs LOCK, which we refuse; "addressbook" is what every client looks for (RFC 6352 §6.1).
DAV_HEADER = ("DAV", "1, 3, extended-mkcol, addressbook, calendar-access")
_NO_TEXT = ("Content-Type", "text/plain; charset=utf-8")
RESERVED = frozenset({"documents", "api", "ui", "healthz", "readyz", "metrics"})
_WELL_KNOWN = frozenset({(".well-known", "carddav"), (".well-known", "caldav")})

_HANDLERS: dict[str, Callable[[Handling], Response]] = {
    "PROPFIND": answer_propfind,
    "REPORT": answer_report,
    "GET": answer_get,
    "HEAD": answer_get,
    "PUT": answer_put,
    "POST": answer_post,
    "DELETE": answer_delete,
    "MOVE": answer_transfer,
    "COPY": answer_transfer,
    "PROPPATCH": answer_proppatch,
}


class Application(RadicaleApplication):
    """WSGI application of one process; no method of Radicale's own dispatcher reaches contacts."""

    def __init__(
        self,
        database: Database,
        *,
        authenticate: Callable[[Environ], Viewer],
        public_url: str | None,
        language: str,
        configuration: Configuration,
        limits: DavLimits,
        personal_books: bool = False,
        country: str = "DE",
        proposes_for_apple: bool = True,
    ) -> None:
        super().__init__(configuration)
        self._database = database
        self._authenticate = authenticate
        self._public_url = (public_url or "").rstrip("/")
        self._language = language
        self._limits = limits
        self._personal_books = personal_books
        self._country = country
        self._proposes_for_apple = proposes_for_apple

    def __call__(self, environ: Mapping[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        head = environ.get("REQUEST_METHOD") == "HEAD"
        try:
            return send(self._answer(dict(environ)), start_response, head=head)
        except PropmgmtError as error:
            response = answer_refusal(error)
            if isinstance(error, MethodNotAllowedError):
                response.headers.append(("Allow", ALLOW))
        except Exception as error:  # noqa: BLE001 - whatever it is, the client gets a constant and the log no values
            log_failure(error)
            response = plain(500)
        return send(response, start_response, head=head)

    def _answer(self, environ: Environ) -> Response:
        method = check_front(environ)
        path = read_path(environ)
        if path.segments in _WELL_KNOWN:  # RFC 6764 §5: anonymous, any method
            return Response(301, [_NO_TEXT, ("Location", f"{self._public_url}/")])
        first = path.segments[0] if path.segments else ""
        if first in RESERVED or first.startswith("."):
            raise NotVisibleError
        if method == "OPTIONS":  # Evolution tests without credentials; the answer is the same for every path
            return Response(200, [_NO_TEXT, DAV_HEADER, ("Allow", ALLOW)])
        viewer = self._authenticate(environ)
        with acting(Session(database=self._database, viewer=viewer, language=self._language)):
            return self._answer_viewer(environ, method, path, viewer)

    def _answer_viewer(self, environ: Environ, method: str, path: Path, viewer: Viewer) -> Response:
        if path.segments and path.segments[0] != viewer.login:
            raise ForeignHomeError
        request = Request(
            method=method, path=path, viewer=viewer, environ=environ, public_host=host_of(self._public_url)
        )
        handling = Handling(
            request=request,
            database=self._database,
            limits=self._limits,
            language=self._language,
            country=self._country,
            proposes_for_apple=self._proposes_for_apple,
        )
        if is_plain(path):
            response = answer_plain(handling, personal_books=self._personal_books)
        elif method in _HANDLERS:
            response = _HANDLERS[method](handling)
        else:
            raise refuse_write(request)
        response.headers.append(DAV_HEADER)
        return response
