"""One batch of an import in one unit of work: who is known, what changes, what is new."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from radicale_propmgmt.db.repositories import contact_writes, facts, lookups, suppression
from radicale_propmgmt.db.repositories.audit_batches import record_many
from radicale_propmgmt.db.repositories.contacts import load_contacts, load_subjects
from radicale_propmgmt.domain.fingerprints import fingerprints
from radicale_propmgmt.projection.project import project
from radicale_propmgmt.services import contacts, links
from radicale_propmgmt.services.property_objects import add_object, add_unit
from radicale_propmgmt.transfer.drafts import ImportReport, Rejected
from radicale_propmgmt.transfer.merging import merged

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from radicale_propmgmt.db.repositories.lookups import KnownContact
    from radicale_propmgmt.db.unit_of_work import UnitOfWork
    from radicale_propmgmt.domain.contacts import Contact
    from radicale_propmgmt.domain.links import Link
    from radicale_propmgmt.domain.property_objects import Group, PropertyObject, Unit
    from radicale_propmgmt.domain.secrets import Secrets
    from radicale_propmgmt.domain.visibility import Subject
    from radicale_propmgmt.transfer.drafts import Draft, LinkDraft

#: The one answer for a record that meets a restricted or an erased contact: it tells neither which nor why.
NEUTRAL = "cannot be imported at present; ask who is responsible for data protection"


@dataclass
class _Names:
    """Groups, objects and units by the names that records use."""

    groups: dict[str, Group]
    objects: dict[str, PropertyObject]
    units: dict[tuple[int, str], Unit]

    @classmethod
    def load(cls, uow: UnitOfWork) -> _Names:
        return cls(
            lookups.groups_by_slug(uow.connection),
            lookups.objects_by_number(uow.connection),
            lookups.units(uow.connection),
        )


@dataclass
class _Known:
    """Contacts of the database that the drafts may mean."""

    by_key: dict[str, KnownContact] = field(default_factory=dict)
    by_uid: dict[str, KnownContact] = field(default_factory=dict)
    by_source: dict[str, KnownContact] = field(default_factory=dict)
    erased: set[str] = field(default_factory=set)
    left: set[bytes] = field(default_factory=set)  # MACs that erased contacts left

    @classmethod
    def load(cls, uow: UnitOfWork, drafts: Sequence[Draft]) -> _Known:
        uids = {contacts.wire_uid(uow.secrets, draft.uid) for draft in drafts if draft.uid}
        found = lookups.known_contacts(
            uow.connection,
            keys={draft.key for draft in drafts if draft.key},
            uids=uids,
            source_hashes={_hash(uow.secrets, draft) for draft in drafts if not draft.key and not draft.uid},
        )
        return cls(
            {known.key: known for known in found if known.key},
            {known.uid: known for known in found if known.uid},
            {known.source_hash: known for known in found if known.source_hash},
            lookups.tombstones(uow.connection, [contacts.uid_mac(uow.secrets, uid) for uid in uids]),
            set(suppression.list_known(uow.connection, _macs_of_all(uow, drafts))),
        )


def _macs_of_all(uow: UnitOfWork, drafts: Sequence[Draft]) -> set[bytes]:
    if suppression.is_empty(uow.connection):
        return set()
    return set().union(*(_macs(uow.secrets, draft) for draft in drafts))


def _macs(secrets: Secrets, draft: Draft) -> set[bytes]:
    """Return by what a record may be known as one of an erased contact."""
    source = _hash(secrets, draft)
    found = set(fingerprints(draft.data, secrets))
    if draft.key:
        found.add(suppression.key_mac(secrets, draft.key))
    return found | ({suppression.source_mac(source)} if source else set())


def _hash(secrets: Secrets, draft: Draft) -> str:
    return contacts.source_hash(secrets, draft)


@dataclass
class Batch:
    """Takes drafts and counts what it did."""

    create_objects: bool = False
    report: ImportReport = field(default_factory=ImportReport)

    def take(self, uow: UnitOfWork, drafts: Sequence[Draft]) -> None:
        """Take checked drafts, none of which shares its identity with another, and project what changed."""
        names = _Names.load(uow)
        known = _Known.load(uow, drafts)
        new: list[Draft] = []
        old: list[tuple[Draft, KnownContact]] = []
        for draft in drafts:
            rejected = self._unknown_name(names, draft)
            if rejected is None:
                rejected = self._sort_in(uow, known, draft, new, old)
            if rejected is not None:
                self.report.rejected.append(rejected)
        if self.create_objects:
            self._create_objects(uow, names, [*new, *(draft for draft, _ in old)])
        touched = self._add(uow, names, new) + self._change(uow, names, old)
        if touched:
            project(uow, touched)

    def _sort_in(
        self,
        uow: UnitOfWork,
        known: _Known,
        draft: Draft,
        new: list[Draft],
        old: list[tuple[Draft, KnownContact]],
    ) -> Rejected | None:
        """Decide whether a draft is new, changed or unchanged."""
        uid = contacts.wire_uid(uow.secrets, draft.uid) if draft.uid else None
        source = _hash(uow.secrets, draft)
        by_key = known.by_key.get(draft.key) if draft.key else None
        by_uid = known.by_uid.get(uid) if uid else None
        found = by_key or by_uid
        if not draft.key and not draft.uid:
            found = known.by_source.get(source)
        if found is None:
            was_erased = uid is not None and contacts.uid_mac(uow.secrets, uid) in known.erased
            if was_erased or (known.left and not known.left.isdisjoint(_macs(uow.secrets, draft))):
                return Rejected(draft.line, "-", NEUTRAL)
            new.append(draft)
        elif found.state != 0:
            return Rejected(draft.line, "-", NEUTRAL)
        elif by_key and by_uid and by_key.id != by_uid.id:
            return Rejected(draft.line, "uid", "belongs to another contact than the key")
        elif draft.key and found.key and found.key != draft.key:
            return Rejected(draft.line, "key", "the UID belongs to a contact with another key")
        elif found.source_hash == source:
            self.report.unchanged += 1
        else:
            old.append((draft, found))
        return None

    def _unknown_name(self, names: _Names, draft: Draft) -> Rejected | None:
        """Reject a draft that names a group, object or unit that does not exist."""
        if not draft.groups and not draft.links:
            return Rejected(draft.line, "group", "no group: name one in the record or with --group SLUG")
        for slug in sorted({*draft.groups, *(link.group for link in draft.links)}):
            if slug not in names.groups:
                return Rejected(draft.line, "group", f"no group {slug!r}; there are {', '.join(names.groups)}")
        if self.create_objects:
            return None
        for link in draft.links:
            found = names.objects.get(link.object_number)
            if found is None:
                return Rejected(draft.line, "object", f"no object {link.object_number!r}: add it or --create-objects")
            if link.unit and (found.id, link.unit) not in names.units:
                why = f"object {link.object_number!r} has no unit {link.unit!r}: add it or --create-objects"
                return Rejected(draft.line, "unit", why)
        return None

    def _create_objects(self, uow: UnitOfWork, names: _Names, drafts: Iterable[Draft]) -> None:
        wanted = [link for draft in drafts for link in draft.links]
        for link in wanted:
            if link.object_number not in names.objects:
                add_object(uow, link.object_number, link.object_name or link.object_number)
                names.objects = lookups.objects_by_number(uow.connection)
        units = {(link.object_number, link.unit) for link in wanted if link.unit}
        missing = [(n, unit) for n, unit in sorted(units) if (names.objects[n].id, unit) not in names.units]
        for number, unit in missing:
            add_unit(uow, number, unit)
        if missing:
            names.units = lookups.units(uow.connection)

    def _add(self, uow: UnitOfWork, names: _Names, drafts: list[Draft]) -> list[int]:
        ids = contacts.add_contacts(uow, drafts)
        rows = [_link_row(names, i, link) for i, draft in zip(ids, drafts, strict=True) for link in draft.links]
        link_ids = facts.insert_links(uow, rows)
        entries = [(row["contact_id"], {"link": link_id}) for row, link_id in zip(rows, link_ids, strict=True)]
        record_many(uow, "link.added", entries)
        self.report.added += len(ids)
        return ids

    def _change(self, uow: UnitOfWork, names: _Names, old: list[tuple[Draft, KnownContact]]) -> list[int]:
        ids = [known.id for _, known in old]
        stored, subjects = load_contacts(uow.connection, ids), load_subjects(uow.connection, ids)
        touched = []
        for draft, known in old:
            if self._change_one(uow, names, draft, stored[known.id], subjects[known.id]):
                touched.append(known.id)
            key = draft.key if known.key is None else None
            contact_writes.set_source(uow, known.id, source_hash=_hash(uow.secrets, draft), key=key)
        self.report.changed += len(touched)
        self.report.unchanged += len(old) - len(touched)
        return touched

    def _change_one(self, uow: UnitOfWork, names: _Names, draft: Draft, stored: Contact, subject: Subject) -> bool:
        changed = bool(contacts.write_changes(uow, stored.id, merged(stored, draft.data, draft.covers), stored=stored))
        pairs = [(stored.id, names.groups[slug].id) for slug in draft.groups]
        changed |= bool(contact_writes.add_memberships(uow, pairs))
        free = [link for link in subject.links if link.object_number is not None]
        for wanted in draft.links:
            same = _same_link(wanted, free)
            if same is None:
                row = _link_row(names, stored.id, wanted)
                link_id = facts.insert_links(uow, [row])[0]
                links.record(uow, "link.added", stored.id, link_id, {}, {})
                changed = True
                continue
            free.remove(same)
            if (same.starts, same.until) != (wanted.starts, wanted.until):
                links.set_window(uow, stored.id, same, wanted.starts, wanted.until)
                changed = True
        return changed


def _same_link(wanted: LinkDraft, present: list[Link]) -> Link | None:
    """Find the link that a record speaks of: same object, unit, role and group, and best the same window.

    One that was over before the wanted one begins is an earlier tenancy, not the same one.
    """
    alike = [
        link
        for link in present
        if (link.object_number, link.unit, link.role, link.group)
        == (wanted.object_number, wanted.unit, wanted.role, wanted.group)
    ]
    for link in alike:
        if (link.starts, link.until) == (wanted.starts, wanted.until):
            return link
    for link in alike:
        if link.starts == wanted.starts:
            return link
    still = [link for link in alike if not (link.until and wanted.starts and link.until < wanted.starts)]
    return still[-1] if still else None


def _link_row(names: _Names, contact_id: int, link: LinkDraft) -> dict[str, Any]:
    found = names.objects[link.object_number]
    return {
        "contact_id": contact_id,
        "object_id": found.id,
        "unit_id": names.units[found.id, link.unit].id if link.unit else None,
        "group_id": names.groups[link.group].id,
        "role": link.role,
        "starts": link.starts,
        "until": link.until,
    }
