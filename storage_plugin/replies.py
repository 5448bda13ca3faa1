"""What Radicale's core makes of a refusal: it knows only ValueErrors, and greps their text for an error number.

A refusal that is not here, and any error that is not a refusal, is 500 to the client.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from radicale_propmgmt.domain.errors import (
    BadRequestError,
    DavError,
    InvalidSyncTokenError,
    NeedPrivilegesError,
    NotVisibleError,
    PropmgmtError,
    UnavailableError,
    UnsupportedCollationError,
    UnsupportedFilterError,
)


class Reply(NamedTuple):
    """One row: how the refusal is told to the core, and the status the client gets."""

    told_as: str
    status: int


#: Text of the ValueError for what the core answers from its text.
_TEXTS: Mapping[type[DavError], str] = {
    NeedPrivilegesError: "[Errno 13] this is read-only",
    InvalidSyncTokenError: "this sync token was not issued here",
    BadRequestError: "this filter is malformed",
    UnsupportedFilterError: "this filter is not supported",
    UnsupportedCollationError: "this collation is not supported",
}
REPLIES: Mapping[type[PropmgmtError], Reply] = {
    # Rights refuse first; storage refuses by itself too. The core finds no words for DELETE: 500 there.
    NeedPrivilegesError: Reply("ValueError with [Errno 13]", 403),
    # With DAV:valid-sync-token, because ``sync`` raises it before it returns anything (RFC 6578 §3.2).
    InvalidSyncTokenError: Reply("ValueError", 403),
    # The core has no words for the preconditions of RFC 6352 §8.6.
    BadRequestError: Reply("ValueError", 400),
    UnsupportedFilterError: Reply("ValueError", 400),
    UnsupportedCollationError: Reply("ValueError", 400),
    # Never an exception: discover yields nothing, get_multi yields None.
    NotVisibleError: Reply("nothing", 404),
    # Passes through: the core has no 503, and neither 401 nor 404 may be said of a database that is away.
    UnavailableError: Reply("itself", 500),
}


def in_words_of_the_core(refusal: DavError) -> ValueError:
    """Return the error to raise in place of a refusal."""
    return ValueError(_TEXTS[type(refusal)])
