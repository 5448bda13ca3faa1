"""vCard 3.0 → 4.0 (RFC 6350): the same properties, said the newer way; nothing is left out."""

from __future__ import annotations

from radicale_propmgmt.domain.contacts import Params
from radicale_propmgmt.domain.labels import RELATIONS

from .card_lines import OMITTED_YEAR
from .contentline import Property, parse_lines, serialise
from .values import unescape

_RENAMED = {"X-ADDRESSBOOKSERVER-KIND": "KIND", "X-ADDRESSBOOKSERVER-MEMBER": "MEMBER"}
_INLINE = frozenset({"PHOTO", "LOGO", "SOUND", "KEY"})
_DATES = frozenset({"BDAY", "ANNIVERSARY"})
_MEDIA = {"PHOTO": "image", "LOGO": "image", "SOUND": "audio", "KEY": "application"}
_RELATED = {(r.apple or r.label.de).casefold(): r.related for r in RELATIONS.values()}


def to_version_4(body: bytes) -> bytes:
    """Say one of our 3.0 cards in vCard 4.0."""
    properties = parse_lines(body)
    labels = {p.group: p.text for p in properties if p.name == "X-ABLABEL"}
    sort_as = next((p.text for p in properties if p.name == "SORT-STRING"), "")
    made: list[Property] = []
    for found in properties:
        if found.name == "X-ABRELATEDNAMES":
            kind = _RELATED.get(labels.get(found.group, "").casefold(), "contact")
            made.append(Property("RELATED", found.value, (("TYPE", (kind,)), ("VALUE", ("text",)))))
        if found.name == "VERSION":
            made.append(Property("VERSION", "4.0"))
            if not any(p.name == "X-ADDRESSBOOKSERVER-KIND" for p in properties) and _is_company(properties):
                made.append(Property("KIND", "org"))
        elif found.name == "N" and sort_as:
            made.append(Property("N", found.value, (*found.params, ("SORT-AS", (sort_as,))), found.group))
        elif found.name != "SORT-STRING":
            made.append(_converted(found))
    return serialise(made)


def _is_company(properties: list[Property]) -> bool:
    return any(p.name == "X-ABSHOWAS" and p.value.upper() == "COMPANY" for p in properties)


def _converted(found: Property) -> Property:
    name = _RENAMED.get(found.name, found.name)
    params, value = _with_pref(found.params), found.value
    if name in _INLINE and any(v.upper() in {"B", "BASE64"} for v in found.param("ENCODING")):
        media = next((t.lower() for t in found.types if t != "PREF"), "jpeg" if name == "PHOTO" else "octet-stream")
        value = f"data:{media if '/' in media else f'{_MEDIA[name]}/{media}'};base64,{value}"
        params = tuple(param for param in params if param[0] not in {"ENCODING", "TYPE", "VALUE"})
    elif name in _DATES:
        value, params = _basic_date(value, params)
    elif name == "GEO" and not value.startswith("geo:"):
        value = "geo:" + unescape(value).replace(";", ",")
    return Property(name, value, params, found.group)


def _with_pref(params: Params) -> Params:
    """Turn TYPE=pref into PREF=1 (RFC 6350 §5.3)."""
    made: list[tuple[str, tuple[str, ...]]] = []
    preferred = False
    for name, values in params:
        if name != "TYPE":
            made.append((name, values))
            continue
        kept = tuple(value for value in values if value.upper() != "PREF")
        preferred = preferred or len(kept) < len(values)
        if kept:
            made.append((name, kept))
    if preferred and not any(name == "PREF" for name, _ in made):
        made.append(("PREF", ("1",)))
    return tuple(made)


def _basic_date(value: str, params: Params) -> tuple[str, Params]:
    """Write an ISO date in the basic form, one without a year as --MMDD (RFC 6350 §4.3.1)."""
    kept = tuple(param for param in params if param[0] != "X-APPLE-OMIT-YEAR")
    day, mark, time = value.partition("T")
    parts = day.split("-")
    if len(parts) != 3 or not "".join(parts).isdigit():
        return value, params
    year = "--" if len(kept) < len(params) and parts[0] == OMITTED_YEAR else parts[0]
    return year + parts[1] + parts[2] + mark + time.replace(":", ""), kept
