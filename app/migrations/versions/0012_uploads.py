"""Photographs that phones send piece by piece: what has come of each, and what came whole."""

import sqlalchemy as sa
from alembic import op

from app.core.db import UtcDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "upload",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("maker", sa.String(), nullable=False),
        sa.Column("pool", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("received", sa.Integer(), nullable=False),
        sa.Column("pieces", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("format", sa.String(), nullable=True),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("received >= 0 AND received < length", name=op.f("ck_upload_is_unfinished")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_upload")),
    )
    op.create_index("ix_upload_pool", "upload", ["pool"])
    op.create_index("ix_upload_expires_at", "upload", ["expires_at"])
    op.create_table(
        "finished_upload",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("maker", sa.String(), nullable=False),
        sa.Column("pool", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("format", sa.String(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_finished_upload")),
    )
    op.create_index("ix_finished_upload_sha256", "finished_upload", ["sha256"])
    op.create_index("ix_finished_upload_pool", "finished_upload", ["pool"])
    op.create_index("ix_finished_upload_expires_at", "finished_upload", ["expires_at"])
    op.create_index("ix_finished_upload_maker", "finished_upload", ["maker", "sha256"])


def downgrade() -> None:
    op.drop_table("finished_upload")
    op.drop_table("upload")
