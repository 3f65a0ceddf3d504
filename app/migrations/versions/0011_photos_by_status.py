"""Photographs by status, oldest first: what counts them, or looks for those that wait, need not read every row.

The whole table and not only what is pending: the counts that `/metrics` tells are of every status.
"""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_photo_status", "photo", ["status", "received_at"])


def downgrade() -> None:
    op.drop_index("ix_photo_status", table_name="photo")
