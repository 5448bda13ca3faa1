"""Cards as a client wants them: version 3.0 or 4.0, whole or only some properties (RFC 6352 §10.4)."""

from __future__ import annotations

from dataclasses import replace

from radicale_propmgmt.vcard.card import to_version_4
from radicale_propmgmt.vcard.contentline import Property, parse_lines
from radicale_propmgmt.vcard.writing import format_line, join_lines

from .xml_request import AddressData

_FRAME = frozenset({"BEGIN", "VERSION", "END"})


def convert(bodies: dict[int, bytes], wanted: AddressData) -> dict[int, bytes]:
    """Convert stored cards; the usual wish, whole 3.0 cards, costs nothing."""
    if wanted.version == "4.0":
        bodies = {key: to_version_4(body) for key, body in bodies.items()}
    if wanted.only is not None:
        names = dict(wanted.only)
        bodies = {key: reduce_card(body, names) for key, body in bodies.items()}
    return bodies


def reduce_card(body: bytes, names: dict[str, bool]) -> bytes:
    """Leave only the properties named, those whose name maps to True without their value."""
    kept: list[Property] = []
    for found in parse_lines(body):
        grouped = f"{found.group}.{found.name}".upper()
        if found.name in _FRAME:
            kept.append(found)
        elif found.name in names or grouped in names:
            without_value = names.get(found.name, names.get(grouped, False))
            kept.append(replace(found, value="") if without_value else found)
    return join_lines([format_line(p.name, p.value, p.params, p.group) for p in kept])
