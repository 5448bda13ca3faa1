"""Sync tokens (RFC 6578 §3.2): points in one book's history."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .errors import InvalidSyncTokenError

_PREFIX = "urn:x-propmgmt:sync:"
_TOKEN = re.compile(r"urn:x-propmgmt:sync:([0-9]{1,9}):([0-9a-f]{24}):([0-9]{1,18})(?::(-?[0-9]{1,18}))?")

#: Cursor of a whole token: beyond every contact of that seq.
NO_CONTACT = 2**62


@dataclass(frozen=True, slots=True)
class SyncToken:
    """Epoch, the book's random id, the audience's seq and, inside a paged answer, the last contact sent.

    The cursor (seq, contact) is exclusive: everything up to and including it was sent.
    """

    epoch: int
    book: str
    seq: int
    contact: int = NO_CONTACT

    def __str__(self) -> str:
        text = f"{_PREFIX}{self.epoch}:{self.book}:{self.seq}"
        return text if self.contact == NO_CONTACT else f"{text}:{self.contact}"

    @classmethod
    def parse(cls, text: str) -> SyncToken:
        """Read a token.

        Raises:
            InvalidSyncTokenError: Not of our form, so we never issued it.
        """
        match = _TOKEN.fullmatch(text.strip())
        if match is None:
            raise InvalidSyncTokenError
        epoch, book, seq, contact = match.groups()
        return cls(int(epoch), book, int(seq), NO_CONTACT if contact is None else int(contact))
