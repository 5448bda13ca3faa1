"""Which books an account lists, and which it can reach."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Select, bindparam, select

from radicale_propmgmt.db.tables import AudienceRow, BookRow, GroupRow, ObjectRow, Place, SlotRow
from radicale_propmgmt.domain.books import Book, BookKind, Layout

if TYPE_CHECKING:
    from radicale_propmgmt.domain.viewers import Viewer

_ORDER = {kind: number for number, kind in enumerate(BookKind)}
_LAYOUTS = {
    Layout.GROUPS: {BookKind.GROUP, BookKind.GRANTS},
    Layout.OBJECTS: {BookKind.OBJECT, BookKind.OBJECT_GROUP, BookKind.GRANTS},
}


@cache
def _books() -> Select[*tuple[Any, ...]]:
    return (
        select(
            BookRow.id,
            BookRow.segment,
            BookRow.kind,
            BookRow.token_id,
            BookRow.slot_id,
            GroupRow.slug,
            GroupRow.name.label("group_name"),
            ObjectRow.number,
            ObjectRow.name.label("object_name"),
        )
        .outerjoin(SlotRow, SlotRow.id == BookRow.slot_id)
        .outerjoin(GroupRow, GroupRow.id == SlotRow.group_id)
        .outerjoin(ObjectRow, ObjectRow.id == SlotRow.object_id)
        .where(BookRow.audience_id == bindparam("audience"))
    )


@cache
def _book_of_segment() -> Select[*tuple[Any, ...]]:
    return _books().where(BookRow.segment == bindparam("segment"))


def find_book(connection: Connection, viewer: Viewer, segment: str) -> Book | None:
    """Find a book of the viewer's audience by its URL segment, listed or not, empty or not."""
    row = connection.execute(_book_of_segment(), {"audience": viewer.audience_id, "segment": segment}).first()
    return None if row is None else _book(row, viewer)


def list_books(connection: Connection, viewer: Viewer) -> list[Book]:
    """List the books of the home, "alle" first: macOS takes only the first.

    The kinds are those the account's rules name, narrowed by the device's layout; a device always finds something.
    """
    named = connection.scalar(select(AudienceRow.kinds).where(AudienceRow.id == viewer.audience_id)) or ""
    kinds = {BookKind(kind) for kind in named.split()}
    if _has_grants(connection, viewer):
        kinds.add(BookKind.GRANTS)
    if kinds and viewer.layout is Layout.SINGLE:
        kinds = {BookKind.ALL}
    elif kinds & _LAYOUTS.get(viewer.layout, set()):
        kinds &= _LAYOUTS[viewer.layout]
    listed = _books().where(BookRow.kind.in_([kind.value for kind in kinds]))
    books = [_book(row, viewer) for row in connection.execute(listed, {"audience": viewer.audience_id})]
    return sorted(books, key=lambda book: (_ORDER[book.kind], book.segment))


def _has_grants(connection: Connection, viewer: Viewer) -> bool:
    """Tell whether anything was ever granted to this audience one by one."""
    statement = (
        select(Place.contact_id)
        .join(SlotRow, SlotRow.id == Place.slot_id)
        .where(Place.audience_id == viewer.audience_id, SlotRow.kind == BookKind.GRANTS.value)
        .limit(1)
    )
    return connection.scalar(statement) is not None


def _book(row: Any, viewer: Viewer) -> Book:
    object_name = f"{row.number} {row.object_name}" if row.number else ""
    return Book(
        id=row.id,
        audience_id=viewer.audience_id,
        segment=row.segment,
        kind=BookKind(row.kind),
        token_id=row.token_id,
        slot_id=row.slot_id,
        group=row.slug,
        object_number=row.number,
        display_name=" – ".join(filter(None, (object_name, row.group_name))),
        account_id=viewer.account_id,
    )
