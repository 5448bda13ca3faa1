"""What the cards of some contacts should be, computed from scratch: pure once the facts are loaded."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import Connection, select

from radicale_propmgmt.db.repositories.contacts import load_contacts, load_subjects, related_ids
from radicale_propmgmt.db.tables import GroupRow, ObjectRow
from radicale_propmgmt.domain.audiences import GroupStyle
from radicale_propmgmt.domain.books import GRANTS_SLOT, BookKind, Slot
from radicale_propmgmt.domain.fields import FieldClass
from radicale_propmgmt.domain.secrets import mac
from radicale_propmgmt.domain.visibility import View, Visibility
from radicale_propmgmt.vcard.card import CardInput, RelatedCard, formatted_name, render_card

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from radicale_propmgmt.domain.audiences import Audience
    from radicale_propmgmt.domain.contacts import Contact
    from radicale_propmgmt.domain.fields import Fields
    from radicale_propmgmt.domain.links import Link
    from radicale_propmgmt.domain.rules import RuleSet
    from radicale_propmgmt.domain.secrets import Secrets
    from radicale_propmgmt.domain.visibility import Subject

#: What variants leave out of each contact's card (DESIGN §4, ``devices add --groups``).
_CATEGORY: Fields = frozenset({FieldClass.CATEGORY})


class WantedCard(NamedTuple):
    """One card as it should be: the ETag of its bytes, the bytes, and the slices that hold it."""

    etag: str
    body: bytes
    slots: frozenset[Slot]


@dataclass(kw_only=True)
class Facts:
    """Everything that decides the cards of ``affected`` contacts, read in one transaction."""

    affected: list[int]
    subjects: dict[int, Subject]
    contacts: dict[int, Contact]
    object_names: dict[str, str]
    group_names: dict[str, str]
    rules: RuleSet
    secrets: Secrets
    today: date
    _bodies: dict[tuple[object, ...], tuple[str, bytes]] = field(default_factory=dict)

    @classmethod
    def load(
        cls, connection: Connection, ids: Iterable[int], *, rules: RuleSet, secrets: Secrets, today: date
    ) -> Facts:
        """Load the contacts, their neighbours (whose names they carry) and the neighbours' facts."""
        affected = sorted(ids)
        near = related_ids(connection, affected) | set(affected)
        return cls(
            affected=affected,
            subjects=load_subjects(connection, near),
            contacts=load_contacts(connection, near),
            object_names={row.number: row.name for row in connection.execute(select(ObjectRow.number, ObjectRow.name))},
            group_names={row.slug: row.name for row in connection.execute(select(GroupRow.slug, GroupRow.name))},
            rules=rules,
            secrets=secrets,
            today=today,
        )

    def cards_for(self, audience: Audience) -> dict[int, WantedCard]:
        """Compute the cards that an audience should have of the affected contacts; absent = none."""
        visibility = Visibility(audience, self.rules, self.today)
        kinds = {kind for rule in self.rules.shares_for(audience.names) for kind in rule.books}
        if audience.style is GroupStyle.CARDS:
            kinds.add(BookKind.MEMBERS)
        hidden: Fields = frozenset() if audience.is_base else _CATEGORY
        cards: dict[int, WantedCard] = {}
        for contact_id in self.affected:
            subject = self.subjects.get(contact_id)
            view = visibility.of(subject) if subject is not None else None
            if view and contact_id in self.contacts:
                body = self._body(self.contacts[contact_id], view.fields - hidden, view.links, visibility)
                cards[contact_id] = WantedCard(*body, slots_of(view, kinds))
        return cards

    def _body(
        self, contact: Contact, fields: Fields, links: tuple[Link, ...], visibility: Visibility
    ) -> tuple[str, bytes]:
        related = self._related(contact, visibility) if contact.relations else ()
        key = (contact.id, fields, links, tuple((other.type, other.uid, other.name) for other in related))
        known = self._bodies.get(key)
        if known is None:
            subject = self.subjects[contact.id]
            body = render_card(
                CardInput(
                    contact=contact,
                    fields=fields,
                    links=links,
                    object_names=self.object_names,
                    group_names=self.group_names,
                    related=related,
                    consents=subject.consents,
                    disclosures=subject.disclosures,
                )
            )
            known = self._bodies[key] = (etag_of(self.secrets, contact.id, body), body)
        return known

    def _related(self, contact: Contact, visibility: Visibility) -> tuple[RelatedCard, ...]:
        """List the relations to contacts whose name the audience sees: nothing else of them may be told (M5)."""
        found = []
        for relation in contact.relations:
            other = self.contacts.get(relation.other_id)
            if other is None:
                continue
            fields = visibility.of(self.subjects[other.id]).fields
            if FieldClass.NAME in fields:
                name = formatted_name(other, (), fields)
                found.append(RelatedCard(type=relation.type, name=name, uid=other.uid, contact=other))
        return tuple(found)


def etag_of(secrets: Secrets, contact_id: int, body: bytes) -> str:
    """Return the keyed MAC over a contact and the bytes of one representation: nobody can test guesses against it."""
    return mac(secrets.etag, str(contact_id).encode(), body)


def item_etag(secrets: Secrets, collection_id: int, body: bytes) -> str:
    """Return the keyed MAC over a plain collection and the bytes of one of its items."""
    return mac(secrets.etag, b"item", str(collection_id).encode(), body)


def slots_of(view: View, kinds: set[BookKind]) -> frozenset[Slot]:
    """Name the slices that hold a card, of the kinds that the audience's rules name (M5: from links only)."""
    slots: set[Slot] = {GRANTS_SLOT} if view.granted else set()
    for link in view.links:
        if BookKind.GROUP in kinds:
            slots.add(Slot(BookKind.GROUP, link.group))
        if BookKind.MEMBERS in kinds and FieldClass.CATEGORY in view.fields:
            slots.add(Slot(BookKind.MEMBERS, link.group))
        if link.object_number is not None:
            if BookKind.OBJECT in kinds:
                slots.add(Slot(BookKind.OBJECT, None, link.object_number))
            if BookKind.OBJECT_GROUP in kinds:
                slots.add(Slot(BookKind.OBJECT_GROUP, link.group, link.object_number))
    return frozenset(slots)
