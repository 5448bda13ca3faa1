"""What a property means, so that two cards that say the same in other words compare equal (DESIGN §6)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import phonenumbers

from radicale_propmgmt.domain.contacts import Params, PropertyValue
from radicale_propmgmt.domain.fields import FieldClass, class_of

from .values import clean, split_structured, unescape

INLINE = frozenset({"PHOTO", "LOGO", "SOUND", "KEY"})
_URIS = frozenset({"URL", "IMPP", "X-SOCIALPROFILE", "SOURCE", "FBURL", "CALURI", "CALADRURI", "CONTACT-URI"})
#: TYPE values that say nothing, or what order says (RFC 2426 §3.2.1 and §3.3: defaults; Evolution writes OTHER).
IDLE_TYPES = frozenset({"", "PREF", "VOICE", "INTERNET", "OTHER", "X-OTHER", "POSTAL", "PARCEL", "INTL", "DOM"})
_SAME_TYPES = {"MOBILE": "CELL", "X-MOBILE": "CELL"}
#: Parameters that a program writes as it likes, and that change nothing of what is said.
_IDLE_PARAMS = frozenset(
    {
        *("TYPE", "PREF", "VALUE", "ENCODING", "CHARSET", "MEDIATYPE", "PID", "INDEX", "ALTID"),
        *("X-ABADR", "X-ABCROP-RECTANGLE", "LABEL"),
    }
)
_OF_EVOLUTION = "X-EVOLUTION-"
#: Apple's own labels, which are what others say by TYPE.
_APPLE_LABELS = {
    "home": ("HOME",),
    "work": ("WORK",),
    "mobile": ("CELL",),
    "main": ("MAIN",),
    "pager": ("PAGER",),
    "homefax": ("HOME", "FAX"),
    "workfax": ("WORK", "FAX"),
    "otherfax": ("FAX",),
    "iphone": ("IPHONE",),
    "other": (),
    "homepage": (),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One value of a card with its meaning.

    ``key`` is what the value says, ``types`` those that matter, ``label`` casefolded ("" = none), ``told`` the other
    parameters that say something.
    """

    value: PropertyValue
    field_class: FieldClass
    key: str
    types: frozenset[str]
    label: str
    told: Params

    @property
    def name(self) -> str:
        """The property's name in upper case."""
        return self.value.name.upper()

    @property
    def meaning(self) -> tuple[str, str, frozenset[str], str, Params]:
        """All that is compared."""
        return self.name, self.key, self.types, self.label, self.told


def row_of(value: PropertyValue, region: str) -> Row:
    """Find the meaning of a value; phone numbers without a country are of ``region``."""
    name = value.name.upper()
    label = (value.label or "").strip()
    types: set[str] = set()
    if name not in INLINE:  # there TYPE tells the format
        for key, texts in value.params:
            if key == "TYPE":
                types.update(_SAME_TYPES.get(text.upper(), text.upper()) for text in texts)
        if label.startswith("_$!<"):
            built_in = _APPLE_LABELS.get(label[4:].removesuffix(">!$_").casefold())
            if built_in is not None:
                types.update(built_in)
                label = ""
    return Row(
        value=value,
        field_class=class_of(name) or FieldClass.OTHER,
        key=_key(name, value.value, region),
        types=frozenset(types - IDLE_TYPES),
        label=label.casefold(),
        told=tuple(sorted(param for param in value.params if tells_something(param[0]))),
    )


def tells_something(param: str) -> bool:
    """Tell whether a parameter says something beyond TYPE and the form of the value."""
    return param not in _IDLE_PARAMS and not param.startswith(_OF_EVOLUTION)


def _key(name: str, value: str, region: str) -> str:
    if name in INLINE:
        return "".join(unescape(value).split()).rstrip("=")
    if name == "ADR":
        return _address(value)
    text = unescape(value).strip()
    if name == "TEL":
        return phone_key(text, region)
    if class_of(name) is FieldClass.RELATION:
        return spaced(text.removeprefix("urn:uuid:")).casefold()
    if name in _URIS:
        return _uri(text)
    return _email(text) if name == "EMAIL" else clean(text)


def spaced(text: str) -> str:
    """Make every run of blanks and line ends one blank."""
    return " ".join(text.split())


@lru_cache(maxsize=4096)
def phone_key(text: str, region: str) -> str:
    """Write a number as E.164 with its extension; what is no number stays, without blanks and marks."""
    text = text.removeprefix("tel:")
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return "".join(c for c in text.casefold() if c.isalnum() or c in "+*#")
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return f"{written};{number.extension}" if number.extension else str(written)


def _email(text: str) -> str:
    local, at, domain = text.removeprefix("mailto:").rpartition("@")
    return f"{local}{at}{domain.lower()}"


def _uri(text: str) -> str:
    """Lower the scheme and the host, which are all of a URI that has no case (RFC 3986 §6.2.2.1)."""
    scheme, colon, rest = text.partition(":")
    if not colon:
        return text
    if not rest.startswith("//"):
        return f"{scheme.lower()}:{rest}"
    host, slash, path = rest[2:].partition("/")
    return f"{scheme.lower()}://{host.lower()}{slash + path if path else ''}"


def _address(value: str) -> str:
    """Take what stands before the city as one text: programs move it between its three components."""
    parts = [spaced(part) for part in split_structured(value)]
    parts += [""] * (7 - len(parts))
    return "\n".join([" ".join(filter(None, parts[:3])), *parts[3:]]).rstrip("\n")
