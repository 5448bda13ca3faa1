"""Give a contact a place in a group or object, and take it away: what PUT elsewhere, DELETE and MOVE do."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from radicale_propmgmt.db.repositories import identities
from radicale_propmgmt.domain.labels import ROLES
from radicale_propmgmt.projection.project import project
from radicale_propmgmt.services import groups, links

if TYPE_CHECKING:
    from collections.abc import Iterable

    from radicale_propmgmt.db.unit_of_work import UnitOfWork
    from radicale_propmgmt.domain.books import Book
    from radicale_propmgmt.domain.links import Link
    from radicale_propmgmt.domain.writing import Creation
    from radicale_propmgmt.services.writes.desk import Desk


def bind(desk: Desk, contact_id: int, making: Creation) -> None:
    """Put a contact where a new card of a book would go: into its group, and to its object from today on."""
    uow, group = desk.uow, making.group
    identities.forget_unlinked(uow, desk.viewer.account_id, contact_id)
    if group is None:
        return
    if making.object_number is None:
        if not groups.join_group(uow, contact_id, group):
            project(uow, [contact_id])
        return
    role = group if group in ROLES else None
    links.add_link(uow, contact_id, object_number=making.object_number, group=group, role=role, starts=uow.today)


def within(book: Book, found: Iterable[Link]) -> list[Link]:
    """List the links by which a card stands in a book."""
    return [
        link
        for link in found
        if (book.group is None or link.group == book.group)
        and (book.object_number is None or link.object_number == book.object_number)
    ]


def unbind(desk: Desk, contact_id: int, found: Iterable[Link]) -> bool:
    """Take a contact out of places as its writer asked, who may put it back elsewhere: a move."""
    ended = end_places(desk.uow, contact_id, found)
    if ended:
        identities.note_unlinked(desk.uow, desk.viewer.account_id, contact_id)
    return ended


def end_places(uow: UnitOfWork, contact_id: int, found: Iterable[Link]) -> bool:
    """End links as of yesterday, and plain memberships at once; tells whether there was anything to end.

    A link that began today never held. The contact itself stays: nothing a client sends erases it.
    """
    yesterday = uow.today - timedelta(days=1)
    ended = False
    for link in found:
        if link.object_number is None:
            ended |= groups.leave_group(uow, contact_id, link.group)
        elif link.until is not None and link.until <= yesterday:
            continue
        elif link.starts is not None and link.starts > yesterday:
            links.remove_link(uow, link.id)
            ended = True
        else:
            links.end_link(uow, link.id, yesterday)
            ended = True
    return ended
