"""By what a card may be recognised as a known person: e-mail, phone, name with birthday, name with address.

A client that lost a blocked contact may send it back under a new UID (Outlook CalDav Synchronizer does). The texts
here are kept as keyed MACs only, and erased with the contact.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .secrets import mac
from .text import fold

if TYPE_CHECKING:
    from .contacts import ContactData
    from .secrets import Secrets

_FEWEST_DIGITS = 7  # shorter numbers are extensions, or one of a whole house


def fingerprints(data: ContactData, secrets: Secrets) -> frozenset[bytes]:
    """Return the MACs by which a contact may be recognised; 16 bytes each."""
    return frozenset(bytes.fromhex(mac(secrets.uid, b"match", text.encode())) for text in _texts(data))


def _texts(data: ContactData) -> set[str]:
    name = "|".join(sorted(fold(part).strip() for part in (data.name.family, data.name.given) if part))
    found: set[str] = set()
    if name and data.birthday and not data.birthday.startswith("--"):
        found.add(f"born|{name}|{data.birthday}")
    for value in data.values:
        text = value.value.replace("\\", "")
        if value.name == "EMAIL" and "@" in text:
            found.add(f"mail|{text.strip().casefold()}")
        elif value.name == "TEL":
            number = text.removeprefix("tel:").strip()
            digits = "".join(c for c in number if c.isdecimal())
            if number.startswith("+") and len(digits) >= _FEWEST_DIGITS:
                found.add(f"call|{digits}")
        elif value.name == "ADR" and name:
            _, _, street, _, _, postal_code, *_ = [*text.split(";"), *[""] * 7]
            if street.strip() and postal_code.strip():
                found.add(f"home|{name}|{fold(street).replace(' ', '')}|{postal_code.strip()}")
    return found
