"""Refusals of a login. Neither says which part was wrong."""

from __future__ import annotations

from radicale_propmgmt.domain.audiences import GroupStyle
from radicale_propmgmt.domain.errors import PropmgmtError, UnavailableError


class NotAuthenticatedError(PropmgmtError):
    """No credentials, or none that we accept: one answer for all of them (HTTP 401)."""


class TooManyFailuresError(PropmgmtError):
    """Too many wrong guesses from this address; ``retry_after`` in seconds (HTTP 429, RFC 6585 §4)."""

    def __init__(self, retry_after: int) -> None:
        super().__init__("too many failed logins")
        self.retry_after = retry_after


class BooksMissingError(UnavailableError):
    """A device logged in rightly, and the books of its style of groups were never made: they are made, or it waits."""

    def __init__(self, account_id: int, style: GroupStyle) -> None:
        super().__init__("the books of this device are being made", retry_after=5)
        self.account_id = account_id
        self.style = style
