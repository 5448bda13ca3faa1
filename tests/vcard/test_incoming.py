"""Cards of other programs become contacts, and nothing is lost on the way."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from radicale_propmgmt.domain.contacts import BankAccount, ContactData, ContactKind, Mandate, Name, PropertyValue
from radicale_propmgmt.domain.fields import ALL_FIELDS
from radicale_propmgmt.vcard import limits
from radicale_propmgmt.vcard.card import render_card
from radicale_propmgmt.vcard.incoming import CardProblem, IncomingCard, read_cards
from tests.vcard.people import ANNA, CARD_OF_ANNA, card


def read(text: str | bytes) -> IncomingCard:
    data = text if isinstance(text, bytes) else text.replace("\n", "\r\n").encode()
    (found,) = read_cards(data)
    assert isinstance(found, IncomingCard), found
    return found


def body(*lines: str, version: str = "3.0") -> str:
    return "\n".join(["BEGIN:VCARD", f"VERSION:{version}", *lines, "END:VCARD", ""])


def contact(*lines: str, version: str = "3.0") -> ContactData:
    return read(body(*lines, version=version)).data


def value(*lines: str, version: str = "3.0") -> PropertyValue:
    (found,) = contact("FN:A B", *lines, version=version).values
    return found


def test_a_card_of_version_3_is_understood() -> None:
    found = read(
        body(
            "UID:4711",
            "N:Müller;Anna;Maria,Eva;Frau Dr.;M.A.",
            "FN:Dr. Anna Müller",
            "ORG:Firma;Abteilung;",
            "TITLE:Chefin",
            "BDAY:1961-04-05",
            "item1.TEL;TYPE=cell;TYPE=pref:+49 171 3920012",
            "item1.X-ABLabel:Abends",
            "CATEGORIES:Mieter,Haus 5\\, links",
            "NOTE:eins, zwei; drei",
            "NOTE:vier",
            "X-UNBEKANNT;X-A=b:roh;wert\\,",
            "REV:2020-01-01T00:00:00Z",
        )
    )
    assert found == IncomingCard(
        line=1,
        uid="4711",
        categories=("Mieter", "Haus 5, links"),
        data=ContactData(
            name=Name(family="Müller", given="Anna", additional="Maria Eva", prefix="Dr.", suffix="M.A."),
            salutation="frau",
            organisation=("Firma", "Abteilung"),
            title="Chefin",
            birthday="1961-04-05",
            note="eins, zwei; drei\nvier",
            values=(
                PropertyValue("TEL", "+49 171 3920012", (("TYPE", ("CELL", "PREF")),), "Abends"),
                PropertyValue("X-UNBEKANNT", "roh;wert\\,", (("X-A", ("b",)),)),
            ),
        ),
    )


def test_a_card_of_version_2_1_is_understood() -> None:
    found = read(
        b"BEGIN:VCARD\r\nVERSION:2.1\r\n"
        b"N;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:M=FCller;J=FCrgen;;Herr\r\n"
        b"TEL;WORK;VOICE;PREF:+49 345 1\r\n"
        b"NOTE;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:Zeile 1=0D=0AZeile 2=\r\n, Schlu=C3=9F\r\n"
        b"PHOTO;JPEG;ENCODING=BASE64:\r\n QUFB\r\n QkJC\r\n\r\n"
        b"END:VCARD\r\n"
    )
    assert found.data == ContactData(
        name=Name(family="Müller", given="Jürgen"),
        salutation="herr",
        note="Zeile 1\nZeile 2, Schluß",
        values=(
            PropertyValue("TEL", "+49 345 1", (("TYPE", ("WORK", "VOICE", "PREF")),)),
            PropertyValue("PHOTO", "QUFBQkJC", (("TYPE", ("JPEG",)), ("ENCODING", ("b",)))),
        ),
    )


def test_a_card_of_version_4_is_understood() -> None:
    found = read(
        body(
            "KIND:individual",
            "UID:urn:uuid:4711",
            "N;SORT-AS=Heide:von der Heide;Elke;;;;Müller;II",
            "FN:Elke von der Heide",
            'TEL;VALUE=uri;PREF=1;TYPE="voice,home":tel:+49-345-1;ext=5',
            "EMAIL;PREF=2:e@example.org",
            "PHOTO:data:image/png;base64,QUFB",
            "BDAY:--0405",
            "ANNIVERSARY:20200615",
            "DEATHDATE:20300102",
            "GEO:geo:51.5,11.9",
            "GENDER:F;Frau",
            "RELATED;TYPE=spouse;VALUE=text:Otto",
            version="4.0",
        )
    )
    assert found.uid == "4711"
    assert found.data == ContactData(
        name=Name(
            family="von der Heide",
            given="Elke",
            sort_as="Heide",
            extra=(("secondary-surname", "Müller"), ("generation", "II")),
        ),
        birthday="--04-05",
        anniversary="2020-06-15",
        deathdate="2030-01-02",
        values=(
            PropertyValue("TEL", "+49-345-1\\;ext=5", (("TYPE", ("PREF", "VOICE", "HOME")),)),
            PropertyValue("EMAIL", "e@example.org", (("PREF", ("2",)),)),
            PropertyValue("PHOTO", "QUFB", (("ENCODING", ("b",)), ("TYPE", ("PNG",)))),
            PropertyValue("GEO", "51.5;11.9"),
            PropertyValue("GENDER", "F;Frau"),
            PropertyValue("RELATED", "Otto", (("TYPE", ("SPOUSE",)), ("VALUE", ("TEXT",)))),
        ),
    )


def test_what_we_sent_comes_back() -> None:
    """Export and import: all but what is made from links, consents and relations."""
    found = read(render_card(card(fields=ALL_FIELDS, **CARD_OF_ANNA)))
    assert found.uid == ANNA.uid
    assert found.categories == ("Eigentümer", "Mieter", "0815", "0816")
    stored = {name: getattr(ANNA, name) for name in ContactData.__dataclass_fields__}
    assert found.data == ContactData(**{**stored, "tags": frozenset()})


def test_a_letter_salutation_is_kept_only_if_it_was_set_by_hand() -> None:
    chosen = replace(ANNA, letter_salutation="Liebe Anna,")
    found = read(render_card(card(fields=ALL_FIELDS, contact=chosen)))
    assert found.data.letter_salutation == "Liebe Anna,"


@pytest.mark.parametrize(
    ("lines", "name", "kind", "organisation"),
    [
        (["FN:Anna Müller"], Name(given="Anna", family="Müller"), ContactKind.PERSON, ()),
        (
            ["FN:Dr. Anna von der Heide"],
            Name(prefix="Dr.", given="Anna", family="von der Heide"),
            ContactKind.PERSON,
            (),
        ),
        (["FN:Müller, Anna"], Name(given="Anna", family="Müller"), ContactKind.PERSON, ()),
        (["FN:Cher"], Name(family="Cher"), ContactKind.PERSON, ()),
        (["N:Müller;Anna"], Name(given="Anna", family="Müller"), ContactKind.PERSON, ()),
        (["N:Müller;Anna;;;", "FN:Müller\\, Anna"], Name(given="Anna", family="Müller"), ContactKind.PERSON, ()),
        (
            ["N:Müller;Anna;;;", "FN:Anna Müller (Hof)"],
            Name(given="Anna", family="Müller", formatted="Anna Müller (Hof)"),
            ContactKind.PERSON,
            (),
        ),
        (["ORG:Firma;Lager"], Name(), ContactKind.ORGANISATION, ("Firma", "Lager")),
        (["FN:Firma", "N:;;;;", "ORG:Firma"], Name(), ContactKind.ORGANISATION, ("Firma",)),
        (["FN:Firma", "N:Firma;;;;", "X-ABShowAs:COMPANY"], Name(family="Firma"), ContactKind.ORGANISATION, ("Firma",)),
        (
            ["FN:WEG c/o V", "ORG:WEG", "x-abshowas:company"],
            Name(formatted="WEG c/o V"),
            ContactKind.ORGANISATION,
            ("WEG",),
        ),
        (["FN:Anna M", "ORG:Firma"], Name(given="Anna", family="M"), ContactKind.PERSON, ("Firma",)),
        (["NICKNAME:Jü,Jogi", "NICKNAME:Jo"], Name(nickname="Jü, Jogi, Jo"), ContactKind.PERSON, ()),
    ],
)
def test_what_is_missing_of_a_name_is_repaired(
    lines: list[str], name: Name, kind: ContactKind, organisation: tuple[str, ...]
) -> None:
    found = contact(*lines)
    assert (found.name, found.kind, found.organisation) == (name, kind, organisation)


def test_a_nameless_card_with_an_email_is_kept() -> None:
    assert contact("EMAIL:a@example.org").values == (PropertyValue("EMAIL", "a@example.org"),)


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("tel;work;voice:1", PropertyValue("TEL", "1", (("TYPE", ("WORK", "VOICE")),))),
        ("PHOTO;VALUE=uri:https://e.org/p.jpg?a=1,2;b", None),
        (
            "PHOTO:data:image/jpeg\\;base64\\,QUFB",
            PropertyValue("PHOTO", "QUFB", (("ENCODING", ("b",)), ("TYPE", ("JPEG",)))),
        ),
        ("LOGO:data:image/svg+xml,<svg/>", PropertyValue("LOGO", "data:image/svg+xml,<svg/>", (("VALUE", ("URI",)),))),
        ("URL:https\\://example.org/a\\,b", PropertyValue("URL", "https://example.org/a\\,b")),
        ("URL;VALUE=uri:https://example.org/?a;b,c", PropertyValue("URL", "https://example.org/?a;b,c")),
        ("CLIENTPIDMAP:1;urn:uuid:x", PropertyValue("CLIENTPIDMAP", "1;urn:uuid:x")),
        ('ADR;LABEL="Hof 5":;;Hof 5;Ort;;1;D', PropertyValue("ADR", ";;Hof 5;Ort;;1;D", (("LABEL", ("Hof 5",)),))),
        ("X-Jabber;X-Q=^'hi^':x@y", PropertyValue("X-JABBER", "x@y", (("X-Q", ('"hi"',)),))),
        ("BDAY;VALUE=text:um 1900", PropertyValue("BDAY", "um 1900", (("VALUE", ("TEXT",)),))),
        ("BDAY:1961-02-30", PropertyValue("BDAY", "1961-02-30")),
        ("BDAY:1961-04", PropertyValue("BDAY", "1961-04")),
        ("BDAY:19610405T103000", PropertyValue("BDAY", "19610405T103000")),
        ("TITLE;LANGUAGE=en:Boss", PropertyValue("TITLE", "Boss", (("LANGUAGE", ("en",)),))),
        ("TEL;CHARSET=UTF-8;TYPE=home,home:1", PropertyValue("TEL", "1", (("TYPE", ("HOME",)),))),
    ],
)
def test_what_other_libraries_destroy_survives(line: str, kept: PropertyValue | None) -> None:
    assert value(line) == (kept or PropertyValue("PHOTO", "https://e.org/p.jpg?a=1,2;b", (("VALUE", ("URI",)),)))


@pytest.mark.parametrize(
    ("line", "written"),
    [
        ("BDAY:19610405", "1961-04-05"),
        ("BDAY:1961-04-05T00:00:00Z", "1961-04-05"),
        ("BDAY;VALUE=date;X-APPLE-OMIT-YEAR=1604:1604-02-29", "--02-29"),
        ("BDAY:--04-05", "--04-05"),
    ],
)
def test_birthdays_of_every_form_become_iso(line: str, written: str) -> None:
    assert contact("FN:A", line).birthday == written


def test_a_second_title_is_kept_as_a_value() -> None:
    found = contact("FN:A B", "TITLE:Eins", "TITLE:Zwei", "ORG:Eins", "ORG:Zwei")
    assert found.title == "Eins"
    assert found.values == (PropertyValue("TITLE", "Zwei"), PropertyValue("ORG", "Zwei"))


def test_apples_country_of_an_address_stays_with_it() -> None:
    found = contact("FN:A", "item1.ADR:;;Hof 5;Ort;;1;D", "item1.X-ABADR:de", "item1.x-ablabel:Hof")
    assert found.values == (PropertyValue("ADR", ";;Hof 5;Ort;;1;D", (("X-ABADR", ("de",)),), "Hof"),)


def test_own_bank_details_and_mandates_are_read_back() -> None:
    found = contact(
        "FN:A",
        "X-PROPMGMT-KONTO;X-BIC=COBADEFFXXX:DE89",
        "X-PROPMGMT-SEPA;X-CI=DE98;X-SIGNED=2020-01-02:M1",
        "X-PROPMGMT-OBJEKT;X-ROLE=mieter:0815",
        "X-PROPMGMT-EINWILLIGUNG;X-PURPOSE=x:ja",
    )
    assert found.bank_accounts == (BankAccount("DE89", "COBADEFFXXX"),)
    assert found.mandates == (Mandate("M1", "DE98", date(2020, 1, 2)),)
    assert found.values == ()  # an object or a consent is recorded, never imported with a card


@pytest.mark.parametrize("break_", ["\r\n", "\n", "\r", "\r\r\n"])
def test_line_ends_of_every_system_and_a_byte_order_mark_are_read(break_: str) -> None:
    data = "\ufeff" + body("fn:Müller", "note:a").replace("\n", break_).lower()
    assert read(data.encode()).data.note == "a"


def test_a_fold_inside_a_character_does_no_harm() -> None:
    assert read(b"BEGIN:VCARD\r\nFN:M\xc3\r\n \xbcller\r\nEND:VCARD").data.name.family == "Müller"


def test_a_card_inside_a_card_is_left_out() -> None:
    """AGENT would carry a second person past the rules."""
    inner = "BEGIN:VCARD\nFN:Geheim\nTEL:666\nEND:VCARD"
    found = contact("FN:A B", "AGENT:", inner, "TEL:1", version="2.1")
    assert found.values == (PropertyValue("TEL", "1"),)
    escaped = inner.replace("\n", "\\n")
    assert contact("FN:A B", f"AGENT:{escaped}", "TEL:1").values == (PropertyValue("TEL", "1"),)


def test_a_bad_card_is_told_with_its_line_and_the_rest_goes_on() -> None:
    cards = [
        body("FN:Eins"),
        "Müll\n\n",
        body("FN:Zwei", "NOTE:geheim\x01"),
        body("FN:Drei"),
        "BEGIN:VCARD\nFN:Vier\n",
        body("FN:Fünf"),
        body("NOTE:niemand"),
        "END:VCARD\n",
        body("X-ADDRESSBOOKSERVER-KIND:group", "FN:Liste"),
        body("FN:Sechs", "UID:" + "u" * (limits.UID_LENGTH + 1)),
        body("FN:Sieben", "X-PROPMGMT-SEPA;X-SIGNED=gestern:M"),
        "BEGIN:VCARD\nFN:Acht",
    ]
    found = list(read_cards("".join(cards).replace("\n", "\r\n").encode()))
    assert [f.data.name.family for f in found if isinstance(f, IncomingCard)] == ["Eins", "Drei", "Fünf"]
    assert [f for f in found if isinstance(f, CardProblem)] == [
        CardProblem(5, "", "text outside a card"),
        CardProblem(10, "NOTE", "control characters"),
        CardProblem(16, "END", "BEGIN without END"),
        CardProblem(22, "FN", "no name, no organisation, nothing to reach anybody by"),
        CardProblem(26, "END", "END without BEGIN"),
        CardProblem(27, "X-ADDRESSBOOKSERVER-KIND", "a list of contacts, not a contact"),
        CardProblem(32, "UID", "more than 255 characters"),
        CardProblem(37, "X-PROPMGMT-SEPA", "X-SIGNED is no date"),
        CardProblem(42, "END", "BEGIN without END"),
    ]


def test_bytes_that_are_no_utf_8_are_a_problem_of_their_card() -> None:
    found = list(read_cards(b"BEGIN:VCARD\nFN:M\xfcller\nEND:VCARD\n" + body("FN:Zwei").encode()))
    assert found[0] == CardProblem(2, "FN", "bytes that are no UTF-8")
    assert isinstance(found[1], IncomingCard)


def test_an_empty_file_has_no_cards_and_a_file_of_something_else_one_problem() -> None:
    assert list(read_cards(b"")) == []
    assert list(read_cards(b"\n\nname;phone\n")) == [CardProblem(3, "", "text outside a card")]
