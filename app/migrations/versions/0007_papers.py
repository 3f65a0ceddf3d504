"""Rectification notices, re-inspection opinions, and exports of the register."""

import sqlalchemy as sa
from alembic import op

from app.core.db import UtcDateTime
from app.core.refusals import insert_only

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

FROZEN = "kind, number, draft_id, unit_id, answers_id, issued_at, issued_by_id, content"
NEVER_CHANGES = (
    f"CREATE TRIGGER paper_refuses_update BEFORE UPDATE OF {FROZEN} ON paper BEGIN SELECT RAISE(ABORT, 'a paper never changes'); END",
    "CREATE TRIGGER paper_refuses_delete BEFORE DELETE ON paper BEGIN SELECT RAISE(ABORT, 'a paper never changes'); END",
    "CREATE TRIGGER paper_hazard_refuses_update BEFORE UPDATE ON paper_hazard BEGIN SELECT RAISE(ABORT, 'a paper never changes'); END",
    "CREATE TRIGGER paper_hazard_refuses_delete BEFORE DELETE ON paper_hazard BEGIN SELECT RAISE(ABORT, 'a paper never changes'); END",
)
NEVER_CHANGES_POSTGRESQL = (
    *insert_only("paper", says="a paper never changes", columns=FROZEN),
    *insert_only("paper_hazard", says="a paper never changes"),
)


def upgrade() -> None:
    op.create_table(
        "paper_number",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "year", name=op.f("pk_paper_number")),
    )
    op.create_table(
        "paper",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("draft_id", sa.String(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("answers_id", sa.Integer(), nullable=True),
        sa.Column("issued_at", UtcDateTime(), nullable=False),
        sa.Column("issued_by_id", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("pdf_status", sa.String(), nullable=False),
        sa.Column("pdf_sha256", sa.String(), nullable=True),
        sa.Column("pdf_bytes", sa.Integer(), nullable=True),
        sa.Column("pdf_fault", sa.String(), nullable=True),
        sa.Column("printed_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("kind IN ('notice','opinion')", name=op.f("ck_paper_kind_is_known")),
        sa.CheckConstraint(
            "(kind = 'opinion') = (answers_id IS NOT NULL)", name=op.f("ck_paper_opinion_answers_a_notice")
        ),
        sa.CheckConstraint(
            "pdf_status IN ('pending','ready','failed')", name=op.f("ck_paper_pdf_status_is_known")
        ),
        sa.CheckConstraint(
            "(pdf_status = 'ready') = (pdf_sha256 IS NOT NULL)", name=op.f("ck_paper_ready_has_a_pdf")
        ),
        sa.CheckConstraint(
            "(pdf_status = 'failed') = (pdf_fault IS NOT NULL)", name=op.f("ck_paper_failure_has_a_cause")
        ),
        sa.ForeignKeyConstraint(["answers_id"], ["paper.id"], name=op.f("fk_paper_answers_id")),
        sa.ForeignKeyConstraint(["issued_by_id"], ["account.id"], name=op.f("fk_paper_issued_by_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_paper_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper")),
        sa.UniqueConstraint("draft_id", name=op.f("uq_paper_draft_id")),
        sa.UniqueConstraint("number", name=op.f("uq_paper_number")),
    )
    op.create_index(op.f("ix_paper_answers_id"), "paper", ["answers_id"])
    op.create_index(op.f("ix_paper_pdf_sha256"), "paper", ["pdf_sha256"])
    op.create_index("ix_paper_unit", "paper", ["unit_id", "id"])
    op.create_table(
        "paper_hazard",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("paper_id", sa.Integer(), nullable=False),
        sa.Column("hazard_id", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["hazard_id"], ["hazard.id"], name=op.f("fk_paper_hazard_hazard_id")),
        sa.ForeignKeyConstraint(["paper_id"], ["paper.id"], name=op.f("fk_paper_hazard_paper_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_hazard")),
        sa.UniqueConstraint("paper_id", "hazard_id", name=op.f("uq_paper_hazard_paper_id_hazard_id")),
        sa.UniqueConstraint("paper_id", "n", name=op.f("uq_paper_hazard_paper_id_n")),
    )
    op.create_index(op.f("ix_paper_hazard_hazard_id"), "paper_hazard", ["hazard_id"])
    _create_exports()
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in NEVER_CHANGES if is_sqlite else NEVER_CHANGES_POSTGRESQL:
        op.execute(statement)


def _create_exports() -> None:
    op.create_table(
        "register_export",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("format", sa.String(), nullable=False),
        sa.Column("filters", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("rights", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=True),
        sa.Column("bytes", sa.Integer(), nullable=True),
        sa.Column("rows", sa.Integer(), nullable=True),
        sa.Column("fault", sa.String(), nullable=True),
        sa.Column("made_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("format IN ('xlsx','csv')", name=op.f("ck_register_export_format_is_known")),
        sa.CheckConstraint(
            "status IN ('pending','ready','failed')", name=op.f("ck_register_export_status_is_known")
        ),
        sa.CheckConstraint(
            "(status = 'ready') = (sha256 IS NOT NULL)", name=op.f("ck_register_export_ready_has_a_file")
        ),
        sa.CheckConstraint(
            "(status = 'failed') = (fault IS NOT NULL)", name=op.f("ck_register_export_failure_has_a_cause")
        ),
        sa.ForeignKeyConstraint(["asked_by_id"], ["account.id"], name=op.f("fk_register_export_asked_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_export")),
        sa.UniqueConstraint("public_id", name=op.f("uq_register_export_public_id")),
    )
    op.create_index(op.f("ix_register_export_asked_by_id"), "register_export", ["asked_by_id"])
    op.create_index(op.f("ix_register_export_sha256"), "register_export", ["sha256"])


def downgrade() -> None:
    for table in ("register_export", "paper_hazard", "paper", "paper_number"):
        op.drop_table(table)
