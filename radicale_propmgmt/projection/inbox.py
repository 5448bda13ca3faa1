"""Who sees which card of the inbox follows from entries, accounts, rules and days: it is a projection, too.

``project`` brings it in line with the books of contacts, whenever rules, an audience or a rule's window change; so a
right to review begins and ends on the second, like any other. ``services.inbox`` does after each change of an entry.
"""

from __future__ import annotations

import secrets as random_source
from typing import TYPE_CHECKING, Any

from radicale_propmgmt.db.repositories import collections as collection_rows
from radicale_propmgmt.db.repositories import inbox as rows
from radicale_propmgmt.domain.collections import INBOX_SEGMENT, CollectionKind, ItemContent
from radicale_propmgmt.domain.writing import reviews_inbox
from radicale_propmgmt.projection.rules import rules_of
from radicale_propmgmt.projection.wanted import item_etag

if TYPE_CHECKING:
    from radicale_propmgmt.db.repositories.inbox import Waiting
    from radicale_propmgmt.db.unit_of_work import UnitOfWork


def project_inbox(uow: UnitOfWork) -> None:
    """Bring all inboxes in line at the end of this unit of work, once."""
    uow.at_end(_project, ["all"])


def _project(uow: UnitOfWork, _noted: set[Any]) -> None:
    """Show every account the entries that it may see, and take the others away from its devices.

    A disabled account sees none: no copy outlives the entry.
    """
    waiting = rows.list_waiting(uow.connection)
    shown = rows.list_shown(uow.connection)
    rules = rules_of(uow)
    for reader in rows.list_readers(uow.connection):
        sees_all = not reader.disabled and reviews_inbox(reader.audience, rules, uow.today)
        own = {
            entry.name: entry
            for entry in waiting
            if not reader.disabled and (sees_all or entry.account_id == reader.account_id)
        }
        present = shown.get(reader.account_id)
        if (own or sees_all or present) and present != own.keys():
            _show(uow, reader.account_id, own, present or set())


def _show(uow: UnitOfWork, account_id: int, wanted: dict[str, Waiting], present: set[str]) -> None:
    collection = collection_rows.find_collection(uow.connection, account_id, INBOX_SEGMENT)
    if collection is None:
        kind, token_id = CollectionKind.ADDRESSBOOK, random_source.token_hex(12)
        collection = collection_rows.insert_collection(uow, account_id, INBOX_SEGMENT, kind, token_id)
    for name in sorted(present - wanted.keys()):
        collection_rows.remove_item(uow, collection, name)
    for name in sorted(wanted.keys() - present):
        entry = wanted[name]
        body = rows.body_of(uow.connection, entry.id)
        etag = item_etag(uow.secrets, collection.id, body)
        collection_rows.put_item(uow, collection, name, ItemContent(body, entry.uid, "VCARD"), etag)
