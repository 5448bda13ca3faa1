"""Refusals of a login. Neither says which part was wrong."""

from __future__ import annotations

from radicale_propmgmt.domain.errors import PropmgmtError


class NotAuthenticatedError(PropmgmtError):
    """No credentials, or none that we accept: one answer for all of them (HTTP 401)."""


class TooManyFailuresError(PropmgmtError):
    """Too many wrong guesses from this address; ``retry_after`` in seconds (HTTP 429, RFC 6585 §4)."""

    def __init__(self, retry_after: int) -> None:
        super().__init__("too many failed logins")
        self.retry_after = retry_after
