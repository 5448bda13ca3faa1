"""Answers of writes: 201 or 204, with the ETag of what was stored as it was sent (RFC 9110 §9.3.4)."""

from __future__ import annotations

from radicale_propmgmt.dav.responses import Headers, Response


def stored(etag: str = "", *, is_new: bool, location: str = "") -> Response:
    """Answer that something is there now; where, only if it is new."""
    headers: Headers = [("ETag", f'"{etag}"')] if etag else []
    if not is_new:
        return Response(204, headers)
    if location:
        headers.append(("Location", location))
    return Response(201, [("Content-Type", "text/plain; charset=utf-8"), *headers])
