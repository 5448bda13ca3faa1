"""What is only ever appended: audit chain, history and outbox."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from radicale_propmgmt.db.base import Base, Id, Instant, Revision


class AuditRow(Base):
    """One link of the hash chain. Personal parts are salted commitments (DESIGN §7)."""

    __tablename__ = "audit"

    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    rev: Mapped[Revision]
    at: Mapped[Instant]
    actor: Mapped[str]
    action: Mapped[str]
    contact_id: Mapped[int | None] = mapped_column(index=True)
    rules_version: Mapped[int]
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)  # no personal data
    commitment: Mapped[str] = mapped_column(default="")  # SHA-256(salt ‖ text), hex
    previous: Mapped[str]
    hash: Mapped[str]


class AuditPersonal(Base):
    """Salt and text behind a commitment; erased with the contact, the chain still verifies."""

    __tablename__ = "audit_personal"

    seq: Mapped[int] = mapped_column(ForeignKey("audit.seq"), primary_key=True, autoincrement=False)
    salt: Mapped[bytes] = mapped_column(LargeBinary)
    text: Mapped[str]


class History(Base):
    """Before and after of one accepted change of a contact, until erasure."""

    __tablename__ = "history"

    id: Mapped[Id]
    contact_id: Mapped[int] = mapped_column(index=True)
    rev: Mapped[Revision]
    at: Mapped[Instant]
    actor: Mapped[str]
    device_id: Mapped[int | None]
    fields: Mapped[list[Any]]  # field classes that changed
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]


class Outbox(Base):
    """Events for consumers of the change feed: ids and field names, never values."""

    __tablename__ = "outbox"

    id: Mapped[Id]
    rev: Mapped[Revision]
    at: Mapped[Instant]
    type: Mapped[str]
    contact_id: Mapped[int | None]
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
