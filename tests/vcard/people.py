"""Contacts for the tests of the vCard layer."""

from __future__ import annotations

from datetime import date
from typing import Any

from radicale_propmgmt.domain.contacts import BankAccount, Contact, ContactKind, Mandate, Name, PropertyValue
from radicale_propmgmt.domain.grants import Consent, Disclosure
from radicale_propmgmt.domain.links import Link
from radicale_propmgmt.vcard.card import CardInput, RelatedCard

TEL, EMAIL, HOME = "TEL", "EMAIL", (("TYPE", ("HOME",)),)


def person(given: str = "", family: str = "", salutation: str = "", **more: Any) -> Contact:
    name = more.pop("name", None) or Name(given=given, family=family, prefix=more.pop("prefix", ""))
    more = {"id": 1, "uid": "5f3c", "href": "5f3c.vcf", **more}
    return Contact(name=name, salutation=salutation, **more)


def organisation(*parts: str, **more: Any) -> Contact:
    return person(kind=ContactKind.ORGANISATION, organisation=parts, **more)


def household(**more: Any) -> Contact:
    return person(kind=ContactKind.HOUSEHOLD, **more)


def member(contact: Contact) -> RelatedCard:
    return RelatedCard(type="mitglied", name="Mitglied", uid=contact.uid, contact=contact)


ANNA = person(
    name=Name(
        given="Anna",
        family="Müller-Lüdenscheidt",
        prefix="Dr.",
        nickname="Änne",
        phonetic_family="Mühler",
        extra=(("geburtsname", "Schmidt; geb."),),
    ),
    salutation="frau",
    uid="0f8e2d3c-0000-4000-8000-000000000001",
    organisation=("Lüdenscheidt, Söhne & Co.", "Einkauf"),
    title="Prokuristin",
    role="Mieterbeirätin",
    expertise="Gartenbau",
    birthday="1961-04-05",
    anniversary="--06-15",
    deathdate="2031-02-03",
    note="Bitte nicht\nvor 9 Uhr; sonst, gern",
    internal_note="zahlt spät",
    values=(
        PropertyValue(TEL, "+49 345 1234567", (("TYPE", ("HOME", "PREF")),)),
        PropertyValue(TEL, "+49 171 3920012", (("TYPE", ("CELL",)),), "Nur: abends"),
        PropertyValue(EMAIL, "anna@example.org", HOME),
        PropertyValue("ADR", ";;Hauptstr. 5;Halle;;06108;Deutschland", HOME, "Miete"),
        PropertyValue("URL", "https://example.org/anna"),
        PropertyValue("PHOTO", "Zm90bw" * 20, (("ENCODING", ("b",)), ("TYPE", ("JPEG",)))),
        PropertyValue("X-SCHLUESSEL", "3 Stück;gelb", (("X-ORT", ("Schrank, 2",)),), "Schlüssel"),
    ),
    bank_accounts=(BankAccount("DE89370400440532013000", "COBADEFFXXX", "Anna Müller", "Commerzbank"),),
    mandates=(Mandate("M-0815-1", "DE98ZZZ09999999999", date(2020, 1, 2)),),
    tags=frozenset({"vip"}),
)

CARD_OF_ANNA: dict[str, Any] = {
    "contact": ANNA,
    "links": (
        Link("eigentuemer", "0816", "WE07", "weg-eigentuemer", date(2021, 5, 1)),
        Link("mieter", "0815", "WE03", "hauptmieter", date(2019, 4, 1), date(2026, 12, 31)),
        Link("mieter"),
    ),
    "object_names": {"0815": "Miethaus Hauptstr. 5", "0816": "WEG Lindenhof"},
    "group_names": {"mieter": "Mieter", "eigentuemer": "Eigentümer"},
    "related": (
        RelatedCard(type="ehepartner", name="Bernd Müller", uid="2"),
        RelatedCard(type="betreuer", name="Carla Bär", uid="3"),
        RelatedCard(type="dublette", name="Anna Mueller", uid="4"),
    ),
    "consents": (Consent("weg_kontakt", date(2025, 1, 1), date(2027, 1, 1)),),
    "disclosures": (Disclosure("weitergabe_handwerker", date(2025, 1, 1), None, "Art6-1a"),),
}


def card(contact: Contact, fields: frozenset[Any], **more: Any) -> CardInput:
    return CardInput(contact=contact, fields=fields, **more)
