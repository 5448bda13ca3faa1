"""What clients were given and what they send: ledger, merge bases, proposals, intake, collections of their own.

Revises: 0001.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = (
    "card_past",
    "refused_writes",
    "nudge",
    "delivery",
    "inbox",
    "proposal",
    "collection",
    "view_property",
    "collection_item",
    "fingerprint",
    "unlinked",
)


def upgrade() -> None:
    _create_ledger()
    _create_what_was_sent()
    _create_collections()
    _create_matching()
    with op.batch_alter_table("audience", schema=None) as batch_op:
        batch_op.add_column(sa.Column("base_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("style", sa.Text(), nullable=True))
        batch_op.create_index(batch_op.f("ix_audience_base_id"), ["base_id"], unique=False)


def _create_ledger() -> None:
    op.create_table(
        "card_past",
        sa.Column("audience_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("contact_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("rendition_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("audience_id", "contact_id", "seq", name=op.f("pk_card_past")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("card_past", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_card_past_contact_id"), ["contact_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_card_past_ended_at"), ["ended_at"], unique=False)

    op.create_table(
        "refused_writes",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("hour", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_refused_writes")),
    )
    op.create_table(
        "nudge",
        sa.Column("account_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("contact_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("audience_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_nudge_account_id_account")),
        sa.PrimaryKeyConstraint("account_id", "contact_id", name=op.f("pk_nudge")),
    )
    with op.batch_alter_table("nudge", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_nudge_contact_id"), ["contact_id"], unique=False)

    op.create_table(
        "delivery",
        sa.Column("device_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("book_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("issued", sa.BigInteger(), nullable=False),
        sa.Column("issued_at", sa.BigInteger(), nullable=False),
        sa.Column("confirmed", sa.BigInteger(), nullable=False),
        sa.Column("confirmed_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["book_id"], ["book.id"], name=op.f("fk_delivery_book_id_book")),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name=op.f("fk_delivery_device_id_device")),
        sa.PrimaryKeyConstraint("device_id", "book_id", name=op.f("pk_delivery")),
        sqlite_with_rowid=False,
    )


def _create_what_was_sent() -> None:
    op.create_table(
        "inbox",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("device_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("segment", sa.Text(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=True),
        sa.Column("object_id", sa.Integer(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("matches", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("contact_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_inbox_account_id_account")),
        sa.ForeignKeyConstraint(["group_id"], ["contact_group.id"], name=op.f("fk_inbox_group_id_contact_group")),
        sa.ForeignKeyConstraint(["object_id"], ["property_object.id"], name=op.f("fk_inbox_object_id_property_object")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox")),
        sa.UniqueConstraint("name", name=op.f("uq_inbox_name")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_inbox_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_inbox_contact_id"), ["contact_id"], unique=False)

    op.create_table(
        "proposal",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("device_id", sa.Integer(), nullable=True),
        sa.Column("segment", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("user_agent", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("base_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_proposal_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("proposal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_proposal_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_proposal_contact_id"), ["contact_id"], unique=False)


def _create_collections() -> None:
    op.create_table(
        "collection",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("segment", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("token_id", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("gone", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_collection_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collection")),
        sa.UniqueConstraint("account_id", "segment", name=op.f("uq_collection_account_id_segment")),
        sa.UniqueConstraint("token_id", name=op.f("uq_collection_token_id")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "view_property",
        sa.Column("account_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("segment", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_view_property_account_id_account")),
        sa.PrimaryKeyConstraint("account_id", "segment", "name", name=op.f("pk_view_property")),
    )
    op.create_table(
        "collection_item",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("collection_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("uid", sa.Text(), nullable=True),
        sa.Column("component", sa.Text(), nullable=False),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("first_seq", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["collection_id"], ["collection.id"], name=op.f("fk_collection_item_collection_id_collection")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collection_item")),
        sa.UniqueConstraint("collection_id", "name", name=op.f("uq_collection_item_collection_id_name")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("collection_item", schema=None) as batch_op:
        batch_op.create_index("ix_collection_item_seq", ["collection_id", "seq", "id"], unique=False)


def _create_matching() -> None:
    op.create_table(
        "fingerprint",
        sa.Column("mac", sa.LargeBinary(), nullable=False),
        sa.Column("contact_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("mac", "contact_id", name=op.f("pk_fingerprint")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("fingerprint", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_fingerprint_contact_id"), ["contact_id"], unique=False)

    op.create_table(
        "unlinked",
        sa.Column("account_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("contact_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_unlinked_account_id_account")),
        sa.PrimaryKeyConstraint("account_id", "contact_id", name=op.f("pk_unlinked")),
    )
    with op.batch_alter_table("unlinked", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_unlinked_contact_id"), ["contact_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("audience", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audience_base_id"))
        batch_op.drop_column("style")
        batch_op.drop_column("base_id")
    for table in reversed(TABLES):
        op.drop_table(table)
