"""Contacts as csv: one row per link, headings that the import reads without a mapping."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from radicale_propmgmt.domain.links import Link
from radicale_propmgmt.transfer.mapping import ADDRESS_FIELDS, DAY_FIELDS, NAME_FIELDS, TEXT_FIELDS
from radicale_propmgmt.vcard.values import split_structured, unescape

if TYPE_CHECKING:
    from collections.abc import Iterator

    from radicale_propmgmt.domain.contacts import Contact
    from radicale_propmgmt.domain.visibility import Subject

_PHONES = ("phone", "phone:cell", "phone:work", "phone:fax")
HEADINGS = (
    *("key", "uid", "kind", *NAME_FIELDS, "salutation", "title", "organisation", "department"),
    *(*_PHONES, "email", *ADDRESS_FIELDS, "url", *DAY_FIELDS, "note", "tags"),
    *("group", "object", "unit", "role", "from", "until", "iban", "bic", "account_holder"),
)


def write_csv(contacts: Iterator[tuple[Contact, Subject]]) -> Iterator[str]:
    """Write a heading and one row for each link of each contact. What csv has no column for is left out."""
    yield _line(HEADINGS)
    for contact, subject in contacts:
        own = _own(contact)
        for link in subject.links or (Link(""),):
            row = own | {
                "group": link.group,
                "object": link.object_number or "",
                "unit": link.unit or "",
                "role": link.role or "",
                "from": link.starts.isoformat() if link.starts else "",
                "until": link.until.isoformat() if link.until else "",
            }
            yield _line(tuple(row.get(heading, "") for heading in HEADINGS))


def _line(cells: tuple[str, ...]) -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=";", lineterminator="\r\n").writerow([_harmless(cell) for cell in cells])
    return text.getvalue()


def _harmless(cell: str) -> str:
    """Keep a spreadsheet from running a cell as a formula; phone numbers begin with a plus and stay."""
    return f"'{cell}" if cell[:1] in {"=", "@", "\t"} or (cell[:1] == "-" and not cell[1:2].isdigit()) else cell


def _own(contact: Contact) -> dict[str, str]:
    row = {"key": contact.key or "", "uid": contact.uid, "kind": contact.kind.value}
    row |= {field: getattr(contact.name, field) for field in NAME_FIELDS}
    row |= {field: getattr(contact, field) for field in ("title", *DAY_FIELDS, *TEXT_FIELDS)}
    row |= dict(zip(("organisation", "department"), contact.organisation, strict=False))
    row["tags"] = ",".join(sorted(contact.tags))
    for value in contact.values:
        types = {kind.upper() for name, kinds in value.params if name == "TYPE" for kind in kinds}
        if value.name == "TEL":
            column = next((c for c in _PHONES[1:] if c.partition(":")[2].upper() in types), "phone")
            row.setdefault(column, unescape(value.value))
        elif value.name in {"EMAIL", "URL"}:
            row.setdefault(value.name.lower(), unescape(value.value))
        elif value.name == "ADR" and "street" not in row:
            row |= dict(zip(ADDRESS_FIELDS, split_structured(value.value), strict=False))
    if contact.bank_accounts:
        account = contact.bank_accounts[0]
        row |= {"iban": account.iban, "bic": account.bic, "account_holder": account.holder}
    return row
