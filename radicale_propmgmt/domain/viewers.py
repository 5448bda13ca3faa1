"""Who makes a request: set once per request, after authentication."""

from __future__ import annotations

from dataclasses import dataclass

from .audiences import Audience
from .books import Layout


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """An authenticated account, the device it uses, and the audience it belongs to."""

    account_id: int
    login: str
    audience_id: int
    audience: Audience
    device_id: int | None = None  # None: logged in with the human password
    layout: Layout = Layout.EVERYTHING
    groups_mode: str = "categories"
