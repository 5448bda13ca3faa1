"""Three-way merge of what a contact has once: name parts, titles, dates, notes, organisation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from radicale_propmgmt.domain.contacts import ContactData, ContactKind
from radicale_propmgmt.domain.fields import FieldClass
from radicale_propmgmt.domain.labels import NAMELESS

from .card_lines import OMITTED_YEAR
from .meaning import spaced
from .merge_terms import Findings, Terms
from .salutation import letter_salutation
from .sent import UNIT_MARK, Side


class Slot(NamedTuple):
    """Where a text belongs, and the property whose absence empties it."""

    field_class: FieldClass
    name: str


_PARTS = ("family", "given", "additional", "prefix", "suffix")
#: Parts of ``Name`` other than N's own.
_OF_NAME = (*_PARTS, "nickname", "formatted", "sort_as", "phonetic_given", "phonetic_family")
_OF_ORGANISATION = ("company", "department", "units")
_DATES = frozenset({"birthday", "anniversary", "deathdate"})
_NOTES = frozenset({"note", "internal_note"})

SLOTS: dict[str, Slot] = {
    **{part: Slot(FieldClass.NAME, "N") for part in _PARTS},
    "formatted": Slot(FieldClass.NAME, "FN"),
    "nickname": Slot(FieldClass.NAME, "NICKNAME"),
    "sort_as": Slot(FieldClass.NAME, "SORT-STRING"),
    "phonetic_given": Slot(FieldClass.NAME, "X-PHONETIC-FIRST-NAME"),
    "phonetic_family": Slot(FieldClass.NAME, "X-PHONETIC-LAST-NAME"),
    "salutation": Slot(FieldClass.SALUTATION, "X-PROPMGMT-ANREDE"),
    "letter_salutation": Slot(FieldClass.SALUTATION, "X-PROPMGMT-BRIEFANREDE"),
    "company": Slot(FieldClass.ORGANISATION, "ORG"),
    "department": Slot(FieldClass.ORGANISATION, "ORG"),
    "units": Slot(FieldClass.ORGANISATION, "ORG"),
    "kind": Slot(FieldClass.ORGANISATION, "X-ABSHOWAS"),
    "title": Slot(FieldClass.FUNCTION, "TITLE"),
    "role": Slot(FieldClass.FUNCTION, "ROLE"),
    "expertise": Slot(FieldClass.FUNCTION, "EXPERTISE"),
    "birthday": Slot(FieldClass.BIRTHDAY, "BDAY"),
    "anniversary": Slot(FieldClass.BIRTHDAY, "ANNIVERSARY"),
    "deathdate": Slot(FieldClass.BIRTHDAY, "X-PROPMGMT-DEATHDATE"),
    "note": Slot(FieldClass.NOTE, "NOTE"),
    "internal_note": Slot(FieldClass.INTERNAL_NOTE, "X-PROPMGMT-NOTIZ"),
}


def moved_texts(base: Side, seen: Side, current: ContactData) -> set[FieldClass]:
    """Name the classes in which somebody changed a text since the base."""
    old, _, now = _comparable(base, seen, seen, current)
    return {
        field_class
        for slot, (field_class, _) in SLOTS.items()
        if _key(slot, old.get(slot, "")) != _key(slot, now.get(slot, ""))
    }


def merge_texts(
    base: Side, sent: Side, seen: Side, current: ContactData, terms: Terms, found: Findings
) -> dict[str, str]:
    """Find the texts that change.

    A class in which somebody else changed a text since the base is left as it is, unless both mean the same: half of
    one name and half of another make a third person.

    Returns:
        Slot → its new text.
    """
    old, new, now = _comparable(base, sent, seen, current)
    if not sent.has_name and not _same(sent.formatted, base.formatted) and current.kind is not ContactKind.ORGANISATION:
        found.refused.add(FieldClass.NAME)  # an FN alone says no parts of a name
    edits = {slot: new.get(slot, "") for slot in SLOTS if _is_edit(slot, old, new, terms)}
    edits |= {slot: _key(slot, edits[slot]) for slot in _DATES & edits.keys()}
    wanted = {slot: text for slot, text in edits.items() if _key(slot, text) != _key(slot, now.get(slot, ""))}
    changes: dict[str, str] = {}
    for field_class in {SLOTS[slot].field_class for slot in wanted}:
        mine = {slot: text for slot, text in wanted.items() if SLOTS[slot].field_class is field_class}
        if not found.permit(field_class, terms):
            continue
        if _is_household(current) and (
            "kind" in mine or (_is_made(seen, current) and not mine.keys().isdisjoint(_PARTS))
        ):
            found.refused.add(field_class)
        elif any(
            slot.field_class is field_class and _key(name, old.get(name, "")) != _key(name, now.get(name, ""))
            for name, slot in SLOTS.items()
        ):
            found.conflicts.add(field_class)
        else:
            changes |= mine
    return changes


def _is_edit(slot: str, old: Mapping[str, str], new: Mapping[str, str], terms: Terms) -> bool:
    text = new.get(slot, "")
    if _key(slot, text) == _key(slot, old.get(slot, "")):
        return False
    if text:
        return True
    if slot == "units":  # no form has a field for more than company and department
        return terms.has_base and terms.capabilities.holds_all
    return terms.may_delete(SLOTS[slot].name) or (slot == "formatted" and terms.has_base)


def _comparable(
    base: Side, sent: Side, seen: Side, current: ContactData
) -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    """Return the texts of the three, without what is no statement of the client's or of anybody."""
    old, new, now = dict(base.texts), dict(sent.texts), dict(seen.texts)
    if _says_no_name(base, sent):
        new |= {part: old.get(part, "") for part in _PARTS}
    if not current.letter_salutation:  # made by template: it moves with the name, nobody changed it
        now["letter_salutation"] = old.get("letter_salutation", "")
    if current.kind is ContactKind.ORGANISATION:
        old["formatted"], now["formatted"] = _own_formatted(base), _own_formatted(seen)
        new["formatted"] = old["formatted"] if _same(sent.formatted, base.formatted) else _own_formatted(sent)
    return old, new, now


def _says_no_name(base: Side, sent: Side) -> bool:
    """Tell whether N is missing, or was made of an FN that nobody touched (Evolution, DAVx5: a card without N)."""
    if not sent.has_name:
        return True
    if any(base.texts.get(part) for part in _PARTS) or not _same(sent.formatted, base.formatted):
        return False
    words = {word for part in _PARTS for word in sent.texts.get(part, "").split()}
    return words <= set(sent.formatted.split())


def _own_formatted(side: Side) -> str:
    """Return an organisation's FN where it says something else than ORG."""
    return "" if _same(side.formatted, side.texts["company"]) or side.formatted == NAMELESS.de else side.formatted


def _same(one: str, other: str) -> bool:
    return spaced(one) == spaced(other)


def _is_household(current: ContactData) -> bool:
    return current.kind is ContactKind.HOUSEHOLD


def _is_made(seen: Side, current: ContactData) -> bool:
    """Tell whether the name on a household's card is made of its members' names."""
    return any(not _same(seen.texts.get(part, ""), getattr(current.name, part)) for part in _PARTS)


def _key(slot: str, text: str) -> str:
    if slot in _NOTES:
        return "\n".join(line.rstrip() for line in text.splitlines()).strip()
    if slot in _DATES:
        return f"--{text[5:]}" if text.startswith(f"{OMITTED_YEAR}-") else text
    if slot in _PARTS:  # several given names are a list (RFC 2426 §3.1.2), which programs write as one text
        text = text.replace(",", " ")
    return text.casefold() if slot == "salutation" else spaced(text)


def with_texts(current: ContactData, changes: Mapping[str, str]) -> ContactData:
    """Write the changed texts into a contact."""
    plain: dict[str, Any] = {
        slot: text
        for slot, text in changes.items()
        if slot not in _OF_NAME and slot not in _OF_ORGANISATION and slot != "kind"
    }
    of_name: dict[str, Any] = {slot: text for slot, text in changes.items() if slot in _OF_NAME}
    data = replace(current, **plain, name=replace(current.name, **of_name)) if changes else current
    if not changes.keys().isdisjoint(_OF_ORGANISATION):
        company, department, *units = (*current.organisation, "", "")
        parts = [
            changes.get("company", company),
            changes.get("department", department),
            *(changes["units"].split(UNIT_MARK) if "units" in changes else units),
        ]
        while parts and not parts[-1]:
            parts.pop()
        data = replace(data, organisation=tuple(parts))
    if "kind" in changes:
        data = replace(data, kind=ContactKind.ORGANISATION if changes["kind"] else ContactKind.PERSON)
    if "letter_salutation" in changes:
        made = letter_salutation(replace(data, letter_salutation=""))
        data = replace(data, letter_salutation="" if data.letter_salutation == made else data.letter_salutation)
    return data
