"""A person of whom everything is known, and what of it must be found nowhere afterwards."""

from __future__ import annotations

from base64 import b64encode
from datetime import date
from random import Random

from radicale_propmgmt.db.unit_of_work import UnitOfWork
from radicale_propmgmt.domain.contacts import BankAccount, ContactData, Mandate, Name, PropertyValue
from radicale_propmgmt.services import consents, contacts, gdpr, relations
from radicale_propmgmt.transfer import values

_BBAN = "370400440987650321"
IBAN = f"DE{98 - int(_BBAN + '131400') % 97:02}{_BBAN}"
PHOTO = Random(7).randbytes(900)
PHOTO_TEXT = b64encode(PHOTO).decode()
KEY = "ERP-5502-XQ"

ZOFIA = ContactData(
    name=Name(family="Zwirnbeutel", given="Zofia", nickname="Zosiamaus"),
    salutation="frau",
    title="Orgelbaumeisterin",
    birthday="1961-03-07",
    note="Rosenquarzlampe im Flur",
    internal_note="Schlüssel bei Kowalczyk",
    values=(
        values.phone("0345 7788991", types=("HOME",)),
        values.email("zosia@zwirnbeutel.example"),
        PropertyValue("ADR", ";;Quittenpfad 77;Musterstadt;;06108;Deutschland", (("TYPE", ("HOME",)),)),
        PropertyValue("PHOTO", PHOTO_TEXT, (("ENCODING", ("b",)), ("TYPE", ("JPEG",)))),
        PropertyValue("X-HOBBY", "Kranichzucht"),
    ),
    tags=frozenset({"haubentaucher"}),
    bank_accounts=(BankAccount(IBAN, holder="Zwirnbeutel"),),
    mandates=(Mandate("MREF-ZW-0815", "DE98ZZZ09999999999", signed_on=date(2024, 2, 3)),),
)
#: Parts of her, and of what was said of her; some folded, for the texts that searches look through.
TEXTS = (
    *(b"zwirnbeutel", b"zosiamaus", b"zofia", b"orgelbaumeister", b"1961-03-07", b"rosenquarz", b"kowalczyk"),
    *(b"7788991", b"quittenpfad", b"kranichzucht", b"haubentaucher", b"mref-zw-0815", b"pflaumenmus", b"vollmacht-88"),
    *(_BBAN.encode(), PHOTO[100:116], PHOTO_TEXT[100:130].encode(), KEY.encode()),
)


def add_zofia(uow: UnitOfWork) -> tuple[int, int]:
    """Add her, with a sister who carries her name, a past, an agreement and a block; returns both."""
    zofia = contacts.add_contact(uow, ZOFIA, key=KEY, groups=["mieter"])
    sister = contacts.add_contact(uow, ContactData(name=Name(family="Berg", given="Wanda")), groups=["mieter"])
    relations.add(uow, zofia, "sibling", sister)
    consents.give(uow, zofia, "weg_kontakt", proof="Vollmacht-88")
    return zofia, sister


def block_zofia(uow: UnitOfWork, zofia: int) -> None:
    gdpr.block(uow, zofia, "art18-1d", record={"objection": "Pflaumenmus"}, reason="Frau Zwirnbeutel widerspricht")
