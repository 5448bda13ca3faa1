"""Hrefs out and in: how our paths are written, and what a client's href names."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, quote, unquote, urlsplit

from .request import Request, has_controls

_SAFE = "@!$'()*+,;=~-._:"
#: Names that no coding changes: all of ours.
_PLAIN = re.compile(r"[0-9A-Za-z-][0-9A-Za-z.-]*")
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


def write_href(*segments: str, is_collection: bool = True) -> str:
    """Write the percent-encoded path of a resource."""
    path = "/" + "/".join(quote(segment, safe=_SAFE) for segment in segments)
    return path + "/" if is_collection and segments else path


def quote_name(name: str) -> str:
    """Percent-encode the last segment of a card's path."""
    return quote(name, safe=_SAFE)


def find_name(href: str, base: str, request: Request) -> str | None:
    """Find the card name that an href gives within a book.

    Args:
        href: Absolute path or URL as the client wrote it.
        base: Encoded path of the book.
        request: Whose host an absolute URL must have.

    Returns:
        The decoded name, or None where the href names nothing in this book.
    """
    if href.startswith(base) and _PLAIN.fullmatch(href, len(base)):
        return href[len(base) :]
    try:
        parts = urlsplit(href)
        if parts.query or parts.fragment or not is_ours(parts, request):
            return None
        path = unquote(parts.path, errors="strict")
    except ValueError:
        return None
    prefix = unquote(base)
    name = path[len(prefix) :]
    return name if path.startswith(prefix) and name and "/" not in name and not has_controls(name) else None


def find_path(href: str, request: Request) -> tuple[str, ...] | None:
    """Find the segments that a reference to another resource of this server names (RFC 4918 §10.3).

    Returns:
        The decoded segments; None where it names nothing of ours, or could mean two things.
    """
    try:
        parts = urlsplit(href.strip())
        if parts.query or parts.fragment or not is_ours(parts, request):
            return None
        segments = tuple(unquote(part, errors="strict") for part in parts.path.strip("/").split("/"))
    except ValueError:
        return None
    is_clear = all(part not in {"", ".", ".."} and "/" not in part and not has_controls(part) for part in segments)
    return segments if is_clear else None


def is_ours(parts: SplitResult, request: Request) -> bool:
    """Tell whether a reference is an absolute path or a URL of this server (RFC 4918 §8.3)."""
    if not (parts.scheme or parts.netloc):
        return parts.path.startswith("/")
    port = _DEFAULT_PORTS.get(parts.scheme)  # urlsplit writes schemes in lower case
    return port is not None and parts.netloc.lower().removesuffix(port) in request.hosts
