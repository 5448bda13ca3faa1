"""Field classes as a person reads them; JSON output has them as they are stored."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from radicale_propmgmt.vcard.values import split_structured

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from zoneinfo import ZoneInfo

_LONG = 200


def local_time(instant: int, zone: ZoneInfo) -> str:
    """Write an instant as local time."""
    return datetime.fromtimestamp(instant, zone).isoformat(timespec="seconds")


def sender(actor: str, login: str | None, device: str | None) -> str:
    """Write who changed something; the device is named with its account where that is not the actor."""
    if device is None:
        return actor
    return f"{actor} ({device})" if actor == f"account:{login}" else f"{actor} (for account:{login}, {device})"


def readable(field: str, content: Mapping[str, Any] | None) -> str:
    """Write the content of one field class in one line."""
    if not content:
        return "–"
    parts = []
    for key, value in content.items():
        if key == "values":
            parts += [_property(*row) for row in value]
        elif isinstance(value, list):
            parts.append(f"{_named(field, key)}{', '.join(_item(item) for item in value)}")
        elif value is not None:
            parts.append(f"{_named(field, key)}{_short(str(value))}")
    return "; ".join(parts) or "–"


def _named(field: str, key: str) -> str:
    return "" if key == field else f"{key} "


def _item(item: Any) -> str:
    if isinstance(item, dict):
        return " ".join(str(value) for value in item.values() if value)
    return ": ".join(item) if isinstance(item, list) else str(item)


def _property(name: str, value: str, params: Sequence[Any], label: str | None) -> str:
    types = ",".join(kind for param, kinds in params if param.upper() == "TYPE" for kind in kinds)
    about = label or types
    text = ", ".join(filter(None, split_structured(value)))
    return f"{name}{f' ({about})' if about else ''} {_short(text)}"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONG else f"{line[: _LONG - 1]}… ({len(text)} characters)"
