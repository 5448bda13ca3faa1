"""The merge's rules, one by one: conflicts, row by row; refusals; no base; organisations and households."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from radicale_propmgmt.domain.contacts import BankAccount, Contact, ContactKind, Name, PropertyValue
from radicale_propmgmt.domain.fields import ALL_FIELDS, FieldClass
from radicale_propmgmt.vcard import capabilities
from radicale_propmgmt.vcard.capabilities import UNKNOWN, VDIRSYNCER, capabilities_of
from radicale_propmgmt.vcard.errors import CardTooLargeError, ParseError
from radicale_propmgmt.vcard.merge import Merged, merge
from radicale_propmgmt.vcard.sent import read_sent
from tests.vcard.merging import put, served
from tests.vcard.people import household, member, organisation, person
from tests.vcard.test_growth import GROWTH, seconds

HOME, CELL, WORK = ((("TYPE", (name,)),) for name in ("HOME", "CELL", "WORK"))


def tel(number: str, params: tuple[tuple[str, tuple[str, ...]], ...] = (), label: str | None = None) -> PropertyValue:
    return PropertyValue("TEL", number, params, label)


def anna(**more: object) -> Contact:
    return replace(
        person(
            "Anna",
            "Müller",
            title="Chefin",
            role="Beirätin",
            values=(tel("+49 345 111", HOME), tel("+49 345 222", WORK)),
        ),
        **more,  # type: ignore[arg-type]
    )


def raced(base: Contact, mine: Contact, current: Contact) -> Merged:
    return put(served(mine), current, base=served(base))


def numbers(merged: Merged) -> list[str]:
    return [value.value for value in merged.data.values]


class TestConflicts:
    def test_the_same_text_changed_by_two_keeps_the_current_one(self) -> None:
        merged = raced(anna(), anna(title="Vize"), anna(title="Präsidentin"))
        assert merged.data.title == "Präsidentin"
        assert (merged.changed, merged.conflicts) == (set(), {FieldClass.FUNCTION})

    def test_texts_of_one_class_are_one_thing(self) -> None:
        """Half of her name and half of mine would be a third person."""
        base, hers = anna(), anna(name=Name(given="Anna", family="Meier"))
        merged = raced(base, anna(name=Name(given="Anja", family="Müller")), hers)
        assert merged.data == hers
        assert merged.conflicts == {FieldClass.NAME}

    def test_the_same_change_by_two_is_no_conflict(self) -> None:
        merged = raced(anna(), anna(note="neu ", title="X"), anna(note="neu"))
        assert (merged.data.note, merged.data.title, merged.conflicts) == ("neu", "X", set())

    def test_different_numbers_changed_by_two_merge(self) -> None:
        base = anna()
        mine = anna(values=(tel("+49 345 999", HOME), base.values[1]))
        hers = anna(values=(base.values[0], tel("+49 345 888", WORK), tel("+49 345 777", CELL)))
        merged = raced(base, mine, hers)
        assert numbers(merged) == ["+49 345 999", "+49 345 888", "+49 345 777"]
        assert not merged.conflicts

    def test_the_same_number_changed_by_two_keeps_the_current_one_and_the_rest_merges(self) -> None:
        base = anna()
        mine = anna(values=(tel("+49 345 999", HOME), tel("+49 345 666", WORK)))
        hers = anna(values=(tel("+49 345 888", HOME), base.values[1]))
        merged = raced(base, mine, hers)
        assert numbers(merged) == ["+49 345 888", "+49 345 666"]
        assert (merged.changed, merged.conflicts) == ({FieldClass.PHONE}, {FieldClass.PHONE})

    def test_a_number_that_i_delete_and_she_edits_stays(self) -> None:
        base = anna()
        hers = anna(values=(tel("+49 345 888", HOME), base.values[1]))
        merged = raced(base, anna(values=base.values[1:]), hers)
        assert (numbers(merged), merged.conflicts) == (["+49 345 888", "+49 345 222"], {FieldClass.PHONE})

    def test_a_number_that_i_edit_and_she_deletes_does_not_come_back(self) -> None:
        base = anna()
        mine = anna(values=(tel("+49 345 999", HOME), base.values[1]))
        merged = raced(base, mine, anna(values=base.values[1:]))
        assert (numbers(merged), merged.conflicts) == (["+49 345 222"], {FieldClass.PHONE})

    def test_a_number_that_both_added_stands_once(self) -> None:
        base = anna()
        mine, hers = (anna(values=(*base.values, tel(text, CELL))) for text in ("0171 5551234", "+49 171 5551234"))
        merged = raced(base, mine, hers)
        assert merged.data == hers
        assert not merged.conflicts | merged.changed

    def test_two_photos_added_at_once_conflict(self) -> None:
        mine, hers = (anna(values=(PropertyValue("PHOTO", v, (("ENCODING", ("b",)),)),)) for v in ("QUFB", "QkJC"))
        merged = raced(anna(values=()), mine, hers)
        assert (merged.data, merged.conflicts) == (hers, {FieldClass.PHOTO})

    def test_a_letter_salutation_that_moved_with_the_name_is_nobodys_change(self) -> None:
        base = anna(salutation="frau")
        merged = raced(base, anna(salutation=""), replace(base, name=Name(given="Anna", family="Meier")))
        assert (merged.data.salutation, merged.data.name.family) == ("", "Meier")
        assert not merged.conflicts

    def test_a_letter_salutation_is_written_by_hand_and_taken_back(self) -> None:
        plain, by_hand = anna(salutation="frau"), anna(salutation="frau", letter_salutation="Liebe Anna,")
        assert put(served(by_hand), plain).data == by_hand
        assert put(served(plain), by_hand).data == plain

    def test_bank_accounts_conflict_one_by_one(self) -> None:
        one, two = BankAccount("DE89370400440532013000", "A"), BankAccount("DE02120300000000202051", "B")
        merged = raced(
            anna(bank_accounts=(one, two)),
            anna(bank_accounts=(replace(one, bic="C"), replace(two, bic="D"))),
            anna(bank_accounts=(replace(one, bic="E"), two)),
        )
        assert merged.data.bank_accounts == (replace(one, bic="E"), replace(two, bic="D"))
        assert (merged.changed, merged.conflicts) == ({FieldClass.BANK}, {FieldClass.BANK})

    def test_a_class_that_somebody_else_changed_is_told(self) -> None:
        """Of two writers of one class with the same If-Match exactly one wins, even where their numbers differ (I7)."""
        base = anna()
        mine = anna(values=(tel("+49 345 999", HOME), base.values[1]), note="n")
        hers = anna(values=(base.values[0], tel("+49 345 888", WORK)), title="Vize", name=Name(given="A", family="B"))
        merged = raced(base, mine, hers)
        assert merged.edited == {FieldClass.PHONE, FieldClass.NOTE}
        assert merged.moved == {FieldClass.PHONE, FieldClass.FUNCTION, FieldClass.NAME}
        assert put(served(mine), base).moved == set()

    def test_a_stored_value_in_another_form_is_still_the_one_that_was_served(self) -> None:
        """An import or the API may have stored it so; what is compared is how it came back."""
        odd = (
            PropertyValue("tel", "tel:+49-345-111", (("type", ("home,pref",)), ("x-p", ("q",)))),
            PropertyValue("PHOTO", "data:image/png;base64,QUFB"),
        )
        current = anna(values=odd)
        body = served(current).replace(b"345-111", b"345-999").replace(b"QUFB", b"QkJC")
        merged = put(body, current)
        assert not merged.conflicts
        assert [value.value for value in merged.data.values] == ["+49-345-999", "QkJC"]
        assert merged.data.values[0].params == odd[0].params


class TestMeaning:
    @pytest.mark.parametrize(
        ("line", "same"),
        [
            ("TEL;TYPE=HOME:0345/111", True),
            ("TEL;VALUE=uri;TYPE=home;PREF=1:tel:+49-345-111", True),
            ("TEL;type=VOICE;type=HOME;type=pref:+49 (0)345 111", True),
            ("item9.TEL:+49 345 111\r\nitem9.X-ABLabel:_$!<Home>!$_", True),
            ("TEL;TYPE=HOME:0345/111\\;ext=5", False),
            ("TEL;TYPE=CELL:+49 345 111", False),
        ],
    )
    def test_a_number_is_what_it_dials(self, line: str, same: bool) -> None:
        base = anna(values=(tel("+49 345 111", HOME),))
        body = served(base).replace(b"TEL;TYPE=HOME:+49 345 111", line.encode())
        assert (put(body, base).data is base) == same

    @pytest.mark.parametrize(
        ("stored", "line"),
        [
            ("EMAIL:A.b@example.org", "EMAIL;TYPE=INTERNET:A.b@EXAMPLE.org"),
            ("ADR:;;Weg 1;Halle;;06108;D", "ADR;TYPE=postal,parcel:;;Weg  1 ;Halle;;06108;D"),
            ("ADR:;Hof;Weg 1;Halle;;06108;D", "ADR:;;Hof\\nWeg 1;Halle;;06108;D"),
            ("URL:https://Example.org/A", "URL;VALUE=uri:HTTPS\\://example.ORG/A"),
            ("URL:example.org", "URL;type=pref:example.org"),
            ("IMPP;X-SERVICE-TYPE=Jabber:xmpp:anna", "IMPP;X-SERVICE-TYPE=Jabber;type=pref:XMPP:anna"),
            ("X-A;X-B=1:x;y", "x-a;X-B=1:x\\;y"),
            ("NOTE:a\\nb", "NOTE;CHARSET=UTF-8:a \\r\\nb\\n".replace("\\r", "")),
            ("BDAY:1961-04-05", "BDAY;VALUE=date:19610405"),
            ("TITLE:Chefin", "TITLE;LANGUAGE=de:Chefin"),
            ("NICKNAME:Ann", "NICKNAME;TYPE=short:Ann"),
        ],
    )
    def test_the_same_in_other_words_is_no_edit(self, stored: str, line: str) -> None:
        data = read_sent(f"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:A B\r\nN:B;A;;;\r\n{stored}\r\nEND:VCARD\r\n".encode()).data
        current = replace(
            person("A", "B"), **{n: getattr(data, n) for n in ("values", "note", "birthday", "title", "name")}
        )
        body = f"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:A B\r\nN:B;A;;;\r\n{line}\r\nEND:VCARD\r\n"
        assert put(body.encode(), current).data is current

    def test_a_card_of_version_2_1_is_compared_as_any(self) -> None:
        base = anna(note="Grüße")
        body = (
            b"BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=ISO-8859-1:M\xfcller;Anna\r\nFN:x\r\nTITLE:Chefin\r\n"
            b"ROLE;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:Beir=E4tin\r\nTEL;HOME;VOICE:0345 111\r\n"
            b"TEL;WORK:0345 222\r\nNOTE;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Gr=C3=BC=\r\n=C3=9Fe\r\nEND:VCARD\r\n"
        )
        merged = put(body, base)
        assert not merged.changed - {FieldClass.SALUTATION}
        assert merged.data.values == base.values


class TestRefusals:
    def test_edits_of_what_may_not_be_written_are_refused_and_the_rest_is_written(self) -> None:
        mine = anna(title="Neu", values=(tel("+49 345 999", HOME),), note="n")
        merged = put(served(mine), anna(), writable=frozenset({FieldClass.NOTE}))
        assert merged.data == anna(note="n")
        assert (merged.changed, merged.refused) == ({FieldClass.NOTE}, {FieldClass.FUNCTION, FieldClass.PHONE})

    def test_what_is_hidden_cannot_be_added_to(self) -> None:
        visible = ALL_FIELDS - {FieldClass.PHONE, FieldClass.OTHER}
        body = served(anna(), visible).replace(b"END:", b"TEL:1\r\nX-A:1\r\nEND:")
        merged = put(body, anna(), visible=visible, writable=ALL_FIELDS)
        assert (merged.data, merged.refused) == (anna(), {FieldClass.PHONE, FieldClass.OTHER})

    def test_a_households_name_made_of_its_members_is_not_theirs_to_change(self) -> None:
        home = household()
        around = {"related": (member(person("Anna", "Müller")), member(person("Bernd", "Müller")))}
        body = served(home, **around).replace(b"N:M\xc3\xbcller;Anna und Bernd", b"N:M\xc3\xbcller;Anna und Carl")
        merged = put(body, home, **around)
        assert (merged.data, merged.refused) == (home, {FieldClass.NAME})

    def test_an_fn_without_n_names_nobody_anew(self) -> None:
        body = served(anna()).replace(b"N:M\xc3\xbcller;Anna;;;\r\n", b"", 1)
        assert b"\r\nN:" not in body
        assert put(body, anna()).data == anna()
        renamed = put(body.replace(b"FN:Anna", b"FN:Anja"), anna())
        assert (renamed.data, renamed.refused) == (anna(), {FieldClass.NAME})


class TestWithoutABase:
    def test_nothing_is_deleted_and_single_values_change(self) -> None:
        mine = anna(title="Neu", role="", values=(tel("+49 345 999", HOME),), bank_accounts=())
        current = anna(bank_accounts=(BankAccount("DE1"),))
        merged = put(served(mine), current, base=None)
        assert merged.data == anna(
            title="Neu",
            values=(*anna().values, tel("+49 345 999", HOME)),
            bank_accounts=(BankAccount("DE1"),),
        )

    def test_a_photo_is_a_single_value(self) -> None:
        old, new = (PropertyValue("PHOTO", value, (("ENCODING", ("b",)),)) for value in ("QUFB", "QkJC"))
        merged = put(served(anna(values=(new,))), anna(values=(old,)), base=None)
        assert merged.data.values == (new,)


class TestUnknownClients:
    def test_what_is_missing_was_not_deleted(self) -> None:
        merged = put(served(anna(title="", role="", values=anna().values[:1])), anna(), client=UNKNOWN)
        assert merged.data == anna()

    def test_as_many_numbers_as_before_are_edited_numbers(self) -> None:
        mine = anna(values=(tel("+49 345 999", HOME), anna().values[1]))
        assert put(served(mine), anna(), client=UNKNOWN).data == mine

    def test_fewer_numbers_with_a_new_one_are_an_added_number(self) -> None:
        """It may have room for one number only, and put another there."""
        merged = put(served(anna(values=(tel("+49 345 999", HOME),))), anna(), client=UNKNOWN)
        assert numbers(merged) == ["+49 345 111", "+49 345 222", "+49 345 999"]


class TestOrganisations:
    FIRM = organisation("Schulze GmbH", "Einkauf")

    def put(self, *swaps: tuple[str, str]) -> Merged:
        body = served(self.FIRM).decode()
        for old, new in swaps:
            assert old in body
            body = body.replace(old, new)
        return put(body.encode(), self.FIRM)

    def test_a_new_name_in_org_is_taken_and_fn_follows(self) -> None:
        for swaps in ([("ORG:Schulze", "ORG:Schulz")], [("Schulze GmbH", "Schulz GmbH")]):
            merged = self.put(*swaps)
            assert merged.data == replace(self.FIRM, organisation=("Schulz GmbH", "Einkauf"))
            assert merged.changed == {FieldClass.ORGANISATION}

    def test_a_new_fn_alone_is_taken_as_the_name_on_the_card(self) -> None:
        merged = self.put(("FN:Schulze GmbH", "FN:Blumen-Schulze"))
        assert merged.data == replace(self.FIRM, name=Name(formatted="Blumen-Schulze"))
        assert merged.changed == {FieldClass.NAME}

    def test_an_n_that_a_program_made_of_fn_is_no_name(self) -> None:
        assert self.put(("\r\nN:;;;;", "\r\nN:GmbH;Schulze;;;")).data is self.FIRM

    def test_no_longer_a_company(self) -> None:
        merged = self.put(("X-ABShowAs:COMPANY\r\n", ""))
        assert merged.data.kind is ContactKind.PERSON


def test_a_value_that_is_edited_keeps_parameters_and_label_that_the_client_did_not_touch() -> None:
    old = PropertyValue("TEL", "+49 345 111", (("X-KOSTEN", ("0",)), ("TYPE", ("HOME", "PREF"))), "Abends")
    body = served(anna(values=(old,))).replace(b"111", b"999")
    assert put(body, anna(values=(old,))).data.values == (replace(old, value="+49 345 999"),)


def test_stored_values_that_nobody_touched_stay_byte_for_byte() -> None:
    odd = PropertyValue("Tel", "(0345) 111", (("TYPE", ("home", "voice")), ("X-B", ("1",)), ("PREF", ("1",))))
    current = anna(values=(odd, tel("+49 345 222")))
    merged = put(served(current).replace(b"345 222", b"345 333"), current)
    assert merged.data.values == (odd, tel("+49 345 333"))


def test_a_country_other_than_germany_reads_its_own_numbers() -> None:
    current = anna(values=(tel("+43 1 5551234"),))
    seen = served(current)
    body = read_sent(seen.replace(b"+43 1 5551234", b"01 5551234"))
    for region, same in (("AT", True), ("DE", False)):
        merged = merge(
            base=seen,
            sent=body,
            current=current,
            visible=ALL_FIELDS,
            writable=ALL_FIELDS,
            capabilities=VDIRSYNCER,
            seen_as=seen,
            region=region,
        )
        assert (merged.data is current) == same


@pytest.mark.parametrize("name", ["TEL", "X-ABRELATEDNAMES", "X-A", "CATEGORIES"])
@pytest.mark.parametrize("client", [VDIRSYNCER, capabilities.OUTLOOK, UNKNOWN], ids=lambda client: client.name)
def test_a_merge_of_twice_as_many_values_takes_twice_as_long(name: str, client: capabilities.Capabilities) -> None:
    """Half of them edited, the other half left out: no likeness may be looked for row against row."""

    def merging(count: int) -> Callable[[], object]:
        current = anna(values=tuple(PropertyValue(name, f"+49 345 {n}", HOME) for n in range(count)))
        mine = anna(values=tuple(PropertyValue(name, f"+49 341 {n}", HOME) for n in range(count // 2)))
        body, base = served(mine), served(current)
        return lambda: put(body, current, base=base, client=client)

    # a busy machine may spoil a measurement, never four of a linear function
    assert any(seconds(merging(1200)) / seconds(merging(600)) <= GROWTH for _ in range(4))


def test_a_contact_does_not_grow_beyond_what_a_card_may_have() -> None:
    """Else whoever deletes nothing (an unknown client) could add to it for ever."""
    many = tuple(PropertyValue("X-A", str(n)) for n in range(1990))
    body = served(anna(values=tuple(PropertyValue("X-B", str(n)) for n in range(100))))
    with pytest.raises(ParseError):
        put(body, anna(values=many), client=UNKNOWN)
    assert put(served(anna(values=many[:5])), anna(values=many * 2), client=UNKNOWN).data == anna(values=many * 2)


class TestReading:
    def test_one_card_of_any_version_is_read(self) -> None:
        for version in ("2.1", "3.0", "4.0"):
            card = read_sent(f"begin:vcard\nVERSION:{version}\nUID:urn:uuid:u\nFN:Anna\nend:vcard\n".encode())
            assert (card.uid, card.data.name.family) == ("u", "Anna")

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"x",
            b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:A\r\n",
            b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:A\r\nEND:VCARD\r\nBEGIN:VCARD\r\nVERSION:3.0\r\nFN:A\r\nEND:VCARD\r\n",
            b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n",
            b"FN:A\r\nBEGIN:VCARD\r\nVERSION:3.0\r\nEND:VCARD\r\n",
            b"BEGIN:VCARD\r\nVERSION:5.0\r\nFN:A\r\nEND:VCARD\r\n",
            b"BEGIN:VCARD\r\nVERSION:3.0\r\nVERSION:4.0\r\nFN:A\r\nEND:VCARD\r\n",
            b"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:" + b"u" * 300 + b"\r\nFN:A\r\nEND:VCARD\r\n",
            b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:\xff\r\nEND:VCARD\r\n",
            b"BEGIN:VCARD\r\nVERSION:3.0\r\nEND:VCARD\r\n",
        ],
    )
    def test_anything_else_is_refused(self, body: bytes) -> None:
        with pytest.raises(ParseError):
            read_sent(body)

    def test_too_large_is_told_apart(self) -> None:
        with pytest.raises(CardTooLargeError):
            read_sent(b"BEGIN:VCARD\r\nNOTE:" + b"x" * 2**20 + b"\r\nEND:VCARD\r\n")


@pytest.mark.parametrize(
    ("user_agent", "family"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Thunderbird/153.7.0", capabilities.THUNDERBIRD),
        ("Thunderbird CardBook/99.1", capabilities.CARDBOOK),
        ("DAVx5/4.5.19-ose (at.bitfire.davdroid) Android/14", capabilities.DAVX5),
        ("iOS/17.4.1 (21E236) dataaccessd/1.0", capabilities.APPLE),
        ("macOS/14.4.1 (23E224) AddressBookCore/2669.400.6", capabilities.APPLE),
        ("Mac OS X/10.13.1 (17B48) AddressBook/1806", capabilities.APPLE),
        ("CalDavSynchronizer/4.5", capabilities.OUTLOOK),
        ("Evolution/3.46.4", capabilities.EVOLUTION),
        ("SyncEvolution/2.0", capabilities.SYNCEVOLUTION),
        ("KDE DAV groupware client", capabilities.KDAV),
        ("vdirsyncer/0.21.0", VDIRSYNCER),
        ("AVM FRITZ!Box 7590", capabilities.FRITZBOX),
        ("RCM CardDAV plugin/4.4.3", capabilities.RCMCARDDAV),
        ("curl/8.5", UNKNOWN),
        ("", UNKNOWN),
    ],
)
def test_a_client_is_known_by_its_user_agent(user_agent: str, family: capabilities.Capabilities) -> None:
    assert capabilities_of(user_agent) is family
