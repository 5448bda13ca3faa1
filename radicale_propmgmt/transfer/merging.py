"""Compare and combine what a user enters about a contact, by field class."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from radicale_propmgmt.domain.contacts import ContactData, Name
from radicale_propmgmt.domain.fields import FieldClass, class_of
from radicale_propmgmt.transfer.drafts import MORE_TAGS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from radicale_propmgmt.domain.contacts import PropertyValue


def by_field_class(data: ContactData) -> dict[str, Any]:
    """Return the filled field classes of a contact as JSON values: what history keeps and comparison compares."""
    name = {key: value for key in Name.__dataclass_fields__ if (value := getattr(data.name, key))}
    if "extra" in name:
        name["extra"] = [list(pair) for pair in data.name.extra]
    found: dict[str, Any] = {
        FieldClass.NAME: {"kind": data.kind.value, **name},
        FieldClass.SALUTATION: _filled(salutation=data.salutation, letter_salutation=data.letter_salutation),
        FieldClass.ORGANISATION: _filled(organisation=list(data.organisation)),
        FieldClass.FUNCTION: _filled(title=data.title, role=data.role, expertise=data.expertise),
        FieldClass.BIRTHDAY: _filled(birthday=data.birthday, anniversary=data.anniversary, deathdate=data.deathdate),
        FieldClass.NOTE: _filled(note=data.note),
        FieldClass.INTERNAL_NOTE: _filled(internal_note=data.internal_note),
        FieldClass.CATEGORY: _filled(tags=sorted(data.tags)),
        FieldClass.BANK: _filled(bank_accounts=[asdict(account) for account in data.bank_accounts]),
        FieldClass.SEPA: _filled(
            mandates=[
                asdict(mandate) | {"signed_on": mandate.signed_on.isoformat() if mandate.signed_on else None}
                for mandate in data.mandates
            ]
        ),
    }
    for value in data.values:
        found.setdefault(class_of(value.name) or FieldClass.OTHER, {}).setdefault("values", []).append(_value(value))
    return {str(field_class): content for field_class, content in found.items() if content}


def _filled(**values: Any) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value}


def _value(value: PropertyValue) -> list[Any]:
    return [value.name, value.value, [[name, list(values)] for name, values in value.params], value.label]


def changed_classes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """List the field classes whose content differs."""
    return sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))


def merged(stored: ContactData, draft: ContactData, covers: frozenset[str]) -> ContactData:
    """Lay what a record speaks of over what is stored; everything else stays.

    Args:
        stored: The contact as it is.
        draft: The record's contact.
        covers: Attributes of ``ContactData`` the record speaks of. ``name:ATTRIBUTE`` and ``values:PROPERTY`` name
            one part of a name and one vCard property.
    """
    whole = {attribute: getattr(draft, attribute) for attribute in covers if ":" not in attribute}
    result = replace(own_data(stored), **whole)
    name_parts = {c.removeprefix("name:") for c in covers if c.startswith("name:")}
    if name_parts and "name" not in covers:
        result = replace(
            result, name=replace(stored.name, **{part: getattr(draft.name, part) for part in sorted(name_parts)})
        )
    properties = {c.removeprefix("values:") for c in covers if c.startswith("values:")}
    if properties and "values" not in covers:
        kept = tuple(value for value in stored.values if value.name.upper() not in properties)
        new = tuple(value for value in draft.values if value.name.upper() in properties)
        if tuple(value for value in stored.values if value.name.upper() in properties) != new:
            result = replace(result, values=new + kept)
    if MORE_TAGS in covers:
        result = replace(result, tags=stored.tags | draft.tags)
    return result


def own_data(contact: ContactData) -> ContactData:
    """Return only what a user enters, of a stored contact."""
    return ContactData(**{name: getattr(contact, name) for name in ContactData.__dataclass_fields__})
