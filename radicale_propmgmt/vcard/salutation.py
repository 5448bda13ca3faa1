"""Letter salutations in German, by DIN 5008: titles, couples, bodies of several, and who says nothing about gender."""

from __future__ import annotations

from collections.abc import Sequence

from radicale_propmgmt.domain.contacts import ContactData, ContactKind

from .names import conjunction, formatted_name, nobility

EVERYBODY = "Sehr geehrte Damen und Herren,"


def letter_salutation(contact: ContactData, members: Sequence[ContactData] = ()) -> str:
    """Return the whole salutation line with its comma.

    A text set by hand wins. An organisation is greeted by name only if its card names a person; a community of heirs
    is never greeted by the name of the deceased.

    Args:
        contact: Who is written to.
        members: Visible members of a household, in the order they are greeted.
    """
    if contact.letter_salutation:
        return contact.letter_salutation
    if contact.kind is ContactKind.HOUSEHOLD and members:
        return _many(members)
    if contact.kind is ContactKind.PERSON or (contact.name.family and contact.salutation in {"frau", "herr"}):
        return _upper_first(_one(contact)) + ","
    return EVERYBODY


def _many(members: Sequence[ContactData]) -> str:
    if any(member.kind is not ContactKind.PERSON for member in members):
        return EVERYBODY
    known = [member for member in members if member.salutation in {"frau", "herr"} and member.name.family]
    if len(known) < len(members):
        if len(members) == 1:
            return _upper_first(_one(members[0])) + ","
        return f"Guten Tag {conjunction([formatted_name(member) for member in members])},"
    return _upper_first(", ".join([_one(member) for member in members])) + ","


def _one(contact: ContactData) -> str:
    """Greet one person, in lower case and without the comma."""
    name = contact.name
    if contact.salutation not in {"frau", "herr"} or not name.family:
        return f"Guten Tag {formatted_name(contact)}"
    adjective, word = ("geehrte", "Frau") if contact.salutation == "frau" else ("geehrter", "Herr")
    noble = nobility(name)
    title = academic_title(name.prefix, female=contact.salutation == "frau")
    if noble:
        return " ".join(part for part in ("sehr", adjective, title, *noble) if part)
    return " ".join(part for part in ("sehr", adjective, word, title, name.family) if part)


def academic_title(prefix: str, *, female: bool) -> str:
    """Return the one title a salutation keeps: Professor(in) before Dr., no faculty, no "Dipl.-Ing."."""
    words = {word.strip(".,").lower() for word in prefix.replace(".", ". ").split()}
    if words & {"prof", "professor", "professorin"}:
        return "Professorin" if female else "Professor"
    return "Dr." if words & {"dr", "ddr"} else ""


def _upper_first(text: str) -> str:
    return text[:1].upper() + text[1:]
