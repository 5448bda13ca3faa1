"""Declarative base with the naming convention that migrations rely on."""

from __future__ import annotations

from typing import Annotated, Any

from sqlalchemy import JSON, BigInteger, Integer, MetaData, Text
from sqlalchemy.orm import DeclarativeBase, mapped_column

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Base of all tables."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {dict[str, Any]: JSON, list[Any]: JSON, str: Text}  # noqa: RUF012 - SQLAlchemy's own contract


#: Integer key that is never used twice.
Id = Annotated[int, mapped_column(Integer, primary_key=True, autoincrement=True)]
#: Number of a rendition: 64 bits on PostgreSQL, the rowid on SQLite.
WideId = BigInteger().with_variant(Integer, "sqlite")
#: Seconds since 1970 UTC.
Instant = Annotated[int, mapped_column(BigInteger)]
#: Revision or sequence number.
Revision = Annotated[int, mapped_column(BigInteger)]

NEVER_REUSED: dict[str, Any] = {"sqlite_autoincrement": True}
