"""Each client's own form of a card, edited in one field, changes exactly that field (W2–W4 of the write rules)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from radicale_propmgmt.domain.contacts import Contact, PropertyValue
from radicale_propmgmt.domain.fields import FieldClass
from radicale_propmgmt.vcard.merge import Merged
from tests.vcard.client_cards import AROUND, CARDS, PHOTO, TENANT, VISIBLE
from tests.vcard.merging import put

Edit = Callable[[str], str]


def sent(client: str, edit: Edit = str, current: Contact = TENANT) -> Merged:
    capabilities, card = CARDS[client]
    edited = edit(card)
    return put(edited.replace("\n", "\r\n").encode(), current, client=capabilities, visible=VISIBLE, **AROUND)


def swap(old: str, new: str) -> Edit:
    def edit(card: str) -> str:
        assert old in card
        return card.replace(old, new)

    return edit


def drop(part: str) -> Edit:
    """Remove the one line that holds this text."""

    def edit(card: str) -> str:
        lines = card.split("\n")
        kept = [line for line in lines if part not in line]
        assert len(kept) == len(lines) - 1
        return "\n".join(kept)

    return edit


def add(line: str) -> Edit:
    return swap("END:VCARD", f"{line}\nEND:VCARD")


def values(old: str, *new: PropertyValue) -> tuple[PropertyValue, ...]:
    """The tenant's values with the one that has this text replaced, or left out."""
    at = [old in value.value for value in TENANT.values].index(True)
    return (*TENANT.values[:at], *new, *TENANT.values[at + 1 :])


def edited(old: str, new: str) -> tuple[PropertyValue, ...]:
    value = next(value for value in TENANT.values if old in value.value)
    return values(old, replace(value, value=new))


def check(merged: Merged, *classes: FieldClass, **now: object) -> None:
    assert merged.data == replace(TENANT, **now)  # type: ignore[arg-type]
    assert merged.changed == set(classes)
    assert not merged.refused | merged.conflicts


@pytest.mark.parametrize("client", CARDS)
def test_a_card_in_the_clients_own_words_changes_nothing(client: str) -> None:
    merged = sent(client)
    assert merged.data is TENANT
    assert not merged.changed | merged.refused | merged.conflicts


@pytest.mark.parametrize("client", CARDS)
def test_a_given_name_changes_only_the_given_name(client: str) -> None:
    merged = sent(client, swap("Lüdenscheidt;Anna;Maria", "Lüdenscheidt;Anja;Maria"))
    check(merged, FieldClass.NAME, name=replace(TENANT.name, given="Anja"))


@pytest.mark.parametrize("client", CARDS)
def test_a_name_that_only_a_phone_rewrote_in_fn_is_not_taken(client: str) -> None:
    assert sent(client, lambda card: card.replace("\nFN:", "\nFN:Neu ")).data is TENANT


@pytest.mark.parametrize("client", CARDS)
@pytest.mark.parametrize(
    ("old", "new", "field_class", "now"),
    [
        ("TITLE:Prokuristin", "TITLE:Chefin\\, kommissarisch", FieldClass.FUNCTION, {"title": "Chefin, kommissarisch"}),
        (
            ";Einkauf",
            ";Verkauf",
            FieldClass.ORGANISATION,
            {"organisation": ("Lüdenscheidt, Söhne & Co.", "Verkauf", "Halle")},
        ),
        ("NICKNAME:Änne", "NICKNAME:Anni", FieldClass.NAME, {"name": replace(TENANT.name, nickname="Anni")}),
        (
            "9 Uhr 😀\\n",
            "10 Uhr 👩🏽‍🌾\\n",
            FieldClass.NOTE,
            {"note": "Bitte nicht vor 10 Uhr 👩🏽‍🌾\n\nSchlüssel; beim Hausmeister, links"},
        ),
        (
            "verein@example.org",
            "Verein@Example.COM",
            FieldClass.EMAIL,
            {"values": edited("verein", "Verein@Example.COM")},
        ),
        (
            "Hauptstr. 5;",
            "Hauptstr. 7;",
            FieldClass.ADDRESS,
            {"values": edited("Hauptstr. 5", ";;Hauptstr. 7;Halle;;06108;Deutschland")},
        ),
        ("org/anna", "org/neu", FieldClass.URL, {"values": edited("org/anna", "https://example.org/neu")}),
    ],
    ids=["title", "department", "nickname", "note", "e-mail", "address", "url"],
)
def test_one_edit_changes_one_field(
    client: str, old: str, new: str, field_class: FieldClass, now: dict[str, object]
) -> None:
    """Labels, types, order and parameters of the value stay, and every other field does."""
    check(sent(client, swap(old, new)), field_class, **now)


@pytest.mark.parametrize(
    ("client", "old"),
    [
        *(("Thunderbird", "+49 345 7654321"), ("Apple", "+49 345 7654321"), ("DAVx5", "+493457654321")),
        *(("Outlook", "+49 (345) 7654321"), ("Evolution", "+49 345 7654321")),
    ],
)
def test_a_number_of_two_types_is_edited_in_its_place(client: str, old: str) -> None:
    check(sent(client, swap(old, "0341 99 88 77")), FieldClass.PHONE, values=edited("7654321", "0341 99 88 77"))


@pytest.mark.parametrize(
    ("client", "old"),
    [("Apple", "0171 3920012"), ("DAVx5", "+49 171 3920012"), ("Outlook", "+49 (171) 3920012")],
)
def test_a_labelled_number_keeps_its_label_and_type(client: str, old: str) -> None:
    """Apple and DAVx5 send the label instead of the type, Outlook the type instead of the label."""
    check(sent(client, swap(old, "+49 160 1")), FieldClass.PHONE, values=edited("3920012", "+49 160 1"))


@pytest.mark.parametrize("client", CARDS)
def test_a_deleted_address_is_deleted_alone(client: str) -> None:
    check(sent(client, drop("a.mueller@firma")), FieldClass.EMAIL, values=values("a.mueller@firma"))


@pytest.mark.parametrize("client", CARDS)
def test_an_added_number_stands_behind_the_others(client: str) -> None:
    merged = sent(client, add("TEL;TYPE=HOME;TYPE=VOICE:+49 30 5"))
    made = PropertyValue("TEL", "+49 30 5", (("TYPE", ("HOME",)),))
    check(merged, FieldClass.PHONE, values=(*TENANT.values[:3], made, *TENANT.values[3:]))


@pytest.mark.parametrize("client", CARDS)
def test_an_unknown_property_that_a_client_adds_is_stored(client: str) -> None:
    merged = sent(client, add("X-LIEBLINGSFARBE;X-TON=hell:grün\\, blau"))
    made = PropertyValue("X-LIEBLINGSFARBE", "grün\\, blau", (("X-TON", ("hell",)),))
    check(merged, FieldClass.OTHER, values=(*TENANT.values, made))


@pytest.mark.parametrize("client", CARDS)
def test_a_new_photo_replaces_the_old_one(client: str) -> None:
    served = f"{PHOTO[:60]}\n  {PHOTO[60:]}" if client == "Apple" else PHOTO
    merged = sent(client, swap(served, "QUFB"))
    photos = [value for value in merged.data.values if value.name == "PHOTO"]
    assert [photo.value for photo in photos] == ["QUFB"]
    assert ("ENCODING", ("b",)) in photos[0].params
    assert merged.changed == {FieldClass.PHOTO}


@pytest.mark.parametrize("client", ["Thunderbird", "DAVx5", "Apple", "Outlook", "Evolution"])
def test_a_deleted_photo_is_deleted(client: str) -> None:
    merged = sent(client, lambda card: drop("JPEG" if client == "Apple" else PHOTO)(card.replace("\n  ", "")))
    check(merged, FieldClass.PHOTO, values=values(PHOTO))


def test_outlook_never_deletes_a_fourth_address() -> None:
    """W3: it has room for three e-mail addresses; which three, it decides by type."""
    reduced = sent("Outlook", drop("verein@"))
    check(reduced, FieldClass.EMAIL, values=values("verein@"))
    other_three = sent("Outlook", swap("EMAIL:verein@", "EMAIL:vierte@"))
    assert other_three.data is TENANT


def test_outlook_has_fixed_places_for_numbers() -> None:
    """A third number at home has no place; it is not deleted by an edit of the first."""
    more = tuple(PropertyValue("TEL", f"+49 345 {n}", (("TYPE", ("HOME",)),)) for n in (222, 333, 444))
    current = replace(TENANT, values=(*TENANT.values, *more))
    card = swap("TEL;TYPE=CELL", "TEL;TYPE=HOME:+49 345 222\nTEL;TYPE=CELL")
    assert sent("Outlook", card, current).data is current
    both = sent("Outlook", lambda text: swap("+49 (345) 1234567", "+49 345 111")(card(text)), current)
    assert [v.value for v in both.data.values if v.name == "TEL"] == [
        *("+49 345 111", "+49 345 7654321", "+49 171 3920012", "+49 345 222", "+49 345 333", "+49 345 444"),
    ]


def test_apple_changes_a_label_and_makes_an_organisation() -> None:
    merged = sent("Apple", swap("X-ABLabel:Miete", "X-ABLabel:Wohnung 3"))
    assert [value.label for value in merged.data.values if value.name == "ADR"] == ["Wohnung 3", None]
    assert merged.changed == {FieldClass.ADDRESS}
    company = sent("Apple", add("X-ABShowAs:COMPANY"))
    assert (company.data.kind, company.changed) == ("organisation", {FieldClass.ORGANISATION})


@pytest.mark.parametrize("client", CARDS)
def test_what_is_made_from_links_is_refused(client: str) -> None:
    merged = sent(client, add("X-PROPMGMT-OBJEKT;X-ROLE=eigentuemer:0816"))
    assert merged.data is TENANT
    assert merged.refused == {FieldClass.UNIT}
    assert sent(client, add("CATEGORIES:VIP")).refused == {FieldClass.CATEGORY}
    assert sent(client, lambda card: card.replace("Bernd Müller", "Berta Müller")).refused == {FieldClass.RELATION}


def test_a_text_that_thunderbird_shows_of_a_link_is_refused() -> None:
    assert sent("Thunderbird", drop("X-CUSTOM1")).refused == {FieldClass.UNIT}
    merged = sent("Thunderbird", swap("X-CUSTOM1:Miethaus", "X-CUSTOM1:Haus"))
    assert (merged.data, merged.refused) == (TENANT, {FieldClass.UNIT})
    own = sent("Thunderbird", add("X-CUSTOM2:Hund"))
    check(own, FieldClass.UNIT, values=(*TENANT.values, PropertyValue("X-CUSTOM2", "Hund")))


@pytest.mark.parametrize("client", CARDS)
def test_a_card_of_two_hundred_properties_loses_none(client: str) -> None:
    many = tuple(PropertyValue(f"X-P{n}", f"Wert {n}; ü", (("X-N", (str(n),)),)) for n in range(200))
    current = replace(TENANT, values=(*TENANT.values, *many))
    lines = "\n".join(f"X-P{n};X-N={n}:Wert {n}; ü" for n in range(200))
    assert sent(client, add(lines), current).data is current
    merged = sent(client, lambda card: swap("TITLE:", "TITLE:Vize-")(add(lines)(card)), current)
    assert merged.data == replace(current, title="Vize-Prokuristin")
    if client in {"Apple", "DAVx5"}:
        assert sent(client, str, current).data is current  # all of them left out
