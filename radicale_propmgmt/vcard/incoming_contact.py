"""The properties of one card that comes in → what we store about a contact."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import ClassVar

from radicale_propmgmt.domain.contacts import BankAccount, ContactData, ContactKind, Mandate, Name, PropertyValue
from radicale_propmgmt.domain.labels import SALUTATIONS

from .contentline import Property
from .errors import ParseError
from .incoming_names import name_from_formatted, read_name, with_formatted
from .incoming_values import iso_date, property_value
from .salutation import letter_salutation
from .values import clean

#: Not kept: the frame, what a card of ours says anew, AGENT (a person inside a person), and what is derived.
_DROPPED = frozenset(
    {
        *("BEGIN", "END", "VERSION", "PRODID", "REV", "CLASS", "KIND", "PROFILE", "AGENT"),
        *("X-ABSHOWAS", "X-ABLABEL", "X-ABADR", "X-ADDRESSBOOKSERVER-KIND"),
        *("X-PROPMGMT-OBJEKT", "X-PROPMGMT-EINWILLIGUNG", "X-PROPMGMT-WEITERGABE"),
        *("X-PROPMGMT-PORTAL", "X-PROPMGMT-DOK"),
    }
)
#: Not kept from a card of our own: made from links and relations, and made again.
_OURS = frozenset(
    {
        *("X-CUSTOM1", "X-CUSTOM2", "X-CUSTOM3", "X-CUSTOM4"),
        *("X-ABRELATEDNAMES", "X-SPOUSE", "X-MANAGER", "X-ASSISTANT"),
    }
)
_SINGLE = {"TITLE": "title", "ROLE": "role", "EXPERTISE": "expertise"}
_DATES = {
    "BDAY": "birthday",
    "ANNIVERSARY": "anniversary",
    "X-ANNIVERSARY": "anniversary",
    "DEATHDATE": "deathdate",
    "X-PROPMGMT-DEATHDATE": "deathdate",
}
_PHONETIC = {"X-PHONETIC-FIRST-NAME": "phonetic_given", "X-PHONETIC-LAST-NAME": "phonetic_family"}


class ContactBuilder:
    """Collects a card's properties; ``build`` makes the contact of them.

    What is collected is what the card says, property by property; only ``build`` judges (whose card is it, what does
    FN add to N). A merge reads what was collected, since it compares two cards and judges neither.

    Args:
        properties: Of one card.
        keep_derived: Whether what a card of ours makes from links and relations is kept as values, too.
    """

    def __init__(self, properties: Sequence[Property], *, keep_derived: bool = False) -> None:
        self.uid: str | None = None
        self.categories: list[str] = []
        self._version = next((p.value.strip() for p in properties if p.name == "VERSION"), "2.1")
        self.texts: dict[str, str] = {}
        self.name: Name | None = None
        self.salutation = ""
        self.formatted = ""
        self.name_texts: dict[str, str] = {}
        self.extra: list[tuple[str, str]] = []
        self.organisation: tuple[str, ...] = ()
        self.values: list[PropertyValue] = []
        self.accounts: list[BankAccount] = []
        self.mandates: list[Mandate] = []
        self.is_company = False
        self._read(properties, keep_derived=keep_derived)

    def _read(self, properties: Sequence[Property], *, keep_derived: bool) -> None:
        labels = {p.group: p for p in properties if p.name == "X-ABLABEL" and p.group}
        countries = {p.group: p.text for p in properties if p.name == "X-ABADR" and p.group}
        ours = not keep_derived and any(p.name == "PRODID" and "radicale_propmgmt" in p.value for p in properties)
        for found in properties:
            if found.name in {"KIND", "X-ADDRESSBOOKSERVER-KIND", "X-ABSHOWAS"}:
                self._kind(found)
            if found.name in _DROPPED or (ours and found.name in _OURS) or not found.value.strip():
                continue
            handler = self._HANDLERS.get(found.name)
            if handler and handler(self, found):
                continue
            label = labels.pop(found.group, None) if found.group else None
            if found.name == "ADR" and found.group in countries:
                country = ("X-ABADR", (countries[found.group],))
                found = Property(found.name, found.value, (*found.params, country), found.group)  # noqa: PLW2901
            self.values.append(property_value(found, clean(label.text) if label else None))

    def build(self) -> ContactData:
        """Make the contact.

        Raises:
            ParseError: Nothing says whose card it is.
        """
        kind, name = self._named()
        texts = self.texts
        data = ContactData(
            kind=kind,
            name=name,
            salutation=self.salutation,
            organisation=self.organisation,
            values=tuple(self.values),
            bank_accounts=tuple(self.accounts),
            mandates=tuple(self.mandates),
            title=texts.get("title", ""),
            role=texts.get("role", ""),
            expertise=texts.get("expertise", ""),
            birthday=texts.get("birthday", ""),
            anniversary=texts.get("anniversary", ""),
            deathdate=texts.get("deathdate", ""),
            note=texts.get("note", ""),
            internal_note=texts.get("internal_note", ""),
        )
        by_hand = texts.get("letter_salutation", "")
        if by_hand and by_hand != letter_salutation(data):
            data = replace(data, letter_salutation=by_hand)
        return data

    def _named(self) -> tuple[ContactKind, Name]:
        name, formatted = self.name, self.formatted
        company = self.organisation[0] if self.organisation else ""
        nameless = name is None or not (name.family or name.given or name.additional or name.prefix or name.suffix)
        if self.is_company or (nameless and company and formatted in {"", company}):
            if not company:
                self.organisation, company = (formatted,) if formatted else (), formatted
            if formatted and formatted != company:
                self.name_texts["formatted"] = formatted
            name = name or Name()
            kind = ContactKind.ORGANISATION
        else:
            kind = ContactKind.PERSON
            name = self._person(None if nameless else name, formatted)
        name = replace(name, extra=(*name.extra, *self.extra), **self.name_texts)
        if not (formatted or company or name.nickname or not nameless or self.values):
            raise ParseError("no name, no organisation, nothing to reach anybody by", field="FN")
        return kind, name

    def _person(self, name: Name | None, formatted: str) -> Name:
        if name is None:
            if not formatted:
                return Name()
            name, salutation = name_from_formatted(formatted)
            self.salutation = self.salutation or salutation
            return name
        nickname = self.name_texts.get("nickname", "")
        return replace(with_formatted(replace(name, nickname=nickname), formatted), nickname="")

    def _kind(self, found: Property) -> None:
        value = found.value.strip().lower()
        if value == "group":
            raise ParseError("a list of contacts, not a contact", field=found.name)
        self.is_company = self.is_company or value in {"company", "org"}

    # Handlers return whether they took the property; what they leave is kept as a value.

    def _uid(self, found: Property) -> bool:
        if self.uid is None:
            uid = clean(found.text).strip()
            self.uid = uid[9:] if uid[:9].lower() == "urn:uuid:" else uid
        return True

    def _fn(self, found: Property) -> bool:
        self.formatted = self.formatted or found.text.strip()
        return True

    def _n(self, found: Property) -> bool:
        if self.name is None:
            self.name, salutation = read_name(found, lists=self._version != "2.1")
            self.salutation = self.salutation or salutation
        return True

    def _nickname(self, found: Property) -> bool:
        names = [*filter(None, [self.name_texts.get("nickname")]), *(text.strip() for text in found.texts)]
        self.name_texts["nickname"] = ", ".join(dict.fromkeys(name for name in names if name))
        return True

    def _sort_string(self, found: Property) -> bool:
        self.name_texts["sort_as"] = found.text.strip()
        return True

    def _phonetic(self, found: Property) -> bool:
        return self._once(self.name_texts, _PHONETIC[found.name], found.text.strip())

    def _extra_name(self, found: Property) -> bool:
        self.extra.append((next(iter(found.param("X-KEY")), ""), found.text))
        return True

    def _org(self, found: Property) -> bool:
        if self.organisation:
            return False
        parts = [text.strip() for text in found.structured]
        while parts and not parts[-1]:
            parts.pop()
        self.organisation = tuple(parts)
        return True

    def _single(self, found: Property) -> bool:
        told = any(name not in {"CHARSET", "ENCODING", "VALUE"} for name, _ in found.params)
        return not told and self._once(self.texts, _SINGLE[found.name], found.text)

    def _date(self, found: Property) -> bool:
        written = iso_date(found)
        return written is not None and self._once(self.texts, _DATES[found.name], written)

    def _note(self, found: Property) -> bool:
        key = "note" if found.name == "NOTE" else "internal_note"
        text = found.text
        self.texts[key] = f"{self.texts[key]}\n{text}" if key in self.texts else text
        return True

    def _categories(self, found: Property) -> bool:
        self.categories.extend(text.strip() for text in found.texts if text.strip())
        return True

    def _anrede(self, found: Property) -> bool:
        text = found.text.strip()
        key = next((key for key, label in SALUTATIONS.items() if text.casefold() == label.de.casefold()), text)
        self.salutation = key or self.salutation
        return True

    def _briefanrede(self, found: Property) -> bool:
        return self._once(self.texts, "letter_salutation", found.text)

    def _konto(self, found: Property) -> bool:
        bic, holder, bank = (next(iter(found.param(key)), "") for key in ("X-BIC", "X-HOLDER", "X-BANK"))
        self.accounts.append(BankAccount(found.text.strip(), bic, holder, bank))
        return True

    def _sepa(self, found: Property) -> bool:
        creditor, signed, sequence, scheme = (
            next(iter(found.param(key)), "") for key in ("X-CI", "X-SIGNED", "X-SEQ", "X-SCHEME")
        )
        try:
            signed_on = date.fromisoformat(signed) if signed else None
        except ValueError:
            raise ParseError("X-SIGNED is no date", field=found.name) from None
        self.mandates.append(Mandate(found.text.strip(), creditor, signed_on, sequence or "RCUR", scheme or "CORE"))
        return True

    @staticmethod
    def _once(texts: dict[str, str], key: str, text: str) -> bool:
        """Set a text that a contact has once; a second, different one is kept as a value."""
        return texts.setdefault(key, text) == text

    _HANDLERS: ClassVar[dict[str, Callable[[ContactBuilder, Property], bool]]] = {
        "UID": _uid,
        "FN": _fn,
        "N": _n,
        "NICKNAME": _nickname,
        "SORT-STRING": _sort_string,
        "X-PHONETIC-FIRST-NAME": _phonetic,
        "X-PHONETIC-LAST-NAME": _phonetic,
        "X-PROPMGMT-NAME": _extra_name,
        "ORG": _org,
        "TITLE": _single,
        "ROLE": _single,
        "EXPERTISE": _single,
        "BDAY": _date,
        "ANNIVERSARY": _date,
        "X-ANNIVERSARY": _date,
        "DEATHDATE": _date,
        "X-PROPMGMT-DEATHDATE": _date,
        "NOTE": _note,
        "X-PROPMGMT-NOTIZ": _note,
        "CATEGORIES": _categories,
        "X-PROPMGMT-ANREDE": _anrede,
        "X-PROPMGMT-BRIEFANREDE": _briefanrede,
        "X-PROPMGMT-KONTO": _konto,
        "X-PROPMGMT-SEPA": _sepa,
    }
