"""A response before it is sent, and how it is sent (PEP 3333)."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import chain
from typing import Any

logger = logging.getLogger(__name__)

StartResponse = Callable[..., Any]
Headers = list[tuple[str, str]]

#: Up to this many bytes an answer is sent whole, with its length; only what is larger is streamed.
WHOLE = 1024 * 1024
_REASONS = {413: "Content Too Large"}
_SECURITY: Headers = [("Cache-Control", "no-store, private"), ("X-Content-Type-Options", "nosniff")]


@dataclass(slots=True)
class Response:
    """Status, headers and a body that is whole or comes in chunks."""

    status: int
    headers: Headers = field(default_factory=list)
    body: bytes | Iterable[bytes] = b""


def send(response: Response, start_response: StartResponse, *, head: bool = False) -> Iterable[bytes]:
    """Start the response and return its body.

    The first chunks are made before ``start_response``, so that what fails there still becomes a clean refusal, and
    ``start_response`` is called before this returns: granian loses the status of a lazy generator. HEAD has the header
    fields of GET, its length included (RFC 9110 §9.3.2), and costs no more than the first chunks.
    """
    first, rest = _prime(response.body)
    headers = [*response.headers, *_SECURITY]
    if rest is None and response.status not in {204, 304}:
        headers.append(("Content-Length", str(len(first))))
    reason = _REASONS.get(response.status) or HTTPStatus(response.status).phrase
    start_response(f"{response.status} {reason}", headers)
    if rest is None:
        return [b"" if head else first]
    if head:
        return [b""]
    return chain([first], _guarded(rest))


def _prime(body: bytes | Iterable[bytes]) -> tuple[bytes, Iterator[bytes] | None]:
    if isinstance(body, bytes):
        return body, None
    chunks = iter(body)
    held: list[bytes] = []
    size = 0
    for chunk in chunks:
        held.append(chunk)
        size += len(chunk)
        if size > WHOLE:
            return b"".join(held), chunks
    return b"".join(held), None


def _guarded(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """End the connection where a later chunk fails: a cut answer must not look whole, nor the log show values."""
    try:
        yield from chunks
    except Exception as error:  # noqa: BLE001 - it leaves as one class without a text
        log_failure(error)
        raise ConnectionAbortedError("the answer was cut") from None


def log_failure(error: BaseException) -> None:
    """Log class, file, line and function of what failed; never its text, which may quote a contact."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{last.filename.rpartition('/')[2]}:{last.lineno}:{last.name}"
    logger.error("request_failed error=%s at=%s", type(error).__name__, place)
