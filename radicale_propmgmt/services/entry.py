"""What a person enters about a contact, field by field, laid over what is there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from radicale_propmgmt.db.repositories import lookups
from radicale_propmgmt.domain.contacts import BankAccount, ContactKind
from radicale_propmgmt.domain.errors import UsageError
from radicale_propmgmt.domain.labels import SALUTATIONS
from radicale_propmgmt.domain.text import fold
from radicale_propmgmt.services.contacts import checked
from radicale_propmgmt.transfer import values
from radicale_propmgmt.vcard.values import escape, unescape

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Connection

    from radicale_propmgmt.domain.contacts import ContactData, PropertyValue

NAME_FIELDS = ("prefix", "given", "additional", "family", "suffix", "nickname", "formatted", "sort_as")
TEXT_FIELDS = ("letter_salutation", "title", "expertise", "birthday", "anniversary", "deathdate", "note")
ADDRESS_FIELDS = ("street", "postal_code", "city", "country")
_NUMBER_LIKE = frozenset("0123456789+/()-. ")


def entered(base: ContactData, fields: Mapping[str, Any], country: str) -> ContactData:
    """Lay entered fields over a contact; what is None or an empty list was not entered, an empty text clears.

    Args:
        base: The contact as it is.
        fields: Names as the options of ``contacts add``; ``phones``, ``emails`` and ``urls`` replace all of theirs
            and may be written ``type:value``, the address fields replace the first address.
        country: Country of phone numbers written without one.

    Raises:
        UsageError: A value cannot be read; the field is named.
    """
    given = {key: value for key, value in fields.items() if value is not None and value != ()}
    name = replace(base.name, **{key: given[key].strip() for key in NAME_FIELDS if key in given})
    if "parts" in given:
        name = replace(name, extra=tuple((dict(name.extra) | dict(given["parts"])).items()))
    changes: dict[str, Any] = {key: given[key].strip() for key in (*TEXT_FIELDS, "internal_note") if key in given}
    if "kind" in given:
        changes["kind"] = ContactKind(given["kind"])
    if "salutation" in given:
        if given["salutation"] not in SALUTATIONS:
            raise UsageError(f"salutation: one of {', '.join(filter(None, SALUTATIONS))}, or empty")
        changes["salutation"] = given["salutation"]
    if "organisation" in given:
        changes["organisation"] = tuple(filter(None, (given["organisation"], given.get("department", ""))))
    if "iban" in given:
        holder = given.get("account_holder", "")
        changes["bank_accounts"] = (BankAccount(given["iban"], given.get("bic", ""), holder),) if given["iban"] else ()
    tags = (base.tags | set(given.get("tags", ()))) - set(given.get("untags", ()))
    return replace(base, name=name, tags=frozenset(tags), values=_values(base.values, given, country), **changes)


def from_card(data: ContactData, country: str) -> ContactData:
    """Make what a client's new card says a contact's own: numbers as we store them, and no tags, which are ours to set.

    Raises:
        UsageError: No name at all, or a day or account number that is none.
    """
    return checked(replace(with_stored_numbers(data, country), tags=frozenset()))


def with_stored_numbers(data: ContactData, country: str) -> ContactData:
    """Write phone numbers as we store them: international."""
    rows = tuple(
        replace(row, value=escape(values.international(unescape(row.value).strip(), country)))
        if row.name == "TEL" and not row.value.lower().startswith("tel:")
        else row
        for row in data.values
    )
    return replace(data, values=rows)


def _values(stored: tuple[PropertyValue, ...], given: Mapping[str, Any], country: str) -> tuple[PropertyValue, ...]:
    found = list(stored)
    if "phones" in given:
        new = [values.phone(text, country=country, types=types) for types, text in _typed(given["phones"], "VOICE")]
        found = _replaced(found, "TEL", new)
    if "emails" in given:
        try:
            new = [values.email(text, types=types) for types, text in _typed(given["emails"], "INTERNET")]
        except UsageError as error:
            raise UsageError(f"email: {error}") from None
        found = _replaced(found, "EMAIL", new)
    if "urls" in given:
        found = _replaced(found, "URL", [values.url(text) for text in given["urls"] if text])
    parts = {key: given[key] for key in ADDRESS_FIELDS if key in given}
    if parts:
        later = [value for value in found if value.name == "ADR"][1:]
        first = [values.address(**parts)] if any(parts.values()) else []
        found = _replaced(found, "ADR", [*first, *later])
    return tuple(found)


def _typed(texts: Iterable[str], default: str) -> Iterable[tuple[tuple[str, ...], str]]:
    for text in texts:
        kinds, separator, value = text.partition(":")
        if separator and kinds.replace(",", "").isalpha():
            yield tuple(kinds.upper().split(",")), value
        elif text.strip():
            yield (default,), text


def _replaced(found: list[PropertyValue], name: str, new: list[PropertyValue]) -> list[PropertyValue]:
    return [*(value for value in found if value.name != name), *new]


def find_contacts(connection: Connection, text: str, *, limit: int, blocked: bool = False) -> list[int]:
    """List the contacts that a text finds: words of name, company, address or e-mail, or a number however written."""
    if set(text) <= _NUMBER_LIKE and sum(c.isdecimal() for c in text) >= 3:
        digits = "".join(c for c in text.replace("(0)", "") if c.isdecimal())
        needles = [digits.removeprefix("00")]
    else:
        needles = fold(text).split()
    return lookups.search_contacts(connection, needles, limit=limit, blocked=blocked) if needles else []
