"""Folding of text for searching: what a German user expects to find."""

from __future__ import annotations

import unicodedata

_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})


def fold(text: str) -> str:
    """Fold case and accents character by character, so that contains, starts and ends stay true.

    If a casefolded text contains another, its fold contains the other's fold: a LIKE over folded text finds a
    superset of every RFC 6352 text-match.
    """
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    for character in set(decomposed):  # a few dozen, whatever the length
        if character > "\x7f" and unicodedata.combining(character):
            decomposed = decomposed.replace(character, "")
    return decomposed.casefold()


def search_forms(text: str) -> str:
    """Return the folded text in both German spellings (Müller: "muller", "mueller"), for the central search."""
    folded = fold(text)
    spelt = fold(unicodedata.normalize("NFC", text).casefold().translate(_UMLAUTS))
    return folded if spelt == folded else f"{folded} {spelt}"
