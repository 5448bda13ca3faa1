"""Put field classes back as history kept them: the reverse of ``merging.by_field_class``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from radicale_propmgmt.domain.contacts import BankAccount, ContactKind, Mandate, Name, PropertyValue
from radicale_propmgmt.domain.fields import FieldClass, class_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from radicale_propmgmt.domain.contacts import ContactData

_TEXTS: dict[str, tuple[str, ...]] = {
    FieldClass.SALUTATION: ("salutation", "letter_salutation"),
    FieldClass.FUNCTION: ("title", "role", "expertise"),
    FieldClass.BIRTHDAY: ("birthday", "anniversary", "deathdate"),
    FieldClass.NOTE: ("note",),
    FieldClass.INTERNAL_NOTE: ("internal_note",),
}
_ORDER = {field_class: number for number, field_class in enumerate(FieldClass)}


def restored(current: ContactData, classes: Mapping[str, Mapping[str, Any] | None]) -> ContactData:
    """Return a contact with some field classes replaced whole; what is empty or None is cleared.

    Values of other classes keep their order; those of a class that has none now stand where its class does.
    """
    changes: dict[str, Any] = {}
    values = current.values
    for name, content in classes.items():
        given = content or {}
        changes |= {attribute: given.get(attribute, "") for attribute in _TEXTS.get(name, ())}
        if name in _READERS:
            changes |= _READERS[name](given)
        values = _with_values(values, FieldClass(name), [_value(row) for row in given.get("values", ())])
    return replace(current, values=values, **changes)


def _name(given: Mapping[str, Any]) -> dict[str, Any]:
    parts = {key: value for key, value in given.items() if key not in {"kind", "values", "extra"}}
    extra = tuple((key, value) for key, value in given.get("extra", ()))
    return {"kind": ContactKind(given.get("kind", ContactKind.PERSON)), "name": Name(**parts, extra=extra)}


def _mandate(given: Mapping[str, Any]) -> Mandate:
    signed_on = given.get("signed_on")
    return Mandate(**{**given, "signed_on": date.fromisoformat(signed_on) if signed_on else None})


_READERS: dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    FieldClass.NAME: _name,
    FieldClass.ORGANISATION: lambda given: {"organisation": tuple(given.get("organisation", ()))},
    FieldClass.CATEGORY: lambda given: {"tags": frozenset(given.get("tags", ()))},
    FieldClass.BANK: lambda given: {
        "bank_accounts": tuple(BankAccount(**account) for account in given.get("bank_accounts", ()))
    },
    FieldClass.SEPA: lambda given: {"mandates": tuple(_mandate(mandate) for mandate in given.get("mandates", ()))},
}


def _value(row: Sequence[Any]) -> PropertyValue:
    name, value, params, label = row
    return PropertyValue(name, value, tuple((param, tuple(texts)) for param, texts in params), label)


def _class_of(value: PropertyValue) -> FieldClass:
    return class_of(value.name) or FieldClass.OTHER


def _with_values(
    values: tuple[PropertyValue, ...], own: FieldClass, wanted: list[PropertyValue]
) -> tuple[PropertyValue, ...]:
    if [value for value in values if _class_of(value) is own] == wanted:
        return values
    classes = [_class_of(value) for value in values]
    at = next((at for at, found in enumerate(classes) if found is own), None)
    if at is None:
        at = next((at for at, found in enumerate(classes) if _ORDER[found] > _ORDER[own]), len(values))
    rest = [value for value in values[at:] if _class_of(value) is not own]
    return (*values[:at], *wanted, *rest)
