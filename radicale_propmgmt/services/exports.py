"""Export contacts; restricted ones never leave."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from radicale_propmgmt.db.repositories import lookups
from radicale_propmgmt.db.repositories.contacts import chunks, load_contacts, load_subjects
from radicale_propmgmt.domain.contacts import ContactState
from radicale_propmgmt.domain.errors import UsageError
from radicale_propmgmt.domain.fields import ALL_FIELDS
from radicale_propmgmt.services.contacts import known_groups
from radicale_propmgmt.services.property_objects import get_object
from radicale_propmgmt.transfer import csv_export, json_export
from radicale_propmgmt.vcard.card import CardInput, RelatedCard, formatted_name, render_card

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection

    from radicale_propmgmt.domain.contacts import Contact
    from radicale_propmgmt.domain.visibility import Subject


FORMATS = ("vcf", "csv", "json")


def format_of(name: str) -> str:
    """Name the format by a file's ending; json for the terminal.

    Raises:
        UsageError: The ending tells nothing.
    """
    ending = name.rpartition(".")[2].lower() if name != "-" else "json"
    if ending not in FORMATS:
        raise UsageError("the file's ending tells no format: say --format vcf, csv or json")
    return ending


def select_contacts(
    connection: Connection, *, group: str | None = None, object_number: str | None = None, blocked: bool = False
) -> list[int]:
    """List the contacts of a group, an object, or all; restricted ones only if asked.

    Raises:
        NotFoundError: No such group or object.
    """
    group_id = known_groups(connection, [group])[group].id if group else None
    object_id = get_object(connection, object_number).id if object_number else None
    return lookups.contact_page(connection, group_id=group_id, object_id=object_id, blocked=blocked)


def export(connection: Connection, ids: Sequence[int], file_format: str) -> Iterator[str]:
    """Write contacts as text, piece by piece.

    Args:
        connection: A reading connection.
        ids: Contacts; restricted ones among them are left out.
        file_format: vcf, csv or json.
    """
    parts = _contacts(connection, ids)
    if file_format == "json":
        yield from json_export.write_json(parts)
    elif file_format == "csv":
        yield from csv_export.write_csv(parts)
    else:
        yield from _cards(connection, parts)


def _contacts(connection: Connection, ids: Sequence[int]) -> Iterator[tuple[Contact, Subject]]:
    for chunk in chunks(ids):
        found, subjects = load_contacts(connection, chunk), load_subjects(connection, chunk)
        for contact_id in chunk:
            contact = found.get(contact_id)
            if contact is not None and contact.state is ContactState.ACTIVE:
                yield contact, subjects[contact_id]


def _cards(connection: Connection, parts: Iterator[tuple[Contact, Subject]]) -> Iterator[str]:
    group_names = {slug: group.name for slug, group in lookups.groups_by_slug(connection).items()}
    object_names = {number: found.name for number, found in lookups.objects_by_number(connection).items()}
    for contact, subject in parts:
        others: dict[int, Any] = load_contacts(connection, {relation.other_id for relation in contact.relations})
        related = tuple(
            RelatedCard(type=r.type, name=formatted_name(others[r.other_id]), uid=others[r.other_id].uid)
            for r in contact.relations
            if r.other_id in others and others[r.other_id].state is ContactState.ACTIVE
        )
        card = CardInput(
            contact=contact,
            fields=ALL_FIELDS,
            links=subject.links,
            object_names=object_names,
            group_names=group_names,
            related=related,
            consents=subject.consents,
            disclosures=subject.disclosures,
        )
        yield render_card(card).decode()
