"""The card of a group as text: what we write, and what we read from clients."""

from __future__ import annotations

import uuid

import pytest

from radicale_propmgmt.vcard import limits
from radicale_propmgmt.vcard.contentline import parse_lines
from radicale_propmgmt.vcard.errors import ParseError
from radicale_propmgmt.vcard.group_card import is_group_card, read_members, render_group_card
from radicale_propmgmt.vcard.version4 import to_version_4

ONE = "11111111-1111-4111-8111-111111111111"
TWO = "22222222-2222-4222-8222-222222222222"
GOLDEN = f"""BEGIN:VCARD
VERSION:3.0
PRODID:-//radicale_propmgmt//propmgmt 1//DE
UID:{TWO}
CLASS:CONFIDENTIAL
FN:Mieter\\, Süd
N:Mieter\\, Süd;;;;
X-ADDRESSBOOKSERVER-KIND:group
X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:{ONE}
X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:{TWO}
END:VCARD
""".replace("\n", "\r\n").encode()
#: As Contacts on macOS writes it.
APPLE = f"""BEGIN:VCARD
VERSION:3.0
PRODID:-//Apple Inc.//macOS 14.5//EN
N:Mieter
FN:Mieter
X-ADDRESSBOOKSERVER-KIND:group
X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:{TWO}
X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:{ONE}
REV:2026-06-15T08:00:00Z
UID:{TWO}
END:VCARD
"""


def some_uids(count: int) -> list[str]:
    return [str(uuid.UUID(int=number, version=4)) for number in range(count)]


def test_the_whole_card() -> None:
    """Members stand in one order, whatever order they came in: else the bytes would move without a change (I3)."""
    assert render_group_card(TWO, "Mieter, Süd", [TWO, ONE]) == GOLDEN
    assert render_group_card(TWO, "Mieter, Süd", [ONE, TWO]) == GOLDEN


def test_a_name_cannot_begin_another_line() -> None:
    body = render_group_card(ONE, "a\r\nEMAIL:x;y", [TWO])
    assert [line.name for line in parse_lines(body)].count("EMAIL") == 0
    assert read_members(parse_lines(body))[0] == "a\nEMAIL:x;y"


def test_version_4_has_words_of_its_own() -> None:
    """RFC 6350 §6.1.4, §6.6.5."""
    body = to_version_4(GOLDEN).decode()
    assert "KIND:group\r\n" in body
    assert f"\r\nMEMBER:urn:uuid:{ONE}\r\nMEMBER:urn:uuid:{TWO}\r\n" in body
    assert "ADDRESSBOOKSERVER" not in body
    assert read_members(parse_lines(body.encode())) == ("Mieter, Süd", [ONE, TWO])


def test_what_apple_writes_is_read() -> None:
    properties = parse_lines(APPLE.encode())
    assert is_group_card(properties)
    assert read_members(properties) == ("Mieter", [TWO, ONE])


@pytest.mark.parametrize(
    ("line", "members"),
    [
        (f"MEMBER:urn:uuid:{ONE}", [ONE]),
        (f"MEMBER:URN:UUID:{ONE}", [ONE]),
        (f"MEMBER:{ONE}", [ONE]),
        (f"MEMBER:urn:uuid:{ONE}\nMEMBER:urn:uuid:{ONE}", [ONE]),
        ("MEMBER:mailto:anna@example.org", []),
        ("MEMBER:", []),
        (f"RELATED:urn:uuid:{ONE}", []),
    ],
)
def test_members_are_named_by_uid_and_each_once(line: str, members: list[str]) -> None:
    card = f"BEGIN:VCARD\nVERSION:4.0\nKIND:Group\nN:Mieter;;;;\n{line}\nEND:VCARD\n"
    assert is_group_card(parse_lines(card.encode()))
    assert read_members(parse_lines(card.encode())) == ("Mieter", members)


def test_a_person_is_no_group() -> None:
    person = parse_lines(b"BEGIN:VCARD\nVERSION:4.0\nKIND:individual\nFN:Group\nEND:VCARD\n")
    assert not is_group_card(person)
    assert read_members(person) == ("Group", [])


def test_a_group_larger_than_a_card_may_be_has_none() -> None:
    """A card that we would refuse from a client is not sent to one."""
    largest = render_group_card(ONE, "Mieter", some_uids(14_000))
    assert largest is not None
    assert len(largest) <= limits.CARD_BYTES
    assert render_group_card(ONE, "Mieter", some_uids(14_200)) is None
    assert render_group_card(ONE, "Mieter", some_uids(40_000)) is None


def test_the_largest_group_can_be_read_and_sent_back() -> None:
    """Its members do not count as properties, of which a card may have 2,000; anything else does."""
    members = some_uids(14_000)
    body = render_group_card(ONE, "Mieter", members)
    for sent in (body, to_version_4(body)):
        assert read_members(parse_lines(sent)) == ("Mieter", sorted(members))
    with pytest.raises(ParseError):
        parse_lines(body.replace(b"X-ADDRESSBOOKSERVER-MEMBER:urn", b"X-OTHER:urn"))
    with pytest.raises(ParseError):
        parse_lines(b"BEGIN:VCARD\n" + b"MEMBER:urn:uuid:\n" * 20_000 + b"END:VCARD\n")
