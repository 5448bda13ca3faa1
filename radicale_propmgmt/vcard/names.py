"""FN, N and the sort key by template, from what may be seen of a contact."""

from __future__ import annotations

from collections.abc import Sequence

from radicale_propmgmt.domain.contacts import ContactData, ContactKind, Name
from radicale_propmgmt.domain.fields import FieldClass, Fields
from radicale_propmgmt.domain.labels import NAMELESS

from .values import unescape

#: What a name may fall back to unless the caller says what else is visible: never to an e-mail address.
NAME_FIELDS: Fields = frozenset({FieldClass.NAME, FieldClass.ORGANISATION})
_TITLES_BEFORE_FAMILY = ("freifrau", "freiherr", "freiin", "gräfin", "graf", "fürstin", "fürst", "prinzessin", "prinz")


def formatted_name(contact: ContactData, members: Sequence[ContactData] = (), fields: Fields = NAME_FIELDS) -> str:
    """Build FN: never empty, and from visible fields only (RFC 2426 §3.1.1).

    Args:
        contact: Whose name is asked for.
        members: The visible members of a household; their names make its own.
        fields: What is visible. Without NAME a person is "Kontakt". An organisation's name is its name, whether
            NAME or ORGANISATION shows it.
    """
    if FieldClass.NAME in fields:
        made = contact.name.formatted or _made_name(contact, members)
        if made:
            return made
    organisation = contact.organisation[0] if contact.organisation else ""
    if organisation and (FieldClass.ORGANISATION in fields or _is_named_by_organisation(contact, fields)):
        return organisation
    if FieldClass.NAME in fields and FieldClass.EMAIL in fields:
        for value in contact.values:
            if value.name.upper() == "EMAIL" and value.value.strip():
                return unescape(value.value).strip()
    return NAMELESS.de


def _is_named_by_organisation(contact: ContactData, fields: Fields) -> bool:
    return FieldClass.NAME in fields and contact.kind is ContactKind.ORGANISATION


def _made_name(contact: ContactData, members: Sequence[ContactData]) -> str:
    if contact.kind is ContactKind.HOUSEHOLD and members:
        return household_name(members)
    if contact.kind is ContactKind.ORGANISATION and contact.organisation and contact.organisation[0]:
        return contact.organisation[0]
    return person_name(contact.name)


def person_name(name: Name) -> str:
    """Join prefix, given, additional, family and suffix; a nickname stands in for nothing at all."""
    parts = (name.prefix, name.given, name.additional, name.family, name.suffix)
    return " ".join([part for part in parts if part]) or name.nickname


def household_name(members: Sequence[ContactData]) -> str:
    """Join the members' names: "Anna und Bernd Müller", "Tom Bauer und Jan Kühn"."""
    given, family = household_parts(members)
    return f"{given} {family}".strip()


def household_parts(members: Sequence[ContactData]) -> tuple[str, str]:
    """Return given and family name of a household; with different family names all stands in the family name."""
    full = [formatted_name(member) for member in members]
    families = {member.name.family for member in members}
    callable_together = all(m.name.given and not m.name.suffix and not m.name.formatted for m in members)
    if len(families) == 1 and callable_together and (family := next(iter(families))):
        first = [" ".join(p for p in (m.name.prefix, m.name.given, m.name.additional) if p) for m in members]
        return conjunction(first), family
    return "", conjunction(full)


def conjunction(names: Sequence[str]) -> str:
    """Join with commas and "und"."""
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " und " + names[-1]


def structured_name(contact: ContactData, members: Sequence[ContactData], fields: Fields) -> tuple[str, ...]:
    """Return the five components of N (RFC 2426 §3.1.2); all empty if the name is hidden."""
    if FieldClass.NAME not in fields:
        return ("", "", "", "", "")
    if contact.kind is ContactKind.HOUSEHOLD and members:
        if len(members) == 1:
            return structured_name(members[0], (), fields)
        given, family = household_parts(members)
        return (family, given, "", "", "")
    name = contact.name
    return (name.family, name.given, name.additional, name.prefix, name.suffix)


def sort_key(name: Name) -> str:
    """Return what SORT-STRING says: set by hand, or the family name behind its particles (Heide, von der); or ""."""
    if name.sort_as or not name.family[:1].islower():
        return name.sort_as
    words = name.family.split()
    while len(words) > 1 and words[0][0].islower():
        words.pop(0)
    key = " ".join(words)
    return key if key != name.family else ""


def nobility(name: Name) -> tuple[str, str] | None:
    """Split a title that is part of the family name in German law (Art. 109 WRV) off it: ("Freifrau", "von der Heide").

    It is looked for at the end of the given or at the start of the family name.
    """
    family = name.family.split(" ", 1)
    if family[0].lower() in _TITLES_BEFORE_FAMILY and len(family) == 2:
        return family[0], family[1]
    given = name.given.rsplit(" ", 1)
    if given[-1].lower() in _TITLES_BEFORE_FAMILY and name.family:
        return given[-1], name.family
    if name.additional.lower() in _TITLES_BEFORE_FAMILY and name.family:
        return name.additional, name.family
    return None
