"""What backup and the watch over the store remember: holds, and objects that are known to be missing."""

import sqlalchemy as sa
from alembic import op

from app.core.db import UtcDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "backup_hold",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_backup_hold")),
    )
    op.create_table(
        "missing_object",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("missed_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_missing_object")),
    )


def downgrade() -> None:
    op.drop_table("missing_object")
    op.drop_table("backup_hold")
