"""Books: what an address book URL means (DESIGN §2.2, §3)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class BookKind(StrEnum):
    """What a book projects."""

    ALL = "all"
    GROUP = "group"
    OBJECT = "object"
    OBJECT_GROUP = "object-group"
    GRANTS = "grants"
    MEMBERS = "members"  # no book: whom a group's card lists


class Layout(StrEnum):
    """Which books a device lists; a layout narrows the listing, never what is reachable."""

    SINGLE = "single"
    GROUPS = "groups"
    OBJECTS = "objects"
    EVERYTHING = "everything"


@dataclass(frozen=True, slots=True)
class Slot:
    """One slice of an audience's contacts; the whole (``all``) has no slot."""

    kind: BookKind
    group: str | None = None
    object_number: str | None = None

    @property
    def segment(self) -> str:
        """The URL segment of the book of this slice."""
        if self.kind is BookKind.GRANTS:
            return "einzelfreigaben"
        if self.kind is BookKind.GROUP:
            return f"gruppe-{self.group}"
        if self.kind is BookKind.MEMBERS:
            return f"members:{self.group}"
        if self.kind is BookKind.OBJECT:
            return f"objekt-{self.object_number}"
        return f"objekt-{self.object_number}-{self.group}"


#: Segment of the book of all visible contacts; first in every listing (macOS takes only the first).
ALL_SEGMENT = "alle"
GRANTS_SLOT = Slot(BookKind.GRANTS)


@dataclass(frozen=True, slots=True)
class Book:
    """One address book of one audience, as one account sees it. ``slot_id`` is None for the book of all contacts."""

    id: int
    audience_id: int
    segment: str
    kind: BookKind
    token_id: str  # 96 random bits, hex; names the book in sync tokens
    slot_id: int | None = None
    group: str | None = None
    object_number: str | None = None
    display_name: str = ""
    account_id: int = 0
