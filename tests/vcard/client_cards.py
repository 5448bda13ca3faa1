"""One tenant, and her card as each client sends it back after its user changed nothing: written by hand.

What each drops, renames and adds is told in ``radicale_propmgmt.vcard.capabilities`` at its row.
"""

from __future__ import annotations

from datetime import date

from radicale_propmgmt.domain.contacts import BankAccount, Mandate, Name, PropertyValue
from radicale_propmgmt.domain.fields import PROFILES, FieldClass
from radicale_propmgmt.domain.links import Link
from radicale_propmgmt.vcard.capabilities import APPLE, DAVX5, EVOLUTION, OUTLOOK, THUNDERBIRD, Capabilities
from radicale_propmgmt.vcard.card import RelatedCard
from tests.vcard.people import person

VISIBLE = PROFILES["verwaltung"] | {FieldClass.PHOTO}

PHOTO = "iVBORw0KGgoA" + "QUJD" * 40 + "QUI="

TENANT = person(
    name=Name(
        given="Anna",
        family="Müller-Lüdenscheidt",
        additional="Maria",
        prefix="Dr.",
        nickname="Änne",
        phonetic_family="Mühler",
        sort_as="Mueller",
        extra=(("geburtsname", "Schmidt; geb."),),
    ),
    salutation="frau",
    uid="0f8e2d3c-0000-4000-8000-000000000001",
    organisation=("Lüdenscheidt, Söhne & Co.", "Einkauf", "Halle"),
    title="Prokuristin",
    role="Beirätin",
    expertise="Gartenbau",
    birthday="1961-04-05",
    anniversary="--06-15",
    note="Bitte nicht vor 9 Uhr 😀\n\nSchlüssel; beim Hausmeister, links",
    internal_note="zahlt spät",
    values=(
        PropertyValue("TEL", "+49 345 1234567", (("TYPE", ("HOME", "PREF")),)),
        PropertyValue("TEL", "+49 345 7654321", (("TYPE", ("WORK", "FAX")),)),
        PropertyValue("TEL", "+49 171 3920012", (("TYPE", ("CELL",)),), "Nur: abends"),
        PropertyValue("EMAIL", "anna@example.org", (("TYPE", ("HOME",)),)),
        PropertyValue("EMAIL", "a.mueller@firma.example", (("TYPE", ("WORK",)),)),
        PropertyValue("EMAIL", "verein@example.org"),
        PropertyValue("EMAIL", "vierte@example.org"),
        PropertyValue("ADR", ";;Hauptstr. 5;Halle;;06108;Deutschland", (("TYPE", ("HOME",)),), "Miete"),
        PropertyValue("ADR", ";Hinterhaus;Weg 7;Leipzig;;04109;Deutschland", (("TYPE", ("WORK",)),)),
        PropertyValue("URL", "https://example.org/anna"),
        PropertyValue("PHOTO", PHOTO, (("ENCODING", ("b",)), ("TYPE", ("JPEG",)))),
        PropertyValue("X-SCHLUESSEL", "3 Stück;gelb", (("X-ORT", ("Schrank, 2",)),), "Schlüssel"),
        PropertyValue("LANG", "de", (("PREF", ("1",)),)),
    ),
    bank_accounts=(BankAccount("DE89370400440532013000", "COBADEFFXXX", "Anna Müller", "Commerzbank"),),
    mandates=(Mandate("M-0815-1", "DE98ZZZ09999999999", date(2020, 1, 2)),),
    tags=frozenset({"vip"}),
)

#: What her card says beside what is stored of her.
AROUND = {
    "links": (Link("mieter", "0815", "WE03", "hauptmieter", date(2019, 4, 1)),),
    "object_names": {"0815": "Miethaus Hauptstr. 5"},
    "related": (RelatedCard(type="ehepartner", name="Bernd Müller", uid="2"),),
}

_THUNDERBIRD = f"""BEGIN:VCARD
VERSION:4.0
PRODID:-//radicale_propmgmt//propmgmt 1//DE
UID:{TENANT.uid}
CLASS:CONFIDENTIAL
NICKNAME:Änne
X-PHONETIC-LAST-NAME:Mühler
X-PROPMGMT-NAME;X-KEY=geburtsname:Schmidt\\; geb.
X-PROPMGMT-ANREDE:Frau
X-PROPMGMT-BRIEFANREDE:Sehr geehrte Frau Dr. Müller-Lüdenscheidt\\,
ORG:Lüdenscheidt\\, Söhne & Co.;Einkauf;Halle
TITLE:Prokuristin
ROLE:Beirätin
EXPERTISE:Gartenbau
PHOTO:data:image/jpeg;base64,{PHOTO}
item3.X-SCHLUESSEL;X-ORT="Schrank, 2":3 Stück;gelb
item3.X-ABLABEL:Schlüssel
LANG;PREF=1:de
CATEGORIES:Mieter,0815
X-PROPMGMT-OBJEKT;X-ROLE=hauptmieter;X-UNIT=WE03;X-FROM=2019-04-01:0815
RELATED;TYPE=spouse;VALUE=text:Bernd Müller
item4.X-ABRELATEDNAMES:Bernd Müller
item4.X-ABLABEL:_$!<Spouse>!$_
X-SPOUSE:Bernd Müller
FN:Dr. Anna Maria Müller-Lüdenscheidt
N;SORT-AS=Mueller:Müller-Lüdenscheidt;Anna;Maria;Dr.;
EMAIL;PREF=1;TYPE=home:anna@example.org
EMAIL;TYPE=work:a.mueller@firma.example
EMAIL:verein@example.org
EMAIL:vierte@example.org
TEL;TYPE=home;VALUE=TEXT:+49 345 1234567
TEL;TYPE=work,fax;VALUE=TEXT:+49 345 7654321
item1.TEL;TYPE=cell;VALUE=TEXT:+49 171 3920012
item1.X-ABLABEL:Nur: abends
item2.ADR;TYPE=home:;;Hauptstr. 5;Halle;;06108;Deutschland
item2.X-ABLABEL:Miete
ADR;TYPE=work:;Hinterhaus;Weg 7;Leipzig;;04109;Deutschland
URL;VALUE=URL:https://example.org/anna
BDAY;VALUE=DATE:19610405
ANNIVERSARY;VALUE=DATE:--0615
NOTE:Bitte nicht vor 9 Uhr 😀\\n\\nSchlüssel\\; beim Hausmeister\\, links
X-CUSTOM1:Miethaus Hauptstr. 5\\, WE03
END:VCARD
"""

_APPLE = f"""BEGIN:VCARD
VERSION:3.0
PRODID:-//Apple Inc.//iPhone OS 17.4.1//EN
N:Müller-Lüdenscheidt;Anna;Maria;Dr.;
FN:Dr. Anna Müller-Lüdenscheidt
NICKNAME:Änne
X-PHONETIC-LAST-NAME:Mühler
ORG:Lüdenscheidt\\, Söhne & Co.;Einkauf
TITLE:Prokuristin
EMAIL;type=INTERNET;type=HOME;type=pref:anna@example.org
EMAIL;type=INTERNET;type=WORK:a.mueller@firma.example
EMAIL;type=INTERNET:verein@example.org
item1.EMAIL;type=INTERNET:vierte@example.org
item1.X-ABLabel:_$!<Other>!$_
TEL;type=HOME;type=VOICE;type=pref:0345 1234567
TEL;type=WORK;type=FAX:+49 345 7654321
item2.TEL:0171 3920012
item2.X-ABLabel:Nur: abends
item3.ADR;type=pref:;;Hauptstr. 5;Halle;;06108;Deutschland
item3.X-ABADR:de
item3.X-ABLabel:Miete
item4.ADR;type=WORK:;;Hinterhaus\\nWeg 7;Leipzig;;04109;Deutschland
item4.X-ABADR:de
item5.URL;type=pref:https\\://example.org/anna
item5.X-ABLabel:_$!<HomePage>!$_
item6.X-ABRELATEDNAMES;type=pref:Bernd Müller
item6.X-ABLabel:_$!<Spouse>!$_
BDAY:1961-04-05
NOTE:Bitte nicht vor 9 Uhr 😀\\n\\nSchlüssel\\; beim Hausmeister\\, links
PHOTO;X-ABCROP-RECTANGLE=ABClipRect_1&0&0&96&96&Zg==;ENCODING=b;TYPE=JPEG:{PHOTO[:60]}
  {PHOTO[60:]}
X-SPOUSE:Bernd Müller
X-IMAGETYPE:PHOTO
X-ABUID:5C4B1A2D-0000-4000-8000-000000000001:ABPerson
UID:{TENANT.uid}
REV:2026-06-15T08:00:00Z
END:VCARD
"""

_DAVX5 = f"""BEGIN:VCARD
VERSION:4.0
PRODID:DAVx5/4.5.19-ose ez-vcard/0.12.1
UID:urn:uuid:{TENANT.uid}
FN:Dr. Anna Maria Müller-Lüdenscheidt
N:Müller-Lüdenscheidt;Anna;Maria;Dr.;
NICKNAME:Änne
X-PHONETIC-LAST-NAME:Mühler
ORG:Lüdenscheidt\\, Söhne & Co.;Einkauf
TITLE:Prokuristin
ROLE:Beirätin
TEL;TYPE=home;PREF=1:+49 345 1234567
TEL;TYPE=fax,work:+493457654321
davdroid1.TEL:+49 171 3920012
davdroid1.X-ABLABEL:Nur: abends
EMAIL;TYPE=home:anna@example.org
EMAIL;TYPE=work:a.mueller@firma.example
EMAIL:verein@example.org
EMAIL:vierte@example.org
davdroid2.ADR;LABEL="Hauptstr. 5\\n06108 Halle\\nDeutschland":;;Hauptstr. 5;Halle;;06108;Deutschland
davdroid2.X-ABLABEL:Miete
ADR;TYPE=work;LABEL="Hinterhaus Weg 7\\n04109 Leipzig":;Hinterhaus;Weg 7;Leipzig;;04109;Deutschland
URL:https://example.org/anna
BDAY:19610405
ANNIVERSARY:--0615
RELATED;TYPE=spouse;VALUE=text:Bernd Müller
NOTE:Bitte nicht vor 9 Uhr 😀\\n\\nSchlüssel\\; beim Hausmeister\\, links
PHOTO:data:image/jpeg;base64,{PHOTO}
X-PROPMGMT-NAME;X-KEY=geburtsname:Schmidt\\; geb.
X-PROPMGMT-ANREDE:Frau
X-PROPMGMT-BRIEFANREDE:Sehr geehrte Frau Dr. Müller-Lüdenscheidt\\,
EXPERTISE:Gartenbau
item3.X-SCHLUESSEL;X-ORT="Schrank, 2":3 Stück;gelb
item3.X-ABLABEL:Schlüssel
LANG;PREF=1:de
X-PROPMGMT-OBJEKT;X-ROLE=hauptmieter;X-UNIT=WE03;X-FROM=2019-04-01:0815
X-CUSTOM1:Miethaus Hauptstr. 5\\, WE03
X-SPOUSE:Bernd Müller
REV:20260615T080000Z
END:VCARD
"""

_OUTLOOK = f"""BEGIN:VCARD
VERSION:3.0
FN:Müller-Lüdenscheidt, Anna Maria
N:Müller-Lüdenscheidt;Anna;Maria;Dr.;
NICKNAME:Änne
ORG:Lüdenscheidt\\, Söhne & Co.;Einkauf
TITLE:Prokuristin
ROLE:Beirätin
UID:{TENANT.uid}
CLASS:CONFIDENTIAL
BDAY:1961-04-05
CATEGORIES:0815,Mieter
EMAIL;TYPE=HOME,PREF:anna@example.org
EMAIL;TYPE=WORK:a.mueller@firma.example
EMAIL:verein@example.org
TEL;TYPE=HOME,VOICE:+49 (345) 1234567
TEL;TYPE=WORK,FAX:+49 (345) 7654321
TEL;TYPE=CELL:+49 (171) 3920012
ADR;TYPE=HOME,PREF:;;Hauptstr. 5;Halle;;06108;Deutschland
ADR;TYPE=WORK:;;Hinterhaus Weg 7;Leipzig;;04109;Deutschland
URL:https://example.org/anna
NOTE:Bitte nicht vor 9 Uhr 😀\\n\\nSchlüssel\\; beim Hausmeister\\, links
PHOTO;TYPE=JPEG;ENCODING=B:{PHOTO}
X-SPOUSE:Bernd Müller
X-SCHLUESSEL;X-ORT="Schrank, 2":3 Stück\\;gelb
X-CUSTOM1:Miethaus Hauptstr. 5\\, WE03
X-PROPMGMT-OBJEKT;X-ROLE=hauptmieter;X-UNIT=WE03;X-FROM=2019-04-01:0815
REV:2026-06-15T08:00:00Z
END:VCARD
"""

_EVOLUTION = f"""BEGIN:VCARD
VERSION:3.0
PRODID:-//radicale_propmgmt//propmgmt 1//DE
UID:{TENANT.uid}
CLASS:CONFIDENTIAL
FN:Dr. Anna Maria Müller-Lüdenscheidt
N:Müller-Lüdenscheidt;Anna;Maria;Dr.;
X-EVOLUTION-FILE-AS:Müller-Lüdenscheidt\\, Anna
NICKNAME:Änne
SORT-STRING:Mueller
X-PHONETIC-LAST-NAME:Mühler
X-PROPMGMT-NAME;X-KEY=geburtsname:Schmidt\\; geb.
X-PROPMGMT-ANREDE:Frau
X-PROPMGMT-BRIEFANREDE:Sehr geehrte Frau Dr. Müller-Lüdenscheidt\\,
ORG:Lüdenscheidt\\, Söhne & Co.;Einkauf;Halle
TITLE:Prokuristin
ROLE:Beirätin
EXPERTISE:Gartenbau
TEL;X-EVOLUTION-E164=+493451234567,;X-EVOLUTION-UI-SLOT=1;TYPE=HOME,VOICE:+49 345 1234567
TEL;X-EVOLUTION-UI-SLOT=2;TYPE=WORK,FAX:+49 345 7654321
item1.TEL;X-EVOLUTION-UI-SLOT=3;TYPE=CELL:+49 171 3920012
item1.X-ABLABEL:Nur: abends
EMAIL;X-EVOLUTION-UI-SLOT=1;TYPE=HOME:anna@example.org
EMAIL;X-EVOLUTION-UI-SLOT=2;TYPE=WORK:a.mueller@firma.example
EMAIL;X-EVOLUTION-UI-SLOT=3;TYPE=OTHER:verein@example.org
EMAIL;X-EVOLUTION-UI-SLOT=4;TYPE=OTHER:vierte@example.org
item2.ADR;TYPE=HOME:;;Hauptstr. 5;Halle;;06108;Deutschland
item2.X-ABLABEL:Miete
LABEL;TYPE=HOME:Hauptstr. 5\\n06108 Halle\\nDeutschland
ADR;TYPE=WORK:;Hinterhaus;Weg 7;Leipzig;;04109;Deutschland
LABEL;TYPE=WORK:Weg 7\\nHinterhaus\\n04109 Leipzig\\nDeutschland
URL:https://example.org/anna
PHOTO;ENCODING=b;TYPE="X-EVOLUTION-UNKNOWN":{PHOTO}
item3.X-SCHLUESSEL;X-ORT="Schrank, 2":3 Stück;gelb
item3.X-ABLABEL:Schlüssel
LANG;PREF=1:de
BDAY:1961-04-05
ANNIVERSARY;X-APPLE-OMIT-YEAR=1604:1604-06-15
CATEGORIES:Mieter,0815
X-PROPMGMT-OBJEKT;X-ROLE=hauptmieter;X-UNIT=WE03;X-FROM=2019-04-01:0815
X-CUSTOM1:Miethaus Hauptstr. 5\\, WE03
item4.X-ABRELATEDNAMES:Bernd Müller
item4.X-ABLABEL:_$!<Spouse>!$_
X-SPOUSE:Bernd Müller
NOTE:Bitte nicht vor 9 Uhr 😀\\n\\nSchlüssel\\; beim Hausmeister\\, links
REV:2026-06-15T08:00:00Z(1)
END:VCARD
"""

#: Client → its card of the tenant, nothing changed.
CARDS: dict[str, tuple[Capabilities, str]] = {
    "Thunderbird": (THUNDERBIRD, _THUNDERBIRD),
    "Apple": (APPLE, _APPLE),
    "DAVx5": (DAVX5, _DAVX5),
    "Outlook": (OUTLOOK, _OUTLOOK),
    "Evolution": (EVOLUTION, _EVOLUTION),
}
