"""A request as the handlers see it, and the checks that come before anything is looked up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from radicale_propmgmt.domain.errors import BadRequestError
from radicale_propmgmt.domain.viewers import Viewer

from .errors import (
    HeadersTooLargeError,
    MethodNotAllowedError,
    RequestTooLargeError,
    UnsupportedMediaTypeError,
    UriTooLongError,
)

Environ = dict[str, Any]

READ_METHODS = frozenset({"OPTIONS", "GET", "HEAD", "PROPFIND", "REPORT"})
WRITE_METHODS = frozenset(
    "PUT DELETE MOVE COPY PROPPATCH MKCOL MKCALENDAR POST PATCH LOCK UNLOCK ACL".split()  # noqa: SIM905 - a table
)
ALLOW = "OPTIONS, GET, HEAD, PROPFIND, REPORT, PUT, DELETE, PROPPATCH, MKCOL, MKCALENDAR, POST, MOVE, COPY"

URI_BYTES = 8 * 1024
HEADER_BYTES = 16 * 1024
HEADER_COUNT = 200
PATH_CHARACTERS = 5000
PROPFIND_BYTES = 256 * 1024
REPORT_BYTES = 16 * 1024 * 1024
_READ = 64 * 1024
#: Controls, the backslash of another world, and what turns text around (Unicode bidi controls).
_NO_PATH = re.compile("[\x00-\x1f\x7f\\\\\u202a-\u202e\u2066-\u2069]")
_UTF_8 = frozenset({"", "utf-8", "utf8", "us-ascii"})
#: curl and simple scripts send the other three for XML.
_XML_TYPES = frozenset(
    {"", "text/xml", "application/xml", "text/plain", "application/octet-stream", "application/x-www-form-urlencoded"}
)


@dataclass(frozen=True, slots=True)
class Path:
    """A checked path: its segments, decoded, and whether it ended in a slash."""

    segments: tuple[str, ...] = ()
    is_slashed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One authenticated request."""

    method: str
    path: Path
    viewer: Viewer
    environ: Environ
    public_host: str = ""

    def header(self, name: str) -> str:
        """Return a header field, empty if it is absent."""
        return str(self.environ.get("HTTP_" + name.upper().replace("-", "_"), ""))

    @property
    def hosts(self) -> frozenset[str]:
        """Hosts under which an absolute href may name us."""
        host = self.header("Host").lower()
        return frozenset({host, host.removesuffix(":80"), host.removesuffix(":443"), self.public_host} - {""})

    @property
    def wants_minimal(self) -> bool:
        """Tell whether 404 propstats are to be left out (RFC 8144 §2.1; Apple's ``Brief: t``)."""
        return self.prefers_minimal or self.header("Brief").strip().lower() == "t"

    @property
    def prefers_minimal(self) -> bool:
        """Tell whether the client said so by Prefer, and wants to hear that it was heard (RFC 7240 §3)."""
        prefers = self.header("Prefer").lower().replace(" ", "").replace('"', "")
        return "return=minimal" in re.split("[,;]", prefers)

    @property
    def media_type(self) -> tuple[str, str]:
        """The media type of the body, and its charset if one is named; in lower case."""
        return _content_type(str(self.environ.get("CONTENT_TYPE") or ""))

    def xml_chunks(self, most: int) -> Iterator[bytes]:
        """Read the body of an XML method as it arrives.

        Raises:
            UnsupportedMediaTypeError: Another media type, or a charset other than UTF-8.
            RequestTooLargeError: More than ``most`` bytes.
            BadRequestError: It ended early.
        """
        media_type, charset = self.media_type
        if (media_type not in _XML_TYPES and not media_type.endswith("+xml")) or charset not in _UTF_8:
            raise UnsupportedMediaTypeError
        return read_body(self.environ, most)


def check_front(environ: Environ) -> str:
    """Check method, sizes and codings of a request without reading its body.

    Returns:
        The method.
    """
    method = str(environ.get("REQUEST_METHOD", ""))
    if method not in READ_METHODS and method not in WRITE_METHODS:
        raise MethodNotAllowedError
    uri = environ.get("RAW_URI") or environ.get("REQUEST_URI") or ""
    query = environ.get("QUERY_STRING") or ""
    if max(len(uri), len(environ.get("PATH_INFO") or "") + len(query)) > URI_BYTES:
        raise UriTooLongError
    fields = [(key, value) for key, value in environ.items() if key.startswith("HTTP_")]
    if len(fields) > HEADER_COUNT or sum(len(key) + len(str(value)) for key, value in fields) > HEADER_BYTES:
        raise HeadersTooLargeError
    content_length(environ)
    if environ.get("HTTP_CONTENT_ENCODING", "identity").strip().lower() not in {"", "identity"}:
        raise UnsupportedMediaTypeError
    return method


def read_path(environ: Environ) -> Path:
    """Read the path of a request; what could mean two things is refused.

    Raises:
        BadRequestError: Not UTF-8, controls, a backslash, empty or dot segments, or too long.
    """
    try:
        path = str(environ.get("PATH_INFO") or "/").encode("latin-1").decode("utf-8")
    except UnicodeError:
        raise BadRequestError("the path is not UTF-8") from None
    if len(path) > PATH_CHARACTERS or not path.startswith("/") or has_controls(path):
        raise BadRequestError("the path is malformed")
    if path == "/":
        return Path()
    slashed = path.endswith("/")
    segments = tuple((path[1:-1] if slashed else path[1:]).split("/"))
    if any(segment in {"", ".", ".."} for segment in segments):
        raise BadRequestError("the path is malformed")
    return Path(segments, slashed)


def has_controls(path: str) -> bool:
    """Tell whether a decoded path holds what no name of ours does."""
    return _NO_PATH.search(path) is not None


def content_length(environ: Environ) -> int | None:
    """Read Content-Length strictly (RFC 9110 §8.6)."""
    text = str(environ.get("CONTENT_LENGTH") or "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit()):
        raise BadRequestError("Content-Length is no number")
    if len(text) > 18:
        raise RequestTooLargeError
    return int(text)


def read_body(environ: Environ, most: int) -> Iterator[bytes]:
    """Yield the body in pieces; without a length only where the server ends the stream itself (chunked, HTTP/2)."""
    length = content_length(environ)
    if length is not None and length > most:
        raise RequestTooLargeError
    return _pieces(environ, length, most)


def _pieces(environ: Environ, length: int | None, most: int) -> Iterator[bytes]:
    if length is None and not environ.get("wsgi.input_terminated"):
        return
    stream, left = environ["wsgi.input"], most + 1 if length is None else length
    while left > 0:
        piece = stream.read(min(_READ, left))
        if not piece:
            break
        left -= len(piece)
        yield piece
    if length is None and left <= 0:
        raise RequestTooLargeError
    if length is not None and left > 0:
        raise BadRequestError("the body ended early")


def _content_type(header: str) -> tuple[str, str]:
    media_type, *params = header.lower().split(";")
    charset = next((param.partition("=")[2] for param in params if param.strip().startswith("charset")), "")
    return media_type.strip(), charset.strip(" \"'")


def host_of(url: str | None) -> str:
    """Return host and port of a URL, in lower case."""
    return urlsplit(url or "").netloc.lower()
