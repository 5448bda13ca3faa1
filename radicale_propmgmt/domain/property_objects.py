"""Property objects (Objekte), their units (Einheiten) and the contact groups (Kontaktgruppen)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PropertyObject:
    """A managed property; ``number`` is the manager's own, stable one, such as "0815"."""

    id: int
    number: str
    name: str
    street: str = ""
    postal_code: str = ""
    city: str = ""
    controller: str = ""


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit of a property object, such as "WE03"."""

    id: int
    object_id: int
    name: str


@dataclass(frozen=True, slots=True)
class Group:
    """A contact group; ``slug`` stands in URLs and rules, ``name`` is shown."""

    id: int
    slug: str
    name: str
    system: bool = False
