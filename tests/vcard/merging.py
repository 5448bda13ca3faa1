"""Helpers of the merge's tests: small alphabets of contacts, and cards compared class by class."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from radicale_propmgmt.domain.contacts import (
    BankAccount,
    Contact,
    ContactData,
    ContactKind,
    Mandate,
    Name,
    PropertyValue,
)
from radicale_propmgmt.domain.fields import ALL_FIELDS, FieldClass, Fields, class_of
from radicale_propmgmt.vcard.capabilities import VDIRSYNCER, Capabilities
from radicale_propmgmt.vcard.card import CardInput, render_card
from radicale_propmgmt.vcard.meaning import row_of
from radicale_propmgmt.vcard.merge import Merged, merge
from radicale_propmgmt.vcard.merge_texts import SLOTS
from radicale_propmgmt.vcard.sent import read_sent, read_served
from tests.vcard.people import person


def served(contact: ContactData, fields: Fields = ALL_FIELDS, **more: Any) -> bytes:
    """The card of a contact, as an audience with these fields gets it."""
    return render_card(CardInput(contact=contact, fields=fields, **more))  # type: ignore[arg-type]


def put(
    body: bytes,
    current: Contact,
    *,
    base: bytes | None = b"",
    client: Capabilities = VDIRSYNCER,
    visible: Fields = ALL_FIELDS,
    writable: Fields | None = None,
    **more: Any,
) -> Merged:
    """Merge a body; unless said otherwise the base is the current card, and everything visible is writable."""
    seen = served(current, visible, **more)
    return merge(
        base=seen if base == b"" else base,
        sent=read_sent(body),
        current=current,
        visible=visible,
        writable=visible if writable is None else writable,
        capabilities=client,
        seen_as=seen,
    )


def said(body: bytes) -> dict[FieldClass, Any]:
    """What a card says, class by class, whatever the order and the form; FN and the letter salutation apart."""
    side = read_served(body)
    found: dict[FieldClass, Counter[Any]] = {field_class: Counter() for field_class in FieldClass}
    for slot, (field_class, _) in SLOTS.items():
        if slot not in {"letter_salutation", "formatted"} and side.texts.get(slot):
            found[field_class][slot, side.texts[slot]] += 1
    for value in side.values:
        found[class_of(value.name) or FieldClass.OTHER][row_of(value, "DE").meaning] += 1
    found[FieldClass.BANK].update(side.accounts)
    found[FieldClass.SEPA].update(side.mandates)
    found[FieldClass.NAME].update(side.name_extra)
    return found


def hidden_part(data: ContactData, open_to: Fields) -> dict[str, Any]:
    """Everything of a contact that does not belong to these classes."""
    kept: dict[str, Any] = {
        "values": [v for v in data.values if class_of(v.name) not in open_to],
        "tags": data.tags,
    }
    for name, field_class in {
        "name": FieldClass.NAME,
        "salutation": FieldClass.SALUTATION,
        "letter_salutation": FieldClass.SALUTATION,
        "organisation": FieldClass.ORGANISATION,
        "kind": FieldClass.ORGANISATION,
        "title": FieldClass.FUNCTION,
        "role": FieldClass.FUNCTION,
        "expertise": FieldClass.FUNCTION,
        "birthday": FieldClass.BIRTHDAY,
        "anniversary": FieldClass.BIRTHDAY,
        "deathdate": FieldClass.BIRTHDAY,
        "note": FieldClass.NOTE,
        "internal_note": FieldClass.INTERNAL_NOTE,
        "bank_accounts": FieldClass.BANK,
        "mandates": FieldClass.SEPA,
    }.items():
        if field_class not in open_to:
            kept[name] = getattr(data, name)
    return kept


FIELDS = st.frozensets(st.sampled_from(FieldClass)) | st.just(ALL_FIELDS)
_TYPES = st.sampled_from([(), (("TYPE", ("HOME",)),), (("TYPE", ("CELL", "WORK")),)])
_LABELS = st.sampled_from([None, None, "Abends"])
_ROWS = st.one_of(
    st.builds(PropertyValue, st.just("TEL"), st.sampled_from(["+49 345 1234567", "+49 171 3920012"]), _TYPES, _LABELS),
    st.builds(PropertyValue, st.just("EMAIL"), st.sampled_from(["a@example.org", "b@example.org"]), _TYPES, _LABELS),
    st.builds(PropertyValue, st.just("ADR"), st.sampled_from([";;Weg 1;Halle;;;", ";;Weg 2;Halle;;;"]), _TYPES),
    st.builds(PropertyValue, st.just("URL"), st.sampled_from(["https://a.example", "https://b.example"])),
    st.builds(PropertyValue, st.just("PHOTO"), st.sampled_from(["QUFB", "QkJC"]), st.just((("ENCODING", ("b",)),))),
    st.builds(
        PropertyValue,
        st.sampled_from(["X-A", "X-B"]),
        st.sampled_from(["1", "2;3"]),
        st.sampled_from([(), (("X-P", ("q",)),)]),
        _LABELS,
    ),
)
_NAMES = st.builds(
    Name,
    family=st.sampled_from(["", "A", "B"]),
    given=st.sampled_from(["", "C"]),
    prefix=st.sampled_from(["", "Dr."]),
    nickname=st.sampled_from(["", "Nick"]),
    sort_as=st.sampled_from(["", "S"]),
    extra=st.sampled_from([(), (("geburtsname", "G"),), (("geburtsname", "H"),)]),
)


@st.composite
def contacts(draw: Any, kind: ContactKind | None = None) -> Contact:
    """A contact over a small alphabet: two of each, so that edits, deletions and coincidences are likely."""
    chosen = kind or draw(st.sampled_from(ContactKind))
    name = draw(_NAMES)
    if chosen is ContactKind.ORGANISATION:
        name = replace(name, formatted=draw(st.sampled_from(["", "Laden"])))
    return person(
        name=name,
        kind=chosen,
        salutation=draw(st.sampled_from(["", "frau", "herr"])),
        organisation=draw(st.sampled_from([(), ("F",), ("F", "D"), ("G", "D", "E")])),
        title=draw(st.sampled_from(["", "T"])),
        role=draw(st.sampled_from(["", "R"])),
        birthday=draw(st.sampled_from(["", "1961-04-05", "--04-05"])),
        note=draw(st.sampled_from(["", "n", "m\nk, 😀; o"])),
        internal_note=draw(st.sampled_from(["", "i"])),
        values=tuple(draw(st.lists(_ROWS, max_size=5))),
        bank_accounts=tuple(
            draw(
                st.lists(
                    st.sampled_from(
                        [BankAccount("DE89370400440532013000", "X"), BankAccount("DE1"), BankAccount("DE2")]
                    ),
                    unique=True,
                )
            )
        ),
        mandates=tuple(draw(st.lists(st.sampled_from([Mandate("M1", "DE98"), Mandate("M2", "DE98")]), unique=True))),
        tags=draw(st.sampled_from([frozenset(), frozenset({"vip"})])),
    )
