"""The delivery ledger as it is written: what a device was told as a whole, single cards, ends, names that are gone.

``delivery`` and ``card_past`` are made anew: nothing wrote them before. Renditions that no card shows any more are
dropped: only bases of merges would need them, and none were noted.

Revises: 0002.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_ORPHANS = """DELETE FROM rendition WHERE NOT EXISTS
(SELECT 1 FROM card WHERE card.contact_id = rendition.contact_id AND card.rendition_id = rendition.id)"""
_THEIR_TEXTS = """DELETE FROM rendition_search WHERE NOT EXISTS
(SELECT 1 FROM rendition WHERE rendition.id = rendition_search.rendition_id)"""
_WIDE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.drop_table("delivery")
    op.drop_table("card_past")
    _create_delivery(sa.Column("whole", sa.BigInteger(), nullable=False))
    _create_card_past(sa.Column("until", sa.BigInteger(), nullable=False))
    op.create_index("ix_card_past_until", "card_past", ["audience_id", "until"], unique=False)
    op.create_table(
        "fetched",
        sa.Column("device_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("book_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("contact_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("rendition_id", _WIDE, nullable=False),
        sa.Column("fetched_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["book_id"], ["book.id"], name=op.f("fk_fetched_book_id_book")),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name=op.f("fk_fetched_device_id_device")),
        sa.PrimaryKeyConstraint("device_id", "book_id", "contact_id", name=op.f("pk_fetched")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_fetched_contact_id"), "fetched", ["contact_id"], unique=False)
    op.create_table(
        "gone_name",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("book_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("gone_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_gone_name_account_id_account")),
        sa.ForeignKeyConstraint(["book_id"], ["book.id"], name=op.f("fk_gone_name_book_id_book")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gone_name")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_gone_name_book_id", "gone_name", ["book_id", "account_id", "seq"], unique=False)
    op.execute(_ORPHANS)
    op.execute(_THEIR_TEXTS)


def _create_delivery(*more: sa.Column[int]) -> None:
    op.create_table(
        "delivery",
        sa.Column("device_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("book_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("issued", sa.BigInteger(), nullable=False),
        sa.Column("issued_at", sa.BigInteger(), nullable=False),
        *more,
        sa.Column("confirmed", sa.BigInteger(), nullable=False),
        sa.Column("confirmed_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["book_id"], ["book.id"], name=op.f("fk_delivery_book_id_book")),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name=op.f("fk_delivery_device_id_device")),
        sa.PrimaryKeyConstraint("device_id", "book_id", name=op.f("pk_delivery")),
        sqlite_with_rowid=False,
    )


def _create_card_past(*more: sa.Column[int]) -> None:
    op.create_table(
        "card_past",
        sa.Column("audience_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("contact_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        *more,
        sa.Column("rendition_id", _WIDE, nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("audience_id", "contact_id", "seq", name=op.f("pk_card_past")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_card_past_contact_id"), "card_past", ["contact_id"], unique=False)
    op.create_index(op.f("ix_card_past_ended_at"), "card_past", ["ended_at"], unique=False)


def downgrade() -> None:
    for table in ("gone_name", "fetched", "card_past", "delivery"):
        op.drop_table(table)
    _create_delivery()
    _create_card_past()
