"""Cards as people wrote them down, and cards as another parser than ours reads them."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path

import vobject

#: Key → field class → values, from a file that is written by hand.
PEOPLE: dict[str, dict[str, list[str]]] = tomllib.loads(
    (Path(__file__).parents[1] / "data" / "demo_cards.toml").read_text(encoding="utf-8")
)

#: Field classes of the profiles, as the rule language documents them.
PHONE = "name organisation unit phone"
MINIMAL = f"{PHONE} function"
STANDARD = f"{MINIMAL} address email url category"
KOMMUNIKATION = "name organisation phone email address"
VERWALTUNG = f"{STANDARD} salutation relation birthday note other"
VOLL = f"{VERWALTUNG} photo document"

_EVERY_CARD = {"BEGIN", "END", "VERSION", "PRODID", "UID", "CLASS"}
_STRUCTURED = {
    "N": ("family", "given", "additional", "prefix", "suffix"),
    "ADR": ("box", "extended", "street", "city", "region", "code", "country"),
}

Card = frozenset[str]


def expected(key: str, classes: str) -> Card:
    """The values of a contact's card that shows these field classes."""
    return frozenset(value for name in classes.split() for value in PEOPLE[key].get(name, ()))


def expected_cards(keys: str, classes: str) -> dict[str, Card]:
    """FN → values; every demo contact has its own FN."""
    return {formatted_name(PEOPLE[key]["name"]): expected(key, classes) for key in keys.split()}


def formatted_name(values: Iterable[str]) -> str:
    return next(value.removeprefix("FN ") for value in values if value.startswith("FN "))


def read_card(text: str, version: str = "3.0") -> Card:
    """Read a card with vobject; what every card carries is checked and left out."""
    assert text.endswith("END:VCARD\r\n")
    assert "\n" not in text.replace("\r\n", "")
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n")), "RFC 2426 §2.6: lines are folded"
    assert vobject.readOne(text).version.value == version
    return read_values(text)


def read_values(text: str, added: str = "-") -> Card:
    """Read a card's values with vobject, without names and parameters that a client program added."""
    card = vobject.readOne(text)
    assert [line.name for line in card.lines()].count("UID") == 1
    labels = {line.group: line.value for line in card.lines() if line.name == "X-ABLABEL"}
    shown = [line for line in card.lines() if line.name not in {*_EVERY_CARD, "X-ABLABEL"}]
    found = [_told(line, labels, added) for line in shown if not line.name.startswith(added)]
    assert len(found) == len(set(found)), "a value stands twice"
    return frozenset(found)


def read_cards(texts: Iterable[str]) -> dict[str, Card]:
    cards = [read_card(text) for text in texts]
    found = {formatted_name(card): card for card in cards}
    assert len(found) == len(cards), "a contact stands twice"
    return found


def _told(line: vobject.base.ContentLine, labels: dict[str, str], added: str) -> str:
    value = line.value
    if line.name in _STRUCTURED:
        parts = [getattr(value, part) for part in _STRUCTURED[line.name]]
        value = "|".join(" ".join(part) if isinstance(part, list) else part for part in parts)
    elif isinstance(value, list):
        value = "|".join(value)
    params = list(line.params.get("TYPE", ()))
    params += [f"{k}={','.join(v)}" for k, v in line.params.items() if k != "TYPE" and not k.startswith(added)]
    told = f"{line.name} {value}"
    if params:
        told += f" [{' '.join(sorted(params))}]"
    if line.group in labels:
        told += f" ({labels[line.group]})"
    return told
