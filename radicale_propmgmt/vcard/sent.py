"""One card as it was said: what a client sent, or what it was served before, ready to be compared."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from radicale_propmgmt.domain.contacts import BankAccount, ContactData, Mandate, Name, PropertyValue
from radicale_propmgmt.domain.fields import FieldClass, class_of

from . import limits
from .card_lines import DERIVED
from .contentline import Property, parse_lines
from .errors import ParseError
from .incoming_contact import ContactBuilder

_VERSIONS = frozenset({"2.1", "3.0", "4.0"})
_BASE64 = re.compile(r"[A-Za-z0-9+/]*={0,2}")
#: Made from links, consents and memberships; a client's change of them is never taken.
_MADE = frozenset(
    {
        *("CATEGORIES", "MEMBER", "X-ADDRESSBOOKSERVER-MEMBER", "AGENT"),
        *("X-PROPMGMT-OBJEKT", "X-PROPMGMT-EINWILLIGUNG", "X-PROPMGMT-WEITERGABE"),
        *("X-PROPMGMT-PORTAL", "X-PROPMGMT-DOK"),
    }
)
#: Stands between the components of ORG behind the department; no text can hold it.
UNIT_MARK = "\x1f"


@dataclass(frozen=True, slots=True)
class Side:
    """What one card says, property by property, nothing guessed.

    ``texts`` are what a contact has once, by slot (``merge_texts.SLOTS``); ``made`` are the lines that the product
    makes itself, as (class, property, text).
    """

    texts: dict[str, str]
    values: tuple[PropertyValue, ...]
    accounts: tuple[BankAccount, ...]
    mandates: tuple[Mandate, ...]
    name_extra: tuple[tuple[str, str], ...]
    made: frozenset[tuple[FieldClass, str, str]]
    formatted: str  # FN
    has_name: bool  # whether there is an N at all


@dataclass(frozen=True, slots=True)
class SentCard:
    """A card that a client sent: as a contact of its own (for creating), and as one side of a merge."""

    uid: str | None
    data: ContactData
    categories: tuple[str, ...]
    side: Side


def read_sent(body: bytes, caps: limits.Caps | None = None) -> SentCard:
    """Read the one card of a PUT body: vCard 2.1, 3.0 or 4.0. Cost: linear, about 200 µs.

    Args:
        body: UTF-8; folded or not, with CRLF or bare LF.
        caps: What a card may have, if not what ``limits`` says.

    Raises:
        CardTooLargeError: More bytes than a card may have (RFC 6352 §6.3.2.1, max-resource-size).
        ParseError: Not exactly one card that can be understood (valid-address-data).
    """
    properties = parse_lines(body, caps)
    _check_frame(properties)
    builder = ContactBuilder(properties)
    if builder.uid is not None and len(builder.uid) > limits.UID_LENGTH:
        raise ParseError(f"more than {limits.UID_LENGTH} characters", field="UID")
    data = builder.build()
    _check_octets(data.values)
    return SentCard(
        uid=builder.uid,
        data=data,
        categories=tuple(dict.fromkeys(builder.categories)),
        side=side_of(properties),
    )


def read_served(body: bytes) -> Side:
    """Read a card of ours; what we served we read, however large it grew."""
    return side_of(parse_lines(body, limits.Caps(64 * limits.CARD_BYTES, 64 * limits.CARD_PROPERTIES)))


def _check_frame(properties: Sequence[Property]) -> None:
    frame = [at for at, found in enumerate(properties) if found.name in {"BEGIN", "END"}]
    if frame != [0, len(properties) - 1] or any(properties[at].value.strip().upper() != "VCARD" for at in frame):
        raise ParseError("not exactly one card", field="BEGIN")
    versions = {found.value.strip() for found in properties if found.name == "VERSION"}
    if not versions <= _VERSIONS or len(versions) > 1:
        raise ParseError("neither 2.1 nor 3.0 nor 4.0", field="VERSION")


def _check_octets(values: Sequence[PropertyValue]) -> None:
    """Refuse a picture that is no base64: programs that decode all they fetch show none of the cards around it."""
    for value in values:
        if ("ENCODING", ("b",)) in value.params and (len(value.value) % 4 or not _BASE64.fullmatch(value.value)):
            raise ParseError("no base64", field=value.name)


def side_of(properties: Sequence[Property]) -> Side:
    """Collect what a card says."""
    builder = ContactBuilder(properties, keep_derived=True)
    name = builder.name or Name()
    company, department, *rest = (*builder.organisation, "", "")
    texts = {
        **{part: getattr(name, part) for part in ("family", "given", "additional", "prefix", "suffix", "sort_as")},
        **builder.name_texts,
        **builder.texts,
        "salutation": builder.salutation,
        "company": company,
        "department": department,
        "units": UNIT_MARK.join(rest).rstrip(UNIT_MARK),
        "kind": "organisation" if builder.is_company else "",
    }
    return Side(
        texts=texts,
        values=tuple(value for value in builder.values if value.name not in _MADE and value.name not in DERIVED),
        accounts=tuple(builder.accounts),
        mandates=tuple(builder.mandates),
        name_extra=(*name.extra, *builder.extra),
        made=frozenset(_made_lines(properties)),
        formatted=builder.formatted,
        has_name=builder.name is not None,
    )


def _made_lines(properties: Sequence[Property]) -> list[tuple[FieldClass, str, str]]:
    lines: list[tuple[FieldClass, str, str]] = []
    for found in properties:
        if found.name not in _MADE:
            continue
        field_class = class_of(found.name) or FieldClass.OTHER
        if found.name == "CATEGORIES":
            lines += [(field_class, found.name, text.strip().casefold()) for text in found.texts if text.strip()]
        else:
            params = sorted(f"{name}={','.join(values)}" for name, values in found.params if name.startswith("X-"))
            lines.append((field_class, found.name, ";".join([*params, found.text.strip()])))
    return lines
