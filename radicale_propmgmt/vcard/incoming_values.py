"""Values and parameters of any vCard version, said the way of 3.0."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from radicale_propmgmt.domain.contacts import Params, PropertyValue

from .card_lines import OMITTED_YEAR
from .contentline import Property
from .values import unescape

_INLINE = frozenset({"PHOTO", "LOGO", "SOUND", "KEY"})
_URIS = frozenset({"URL", "IMPP", "X-SOCIALPROFILE"})
_IDLE_VALUES = {"TEL": "TEXT", "URL": "URI", "IMPP": "URI", "EMAIL": "TEXT", "ADR": "TEXT"}


def property_value(found: Property, label: str | None) -> PropertyValue:
    """Keep a property with its parameters: types upper-case, PREF=1 as a type, inline data as ENCODING=b."""
    params = normal_params(found.params)
    value = found.value
    if found.name in _INLINE:
        return _inline(found.name, value, params, label)
    if found.name in _URIS:
        value = value.replace("\\:", ":")  # old Apple programs escape it
    idle = _IDLE_VALUES.get(found.name)
    if idle and params:
        params = tuple(p for p in params if p[0] != "VALUE" or p[1][:1] != (idle,))
    if found.name == "TEL" and value[:4].lower() == "tel:":
        value = value[4:].replace("\\;", ";").replace(";", "\\;")
        params = tuple(p for p in params if p != ("VALUE", ("URI",)))
    elif found.name == "GEO" and value[:4].lower() == "geo:":
        value = unescape(value[4:]).replace(",", ";", 1)
        params = tuple(p for p in params if p != ("VALUE", ("URI",)))
    return PropertyValue(found.name, value, params, label)


def as_read_back(value: PropertyValue) -> PropertyValue:
    """Return a stored value as it will come back from a card of ours."""
    params = tuple((name.upper(), texts) for name, texts in value.params)
    return property_value(Property(value.name.upper(), value.value, params), value.label)


@lru_cache(maxsize=2048)
def normal_params(params: Params) -> Params:
    """Merge TYPE to one upper-case list, turn PREF=1 into the type PREF, drop what only the file needed."""
    types: dict[str, None] = {}
    kept: list[tuple[str, tuple[str, ...]]] = []
    at = -1
    for name, values in params:
        first = values[0].upper() if values else ""
        if name == "TYPE" or (name == "PREF" and first == "1"):
            at = len(kept) if at < 0 else at
            parts = ("PREF",) if name == "PREF" else tuple(part for value in values for part in value.split(","))
            types.update(dict.fromkeys(part.strip().upper() for part in parts if part.strip()))
        elif name == "ENCODING":
            if first in {"B", "BASE64"}:
                kept.append(("ENCODING", ("b",)))
        elif name == "VALUE":
            kept.append(("VALUE", ("URI" if first == "URL" else first,)))
        elif name != "CHARSET":
            kept.append((name, values))
    if types:
        kept.insert(at, ("TYPE", tuple(types)))
    return tuple(kept)


def _inline(name: str, value: str, params: Params, label: str | None) -> PropertyValue:
    if value[:5].lower() == "data:":
        plain = value.replace("\\;", ";").replace("\\,", ",").replace("\\:", ":")
        head, comma, octets = plain[5:].partition(",")
        media, *rest = head.split(";")
        if comma and rest and rest[-1].strip().lower() == "base64":
            kept = tuple(p for p in params if p[0] not in {"VALUE", "ENCODING", "TYPE", "MEDIATYPE"})
            subtype = media.rpartition("/")[2].strip().upper()
            types = (("TYPE", (subtype,)),) if subtype else ()
            return PropertyValue(name, _packed(octets), (("ENCODING", ("b",)), *types, *kept), label)
        return PropertyValue(name, plain, _as_uri(params), label)
    if any(p == ("ENCODING", ("b",)) for p in params):
        return PropertyValue(name, _packed(value), params, label)
    return PropertyValue(name, value, params, label)


def _as_uri(params: Params) -> Params:
    return (*(p for p in params if p[0] not in {"VALUE", "ENCODING"}), ("VALUE", ("URI",)))


def _packed(octets: str) -> str:
    """Write base64 without the white space of its lines, and with the padding that some programs leave out."""
    packed = "".join(octets.split())
    return packed + "=" * (-len(packed) % 4)


def iso_date(found: Property) -> str | None:
    """Read a date of any version as ISO, one without a year as --MM-DD; None = it is no whole date."""
    text = unescape(found.value).strip()
    day, _, time = text.partition("T")
    if time.strip("0:Z"):  # a real time of day: keep the property as it is
        return None
    yearless = day.startswith("--")
    digits = (day[2:] if yearless else day).replace("-", "")
    if not (digits.isascii() and digits.isdigit()) or len(digits) != (4 if yearless else 8):
        return None
    year, month_day = (OMITTED_YEAR, digits) if yearless else (digits[:4], digits[4:])
    if found.param("X-APPLE-OMIT-YEAR") == (year,):
        yearless = True
    try:
        date(int(year), int(month_day[:2]), int(month_day[2:]))
    except ValueError:
        return None
    written = f"{month_day[:2]}-{month_day[2:]}"
    return f"--{written}" if yearless else f"{year}-{written}"
