"""Read If-Match and If-None-Match (RFC 9110 §13.1). What they mean is in ``domain.preconditions``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from radicale_propmgmt.domain.errors import BadRequestError
from radicale_propmgmt.domain.preconditions import EntityTags, Preconditions

if TYPE_CHECKING:
    from .request import Request

#: entity-tag = [ "W/" ] DQUOTE *etagc DQUOTE (RFC 9110 §8.8.3).
_TAG = re.compile(r'(W/)?"([\x21\x23-\x7e\x80-\xff]*)"')
_BETWEEN = re.compile(r"[ \t]*(?:,[ \t]*)*")
_BARE = re.compile(r"[A-Za-z0-9._+/=-]+")
_MOST = 100


def read_preconditions(request: Request) -> Preconditions:
    """Read the preconditions of a write.

    Raises:
        BadRequestError: A field that is no list of entity tags.
    """
    return Preconditions(
        if_match=_read(request, "If-Match"),
        if_none_match=_read(request, "If-None-Match"),
    )


def _read(request: Request, name: str) -> EntityTags | None:
    text = request.header(name).strip(" \t")
    return read_tags(text) if text else None


def read_tags(text: str) -> EntityTags:
    """Read a list of entity tags; a single one without quotes, as old clients send it, counts as quoted.

    Raises:
        BadRequestError: It is none, or longer than any client sends.
    """
    if text == "*":
        return EntityTags(is_any=True)
    if _BARE.fullmatch(text):
        return EntityTags(tags=((text, False),))
    tags: list[tuple[str, bool]] = []
    position = _skip(text, 0)
    while position < len(text):
        found = _TAG.match(text, position)
        if found is None or len(tags) == _MOST:
            raise BadRequestError("no list of entity tags")
        tags.append((found[2], found[1] is not None))
        position = _skip(text, found.end())
        if position < len(text) and "," not in text[found.end() : position]:
            raise BadRequestError("no list of entity tags")
    return EntityTags(tags=tuple(tags))


def _skip(text: str, position: int) -> int:
    found = _BETWEEN.match(text, position)
    return position if found is None else found.end()
