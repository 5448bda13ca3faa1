"""Contacts as JSON: the shape that the import reads back without a change."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from radicale_propmgmt.transfer.json_file import NAME_TEXTS, TEXTS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from radicale_propmgmt.domain.contacts import Contact
    from radicale_propmgmt.domain.links import Link
    from radicale_propmgmt.domain.visibility import Subject


def to_record(contact: Contact, links: tuple[Link, ...]) -> dict[str, Any]:
    """Return a contact as a JSON object; plain memberships are ``groups``, the rest of ``links`` has an object."""
    name = {part: getattr(contact.name, part) for part in NAME_TEXTS if getattr(contact.name, part)}
    if contact.name.extra:
        name["extra"] = dict(contact.name.extra)
    record: dict[str, Any] = {"key": contact.key, "uid": contact.uid, "kind": contact.kind.value, "name": name}
    record |= {text: getattr(contact, text) for text in TEXTS if getattr(contact, text)}
    record["organisation"] = list(contact.organisation)
    record["tags"] = sorted(contact.tags)
    record["values"] = [
        {"name": v.name, "value": v.value, "params": [[n, list(p)] for n, p in v.params], "label": v.label}
        for v in contact.values
    ]
    record["bank_accounts"] = [asdict(account) for account in contact.bank_accounts]
    record["mandates"] = [asdict(mandate) | {"signed_on": _iso(mandate.signed_on)} for mandate in contact.mandates]
    record["groups"] = [link.group for link in links if link.object_number is None]
    record["links"] = [
        {
            "object": link.object_number,
            "group": link.group,
            "unit": link.unit,
            "role": link.role,
            "from": _iso(link.starts),
            "until": _iso(link.until),
        }
        for link in links
        if link.object_number is not None
    ]
    return {key: value for key, value in record.items() if value not in (None, [], {}, "")}


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def write_json(contacts: Iterator[tuple[Contact, Subject]]) -> Iterator[str]:
    """Write contacts as one array, one record a line."""
    opening = "[\n"
    for contact, subject in contacts:
        yield opening + json.dumps(to_record(contact, subject.links), ensure_ascii=False)
        opening = ",\n"
    yield "[]\n" if opening == "[\n" else "\n]\n"
