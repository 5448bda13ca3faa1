"""Exit codes of the command line: one table (DESIGN §4)."""

from __future__ import annotations

from enum import IntEnum

from radicale_propmgmt.accounts.errors import NotAuthenticatedError, TooManyFailuresError
from radicale_propmgmt.domain.errors import (
    ConfigError,
    DavError,
    NotFoundError,
    PropmgmtError,
    RefusedError,
    UnavailableError,
    UsageError,
)


class Exit(IntEnum):
    """What the shell is told."""

    DONE = 0
    FINDINGS = 1
    USAGE = 2
    REFUSED = 3
    UNAVAILABLE = 4


#: A class without a line here is answered as its nearest base that has one.
EXITS: dict[type[PropmgmtError], Exit] = {
    ConfigError: Exit.USAGE,
    UsageError: Exit.USAGE,
    NotFoundError: Exit.USAGE,
    DavError: Exit.USAGE,
    RefusedError: Exit.REFUSED,
    NotAuthenticatedError: Exit.REFUSED,
    TooManyFailuresError: Exit.REFUSED,
    UnavailableError: Exit.UNAVAILABLE,
}


def exit_of(refusal: type[PropmgmtError]) -> Exit:
    """Return the exit code for a class of refusal.

    Raises:
        LookupError: The class has no answer; a test keeps that from happening.
    """
    for base in refusal.__mro__:
        if base in EXITS:
            return EXITS[base]
    raise LookupError(refusal.__name__)
