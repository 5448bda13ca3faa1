"""Plain collections and their items: every statement of them. Whoever writes holds a unit of work."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import Connection, Select, delete, func, insert, select, update

from radicale_propmgmt.db.repositories.contacts import CHUNK, chunks
from radicale_propmgmt.db.tables import (
    AccountAudience,
    Card,
    CollectionItem,
    CollectionRow,
    Wire,
)
from radicale_propmgmt.domain.collections import Collection, CollectionKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from radicale_propmgmt.db.unit_of_work import UnitOfWork
    from radicale_propmgmt.domain.collections import ItemContent

_KINDS = tuple(kind.value for kind in CollectionKind)
_IDS = 2**31  # ids are below; a token can say more
_ROW = (
    CollectionRow.id,
    CollectionRow.account_id,
    CollectionRow.segment,
    CollectionRow.kind,
    CollectionRow.token_id,
    CollectionRow.seq,
)


class ItemRow(NamedTuple):
    """One item of a listing or delta; ``etag`` None = gone."""

    name: str
    etag: str | None
    id: int
    seq: int
    component: str


_ITEM = (CollectionItem.name, CollectionItem.etag, CollectionItem.id, CollectionItem.seq, CollectionItem.component)


def _live_collections(account_id: int) -> Select[int, int, str, str, str, int]:
    return select(*_ROW).where(
        CollectionRow.account_id == account_id, CollectionRow.kind.in_(_KINDS), CollectionRow.gone.is_(False)
    )


def find_collection(connection: Connection, account_id: int, segment: str) -> Collection | None:
    """Find a collection of an account by its URL segment."""
    row = connection.execute(_live_collections(account_id).where(CollectionRow.segment == segment)).first()
    return None if row is None else _collection(*row)


def list_collections(connection: Connection, account_id: int) -> list[Collection]:
    """List the collections of an account: address books first, each kind in order of its segments."""
    statement = _live_collections(account_id).order_by(CollectionRow.kind, CollectionRow.segment)
    return [_collection(*row) for row in connection.execute(statement)]


def _collection(number: int, account_id: int, segment: str, kind: str, token_id: str, seq: int) -> Collection:
    return Collection(
        id=number, account_id=account_id, segment=segment, kind=CollectionKind(kind), token_id=token_id, seq=seq
    )


def insert_collection(
    uow: UnitOfWork, account_id: int, segment: str, kind: CollectionKind, token_id: str
) -> Collection:
    """Insert a collection, or make one anew under the name of one that is gone; its seq goes on."""
    values = {"kind": kind.value, "token_id": token_id, "gone": False}
    found = uow.connection.execute(
        update(CollectionRow)
        .where(CollectionRow.account_id == account_id, CollectionRow.segment == segment, CollectionRow.gone.is_(True))
        .values(**values)
        .returning(*_ROW)
    ).first()
    if found is None:
        found = uow.connection.execute(
            insert(CollectionRow).values(account_id=account_id, segment=segment, seq=0, **values).returning(*_ROW)
        ).one()
    return _collection(*found)


def delete_collection(uow: UnitOfWork, collection: Collection) -> None:
    """Take a collection away with all its items; only that the name was used stays."""
    uow.connection.execute(delete(CollectionItem).where(CollectionItem.collection_id == collection.id))
    uow.connection.execute(update(CollectionRow).where(CollectionRow.id == collection.id).values(gone=True))


def rename_collection(uow: UnitOfWork, collection: Collection, segment: str, token_id: str) -> None:
    """Give a collection another segment; a former one of that name, with nothing left in it, makes way."""
    same = (CollectionRow.account_id == collection.account_id, CollectionRow.segment == segment)
    uow.connection.execute(delete(CollectionRow).where(*same, CollectionRow.gone.is_(True)))
    uow.connection.execute(
        update(CollectionRow).where(CollectionRow.id == collection.id).values(segment=segment, token_id=token_id)
    )


def next_seq(uow: UnitOfWork, collection: Collection) -> int:
    """Raise a collection's seq for one change, and return it."""
    return uow.connection.execute(
        update(CollectionRow)
        .where(CollectionRow.id == collection.id)
        .values(seq=CollectionRow.seq + 1)
        .returning(CollectionRow.seq)
    ).scalar_one()


def _live(collection: Collection) -> Select[str, str | None, int, int, str]:
    return select(*_ITEM).where(CollectionItem.collection_id == collection.id, CollectionItem.etag.is_not(None))


def list_items(connection: Connection, collection: Collection, component: str | None = None) -> list[ItemRow]:
    """List the live items, if asked for of one kind only."""
    statement = _live(collection).order_by(CollectionItem.id)
    if component is not None:
        statement = statement.where(CollectionItem.component == component)
    return [ItemRow(*row) for row in connection.execute(statement)]


def find_items(connection: Connection, collection: Collection, names: Iterable[str]) -> dict[str, ItemRow]:
    """Find live items by name."""
    wanted = list(dict.fromkeys(names))
    found: dict[str, ItemRow] = {}
    for start in range(0, len(wanted), CHUNK):
        statement = _live(collection).where(CollectionItem.name.in_(wanted[start : start + CHUNK]))
        found.update((row[0], ItemRow(*row)) for row in connection.execute(statement))
    return found


def find_item(connection: Connection, collection: Collection, name: str) -> ItemRow | None:
    """Find a live item by its name."""
    return find_items(connection, collection, [name]).get(name)


def find_name_of_uid(connection: Connection, collection: Collection, uid: str) -> str | None:
    """Find the name of the live item with a UID."""
    statement = select(CollectionItem.name).where(
        CollectionItem.collection_id == collection.id, CollectionItem.etag.is_not(None), CollectionItem.uid == uid
    )
    return connection.scalar(statement.limit(1))


def uid_of(connection: Connection, item_id: int) -> str:
    """Return the UID of a live item."""
    return connection.scalar(select(CollectionItem.uid).where(CollectionItem.id == item_id)) or ""


def count_items(connection: Connection, collection: Collection) -> int:
    """Count the items of a collection, gone ones included: they are rows, too."""
    statement = select(func.count()).where(CollectionItem.collection_id == collection.id)
    return connection.scalar(statement.select_from(CollectionItem)) or 0


def changed_items(
    connection: Connection,
    collection: Collection,
    cursor: tuple[int, int],
    since: int,
    *,
    tombstones: bool = True,
    limit: int | None = None,
) -> list[ItemRow]:
    """List what changed after a cursor (seq, id), in its order; what came and went since ``since`` is left out."""
    after = CollectionItem.seq > cursor[0]
    if cursor[1] < _IDS:  # inside a page
        after |= (CollectionItem.seq == cursor[0]) & (CollectionItem.id > cursor[1])
    statement = (
        select(*_ITEM)
        .where(CollectionItem.collection_id == collection.id, after, CollectionItem.seq <= collection.seq)
        .order_by(CollectionItem.seq, CollectionItem.id)
    )
    gone_but_known = (CollectionItem.first_seq <= since) if tombstones else False
    statement = statement.where(CollectionItem.etag.is_not(None) | gone_but_known)
    return [ItemRow(*row) for row in connection.execute(statement.limit(limit) if limit is not None else statement)]


def bodies(connection: Connection, ids: Sequence[int]) -> dict[int, bytes]:
    """Fetch the bytes of items; one that is gone meanwhile is absent."""
    found: dict[int, bytes] = {}
    for chunk in chunks(ids):
        statement = select(CollectionItem.id, CollectionItem.body).where(
            CollectionItem.id.in_(chunk), CollectionItem.body.is_not(None)
        )
        found.update((number, body) for number, body in connection.execute(statement) if body is not None)
    return found


def put_item(uow: UnitOfWork, collection: Collection, name: str, content: ItemContent, etag: str) -> None:
    """Insert an item, replace one, or bring one back under its name; ``first_seq`` is kept (M3)."""
    values = {
        "uid": content.uid,
        "component": content.component,
        "etag": etag,
        "body": content.body,
        "seq": next_seq(uow, collection),
        "changed_at": uow.now,
    }
    changed = uow.connection.execute(
        update(CollectionItem)
        .where(CollectionItem.collection_id == collection.id, CollectionItem.name == name)
        .values(**values)
    )
    if not changed.rowcount:
        uow.connection.execute(
            insert(CollectionItem).values(collection_id=collection.id, name=name, first_seq=values["seq"], **values)
        )


def remove_item(uow: UnitOfWork, collection: Collection, name: str) -> None:
    """Leave nothing of an item but that its name was there."""
    uow.connection.execute(
        update(CollectionItem)
        .where(CollectionItem.collection_id == collection.id, CollectionItem.name == name)
        .values(uid=None, etag=None, body=None, seq=next_seq(uow, collection), changed_at=uow.now)
    )


def was_served_contact(connection: Connection, account_id: int, uid_mac: str) -> bool:
    """Tell whether an account was ever shown a contact with a UID, whatever became of it since."""
    statement = (
        select(Card.contact_id)
        .join(Wire, Wire.contact_id == Card.contact_id)
        .join(AccountAudience, AccountAudience.audience_id == Card.audience_id)
        .where(Wire.uid_mac == uid_mac, AccountAudience.account_id == account_id)
        .limit(1)
    )
    return connection.scalar(statement) is not None
