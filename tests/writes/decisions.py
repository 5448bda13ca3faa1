"""What the office decides in these tests, as the command line does it."""

from __future__ import annotations

from contextlib import contextmanager

from radicale_propmgmt.db.repositories.contacts import load_subjects
from radicale_propmgmt.services import contacts, history, inbox, proposals
from radicale_propmgmt.transfer.merging import by_field_class


class Office:
    def __init__(self, world) -> None:
        self.world = world

    @contextmanager
    def write(self):
        with self.world.database.write("cli:vera") as uow:
            yield uow

    def proposals(self):
        with self.world.database.read() as connection:
            return proposals.list_proposals(connection)

    def compare(self, proposal):
        with self.world.database.read() as connection:
            return {found.field: found for found in proposals.compare(self.world.database, connection, proposal)}

    def accept(self, proposal, **options):
        with self.write() as uow:
            return proposals.accept(uow, proposal.id, **options)

    def inbox(self):
        with self.world.database.read() as connection:
            return inbox.list_open(connection)

    def release(self, entry, **options):
        with self.write() as uow:
            return inbox.accept(uow, entry.id, **options)

    def history(self, contact_id):
        """Newest first."""
        with self.world.database.read() as connection:
            return history.list_changes(connection, contact_id)

    def undo(self, contact_id, to):
        with self.write() as uow:
            return history.undo(uow, contact_id, to)

    def fields(self, contact_id):
        with self.world.database.read() as connection:
            return by_field_class(contacts.get_contact(connection, contact_id))

    def places(self, contact_id):
        with self.world.database.read() as connection:
            links = load_subjects(connection, [contact_id])[contact_id].links
        return {(link.group, link.object_number, link.unit, link.role, link.starts, link.until) for link in links}
