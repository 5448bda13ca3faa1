"""A contact group as a card: the one form of groups that iOS and macOS show.

vCard 3.0 has none, so Apple's address book server made one, which is what is stored; 4.0 has KIND and MEMBER
(RFC 6350 §6.1.4, §6.6.5), made of it by ``to_version_4``. Members are named by UID.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from . import limits
from .card import PRODID
from .contentline import Property
from .values import escape, join_structured
from .writing import join_lines

#: A member's line begins with it, on our cards and on Apple's.
MEMBER = "X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:"
_SCHEMES = ("urn:uuid:", "uuid:", "uid:")


def render_group_card(uid: str, name: str, members: Iterable[str]) -> bytes | None:
    """Render the card of a group.

    Args:
        uid: The group's own.
        name: As users call it.
        members: UIDs of the contacts that the audience sees in it, without double ones, in any order.

    Returns:
        The same bytes for the same members; None if the card would be larger than any card may be (``limits``: about
        14,000 members), which no client that got it could send back.
    """
    listed = list(members)
    if len(listed) * len(MEMBER) > limits.CARD_BYTES:
        return None
    lines = [
        "BEGIN:VCARD",
        "VERSION:3.0",
        f"PRODID:{PRODID}",
        f"UID:{escape(uid)}",
        "CLASS:CONFIDENTIAL",
        f"FN:{escape(name)}",
        f"N:{join_structured((name, '', '', '', ''))}",
        "X-ADDRESSBOOKSERVER-KIND:group",
        *[MEMBER + member for member in sorted(listed)],
        "END:VCARD",
    ]
    body = join_lines(lines)
    return body if len(body) <= limits.CARD_BYTES else None


def is_group_card(properties: Iterable[Property]) -> bool:
    """Tell whether a card is a group's, in Apple's way or in that of RFC 6350."""
    return any(
        found.name in {"KIND", "X-ADDRESSBOOKSERVER-KIND"} and found.text.strip().lower() == "group"
        for found in properties
    )


def read_members(properties: Sequence[Property]) -> tuple[str, list[str]]:
    """Read a group's name and the UIDs of its members from a card that a client sent.

    Returns:
        The name (FN, else the first part of N, else ""), and each UID once, in the order of the card, as written but
        for its URI scheme. Members named by anything but a UID (mailto:, …) are left out.
    """
    names = {found.name: found for found in reversed(properties) if found.name in {"FN", "N"}}
    name = names["FN"].text.strip() if "FN" in names else ""
    if not name and "N" in names:
        name = next(iter(names["N"].structured), "").strip()
    members = (
        _uid(found.text.strip()) for found in properties if found.name in {"MEMBER", "X-ADDRESSBOOKSERVER-MEMBER"}
    )
    return name, list(dict.fromkeys(uid for uid in members if uid))


def _uid(value: str) -> str:
    for scheme in _SCHEMES:
        if value[: len(scheme)].lower() == scheme:
            return value[len(scheme) :].strip()
    return "" if ":" in value else value
