"""Whose request a thread is answering: set after authentication, reset when the answer leaves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from radicale_propmgmt.domain.viewers import Viewer

_VIEWER: ContextVar[Viewer] = ContextVar("viewer")


def current_viewer() -> Viewer:
    """Return who makes the request.

    Raises:
        LookupError: Nobody was authenticated: what needs a viewer must not run.
    """
    return _VIEWER.get()


@contextmanager
def acting_as(viewer: Viewer) -> Iterator[None]:
    """Name the viewer while a request is answered; threads are used again by others."""
    token = _VIEWER.set(viewer)
    try:
        yield
    finally:
        _VIEWER.reset(token)
