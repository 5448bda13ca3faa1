"""Contacts and everything that decides who sees them."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from radicale_propmgmt.db.base import NEVER_REUSED, Base, Id, Instant


class GroupRow(Base):
    """A contact group."""

    __tablename__ = "contact_group"

    id: Mapped[Id]
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    system: Mapped[bool] = mapped_column(default=False)


class ObjectRow(Base):
    """A property object."""

    __tablename__ = "property_object"

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    street: Mapped[str] = mapped_column(default="")
    postal_code: Mapped[str] = mapped_column(default="")
    city: Mapped[str] = mapped_column(default="")
    controller: Mapped[str] = mapped_column(default="")


class UnitRow(Base):
    """A unit of a property object."""

    __tablename__ = "unit"
    __table_args__ = (UniqueConstraint("object_id", "name"),)

    id: Mapped[Id]
    object_id: Mapped[int] = mapped_column(ForeignKey("property_object.id"))
    name: Mapped[str]


class ContactRow(Base):
    """A contact; identity on the wire (href, uid, state) stands in ``wire``."""

    __tablename__ = "contact"
    __table_args__ = NEVER_REUSED

    id: Mapped[Id]
    key: Mapped[str | None] = mapped_column(unique=True)
    kind: Mapped[str] = mapped_column(default="person")
    protected: Mapped[bool] = mapped_column(default=False)
    system: Mapped[bool] = mapped_column(default=False)
    family: Mapped[str] = mapped_column(default="")
    given: Mapped[str] = mapped_column(default="")
    additional: Mapped[str] = mapped_column(default="")
    prefix: Mapped[str] = mapped_column(default="")
    suffix: Mapped[str] = mapped_column(default="")
    nickname: Mapped[str] = mapped_column(default="")
    formatted: Mapped[str] = mapped_column(default="")
    sort_as: Mapped[str] = mapped_column(default="")
    phonetic_given: Mapped[str] = mapped_column(default="")
    phonetic_family: Mapped[str] = mapped_column(default="")
    name_extra: Mapped[list[Any]] = mapped_column(default=list)  # [[key, value], …]
    salutation: Mapped[str] = mapped_column(default="")
    letter_salutation: Mapped[str] = mapped_column(default="")
    organisation: Mapped[list[Any]] = mapped_column(default=list)  # ORG components
    title: Mapped[str] = mapped_column(default="")
    role: Mapped[str] = mapped_column(default="")
    expertise: Mapped[str] = mapped_column(default="")
    birthday: Mapped[str] = mapped_column(default="")
    anniversary: Mapped[str] = mapped_column(default="")
    deathdate: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
    internal_note: Mapped[str] = mapped_column(default="")
    search_key: Mapped[str] = mapped_column(default="")  # folded text of names and addresses, for `contacts find`
    source_hash: Mapped[str] = mapped_column(
        default=""
    )  # MAC of the last imported record: an equal one changes nothing
    created_at: Mapped[Instant]
    changed_at: Mapped[Instant]


class ContactValue(Base):
    """One ordered property with its parameters and label."""

    __tablename__ = "contact_value"

    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str]
    value: Mapped[str]  # raw vCard 3.0 value
    params: Mapped[list[Any]] = mapped_column(default=list)  # [[NAME, [value, …]], …]
    label: Mapped[str | None]


class ContactTag(Base):
    """A tag (Merkmal) of a contact, such as vip."""

    __tablename__ = "contact_tag"

    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"), primary_key=True)
    tag: Mapped[str] = mapped_column(primary_key=True)


class Membership(Base):
    """Plain membership of a contact in a group, without an object."""

    __tablename__ = "membership"

    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"), primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("contact_group.id"), primary_key=True, index=True)


class LinkRow(Base):
    """Contact × object × unit? × role × window × group."""

    __tablename__ = "link"
    __table_args__ = NEVER_REUSED

    id: Mapped[Id]
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"), index=True)
    object_id: Mapped[int] = mapped_column(ForeignKey("property_object.id"), index=True)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("contact_group.id"), index=True)
    role: Mapped[str | None]
    starts: Mapped[date | None]
    until: Mapped[date | None]


class GrantRow(Base):
    """One contact shown to one account or team."""

    __tablename__ = "contact_grant"
    __table_args__ = NEVER_REUSED

    id: Mapped[Id]
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"), index=True)
    to: Mapped[str] = mapped_column("subject")
    profile: Mapped[str]
    starts: Mapped[date | None]
    until: Mapped[date | None]
    reason: Mapped[str] = mapped_column(default="")
    granted_at: Mapped[Instant]
    revoked_at: Mapped[Instant | None]


class ConsentRow(Base):
    """Consent of a contact to one purpose (GDPR Art. 7)."""

    __tablename__ = "consent"
    __table_args__ = NEVER_REUSED

    id: Mapped[Id]
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"), index=True)
    purpose: Mapped[str]
    text_version: Mapped[str] = mapped_column(default="")
    channel: Mapped[str] = mapped_column(default="")
    proof: Mapped[str] = mapped_column(default="")
    given_on: Mapped[date]
    valid_until: Mapped[date | None]
    withdrawn_at: Mapped[Instant | None]


class DisclosureRow(Base):
    """An agreement that data may be passed on for one purpose."""

    __tablename__ = "disclosure"
    __table_args__ = NEVER_REUSED

    id: Mapped[Id]
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"), index=True)
    purpose: Mapped[str]
    recipient: Mapped[str] = mapped_column(default="")
    basis: Mapped[str] = mapped_column(default="")
    starts: Mapped[date | None]
    until: Mapped[date | None]
    ended_at: Mapped[Instant | None]


class BlockRow(Base):
    """One block (Sperre) and its lifting; rows are never changed but for the lifting."""

    __tablename__ = "block"
    __table_args__ = NEVER_REUSED

    id: Mapped[Id]
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"), index=True)
    code: Mapped[str]
    until: Mapped[date | None]  # review date; a block never ends by itself
    record: Mapped[dict[str, Any]] = mapped_column(default=dict)
    reason: Mapped[str] = mapped_column(default="")
    blocked_at: Mapped[Instant]
    blocked_by: Mapped[str]
    lifted_at: Mapped[Instant | None]
    lifted_by: Mapped[str | None]
    lift_reason: Mapped[str | None]
    informed_on: Mapped[date | None]


class RelationRow(Base):
    """A typed, directed relation; both directions are rows."""

    __tablename__ = "relation"

    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"), primary_key=True)
    other_id: Mapped[int] = mapped_column(ForeignKey("contact.id"), primary_key=True, index=True)
    type: Mapped[str] = mapped_column(primary_key=True)


class BankAccountRow(Base):
    """A bank account of its holder."""

    __tablename__ = "bank_account"

    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    iban: Mapped[str]
    bic: Mapped[str] = mapped_column(default="")
    holder: Mapped[str] = mapped_column(default="")
    bank_name: Mapped[str] = mapped_column(default="")


class MandateRow(Base):
    """A SEPA direct debit mandate."""

    __tablename__ = "mandate"

    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    reference: Mapped[str]
    creditor_id: Mapped[str]
    signed_on: Mapped[date | None]
    sequence: Mapped[str] = mapped_column(default="RCUR")
    scheme: Mapped[str] = mapped_column(default="CORE")
