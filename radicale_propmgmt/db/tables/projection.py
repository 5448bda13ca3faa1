"""The projection: rows maintained at write time, from which every read answers (DESIGN §2)."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from radicale_propmgmt.db.base import Base, Id, Instant, Revision, WideId


class LedgerHead(Base):
    """The one counter row: taken first by every writing unit of work, so revision order is commit order."""

    __tablename__ = "ledger_head"
    __table_args__ = (CheckConstraint("one = 1", name="single_row"),)

    one: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    rev: Mapped[Revision]
    now: Mapped[Instant]
    epoch: Mapped[int]
    rules_version: Mapped[int]
    renderer: Mapped[int]  # version of the renderer the projection was made with
    demo: Mapped[bool] = mapped_column(default=False)  # a demo or test database: PROPMGMT_CLOCK is honoured
    journal: Mapped[Revision] = mapped_column(server_default="0")  # line of the journal up to which it was followed


class RestoredRow(Base):
    """Where an epoch ended, by audience or plain collection: its tokens, and older ones, are good up to ``seq``."""

    __tablename__ = "restored"
    __table_args__ = ({"sqlite_with_rowid": False},)

    scope: Mapped[str] = mapped_column(primary_key=True)  # audience | collection
    scope_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    epoch: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[Revision]


class RuleVersion(Base):
    """One applied rule file."""

    __tablename__ = "rule_version"

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    hash: Mapped[str]
    text: Mapped[str]
    applied_at: Mapped[Instant]
    applied_by: Mapped[str]


class AudienceRow(Base):
    """An audience; ``seq`` is raised only when this audience sees a change."""

    __tablename__ = "audience"

    id: Mapped[Id]
    key: Mapped[str] = mapped_column(unique=True)
    seq: Mapped[Revision] = mapped_column(default=0)
    kinds: Mapped[str] = mapped_column(default="")  # kinds of book that its rules name, space-separated
    base_id: Mapped[int | None] = mapped_column(index=True)  # of which it is a variant: same rights, other card style
    style: Mapped[str | None]  # of a variant: cards | none (see devices add --groups)


class SlotRow(Base):
    """A slice: a group, an object, an object and a group, or the grants."""

    __tablename__ = "slot"
    __table_args__ = (UniqueConstraint("segment"),)

    id: Mapped[Id]
    kind: Mapped[str]
    segment: Mapped[str]
    group_id: Mapped[int | None] = mapped_column(ForeignKey("contact_group.id"))
    object_id: Mapped[int | None] = mapped_column(ForeignKey("property_object.id"))


class BookRow(Base):
    """(audience, URL segment); never deleted."""

    __tablename__ = "book"
    __table_args__ = (UniqueConstraint("audience_id", "segment"),)

    id: Mapped[Id]
    audience_id: Mapped[int] = mapped_column(ForeignKey("audience.id"))
    segment: Mapped[str]
    kind: Mapped[str]
    token_id: Mapped[str] = mapped_column(unique=True)
    slot_id: Mapped[int | None] = mapped_column(ForeignKey("slot.id"))


class Wire(Base):
    """Identity of a contact on the wire; survives erasure (``uid`` then NULL)."""

    __tablename__ = "wire"

    contact_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    href: Mapped[str] = mapped_column(unique=True)
    uid: Mapped[str | None] = mapped_column(unique=True)
    uid_mac: Mapped[str | None] = mapped_column(index=True)
    state: Mapped[int]  # 0 active, 1 restricted, 2 erased


class Rendition(Base):
    """Distinct bytes of a contact, shared by audiences."""

    __tablename__ = "rendition"
    __table_args__ = (UniqueConstraint("contact_id", "etag"),)

    id: Mapped[int] = mapped_column(WideId, primary_key=True, autoincrement=False)  # never used twice
    contact_id: Mapped[int]
    etag: Mapped[str]
    body: Mapped[bytes] = mapped_column(LargeBinary)


class RenditionSearch(Base):
    """Folded text of a rendition: what address book queries may match, apart from the bodies for speed."""

    __tablename__ = "rendition_search"

    rendition_id: Mapped[int] = mapped_column(WideId, primary_key=True, autoincrement=False)
    text: Mapped[str] = mapped_column("folded")


class Card(Base):
    """What one audience sees of one contact. ``etag`` NULL = gone; ``first_seq`` is the first time ever."""

    __tablename__ = "card"
    __table_args__ = (
        Index("ix_card_seq", "audience_id", "seq", "contact_id", "first_seq", "etag", "rendition_id"),
        {"sqlite_with_rowid": False},
    )

    audience_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    contact_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, index=True)
    seq: Mapped[Revision]
    first_seq: Mapped[Revision]
    rendition_id: Mapped[int | None] = mapped_column(WideId)
    etag: Mapped[str | None]
    nudges: Mapped[int] = mapped_column(default=0)


class Place(Base):
    """Membership of a card in a slice; ``seq`` moves with membership and with the card."""

    __tablename__ = "place"
    __table_args__ = (
        Index("ix_place_seq", "audience_id", "slot_id", "seq", "contact_id", "first_seq", "live"),
        {"sqlite_with_rowid": False},
    )

    audience_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    contact_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, index=True)
    slot_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[Revision]
    first_seq: Mapped[Revision]
    live: Mapped[bool]


class Due(Base):
    """The next instant a window begins or ends: of one contact for all, or of a rule for one audience."""

    __tablename__ = "due"

    id: Mapped[Id]
    at: Mapped[int] = mapped_column(BigInteger, index=True)
    contact_id: Mapped[int | None] = mapped_column(index=True)
    audience_id: Mapped[int | None] = mapped_column(index=True)
