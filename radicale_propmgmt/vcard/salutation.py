"""Letter salutations in German, by DIN 5008: titles, couples, bodies of several, and who says nothing about gender."""

from __future__ import annotations

from collections.abc import Sequence

from radicale_propmgmt.domain.contacts import ContactData, ContactKind

from .names import conjunction, nobility, person_name

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
    if contact.kind is ContactKind.PERSON or _is_named(contact):
        return _many([contact])
    return EVERYBODY


def _is_named(contact: ContactData) -> bool:
    return contact.salutation in {"frau", "herr"} and bool(contact.name.family)


def _many(people: Sequence[ContactData]) -> str:
    """Greet each by title if all can be, else all by full name; who has none makes it everybody."""
    if all(_is_named(person) for person in people):
        line = ", ".join([_one(person) for person in people])
        return f"{line[0].upper()}{line[1:]},"
    names = [person.name.formatted or person_name(person.name) for person in people]
    return f"Guten Tag {conjunction(names)}," if all(names) else EVERYBODY


def _one(contact: ContactData) -> str:
    """Greet one person, in lower case and without the comma."""
    name = contact.name
    adjective, word = ("geehrte", "Frau") if contact.salutation == "frau" else ("geehrter", "Herr")
    noble = nobility(name)
    title = academic_title(name.prefix, female=contact.salutation == "frau")
    words = ("sehr", adjective, title, *noble) if noble else ("sehr", adjective, word, title, name.family)
    return " ".join(part for part in words if part)


def academic_title(prefix: str, *, female: bool) -> str:
    """Return the one title a salutation keeps: Professor(in) before Dr., no faculty, no "Dipl.-Ing."."""
    words = {word.strip(".,").lower() for word in prefix.replace(".", ". ").split()}
    if words & {"prof", "professor", "professorin"}:
        return "Professorin" if female else "Professor"
    return "Dr." if words & {"dr", "ddr"} else ""
