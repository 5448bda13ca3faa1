"""I5: what a client cannot see it does not change, what it left alone stays, what it changed is written."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from radicale_propmgmt.domain.contacts import Contact, ContactKind
from radicale_propmgmt.domain.fields import ALL_FIELDS, FieldClass, Fields
from radicale_propmgmt.vcard import capabilities
from radicale_propmgmt.vcard.capabilities import Capabilities
from radicale_propmgmt.vcard.card import to_version_4
from radicale_propmgmt.vcard.contentline import parse_lines
from radicale_propmgmt.vcard.sent import read_served
from tests.vcard.merging import FIELDS, contacts, hidden_part, put, said, served

CLIENTS = st.sampled_from(
    [
        *(capabilities.VDIRSYNCER, capabilities.THUNDERBIRD, capabilities.DAVX5, capabilities.APPLE),
        *(capabilities.OUTLOOK, capabilities.EVOLUTION, capabilities.FRITZBOX, capabilities.UNKNOWN),
    ]
)


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Contact, Contact]:
    """Two states of one contact: what it is, clients do not change."""
    kind = draw(st.sampled_from(ContactKind))
    return draw(contacts(kind)), draw(contacts(kind))


@given(pairs(), FIELDS, FIELDS, CLIENTS, st.booleans())
def test_a_card_that_says_what_its_base_said_changes_nothing(
    states: tuple[Contact, Contact], visible: Fields, writable: Fields, client: Capabilities, newer: bool
) -> None:
    """merge(base, base, current) = current, for every current, in either version."""
    base, current = states
    card = served(base, visible)
    merged = put(
        to_version_4(card) if newer else card, current, base=card, visible=visible, writable=writable, client=client
    )
    assert merged.data is current
    assert not merged.changed | merged.refused | merged.conflicts


@given(pairs(), FIELDS, FIELDS, st.booleans())
def test_what_a_client_changed_is_written_and_the_rest_is_not(
    states: tuple[Contact, Contact], visible: Fields, writable: Fields, newer: bool
) -> None:
    """merge(base, mine, base) = mine on what it can show and may write, and base elsewhere."""
    base, mine = states
    card = served(mine, visible)
    merged = put(to_version_4(card) if newer else card, base, visible=visible, writable=writable)
    before, after, wanted = (said(body) for body in (served(base, visible), served(merged.data, visible), card))
    for field_class in FieldClass:
        assert after[field_class] == (wanted if field_class in writable else before)[field_class], field_class
    assert not merged.conflicts
    assert merged.changed <= visible & writable
    assert hidden_part(merged.data, visible & writable) == hidden_part(base, visible & writable)


@given(pairs(), st.booleans())
def test_the_name_on_an_organisations_card_is_taken_and_a_persons_is_not(
    states: tuple[Contact, Contact], newer: bool
) -> None:
    """FN of persons is the exception of I5: phones rewrite it at will (W2 and W4 of the write rules)."""
    base, mine = states
    card = served(mine)
    merged = put(to_version_4(card) if newer else card, base)
    sent, after = read_served(card), read_served(served(merged.data))
    if base.kind is ContactKind.ORGANISATION:
        assert after.formatted == sent.formatted or sent.formatted == read_served(served(base)).formatted
    else:
        assert merged.data.name.formatted == base.name.formatted


@given(contacts(), pairs(), FIELDS, FIELDS, CLIENTS, st.booleans())
def test_a_masked_write_never_changes_a_hidden_field(
    base: Contact,
    states: tuple[Contact, Contact],
    visible: Fields,
    writable: Fields,
    client: Capabilities,
    known: bool,
) -> None:
    current, mine = states
    merged = put(
        served(mine, visible),
        current,
        base=served(base, visible) if known else None,
        visible=visible,
        writable=writable,
        client=client,
    )
    allowed = visible & writable
    assert hidden_part(merged.data, allowed) == hidden_part(current, allowed)
    assert merged.changed <= allowed
    assert not merged.refused & allowed - {FieldClass.NAME, FieldClass.UNIT, FieldClass.RELATION}


@given(pairs(), FIELDS, CLIENTS, st.booleans())
def test_nothing_is_lost_that_the_client_cannot_show(
    states: tuple[Contact, Contact], visible: Fields, client: Capabilities, known: bool
) -> None:
    """W3: a missing property is a deletion only if its user could have deleted it; without a base it never is."""
    base, mine = states
    merged = put(served(mine, visible), base, base=b"" if known else None, visible=visible, client=client)
    kept = {value.name for value in mine.values}
    for name in {value.name for value in base.values} - kept:
        if not known or not client.can_show(name):
            assert names(merged.data, name) == names(base, name)
    if not known:
        for slot in ("title", "role", "birthday", "note", "organisation"):
            assert getattr(merged.data, slot) or not getattr(base, slot)
        assert set(merged.data.bank_accounts) >= {
            account for account in base.bank_accounts if account.iban not in {a.iban for a in mine.bank_accounts}
        }


def names(contact: Contact, name: str) -> list[object]:
    return [value for value in contact.values if value.name == name]


@given(contacts(ContactKind.PERSON), contacts(ContactKind.PERSON), contacts(ContactKind.PERSON), FIELDS)
def test_two_people_who_change_different_classes_both_win(
    base: Contact, hers: Contact, mine: Contact, classes: Fields
) -> None:
    """She changed some classes since my base, I change the others: neither loses anything, nothing conflicts."""
    hers = put(served(hers), base, writable=classes).data  # type: ignore[assignment]
    current = replace(base, **{name: getattr(hers, name) for name in _FIELDS})
    mine_merged = put(served(mine), base, writable=ALL_FIELDS - classes).data
    both = put(served(mine_merged), current, base=served(base))
    assert not both.conflicts - {FieldClass.SALUTATION}
    before, wanted, after = said(served(current)), said(served(mine_merged)), said(served(both.data))
    for field_class in FieldClass:
        assert after[field_class] == (before if field_class in classes else wanted)[field_class], field_class


_FIELDS = [name for name in Contact.__dataclass_fields__ if name not in {"id", "uid", "href", "key"}]


@given(pairs(), FIELDS, CLIENTS)
def test_a_merged_card_merges_to_itself(states: tuple[Contact, Contact], visible: Fields, client: Capabilities) -> None:
    """The client's next PUT of the same text, after it fetched the merged card, changes nothing more."""
    base, mine = states
    once = put(served(mine, visible), base, visible=visible, client=client)
    again = put(served(once.data, visible), once.data, visible=visible, client=client)
    assert again.data is once.data
    assert all(parse_lines(served(once.data, visible)))


@given(contacts(ContactKind.PERSON), contacts(ContactKind.PERSON), contacts(ContactKind.PERSON), CLIENTS)
def test_nothing_vanishes_that_somebody_else_wrote(
    base: Contact, mine: Contact, current: Contact, client: Capabilities
) -> None:
    """What she added or changed since my base is there after my write; what I added is, or a conflict is told."""
    merged = put(served(mine), current, base=served(base), client=client)
    before, sent, now, after = (said(served(contact)) for contact in (base, mine, current, merged.data))
    for field_class in (FieldClass.PHONE, FieldClass.EMAIL, FieldClass.ADDRESS, FieldClass.URL, FieldClass.OTHER):
        assert now[field_class] - before[field_class] <= after[field_class]
        if client is capabilities.VDIRSYNCER and field_class not in merged.conflicts:
            assert sent[field_class] - before[field_class] <= after[field_class]
    for slot in ("title", "note", "birthday", "salutation"):
        if getattr(current, slot) != getattr(base, slot):
            assert getattr(merged.data, slot) == getattr(current, slot)
