"""Whole cards, written by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from radicale_propmgmt.domain.contacts import Name, PropertyValue
from radicale_propmgmt.domain.fields import ALL_FIELDS, PROFILES, FieldClass
from radicale_propmgmt.domain.links import Link
from radicale_propmgmt.vcard.card import RelatedCard, render_card, to_version_4
from radicale_propmgmt.vcard.contentline import parse_lines, serialise
from tests.vcard.people import ANNA, CARD_OF_ANNA, card, household, member, organisation, person

HEAD = """\
BEGIN:VCARD
VERSION:3.0
PRODID:-//radicale_propmgmt//propmgmt 1//DE
"""

EVERYTHING = f"""\
{HEAD}UID:0f8e2d3c-0000-4000-8000-000000000001
CLASS:CONFIDENTIAL
FN:Dr. Anna Müller-Lüdenscheidt
N:Müller-Lüdenscheidt;Anna;;Dr.;
NICKNAME:Änne
X-PHONETIC-LAST-NAME:Mühler
X-PROPMGMT-NAME;X-KEY=geburtsname:Schmidt\\; geb.
X-PROPMGMT-ANREDE:Frau
X-PROPMGMT-BRIEFANREDE:Sehr geehrte Frau Dr. Müller-Lüdenscheidt\\,
ORG:Lüdenscheidt\\, Söhne & Co.;Einkauf
TITLE:Prokuristin
ROLE:Mieterbeirätin
EXPERTISE:Gartenbau
TEL;TYPE=HOME,PREF:+49 345 1234567
item1.TEL;TYPE=CELL:+49 171 3920012
item1.X-ABLabel:Nur: abends
EMAIL;TYPE=HOME:anna@example.org
item2.ADR;TYPE=HOME:;;Hauptstr. 5;Halle;;06108;Deutschland
item2.X-ABLabel:Miete
URL:https://example.org/anna
PHOTO;ENCODING=b;TYPE=JPEG:Zm90bwZm90bwZm90bwZm90bwZm90bwZm90bwZm90bwZm90bw
 Zm90bwZm90bwZm90bwZm90bwZm90bwZm90bwZm90bwZm90bwZm90bwZm90bwZm90bwZm90bw
item3.X-SCHLUESSEL;X-ORT="Schrank, 2":3 Stück;gelb
item3.X-ABLabel:Schlüssel
BDAY:1961-04-05
ANNIVERSARY;X-APPLE-OMIT-YEAR=1604:1604-06-15
X-PROPMGMT-DEATHDATE:2031-02-03
CATEGORIES:Eigentümer,Mieter,0815,0816
X-PROPMGMT-OBJEKT;X-ROLE=hauptmieter;X-UNIT=WE03;X-FROM=2019-04-01;X-TO=202
 6-12-31:0815
X-PROPMGMT-OBJEKT;X-ROLE=weg-eigentuemer;X-UNIT=WE07;X-FROM=2021-05-01:0816
X-CUSTOM1:Miethaus Hauptstr. 5\\, WE03
X-CUSTOM2:WEG Lindenhof\\, WE07
item4.X-ABRELATEDNAMES:Carla Bär
item4.X-ABLabel:Betreuer
item5.X-ABRELATEDNAMES:Bernd Müller
item5.X-ABLabel:_$!<Spouse>!$_
X-SPOUSE:Bernd Müller
NOTE:Bitte nicht\\nvor 9 Uhr\\; sonst\\, gern
X-PROPMGMT-NOTIZ:zahlt spät
X-PROPMGMT-KONTO;X-BIC=COBADEFFXXX;X-HOLDER=Anna Müller;X-BANK=Commerzbank
 :DE89370400440532013000
X-PROPMGMT-SEPA;X-CI=DE98ZZZ09999999999;X-SIGNED=2020-01-02;X-SEQ=RCUR;X-SC
 HEME=CORE:M-0815-1
X-PROPMGMT-EINWILLIGUNG;X-PURPOSE=weg_kontakt;X-FROM=2025-01-01;X-TO=2027-0
 1-01:ja
X-PROPMGMT-WEITERGABE;X-PURPOSE=weitergabe_handwerker;X-FROM=2025-01-01;X-B
 ASIS=Art6-1a:ja
END:VCARD
"""


def wire(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode()


def lines_of(body: bytes) -> list[str]:
    return body.replace(b"\r\n ", b"").decode().split("\r\n")[:-1]


def test_a_card_with_every_field_is_this_card() -> None:
    assert render_card(card(fields=ALL_FIELDS, **CARD_OF_ANNA)).decode() == wire(EVERYTHING).decode()


def test_a_minimal_card_is_this_card() -> None:
    body = render_card(card(fields=PROFILES["minimal"], **CARD_OF_ANNA))
    assert (
        body.decode()
        == wire(
            f"""\
{HEAD}UID:0f8e2d3c-0000-4000-8000-000000000001
CLASS:CONFIDENTIAL
FN:Dr. Anna Müller-Lüdenscheidt
N:Müller-Lüdenscheidt;Anna;;Dr.;
NICKNAME:Änne
X-PHONETIC-LAST-NAME:Mühler
X-PROPMGMT-NAME;X-KEY=geburtsname:Schmidt\\; geb.
ORG:Lüdenscheidt\\, Söhne & Co.;Einkauf
TITLE:Prokuristin
ROLE:Mieterbeirätin
EXPERTISE:Gartenbau
TEL;TYPE=HOME,PREF:+49 345 1234567
item1.TEL;TYPE=CELL:+49 171 3920012
item1.X-ABLabel:Nur: abends
X-PROPMGMT-OBJEKT;X-ROLE=hauptmieter;X-UNIT=WE03;X-FROM=2019-04-01;X-TO=202
 6-12-31:0815
X-PROPMGMT-OBJEKT;X-ROLE=weg-eigentuemer;X-UNIT=WE07;X-FROM=2021-05-01:0816
X-CUSTOM1:Miethaus Hauptstr. 5\\, WE03
X-CUSTOM2:WEG Lindenhof\\, WE07
END:VCARD
"""
        ).decode()
    )


def test_an_organisation_is_shown_as_a_company() -> None:
    bank = organisation("Sparkasse Musterstadt", "Filiale Markt", values=(PropertyValue("TEL", "+49 345 1"),))
    assert (
        render_card(card(bank, PROFILES["standard"], links=(Link("banken"),))).decode()
        == wire(
            f"""\
{HEAD}UID:5f3c
CLASS:CONFIDENTIAL
FN:Sparkasse Musterstadt
N:;;;;
ORG:Sparkasse Musterstadt;Filiale Markt
X-ABShowAs:COMPANY
TEL:+49 345 1
CATEGORIES:Banken
END:VCARD
"""
        ).decode()
    )


def test_a_household_is_named_by_its_visible_members() -> None:
    """One of a couple is blocked: the card of the household is that of the other alone."""
    anna, bernd = person("Anna", "Müller", "frau"), person("Bernd", "Müller", "herr")
    fields = frozenset({FieldClass.NAME, FieldClass.SALUTATION})
    both = lines_of(render_card(card(household(), fields, related=(member(anna), member(bernd)))))
    assert both[5:-1] == [
        "FN:Anna und Bernd Müller",
        "N:Müller;Anna und Bernd;;;",
        "X-PROPMGMT-BRIEFANREDE:Sehr geehrte Frau Müller\\, sehr geehrter Herr Müller\\,",
    ]
    one = lines_of(render_card(card(household(), fields, related=(member(anna),))))
    assert one[5:-1] == ["FN:Anna Müller", "N:Müller;Anna;;;", "X-PROPMGMT-BRIEFANREDE:Sehr geehrte Frau Müller\\,"]


def test_the_order_of_links_and_relations_does_not_show() -> None:
    """Rules find links in an order of their own; a card's bytes must not move with it (DESIGN I3)."""
    turned = {**CARD_OF_ANNA, "links": CARD_OF_ANNA["links"][::-1], "related": CARD_OF_ANNA["related"][::-1]}
    assert render_card(card(fields=ALL_FIELDS, **turned)) == wire(EVERYTHING)


def test_a_hidden_change_does_not_move_a_byte() -> None:
    changed = replace(
        ANNA, internal_note="neu", bank_accounts=(), tags=frozenset(), values=ANNA.values[:-1], key="4711"
    )
    before = render_card(card(fields=PROFILES["standard"], **CARD_OF_ANNA))
    assert render_card(card(fields=PROFILES["standard"], **{**CARD_OF_ANNA, "contact": changed})) == before


def test_four_units_are_readable_and_a_custom_field_of_the_user_stays() -> None:
    links = tuple(Link("mieter", f"080{n}", f"WE{n}") for n in range(6))
    own = person("Anna", "M", values=(PropertyValue("X-CUSTOM2", "eigenes"),))
    found = lines_of(render_card(card(own, frozenset({FieldClass.UNIT}), links=links)))
    assert [line for line in found if line.startswith("X-CUSTOM")] == [
        "X-CUSTOM2:eigenes",
        "X-CUSTOM1:0800\\, WE0",
        "X-CUSTOM3:0801\\, WE1",
        "X-CUSTOM4:0802\\, WE2",
    ]
    assert sum(line.startswith("X-PROPMGMT-OBJEKT") for line in found) == 6


def test_a_relation_of_a_free_type_is_its_own_label() -> None:
    body = render_card(
        card(ANNA, frozenset({FieldClass.RELATION}), related=(RelatedCard(type="Tante", name="X", uid="1"),))
    )
    assert b"item1.X-ABRELATEDNAMES:X\r\nitem1.X-ABLabel:Tante\r\n" in body


@pytest.mark.parametrize(
    "name", ["BEGIN", "END", "VERSION", "UID", "FN", "n", "X-ABLabel", "x-propmgmt-objekt", "CLASS"]
)
def test_a_stored_value_cannot_stand_for_what_the_product_says_itself(name: str) -> None:
    body = render_card(card(person("A", "B", values=(PropertyValue(name, "falsch"),)), ALL_FIELDS))
    assert b"falsch" not in body


def test_nothing_a_contact_holds_makes_a_property_of_its_own() -> None:
    """Names, labels, keys and values come from imports and clients."""
    evil = "a\r\nTEL:666\nTEL:667\rTEL:668\x85TEL:669\x00\ufffe"
    bad = person(
        name=Name(given=evil, family=evil, extra=((evil, evil),)),
        uid=evil,
        note=evil,
        organisation=(evil, evil),
        values=(PropertyValue("URL", evil, ((evil, (evil,)),), evil), PropertyValue(evil, evil)),
    )
    links = (Link(evil, evil, evil, evil),)
    body = render_card(card(bad, ALL_FIELDS, links=links, related=(RelatedCard(type=evil, name=evil, uid=evil),)))
    properties = parse_lines(body)
    assert not [p for p in properties if p.name == "TEL"]
    assert serialise(properties) == body
    assert not set(body.decode()) & set("\x00\x85\ufffe")


def test_rendering_and_reading_back_is_a_fixpoint() -> None:
    """DESIGN I6."""
    body = render_card(card(fields=ALL_FIELDS, **CARD_OF_ANNA))
    assert serialise(parse_lines(body)) == body


VERSION_4 = {
    "VERSION:3.0": "VERSION:4.0",
    "TEL;TYPE=HOME,PREF:+49 345 1234567": "TEL;TYPE=HOME;PREF=1:+49 345 1234567",
    "BDAY:1961-04-05": "BDAY:19610405",
    "ANNIVERSARY;X-APPLE-OMIT-YEAR=1604:1604-06-15": "ANNIVERSARY:--0615",
}


def test_version_4_says_the_same_the_newer_way() -> None:
    body = render_card(card(fields=ALL_FIELDS, **CARD_OF_ANNA))
    expected = []
    for line in lines_of(body):
        if line.startswith("PHOTO"):
            expected.append("PHOTO:data:image/jpeg;base64," + line.partition(":")[2])
            continue
        if "X-ABRELATEDNAMES" in line:
            kind = "spouse" if "Bernd" in line else "agent"
            expected.append(f"RELATED;TYPE={kind};VALUE=text:{line.partition(':')[2]}")
        expected.append(VERSION_4.get(line, line))
    assert lines_of(to_version_4(body)) == expected


def test_version_4_has_sort_as_and_kind() -> None:
    heide = person("Elke", "von der Heide")
    assert b"SORT-STRING:Heide\r\n" in render_card(card(heide, PROFILES["minimal"]))
    newer = to_version_4(render_card(card(heide, PROFILES["minimal"])))
    assert b"\r\nN;SORT-AS=Heide:von der Heide;Elke;;;\r\n" in newer
    assert b"SORT-STRING" not in newer
    assert b"\r\nKIND:org\r\n" in to_version_4(render_card(card(organisation("Firma"), PROFILES["minimal"])))


def test_version_4_turns_group_cards_and_places() -> None:
    body = b"BEGIN:VCARD\r\nVERSION:3.0\r\nX-ADDRESSBOOKSERVER-KIND:group\r\nGEO:51.5;11.9\r\nEND:VCARD\r\n"
    assert to_version_4(body) == b"BEGIN:VCARD\r\nVERSION:4.0\r\nKIND:group\r\nGEO:geo:51.5,11.9\r\nEND:VCARD\r\n"
