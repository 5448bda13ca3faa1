"""Restores: which tokens of an ended epoch are still good, and how far the database knows the journal.

``audience.restored_seq`` gives way to a row per audience and ended epoch: after two restores one number cannot tell
which tokens of which time were issued before the branch.

Revises: 0003.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "restored",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("scope_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("epoch", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "scope_id", "epoch", name=op.f("pk_restored")),
        sqlite_with_rowid=False,
    )
    op.execute("ALTER TABLE audience DROP COLUMN restored_seq")
    op.add_column("ledger_head", sa.Column("journal", sa.BigInteger(), nullable=False, server_default="0"))


def downgrade() -> None:
    op.execute("ALTER TABLE ledger_head DROP COLUMN journal")
    op.execute("ALTER TABLE audience ADD COLUMN restored_seq BIGINT NOT NULL DEFAULT 0")
    op.drop_table("restored")
