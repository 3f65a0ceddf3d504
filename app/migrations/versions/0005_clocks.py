"""Marks of deadlines that were announced, and absences with a deputy."""

import sqlalchemy as sa
from alembic import op

from app.core.db import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TO_REPAIR = sa.text("state = 'rectifying'")
TO_ANSWER = sa.text("state = 'submitted' AND first_act_at IS NULL")


def upgrade() -> None:
    op.add_column("hazard", sa.Column("deadline_set_at", UtcDateTime(), nullable=True))
    op.add_column("hazard", sa.Column("supervised_at", UtcDateTime(), nullable=True))
    # When a deadline that is in force was given was not kept; the acceptance is the earliest it can have been, so
    # that no mark is missed.
    op.execute("UPDATE hazard SET deadline_set_at = accepted_at WHERE deadline IS NOT NULL")
    op.create_index(
        "ix_hazard_to_repair", "hazard", ["state", "deadline"], sqlite_where=TO_REPAIR, postgresql_where=TO_REPAIR
    )
    op.create_index(
        "ix_hazard_to_answer",
        "hazard",
        ["state", "first_act_at", "arrived_at"],
        sqlite_where=TO_ANSWER,
        postgresql_where=TO_ANSWER,
    )
    op.create_table(
        "deadline_mark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hazard_id", sa.Integer(), nullable=False),
        sa.Column("clock", sa.String(), nullable=False),
        sa.Column("counted_from", UtcDateTime(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("marked_at", UtcDateTime(), nullable=False),
        sa.Column("announced", sa.Boolean(), nullable=False),
        sa.CheckConstraint("clock IN ('repair','first_act')", name=op.f("ck_deadline_mark_clock_is_known")),
        sa.CheckConstraint("days IN (-1, 0, 1, 3)", name=op.f("ck_deadline_mark_days_are_marks")),
        sa.ForeignKeyConstraint(["hazard_id"], ["hazard.id"], name=op.f("fk_deadline_mark_hazard_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deadline_mark")),
        sa.UniqueConstraint(
            "hazard_id",
            "clock",
            "counted_from",
            "days",
            name=op.f("uq_deadline_mark_hazard_id_clock_counted_from_days"),
        ),
    )
    op.create_table(
        "absence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("deputy_id", sa.Integer(), nullable=True),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("taken_back_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("from_on <= until_on", name=op.f("ck_absence_days_in_order")),
        sa.CheckConstraint("deputy_id <> account_id", name=op.f("ck_absence_deputy_is_another")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_absence_account_id")),
        sa.ForeignKeyConstraint(["deputy_id"], ["account.id"], name=op.f("fk_absence_deputy_id")),
        sa.ForeignKeyConstraint(["made_by_id"], ["account.id"], name=op.f("fk_absence_made_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence")),
        sa.UniqueConstraint("key", name=op.f("uq_absence_key")),
    )
    op.create_index("ix_absence_account", "absence", ["account_id", "until_on"])
    op.create_index("ix_absence_deputy", "absence", ["deputy_id", "until_on"])


def downgrade() -> None:
    op.drop_table("absence")
    op.drop_table("deadline_mark")
    op.drop_index("ix_hazard_to_answer", "hazard")
    op.drop_index("ix_hazard_to_repair", "hazard")
    op.drop_column("hazard", "supervised_at")
    op.drop_column("hazard", "deadline_set_at")
