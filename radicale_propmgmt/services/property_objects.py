"""Property objects and units."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from radicale_propmgmt.db.repositories import facts, lookups
from radicale_propmgmt.db.repositories.audit import record_audit
from radicale_propmgmt.domain.errors import NotFoundError, UsageError
from radicale_propmgmt.projection.project import project

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from radicale_propmgmt.db.unit_of_work import UnitOfWork
    from radicale_propmgmt.domain.property_objects import PropertyObject

_NUMBER = re.compile(r"[A-Za-z0-9._]{1,32}")


def get_object(connection: Connection, number: str) -> PropertyObject:
    """Return one property object.

    Raises:
        NotFoundError: There is none of this number.
    """
    found = lookups.find_object(connection, number)
    if found is None:
        raise NotFoundError(f"no object {number!r} (see `propmgmt objects list`)")
    return found


def add_object(
    uow: UnitOfWork,
    number: str,
    name: str,
    *,
    street: str = "",
    postal_code: str = "",
    city: str = "",
    controller: str = "",
) -> int:
    """Add a property object.

    Raises:
        UsageError: The number is taken, or does not fit into URLs.
    """
    if not _NUMBER.fullmatch(number):
        raise UsageError("an object's number stands in URLs: up to 32 of A-Z, a-z, 0-9, dot and underscore")
    if lookups.find_object(uow.connection, number) is not None:
        raise UsageError(f"object {number!r} exists")
    object_id = facts.insert_object(
        uow, number=number, name=name, street=street, postal_code=postal_code, city=city, controller=controller
    )
    record_audit(uow, "object.added", facts={"object": number}, personal=uow.reason)
    return object_id


def rename_object(uow: UnitOfWork, number: str, name: str) -> None:
    """Rename a property object; every card that carries the name changes with it."""
    found = get_object(uow.connection, number)
    if found.name == name:
        return
    facts.update_object(uow, found.id, name=name)
    record_audit(uow, "object.renamed", facts={"object": number}, personal=uow.reason)
    project(uow, lookups.contacts_of_object(uow.connection, found.id))


def add_unit(uow: UnitOfWork, number: str, name: str) -> int:
    """Add a unit to a property object.

    Raises:
        UsageError: The unit exists.
    """
    found = get_object(uow.connection, number)
    if not name.strip():
        raise UsageError("a unit needs a name, such as WE03")
    if (found.id, name) in lookups.units(uow.connection):
        raise UsageError(f"unit {name!r} of object {number!r} exists")
    unit_id = facts.insert_unit(uow, found.id, name)
    record_audit(uow, "unit.added", facts={"object": number, "unit": name}, personal=uow.reason)
    return unit_id
