"""By what a record of an erased contact is known again: keyed MACs, in their own table.

Revises: 0004.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "suppressed",
        sa.Column("mac", sa.LargeBinary(), nullable=False),
        sa.Column("contact_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("mac", "contact_id", name=op.f("pk_suppressed")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("suppressed")
