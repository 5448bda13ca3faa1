"""The contact and everything that belongs to it, as frozen values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

Params = tuple[tuple[str, tuple[str, ...]], ...]


class ContactKind(StrEnum):
    """What a contact is (vCard 4 KIND: individual, org, group)."""

    PERSON = "person"
    ORGANISATION = "organisation"
    HOUSEHOLD = "household"


class ContactState(StrEnum):
    """Life cycle of a contact (DESIGN §7)."""

    ACTIVE = "active"
    RESTRICTED = "restricted"
    ERASED = "erased"


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """Structured name parts; the order of N in RFC 2426 §3.1.2, then what N has no place for."""

    family: str = ""
    given: str = ""
    additional: str = ""
    prefix: str = ""
    suffix: str = ""
    nickname: str = ""
    formatted: str = ""  # set by hand: wins over the FN template
    sort_as: str = ""
    phonetic_given: str = ""
    phonetic_family: str = ""
    extra: tuple[tuple[str, str], ...] = ()  # freely defined parts, such as ("geburtsname", "Schmidt")


@dataclass(frozen=True, slots=True)
class PropertyValue:
    """One ordered vCard property kept with its parameters and label (TEL, EMAIL, ADR, URL, PHOTO, unknown ones…).

    ``value`` is the raw content-line value of vCard 3.0, escaped as on the wire; ``params`` are in wire order
    without the group; ``label`` is the text of the Apple ``X-ABLabel`` that shares the property's group.
    """

    name: str
    value: str
    params: Params = ()
    label: str | None = None


@dataclass(frozen=True, slots=True)
class BankAccount:
    """A bank account of its holder (SEPA names)."""

    iban: str
    bic: str = ""
    holder: str = ""
    bank_name: str = ""


@dataclass(frozen=True, slots=True)
class Mandate:
    """A SEPA direct debit mandate."""

    reference: str
    creditor_id: str
    signed_on: date | None = None
    sequence: str = "RCUR"
    scheme: str = "CORE"


@dataclass(frozen=True, slots=True)
class Relation:
    """A typed, directed relation to another contact; ``type`` is a key of ``labels.RELATIONS``."""

    type: str
    other_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactData:
    """What a user enters about a contact: everything but identity, links and locks."""

    kind: ContactKind = ContactKind.PERSON
    name: Name = field(default_factory=Name)
    salutation: str = ""  # a key of labels.SALUTATIONS: frau, herr, or empty
    letter_salutation: str = ""  # set by hand: wins over the template
    organisation: tuple[str, ...] = ()  # ORG components: company, department, …
    title: str = ""
    role: str = ""
    expertise: str = ""
    birthday: str = ""  # ISO date, or vCard's year-less --MM-DD
    anniversary: str = ""
    deathdate: str = ""
    note: str = ""  # external: may reach NOTE
    internal_note: str = ""
    tags: frozenset[str] = frozenset()
    values: tuple[PropertyValue, ...] = ()
    bank_accounts: tuple[BankAccount, ...] = ()
    mandates: tuple[Mandate, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact(ContactData):
    """A contact as stored."""

    id: int
    uid: str
    href: str  # "<uuid4>.vcf", the same in every book
    key: str | None = None  # stable external key, such as an ERP number
    state: ContactState = ContactState.ACTIVE
    protected: bool = False  # §51 BMG: address, phone and e-mail only for right "protected"
    relations: tuple[Relation, ...] = ()
    changed_at: datetime | None = None
