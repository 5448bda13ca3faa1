"""Hrefs out and in: how our paths are written, and what a client's href names."""

from __future__ import annotations

from urllib.parse import quote, unquote, urlsplit

from .request import Request

_SAFE = "/:@!$'()*+,;=~-._"


def write_href(*segments: str, is_collection: bool = True) -> str:
    """Write the percent-encoded path of a resource."""
    path = "/" + "/".join(quote(segment, safe="@!$'()*+,;=~-._:") for segment in segments)
    return path + "/" if is_collection and segments else path


def quote_name(name: str) -> str:
    """Percent-encode the last segment of a card's path."""
    return quote(name, safe=_SAFE.replace("/", ""))


def find_name(href: str, base: str, request: Request) -> str | None:
    """Find the card name that an href gives within a book.

    Args:
        href: Absolute path or URL as the client wrote it.
        base: Encoded path of the book.
        request: Whose host an absolute URL must have.

    Returns:
        The decoded name, or None where the href names nothing in this book.
    """
    name = href.removeprefix(base)
    if name is not href and name.replace("-", "").replace(".", "").isalnum():
        return name
    try:
        parts = urlsplit(href)
        if parts.scheme or parts.netloc:
            if parts.scheme.lower() not in {"http", "https"} or parts.netloc.lower() not in request.hosts:
                return None
        elif not href.startswith("/"):
            return None
        if parts.query or parts.fragment:
            return None
        path = unquote(parts.path, errors="strict")
    except ValueError:
        return None
    prefix = unquote(base)
    name = path[len(prefix) :]
    return name if path.startswith(prefix) and name and "/" not in name else None
