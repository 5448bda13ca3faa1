"""Field classes: what a share rule can show, and which vCard properties each class holds (DESIGN §5)."""

from __future__ import annotations

from enum import StrEnum


class FieldClass(StrEnum):
    """One kind of information about a contact that is shown or hidden as a whole."""

    NAME = "name"
    SALUTATION = "salutation"
    ORGANISATION = "organisation"
    FUNCTION = "function"
    UNIT = "unit"
    PHONE = "phone"
    EMAIL = "email"
    ADDRESS = "address"
    URL = "url"
    BIRTHDAY = "birthday"
    PHOTO = "photo"
    RELATION = "relation"
    CATEGORY = "category"
    NOTE = "note"
    INTERNAL_NOTE = "internal_note"
    BANK = "bank"
    SEPA = "sepa"
    CONSENT = "consent"
    DOCUMENT = "document"
    OTHER = "other"


Fields = frozenset[FieldClass]

ALL_FIELDS: Fields = frozenset(FieldClass)

#: What a person is reached by and what is told of them: erased first. The rest names the party of a contract.
COMM: Fields = frozenset(
    {
        *(FieldClass.PHONE, FieldClass.EMAIL, FieldClass.URL, FieldClass.BIRTHDAY, FieldClass.PHOTO),
        *(FieldClass.RELATION, FieldClass.NOTE, FieldClass.INTERNAL_NOTE, FieldClass.OTHER),
    }
)
CORE: Fields = ALL_FIELDS - COMM

#: Properties that every card carries, whatever the profile.
ALWAYS = frozenset({"BEGIN", "END", "VERSION", "PRODID", "UID", "REV", "KIND", "CLASS"})

#: Upper-case vCard property name → its field class. What stands nowhere here is ``OTHER``.
PROPERTY_CLASS: dict[str, FieldClass] = {
    name: field_class
    for field_class, names in {
        FieldClass.NAME: (
            "N FN NICKNAME SORT-STRING X-PHONETIC-FIRST-NAME X-PHONETIC-MIDDLE-NAME X-PHONETIC-LAST-NAME"
            " X-PROPMGMT-NAME"
        ),
        FieldClass.SALUTATION: "X-PROPMGMT-ANREDE X-PROPMGMT-BRIEFANREDE",
        FieldClass.ORGANISATION: "ORG X-ABSHOWAS LOGO",
        FieldClass.FUNCTION: "TITLE ROLE EXPERTISE",
        FieldClass.UNIT: "X-PROPMGMT-OBJEKT X-CUSTOM1 X-CUSTOM2 X-CUSTOM3 X-CUSTOM4",
        FieldClass.PHONE: "TEL",
        FieldClass.EMAIL: "EMAIL IMPP",
        FieldClass.ADDRESS: "ADR LABEL GEO",
        FieldClass.URL: "URL X-SOCIALPROFILE",
        FieldClass.BIRTHDAY: "BDAY ANNIVERSARY DEATHDATE X-PROPMGMT-DEATHDATE",
        FieldClass.PHOTO: "PHOTO",
        FieldClass.RELATION: "RELATED X-ABRELATEDNAMES X-SPOUSE X-MANAGER X-ASSISTANT AGENT MEMBER",
        FieldClass.CATEGORY: "CATEGORIES X-ADDRESSBOOKSERVER-KIND X-ADDRESSBOOKSERVER-MEMBER",
        FieldClass.NOTE: "NOTE",
        FieldClass.INTERNAL_NOTE: "X-PROPMGMT-NOTIZ",
        FieldClass.BANK: "X-PROPMGMT-KONTO",
        FieldClass.SEPA: "X-PROPMGMT-SEPA",
        FieldClass.CONSENT: "X-PROPMGMT-EINWILLIGUNG X-PROPMGMT-WEITERGABE X-PROPMGMT-PORTAL",
        FieldClass.DOCUMENT: "X-PROPMGMT-DOK",
    }.items()
    for name in names.split()
}

_MINIMAL = frozenset({FieldClass.NAME, FieldClass.ORGANISATION, FieldClass.FUNCTION, FieldClass.UNIT, FieldClass.PHONE})
_STANDARD = _MINIMAL | {FieldClass.ADDRESS, FieldClass.EMAIL, FieldClass.URL, FieldClass.CATEGORY}

#: Built-in profiles of the rule language; a rule file may add its own.
PROFILES: dict[str, Fields] = {
    "minimal": _MINIMAL,
    "standard": _STANDARD,
    "kommunikation": frozenset(
        {FieldClass.NAME, FieldClass.ORGANISATION, FieldClass.PHONE, FieldClass.EMAIL, FieldClass.ADDRESS}
    ),
    "verwaltung": _STANDARD
    | {FieldClass.SALUTATION, FieldClass.RELATION, FieldClass.BIRTHDAY, FieldClass.NOTE, FieldClass.OTHER},
    "bank": frozenset({FieldClass.BANK}),
    "sepa": frozenset({FieldClass.SEPA}),
    "voll": ALL_FIELDS - {FieldClass.BANK, FieldClass.SEPA, FieldClass.INTERNAL_NOTE, FieldClass.CONSENT},
    "dsb": ALL_FIELDS,
}


def class_of(property_name: str) -> FieldClass | None:
    """Name the field class a vCard property belongs to.

    Returns:
        The class, or None for a property that every card carries.
    """
    name = property_name.upper()
    if name in ALWAYS:
        return None
    return PROPERTY_CLASS.get(name, FieldClass.OTHER)
