"""What the remaining moves of the lifecycle keep: the documents of a dual report."""

import sqlalchemy as sa
from alembic import op

from app.core.db import UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "document",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hazard_id", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("format", sa.String(), nullable=False),
        sa.Column("kept_at", UtcDateTime(), nullable=False),
        sa.Column("kept_by_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["hazard_id"], ["hazard.id"], name=op.f("fk_document_hazard_id")),
        sa.ForeignKeyConstraint(["kept_by_id"], ["account.id"], name=op.f("fk_document_kept_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
        sa.UniqueConstraint("hazard_id", "n", name=op.f("uq_document_hazard_id_n")),
    )
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.create_index(op.f("ix_document_sha256"), ["sha256"], unique=False)
    with op.batch_alter_table("dual_report", schema=None) as batch_op:
        batch_op.add_column(sa.Column("document_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(op.f("fk_dual_report_document_id"), "document", ["document_id"], ["id"])


def downgrade() -> None:
    with op.batch_alter_table("dual_report", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("fk_dual_report_document_id"), type_="foreignkey")
        batch_op.drop_column("document_id")
    op.drop_table("document")
