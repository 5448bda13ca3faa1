"""What clients were given and what they sent: deliveries, merge bases, proposals, intake, collections of their own."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from radicale_propmgmt.db.base import NEVER_REUSED, Base, Id, Instant, Revision, WideId


class Delivery(Base):
    """The delivery ledger: the last seq of a book that a device was issued, and the last it confirmed by a token.

    ``issued`` is an upper bound and never goes back: whatever reached the device is not newer. ``whole`` is a lower
    bound: of all cards of the book the device was told what they were at that seq, or later. 0: it was told of none,
    or has been told of another audience's book under the same name since; -1: and confirmed that.
    """

    __tablename__ = "delivery"
    __table_args__ = ({"sqlite_with_rowid": False},)

    device_id: Mapped[int] = mapped_column(ForeignKey("device.id"), primary_key=True, autoincrement=False)
    book_id: Mapped[int] = mapped_column(ForeignKey("book.id"), primary_key=True, autoincrement=False)
    issued: Mapped[Revision]
    issued_at: Mapped[Instant]
    whole: Mapped[Revision]
    confirmed: Mapped[Revision]  # 0: none yet
    confirmed_at: Mapped[Instant | None]


class Fetched(Base):
    """A card that a device fetched by itself and that is newer than what it was told of the whole book."""

    __tablename__ = "fetched"
    __table_args__ = ({"sqlite_with_rowid": False},)

    device_id: Mapped[int] = mapped_column(ForeignKey("device.id"), primary_key=True, autoincrement=False)
    book_id: Mapped[int] = mapped_column(ForeignKey("book.id"), primary_key=True, autoincrement=False)
    contact_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, index=True)
    rendition_id: Mapped[int] = mapped_column(WideId)
    fetched_at: Mapped[Instant]


class CardPast(Base):
    """A rendition a card had from ``seq`` on, until ``until`` replaced it or took it away: a base of merges."""

    __tablename__ = "card_past"
    __table_args__ = (
        Index("ix_card_past_until", "audience_id", "until"),
        {"sqlite_with_rowid": False},
    )

    audience_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    contact_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, index=True)
    seq: Mapped[Revision] = mapped_column(primary_key=True, autoincrement=False)
    until: Mapped[Revision]
    rendition_id: Mapped[int] = mapped_column(WideId)
    ended_at: Mapped[Instant] = mapped_column(index=True)


class Nudge(Base):
    """A card moved for an account so that its devices fetch the truth back; one at a time until one of them did."""

    __tablename__ = "nudge"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True, autoincrement=False)
    contact_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, index=True)
    audience_id: Mapped[int]
    seq: Mapped[Revision]


class GoneName(Base):
    """A name under which an account put a card that is not there: the next delta of the book tells its devices so.

    The name may hold personal data: it is NULL once they all confirmed to know. The last row stays, for tokens carry
    its ``seq``: one of the audience's, which no card has.
    """

    __tablename__ = "gone_name"
    __table_args__ = (Index("ix_gone_name_book_id", "book_id", "account_id", "seq"), NEVER_REUSED)

    id: Mapped[Id]
    book_id: Mapped[int] = mapped_column(ForeignKey("book.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    seq: Mapped[Revision]
    name: Mapped[str | None]
    gone_at: Mapped[Instant]


class RefusedWrites(Base):
    """Refused writes of one device in one hour."""

    __tablename__ = "refused_writes"

    key: Mapped[str] = mapped_column(primary_key=True)  # device:ID, account:ID
    hour: Mapped[Instant]
    count: Mapped[int]


class ProposalRow(Base):
    """An edit or deletion that a client asked for and the office decides on."""

    __tablename__ = "proposal"
    __table_args__ = NEVER_REUSED

    id: Mapped[Id]
    contact_id: Mapped[int] = mapped_column(index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    device_id: Mapped[int | None]
    segment: Mapped[str]
    kind: Mapped[str]  # edit | delete
    user_agent: Mapped[str]  # decides what its card could show
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    base_id: Mapped[int | None] = mapped_column(WideId)  # rendition the edit started from
    fields: Mapped[list[Any]]
    created_at: Mapped[Instant]
    state: Mapped[str]  # open | accepted | rejected
    decided_at: Mapped[Instant | None]
    decided_by: Mapped[str | None]


class InboxRow(Base):
    """A contact that a client created and somebody has to release: no contact yet."""

    __tablename__ = "inbox"
    __table_args__ = NEVER_REUSED

    id: Mapped[Id]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    device_id: Mapped[int | None]
    name: Mapped[str] = mapped_column(unique=True)  # of the card in the books "eingang"
    uid: Mapped[str]
    segment: Mapped[str]  # book in which it was created
    group_id: Mapped[int | None] = mapped_column(ForeignKey("contact_group.id"))
    object_id: Mapped[int | None] = mapped_column(ForeignKey("property_object.id"))
    body: Mapped[bytes | None] = mapped_column(LargeBinary)  # NULL once decided
    matches: Mapped[list[Any]]  # contacts, hidden and erased ones included, it may be
    created_at: Mapped[Instant]
    state: Mapped[str]  # open | accepted | rejected
    decided_at: Mapped[Instant | None]
    decided_by: Mapped[str | None]
    contact_id: Mapped[int | None] = mapped_column(index=True)  # what became of it


class CollectionRow(Base):
    """A collection of one account's own: calendar, personal address book, intake."""

    __tablename__ = "collection"
    __table_args__ = (UniqueConstraint("account_id", "segment"), NEVER_REUSED)

    id: Mapped[Id]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    segment: Mapped[str]
    kind: Mapped[str]  # addressbook | calendar | inbox
    token_id: Mapped[str] = mapped_column(unique=True)
    seq: Mapped[Revision]
    gone: Mapped[bool]


class CollectionItem(Base):
    """One item, byte for byte as it was sent; ``etag`` NULL = gone, and then nothing else of it is left."""

    __tablename__ = "collection_item"
    __table_args__ = (
        UniqueConstraint("collection_id", "name"),
        Index("ix_collection_item_seq", "collection_id", "seq", "id"),
        NEVER_REUSED,
    )

    id: Mapped[Id]
    collection_id: Mapped[int] = mapped_column(ForeignKey("collection.id"))
    name: Mapped[str]
    uid: Mapped[str | None]
    component: Mapped[str]  # VCARD, VEVENT, VTODO, VJOURNAL
    etag: Mapped[str | None]
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    seq: Mapped[Revision]
    first_seq: Mapped[Revision]
    changed_at: Mapped[Instant]


class ViewProperty(Base):
    """A property that an account set on a book or collection (PROPPATCH); shown to nobody else."""

    __tablename__ = "view_property"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True, autoincrement=False)
    segment: Mapped[str] = mapped_column(primary_key=True)  # "" = the home
    name: Mapped[str] = mapped_column(primary_key=True)  # {namespace}local
    value: Mapped[str]  # inner XML, well-formed


class Fingerprint(Base):
    """Keyed MAC of an e-mail address, a phone number, or a name with birthday or address: finds who a card may be."""

    __tablename__ = "fingerprint"
    __table_args__ = ({"sqlite_with_rowid": False},)

    mac: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    contact_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, index=True)


class Suppressed(Base):
    """Keyed MAC by which a record of an erased contact is known again; ``until`` NULL = as long as its tombstone."""

    __tablename__ = "suppressed"
    __table_args__ = ({"sqlite_with_rowid": False},)

    mac: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    contact_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    until: Mapped[int | None] = mapped_column(BigInteger)


class Unlinked(Base):
    """A contact that an account took out of a book by DELETE: a PUT of the same card elsewhere completes a move."""

    __tablename__ = "unlinked"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True, autoincrement=False)
    contact_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, index=True)
    at: Mapped[Instant]
