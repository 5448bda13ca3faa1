"""What a path is, with everything its properties are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from radicale_propmgmt.domain.books import Book, BookKind
from radicale_propmgmt.domain.viewers import Viewer
from radicale_propmgmt.domain.writing import BookRights

from .hrefs import write_href
from .names import Name

NO_RIGHTS = BookRights()
_TITLES = {
    "de": {BookKind.ALL: "Alle Kontakte", BookKind.GRANTS: "Einzelfreigaben"},
    "en": {BookKind.ALL: "All contacts", BookKind.GRANTS: "Individual grants"},
}


class DavLimits(Protocol):
    """Sizes that clients are told. Unit: bytes."""

    @property
    def card_bytes(self) -> int:
        """The largest card."""
        ...

    @property
    def photo_bytes(self) -> int:
        """The largest photo."""
        ...


class Kind(Enum):
    """The four kinds of resources."""

    ROOT = "root"
    HOME = "home"
    BOOK = "book"
    CARD = "card"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """One resource of the viewer; ``token`` is filled only where a property needs it."""

    kind: Kind
    viewer: Viewer
    limits: DavLimits
    language: str = "de"
    book: Book | None = None
    rights: BookRights = NO_RIGHTS
    token: str = ""
    stored: Mapping[Name, str] = field(default_factory=dict)  # whole elements, as the account set them

    @property
    def home(self) -> str:
        """The encoded path of the viewer's home, which is also the principal."""
        return write_href(self.viewer.login)

    @property
    def href(self) -> str:
        """The encoded path; of a card that of its book."""
        if self.kind is Kind.ROOT:
            return "/"
        return self.home if self.book is None else write_href(self.viewer.login, self.book.segment)

    @property
    def title(self) -> str:
        """The display name: never a contact's."""
        if self.book is None:
            return self.viewer.login
        titles = _TITLES.get(self.language, _TITLES["de"])
        return titles.get(self.book.kind) or self.book.display_name or self.book.segment
