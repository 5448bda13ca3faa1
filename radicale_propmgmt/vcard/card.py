"""A contact as one audience's vCard 3.0 (RFC 2426): deterministic bytes, made of visible field classes only.

What a field class holds is told once, in ``domain.fields``. There is no REV: it would move with hidden changes
(DESIGN I3). The order of the lines is fixed, links, relations and consents are sorted, and an ``itemN`` counts only
what is rendered, so that the bytes depend on what is visible and on nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from radicale_propmgmt.domain.contacts import Contact, ContactData, ContactKind
from radicale_propmgmt.domain.fields import PROPERTY_CLASS, FieldClass, Fields
from radicale_propmgmt.domain.grants import Consent, Disclosure
from radicale_propmgmt.domain.labels import MEMBER, SALUTATIONS
from radicale_propmgmt.domain.links import Link

from .card_lines import (
    bank_lines,
    birthday_lines,
    category_lines,
    consent_lines,
    related_lines,
    sepa_lines,
    unit_lines,
    value_lines,
)
from .names import formatted_name, sort_key, structured_name
from .salutation import letter_salutation
from .search import search_text
from .values import encode_param, escape, join_structured
from .version4 import to_version_4
from .writing import join_lines

__all__ = [
    "PRODID",
    "RENDERER_VERSION",
    "CardInput",
    "RelatedCard",
    "formatted_name",
    "render_card",
    "search_text",
    "to_version_4",
]

#: Raised whenever the same input gives other bytes: stored cards are then rendered afresh.
RENDERER_VERSION = 1

PRODID = "-//radicale_propmgmt//propmgmt 1//DE"


@dataclass(frozen=True, slots=True, kw_only=True)
class RelatedCard:
    """One relation that the audience may see, with the other contact's visible name."""

    type: str  # a key of labels.RELATIONS: "other is my <type>"
    name: str
    uid: str
    contact: Contact | None = None  # a member's contact makes the household's name and salutation


@dataclass(frozen=True, slots=True, kw_only=True)
class CardInput:
    """All that the bytes of a card depend on; links and relations are the visible ones."""

    contact: Contact
    fields: Fields
    links: tuple[Link, ...] = ()
    object_names: Mapping[str, str] = field(default_factory=dict)  # number → name
    group_names: Mapping[str, str] = field(default_factory=dict)  # slug → name
    related: tuple[RelatedCard, ...] = ()
    consents: tuple[Consent, ...] = ()
    disclosures: tuple[Disclosure, ...] = ()


def render_card(card: CardInput) -> bytes:
    """Render the card of one contact for one audience; about 20 µs."""
    contact, fields = card.contact, card.fields
    members: list[ContactData] = []
    if card.related and contact.kind is ContactKind.HOUSEHOLD:
        members = [other.contact for other in card.related if other.type == MEMBER and other.contact is not None]
    lines = [
        "BEGIN:VCARD",
        "VERSION:3.0",
        f"PRODID:{PRODID}",
        f"UID:{escape(contact.uid)}",
        "CLASS:CONFIDENTIAL",
        f"FN:{escape(formatted_name(contact, members, fields))}",
        f"N:{join_structured(structured_name(contact, members, fields))}",
    ]
    _what_it_is(lines, contact, members, fields)
    count = value_lines(lines, contact.values, fields)
    if FieldClass.BIRTHDAY in fields:
        birthday_lines(lines, contact)
    if card.links:
        _link_lines(lines, card)
    if FieldClass.RELATION in fields and card.related:
        related_lines(lines, [(other.type, other.name) for other in card.related], count)
    _what_is_known(lines, card)
    lines.append("END:VCARD")
    return join_lines(lines)


def _what_it_is(lines: list[str], contact: Contact, members: Sequence[ContactData], fields: Fields) -> None:
    if FieldClass.NAME in fields:
        _name_lines(lines, contact)
    if FieldClass.SALUTATION in fields:
        _salutation_lines(lines, contact, members, fields)
    if FieldClass.ORGANISATION in fields:
        if any(contact.organisation):
            lines.append(f"ORG:{join_structured(contact.organisation)}")
        if contact.kind is ContactKind.ORGANISATION:
            lines.append("X-ABShowAs:COMPANY")
    if FieldClass.FUNCTION in fields:
        _text_lines(lines, ("TITLE", contact.title), ("ROLE", contact.role), ("EXPERTISE", contact.expertise))


def _what_is_known(lines: list[str], card: CardInput) -> None:
    contact, fields = card.contact, card.fields
    if FieldClass.NOTE in fields:
        _text_lines(lines, ("NOTE", contact.note))
    if FieldClass.INTERNAL_NOTE in fields:
        _text_lines(lines, ("X-PROPMGMT-NOTIZ", contact.internal_note))
    if FieldClass.BANK in fields:
        bank_lines(lines, contact.bank_accounts)
    if FieldClass.SEPA in fields:
        sepa_lines(lines, contact.mandates)
    if FieldClass.CONSENT in fields:
        consent_lines(lines, card.consents, card.disclosures)


def _text_lines(lines: list[str], *pairs: tuple[str, str]) -> None:
    lines.extend([f"{name}:{escape(text)}" for name, text in pairs if text])


def _name_lines(lines: list[str], contact: Contact) -> None:
    name = contact.name
    _text_lines(
        lines,
        ("NICKNAME", name.nickname),
        ("SORT-STRING", sort_key(name)),
        ("X-PHONETIC-FIRST-NAME", name.phonetic_given),
        ("X-PHONETIC-LAST-NAME", name.phonetic_family),
    )
    for key, value in name.extra:
        lines.append(f"X-PROPMGMT-NAME;X-KEY={encode_param(key)}:{escape(value)}")


def _salutation_lines(lines: list[str], contact: Contact, members: Sequence[ContactData], fields: Fields) -> None:
    """Add Anrede; the letter salutation holds the name, so it needs the name to be visible."""
    if contact.salutation:
        label = SALUTATIONS.get(contact.salutation)
        _text_lines(lines, ("X-PROPMGMT-ANREDE", label.de if label else contact.salutation))
    if FieldClass.NAME in fields:
        _text_lines(lines, ("X-PROPMGMT-BRIEFANREDE", letter_salutation(contact, members)))


def _link_lines(lines: list[str], card: CardInput) -> None:
    with_units = FieldClass.UNIT in card.fields
    if FieldClass.CATEGORY in card.fields:
        category_lines(lines, card.links, card.group_names, with_objects=with_units)
    if with_units:
        taken = {
            value.name.upper()
            for value in card.contact.values
            if PROPERTY_CLASS.get(value.name.upper()) is FieldClass.UNIT
        }
        unit_lines(lines, card.links, card.object_names, taken)
