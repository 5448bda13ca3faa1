"""Caps of one card; what is over them is refused before any work is done on it."""

from __future__ import annotations

from typing import NamedTuple

CARD_BYTES = 1024 * 1024
CARD_PROPERTIES = 2000
GROUP_MEMBERS = 15_000  # on the card of a group, beside its properties; CARD_BYTES hold about 14,000
PROPERTY_PARAMS = 64
UID_LENGTH = 255
NESTING = 1  # BEGIN inside BEGIN is refused


class Caps(NamedTuple):
    """Caps of another kind of object in content lines."""

    octets: int = CARD_BYTES
    properties: int = CARD_PROPERTIES
    nesting: int = NESTING
