"""Caps of one card; what is over them is refused before any work is done on it."""

from __future__ import annotations

CARD_BYTES = 1024 * 1024
CARD_PROPERTIES = 2000
PROPERTY_PARAMS = 64
UID_LENGTH = 255
NESTING = 1  # BEGIN inside BEGIN is refused
