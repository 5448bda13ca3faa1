"""Plain collections: an account's own calendars and address books, kept byte for byte (DESIGN §2.9)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

#: Segments of a home that name books of contacts and generated things; a collection of one's own never has one.
_RESERVED = frozenset({"alle", "einzelfreigaben", "gesperrt", "eingang", "geburtstage"})
_RESERVED_STARTS = ("gruppe-", "objekt-", ".")

#: The book of cards that were created and wait for release: read like a collection, written by the projection.
INBOX_SEGMENT = "eingang"

#: What one account may keep. Far above what anybody has, far below what harms the others.
COLLECTIONS = 100
ITEMS = 50_000


class CollectionKind(StrEnum):
    """What a collection holds."""

    ADDRESSBOOK = "addressbook"
    CALENDAR = "calendar"


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """One collection of one account; ``seq`` counts its changes."""

    id: int
    account_id: int
    segment: str
    kind: CollectionKind
    token_id: str  # random; a collection made anew under an old name has another one
    seq: int


class ItemContent(NamedTuple):
    """What was sent, after the gate: bytes as they came, and what had to be read out of them."""

    body: bytes
    uid: str
    component: str  # VCARD, VEVENT, VTODO, VJOURNAL, VFREEBUSY


def is_collection(segment: str) -> bool:
    """Tell whether what a segment of a home names is kept like a collection: one of one's own, or the inbox."""
    return segment == INBOX_SEGMENT or is_free(segment)


def is_free(segment: str) -> bool:
    """Tell whether a segment of a home may name a collection of one's own; in any case: IT has no two "Alle"."""
    lower = segment.casefold()
    return lower not in _RESERVED and not lower.startswith(_RESERVED_STARTS)
