"""Who asks, and of which database: set once per request, after authentication.

Radicale hands its storage a path and no viewer. Whoever authenticated a request says so here; storage asks here, and
nowhere else. Without an answer there is no content.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from radicale_propmgmt.db.unit_of_work import Database
    from radicale_propmgmt.domain.viewers import Viewer


class NoViewerError(RuntimeError):
    """Storage was asked before anybody was authenticated, or for somebody else: a fault of ours, never an answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One authenticated request."""

    database: Database
    viewer: Viewer
    language: str = "de"


_SESSION: ContextVar[Session | None] = ContextVar("propmgmt_session", default=None)


def enter(session: Session) -> None:
    """Say who asks, until ``leave`` or the next ``enter`` in this thread."""
    _SESSION.set(session)


def leave() -> None:
    """Forget who asked: threads serve one request after another."""
    _SESSION.set(None)


@contextmanager
def acting(session: Session) -> Iterator[None]:
    """Say who asks, for one block of code."""
    token = _SESSION.set(session)
    try:
        yield
    finally:
        _SESSION.reset(token)


def current(login: str | None = None) -> Session:
    """Return who asks.

    Args:
        login: If given, the caller's idea of who it is.

    Raises:
        NoViewerError: Nobody was authenticated, or another than ``login``.
    """
    session = _SESSION.get()
    if session is None or login not in {None, session.viewer.login}:
        raise NoViewerError("no viewer was authenticated for this request")
    return session
