"""Names of cards that come in: FN against N, forms of address in the prefix, what is missing."""

from __future__ import annotations

from dataclasses import replace

from radicale_propmgmt.domain.contacts import Name

from .contentline import Property
from .names import person_name
from .values import split_raw, split_texts, unescape

_ADDRESSED = {"frau": "frau", "fr.": "frau", "herr": "herr", "hr.": "herr", "herrn": "herr"}
_TITLES = (
    "dr.",
    "prof.",
    "dipl.-ing.",
    "dipl.-kfm.",
    "ing.",
    "mag.",
    "dr",
    "prof",
    "med.",
    "jur.",
    "rer.",
    "nat.",
    "phil.",
)
_EXTRA_COMPONENTS = ("secondary-surname", "generation")  # RFC 9554 §2.2


def read_name(found: Property, *, lists: bool) -> tuple[Name, str]:
    """Read N as name and salutation key; "Frau" and "Herr" in the prefix become the salutation.

    Args:
        found: The property.
        lists: Whether a comma separates values (RFC 2426); in vCard 2.1 it is text.
    """
    parts = [
        " ".join([text.strip() for text in split_texts(raw) if text.strip()])
        if lists and "," in raw
        else unescape(raw).strip()
        for raw in split_raw(found.value, ";")
    ]
    parts += [""] * (5 - len(parts))
    prefix, salutation = split_salutation(parts[3])
    extra = tuple(
        (_EXTRA_COMPONENTS[at] if at < len(_EXTRA_COMPONENTS) else f"n{at + 6}", text)
        for at, text in enumerate(parts[5:])
        if text
    )
    sort_as = next(iter(found.param("SORT-AS")), "")
    name = Name(
        family=parts[0],
        given=parts[1],
        additional=parts[2],
        prefix=prefix,
        suffix=parts[4],
        sort_as=sort_as,
        extra=extra,
    )
    return name, salutation


def split_salutation(prefix: str) -> tuple[str, str]:
    """Take "Frau", "Herr" and their short forms off a prefix; "Frau und Herr" stays."""
    words = prefix.split()
    keys = [_ADDRESSED[word.lower()] for word in words if word.lower() in _ADDRESSED]
    if len(keys) != 1:
        return prefix, ""
    return " ".join(word for word in words if word.lower() not in _ADDRESSED), keys[0]


def name_from_formatted(formatted: str) -> tuple[Name, str]:
    """Guess the parts of a person's FN: "Müller, Anna" or "Dr. Anna von der Heide"."""
    family, comma, given = formatted.partition(",")
    if (
        comma
        and len(family.split()) <= 3
        and 0 < len(given.split()) <= 3
        and not set(given + family) & set(",&/0123456789")
    ):
        return Name(family=family.strip(), given=given.strip()), ""
    words = formatted.split()
    before: list[str] = []
    while len(words) > 1 and (words[0].lower() in _TITLES or words[0].lower() in _ADDRESSED):
        before.append(words.pop(0))
    at = len(words) - 1
    while at > 0 and words[at - 1].islower():
        at -= 1
    prefix, salutation = split_salutation(" ".join(before))
    return Name(prefix=prefix, given=" ".join(words[:at]), family=" ".join(words[at:])), salutation


def with_formatted(name: Name, formatted: str) -> Name:
    """Keep an FN only if it says something that the parts do not: an order or a comma is no news."""
    known = _words(f"{person_name(name)} {name.nickname} frau herr herrn fr hr")
    return replace(name, formatted=formatted) if formatted and _words(formatted) - known else name


def _words(text: str) -> set[str]:
    return {word.strip(".,").casefold() for word in text.split()} - {""}
