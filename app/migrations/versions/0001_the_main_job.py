"""The tables of the main job, and the triggers that keep ledger, rules and history insert-only."""

import sqlalchemy as sa
from alembic import op

from app.core.db import LARGE, UtcDateTime
from app.core.refusals import insert_only

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

INSERT_ONLY = (
    "CREATE TRIGGER IF NOT EXISTS ledger_entry_refuses_update BEFORE UPDATE ON ledger_entry BEGIN SELECT RAISE(ABORT, 'ledger_entry is insert-only'); END",
    "CREATE TRIGGER IF NOT EXISTS ledger_entry_refuses_delete BEFORE DELETE ON ledger_entry BEGIN SELECT RAISE(ABORT, 'ledger_entry is insert-only'); END",
    "CREATE TRIGGER IF NOT EXISTS ledger_entry_refuses_replace BEFORE INSERT ON ledger_entry WHEN EXISTS (SELECT 1 FROM ledger_entry WHERE id = NEW.id OR (event_id = NEW.event_id AND rule = NEW.rule) OR reverses_id = NEW.reverses_id) BEGIN SELECT RAISE(ABORT, 'ledger_entry is insert-only'); END",
    "CREATE TRIGGER IF NOT EXISTS rule_set_refuses_update BEFORE UPDATE ON rule_set BEGIN SELECT RAISE(ABORT, 'rule_set is insert-only'); END",
    "CREATE TRIGGER IF NOT EXISTS rule_set_refuses_delete BEFORE DELETE ON rule_set BEGIN SELECT RAISE(ABORT, 'rule_set is insert-only'); END",
    "CREATE TRIGGER IF NOT EXISTS rule_set_refuses_replace BEFORE INSERT ON rule_set WHEN EXISTS (SELECT 1 FROM rule_set WHERE kind = NEW.kind AND version = NEW.version) BEGIN SELECT RAISE(ABORT, 'rule_set is insert-only'); END",
    "CREATE TRIGGER hazard_history_refuses_update BEFORE UPDATE ON hazard_history BEGIN SELECT RAISE(ABORT, 'hazard_history is insert-only'); END",
    "CREATE TRIGGER hazard_history_refuses_delete BEFORE DELETE ON hazard_history BEGIN SELECT RAISE(ABORT, 'hazard_history is insert-only'); END",
    "CREATE TRIGGER hazard_routing_refuses_update BEFORE UPDATE ON hazard_routing BEGIN SELECT RAISE(ABORT, 'hazard_routing is insert-only'); END",
    "CREATE TRIGGER hazard_routing_refuses_delete BEFORE DELETE ON hazard_routing BEGIN SELECT RAISE(ABORT, 'hazard_routing is insert-only'); END",
)


def upgrade() -> None:
    op.create_table(
        "event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("values", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("relayed_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
    )
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.create_index("ix_event_name", ["name"], unique=False)
        batch_op.create_index(
            "ix_event_waiting",
            ["id"],
            unique=False,
            sqlite_where=sa.text("relayed_at IS NULL"),
            postgresql_where=sa.text("relayed_at IS NULL"),
        )

    op.create_table(
        "hazard_number",
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_hazard_number")),
    )
    op.create_table(
        "rule_set",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("body", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("kind IN ('score','points')", name=op.f("ck_rule_set_kind_is_known")),
        sa.PrimaryKeyConstraint("kind", "version", name=op.f("pk_rule_set")),
    )
    op.create_table(
        "spent_pass",
        sa.Column("pass_hash", sa.String(), nullable=False),
        sa.Column("spent_hour", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("pass_hash", name=op.f("pk_spent_pass")),
    )
    with op.batch_alter_table("spent_pass", schema=None) as batch_op:
        batch_op.create_index("ix_spent_pass_hour", ["spent_hour"], unique=False)

    op.create_table(
        "unit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("timezone", sa.String(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('federation','district','enterprise','workshop','team')", name=op.f("ck_unit_kind_is_known")
        ),
        sa.ForeignKeyConstraint(["parent_id"], ["unit.id"], name=op.f("fk_unit_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
        sa.UniqueConstraint("code", name=op.f("uq_unit_code")),
        sa.UniqueConstraint("path", name=op.f("uq_unit_path")),
    )
    with op.batch_alter_table("unit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_unit_parent_id"), ["parent_id"], unique=False)

    op.create_table(
        "worker_pulse",
        sa.Column("worker", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("jail", sa.JSON(none_as_null=True), nullable=False),
        sa.PrimaryKeyConstraint("worker", name=op.f("pk_worker_pulse")),
    )
    op.create_table(
        "account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("login", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=True),
        sa.Column("home_unit_id", sa.Integer(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("disabled_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["home_unit_id"], ["unit.id"], name=op.f("fk_account_home_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("login", name=op.f("uq_account_login")),
    )
    op.create_table(
        "area",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("polygon", sa.JSON(none_as_null=True), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_area_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_area")),
    )
    op.create_table(
        "errand",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("job", sa.String(), nullable=False),
        sa.Column("subject", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("crashes", sa.Integer(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("lease_until", UtcDateTime(), nullable=True),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.Column("fault", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_errand_event_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_errand")),
        sa.UniqueConstraint("event_id", "job", "subject", name=op.f("uq_errand_event_id_job_subject")),
    )
    with op.batch_alter_table("errand", schema=None) as batch_op:
        batch_op.create_index("ix_errand_claimable", ["state", "due_at"], unique=False)

    op.create_table(
        "headcount",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.CheckConstraint("people >= 0", name=op.f("ck_headcount_people_not_negative")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_headcount_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_headcount")),
        sa.UniqueConstraint("unit_id", "valid_from", name=op.f("uq_headcount_unit_id_valid_from")),
    )
    op.create_table(
        "place",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("allows_guests", sa.Boolean(), nullable=False),
        sa.Column("retired_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("(lat IS NULL) = (lon IS NULL)", name=op.f("ck_place_position_is_whole")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_place_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place")),
        sa.UniqueConstraint("code", name=op.f("uq_place_code")),
    )
    with op.batch_alter_table("place", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_place_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "credential",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("kind IN ('session','token')", name=op.f("ck_credential_kind_is_known")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_credential_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credential")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_credential_token_hash")),
    )
    with op.batch_alter_table("credential", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_credential_account_id"), ["account_id"], unique=False)

    op.create_table(
        "duty",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_duty_account_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_duty_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty")),
        sa.UniqueConstraint("unit_id", "account_id", "category", name=op.f("uq_duty_unit_id_account_id_category")),
    )
    op.create_table(
        "hazard",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("client_scope", sa.String(), nullable=False),
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("content_digest", sa.String(), nullable=False),
        sa.Column("submitted_at", UtcDateTime(), nullable=False),
        sa.Column("reporter_id", sa.Integer(), nullable=True),
        sa.Column("anonymous", sa.Boolean(), nullable=False),
        sa.Column("guest", sa.Boolean(), nullable=False),
        sa.Column("claim_hash", sa.String(), nullable=True),
        sa.Column("claimed_by_id", sa.Integer(), nullable=True),
        sa.Column("reporter_unit_id", sa.Integer(), nullable=True),
        sa.Column("place_id", sa.Integer(), nullable=True),
        sa.Column("location_text", sa.String(), nullable=True),
        sa.Column("category", sa.String(), nullable=True),
        sa.Column("description", sa.String(), nullable=True),
        sa.Column("found_by", sa.String(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("officer_id", sa.Integer(), nullable=True),
        sa.Column("arrived_at", UtcDateTime(), nullable=False),
        sa.Column("first_act_at", UtcDateTime(), nullable=True),
        sa.Column("transfers", sa.Integer(), nullable=False),
        sa.Column("transferred_from_id", sa.Integer(), nullable=True),
        sa.Column("accepted_at", UtcDateTime(), nullable=True),
        sa.Column("accepted_by_id", sa.Integer(), nullable=True),
        sa.Column("level", sa.String(), nullable=True),
        sa.Column("factor", sa.String(), nullable=True),
        sa.Column("measures", sa.String(), nullable=True),
        sa.Column("funds", sa.String(), nullable=True),
        sa.Column("emergency_plan", sa.String(), nullable=True),
        sa.Column("interim_control", sa.String(), nullable=True),
        sa.Column("rectifier_id", sa.Integer(), nullable=True),
        sa.Column("rectifier_name", sa.String(), nullable=True),
        sa.Column("acknowledged_at", UtcDateTime(), nullable=True),
        sa.Column("first_deadline", UtcDateTime(), nullable=True),
        sa.Column("deadline", UtcDateTime(), nullable=True),
        sa.Column("fixed_on_the_spot", sa.Boolean(), nullable=False),
        sa.Column("points_paid_at", UtcDateTime(), nullable=True),
        sa.Column("rectified_at", UtcDateTime(), nullable=True),
        sa.Column("rectified_by_id", sa.Integer(), nullable=True),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.Column("done", sa.String(), nullable=True),
        sa.Column("cost_fen", LARGE, nullable=True),
        sa.Column("first_reviewed_at", UtcDateTime(), nullable=True),
        sa.Column("first_review_passed", sa.Boolean(), nullable=True),
        sa.Column("times_returned", sa.Integer(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("closed_by_id", sa.Integer(), nullable=True),
        sa.Column("conclusion", sa.String(), nullable=True),
        sa.Column("rejected_at", UtcDateTime(), nullable=True),
        sa.Column("rejected_by_id", sa.Integer(), nullable=True),
        sa.Column("reject_reason", sa.String(), nullable=True),
        sa.Column("voided_at", UtcDateTime(), nullable=True),
        sa.Column("appealed_at", UtcDateTime(), nullable=True),
        sa.Column("appeal_decided_at", UtcDateTime(), nullable=True),
        sa.Column("master_id", sa.Integer(), nullable=True),
        sa.Column("merged_at", UtcDateTime(), nullable=True),
        sa.Column("objected_at", UtcDateTime(), nullable=True),
        sa.Column("objection_decided_at", UtcDateTime(), nullable=True),
        sa.Column("extension_asked_at", UtcDateTime(), nullable=True),
        sa.Column("extension_by_id", sa.Integer(), nullable=True),
        sa.Column("extension_deadline", UtcDateTime(), nullable=True),
        sa.Column("extensions", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'duplicate') = (master_id IS NOT NULL)", name=op.f("ck_hazard_duplicate_has_master")
        ),
        sa.CheckConstraint(
            "state <> 'closed' OR (closed_at IS NOT NULL AND closed_by_id IS NOT NULL AND finished_at IS NOT NULL)",
            name=op.f("ck_hazard_closed_was_verified"),
        ),
        sa.CheckConstraint(
            "state IN ('submitted','need_info','rectifying','reviewing','closed','rejected','duplicate','withdrawn')",
            name=op.f("ck_hazard_state_is_known"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('rectifying','reviewing','closed') OR (accepted_at IS NOT NULL AND level IS NOT NULL AND deadline IS NOT NULL AND first_deadline IS NOT NULL AND category IS NOT NULL AND factor IS NOT NULL AND (rectifier_id IS NOT NULL OR rectifier_name IS NOT NULL))",
            name=op.f("ck_hazard_under_way_was_accepted"),
        ),
        sa.CheckConstraint(
            "NOT anonymous OR reporter_id IS NULL", name=op.f("ck_hazard_anonymous_has_no_reporter")
        ),
        sa.CheckConstraint(
            "closed_at IS NULL OR closed_at >= rectified_at", name=op.f("ck_hazard_closed_after_repair")
        ),
        sa.CheckConstraint("version >= 1", name=op.f("ck_hazard_version_counts_from_one")),
        sa.ForeignKeyConstraint(["accepted_by_id"], ["account.id"], name=op.f("fk_hazard_accepted_by_id")),
        sa.ForeignKeyConstraint(["claimed_by_id"], ["account.id"], name=op.f("fk_hazard_claimed_by_id")),
        sa.ForeignKeyConstraint(["closed_by_id"], ["account.id"], name=op.f("fk_hazard_closed_by_id")),
        sa.ForeignKeyConstraint(["extension_by_id"], ["account.id"], name=op.f("fk_hazard_extension_by_id")),
        sa.ForeignKeyConstraint(["master_id"], ["hazard.id"], name=op.f("fk_hazard_master_id")),
        sa.ForeignKeyConstraint(["officer_id"], ["account.id"], name=op.f("fk_hazard_officer_id")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_hazard_place_id")),
        sa.ForeignKeyConstraint(["rectified_by_id"], ["account.id"], name=op.f("fk_hazard_rectified_by_id")),
        sa.ForeignKeyConstraint(["rectifier_id"], ["account.id"], name=op.f("fk_hazard_rectifier_id")),
        sa.ForeignKeyConstraint(["rejected_by_id"], ["account.id"], name=op.f("fk_hazard_rejected_by_id")),
        sa.ForeignKeyConstraint(["reporter_id"], ["account.id"], name=op.f("fk_hazard_reporter_id")),
        sa.ForeignKeyConstraint(["reporter_unit_id"], ["unit.id"], name=op.f("fk_hazard_reporter_unit_id")),
        sa.ForeignKeyConstraint(["transferred_from_id"], ["unit.id"], name=op.f("fk_hazard_transferred_from_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_hazard_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hazard")),
        sa.UniqueConstraint("client_scope", "client_id", name=op.f("uq_hazard_client_scope_client_id")),
        sa.UniqueConstraint("number", name=op.f("uq_hazard_number")),
    )
    with op.batch_alter_table("hazard", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_hazard_claimed_by_id"), ["claimed_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_hazard_master_id"), ["master_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_hazard_place_id"), ["place_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_hazard_rectifier_id"), ["rectifier_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_hazard_reporter_id"), ["reporter_id"], unique=False)
        batch_op.create_index("ix_hazard_scope_submitted", ["client_scope", "submitted_at"], unique=False)
        batch_op.create_index("ix_hazard_unit_state_deadline", ["unit_id", "state", "deadline"], unique=False)

    op.create_table(
        "invitation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_invitation_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_invitation_token_hash")),
    )
    op.create_table(
        "role_grant",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("granted_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "role IN ('worker','officer','rectifier','head','reviewer','admin')",
            name=op.f("ck_role_grant_role_is_known"),
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_role_grant_account_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_role_grant_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_grant")),
        sa.UniqueConstraint(
            "account_id",
            "unit_id",
            "role",
            "granted_at",
            name=op.f("uq_role_grant_account_id_unit_id_role_granted_at"),
        ),
    )
    with op.batch_alter_table("role_grant", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_role_grant_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_role_grant_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "dual_report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hazard_id", sa.Integer(), nullable=False),
        sa.Column("to", sa.String(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("document", sa.String(), nullable=True),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("\"to\" IN ('regulator','congress')", name=op.f("ck_dual_report_to_is_known")),
        sa.ForeignKeyConstraint(["hazard_id"], ["hazard.id"], name=op.f("fk_dual_report_hazard_id")),
        sa.ForeignKeyConstraint(["recorded_by_id"], ["account.id"], name=op.f("fk_dual_report_recorded_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dual_report")),
    )
    with op.batch_alter_table("dual_report", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_dual_report_hazard_id"), ["hazard_id"], unique=False)

    op.create_table(
        "follower",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hazard_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("from_hazard_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_follower_account_id")),
        sa.ForeignKeyConstraint(["from_hazard_id"], ["hazard.id"], name=op.f("fk_follower_from_hazard_id")),
        sa.ForeignKeyConstraint(["hazard_id"], ["hazard.id"], name=op.f("fk_follower_hazard_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follower")),
        sa.UniqueConstraint(
            "hazard_id",
            "account_id",
            "from_hazard_id",
            name=op.f("uq_follower_hazard_id_account_id_from_hazard_id"),
        ),
    )
    with op.batch_alter_table("follower", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_follower_account_id"), ["account_id"], unique=False)

    op.create_table(
        "hazard_history",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hazard_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("from_state", sa.String(), nullable=True),
        sa.Column("to_state", sa.String(), nullable=False),
        sa.Column("detail", sa.JSON(none_as_null=True), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["account.id"], name=op.f("fk_hazard_history_actor_id")),
        sa.ForeignKeyConstraint(["hazard_id"], ["hazard.id"], name=op.f("fk_hazard_history_hazard_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hazard_history")),
        sa.UniqueConstraint("hazard_id", "version", name=op.f("uq_hazard_history_hazard_id_version")),
    )
    with op.batch_alter_table("hazard_history", schema=None) as batch_op:
        batch_op.create_index("ix_hazard_history_at", ["action", "at"], unique=False)

    op.create_table(
        "hazard_routing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hazard_id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("officer_id", sa.Integer(), nullable=True),
        sa.Column("source", sa.String(), nullable=True),
        sa.Column("because", sa.JSON(none_as_null=True), nullable=False),
        sa.ForeignKeyConstraint(["hazard_id"], ["hazard.id"], name=op.f("fk_hazard_routing_hazard_id")),
        sa.ForeignKeyConstraint(["officer_id"], ["account.id"], name=op.f("fk_hazard_routing_officer_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_hazard_routing_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hazard_routing")),
    )
    with op.batch_alter_table("hazard_routing", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_hazard_routing_hazard_id"), ["hazard_id"], unique=False)

    op.create_table(
        "ledger_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("hazard_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("rule_version", sa.Integer(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("values", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("reverses_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "account_id IS NOT NULL OR points = 0", name=op.f("ck_ledger_entry_points_belong_to_somebody")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_ledger_entry_account_id")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_ledger_entry_event_id")),
        sa.ForeignKeyConstraint(["hazard_id"], ["hazard.id"], name=op.f("fk_ledger_entry_hazard_id")),
        sa.ForeignKeyConstraint(["reverses_id"], ["ledger_entry.id"], name=op.f("fk_ledger_entry_reverses_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entry")),
        sa.UniqueConstraint("event_id", "rule", name=op.f("uq_ledger_entry_event_id_rule")),
        sa.UniqueConstraint("reverses_id", name=op.f("uq_ledger_entry_reverses_id")),
    )
    with op.batch_alter_table("ledger_entry", schema=None) as batch_op:
        batch_op.create_index("ix_ledger_entry_account_month", ["account_id", "month"], unique=False)
        batch_op.create_index(batch_op.f("ix_ledger_entry_hazard_id"), ["hazard_id"], unique=False)

    op.create_table(
        "photo",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hazard_id", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("format", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=True),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("sent_captured_at", UtcDateTime(), nullable=True),
        sa.Column("captured_at", UtcDateTime(), nullable=True),
        sa.Column("exif", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("grade", sa.String(), nullable=True),
        sa.Column("grade_because", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("display_key", sa.String(), nullable=True),
        sa.Column("thumb_key", sa.String(), nullable=True),
        sa.Column("place_scanned", sa.Boolean(), nullable=False),
        sa.Column("unnamed", sa.Boolean(), nullable=False),
        sa.Column("stripped_at", UtcDateTime(), nullable=True),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("read_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "(status = 'quarantined') = (cause IS NOT NULL)", name=op.f("ck_photo_quarantine_has_cause")
        ),
        sa.CheckConstraint("stage IN ('before','after')", name=op.f("ck_photo_stage_is_known")),
        sa.CheckConstraint(
            "status <> 'ready' OR (display_key IS NOT NULL AND thumb_key IS NOT NULL)",
            name=op.f("ck_photo_ready_has_pictures"),
        ),
        sa.CheckConstraint("status IN ('pending','ready','quarantined')", name=op.f("ck_photo_status_is_known")),
        sa.ForeignKeyConstraint(["hazard_id"], ["hazard.id"], name=op.f("fk_photo_hazard_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_photo")),
        sa.UniqueConstraint("hazard_id", "n", name=op.f("uq_photo_hazard_id_n")),
    )
    with op.batch_alter_table("photo", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_photo_display_key"), ["display_key"], unique=False)
        batch_op.create_index(batch_op.f("ix_photo_sha256"), ["sha256"], unique=False)
        batch_op.create_index(batch_op.f("ix_photo_thumb_key"), ["thumb_key"], unique=False)

    op.create_table(
        "witness",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("photo_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("accuracy_m", sa.Double(), nullable=True),
        sa.Column("datum", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("source IN ('exif','phone','place','pin')", name=op.f("ck_witness_source_is_known")),
        sa.CheckConstraint(
            "lat BETWEEN -90 AND 90 AND lon BETWEEN -180 AND 180", name=op.f("ck_witness_on_earth")
        ),
        sa.ForeignKeyConstraint(["photo_id"], ["photo.id"], name=op.f("fk_witness_photo_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_witness")),
        sa.UniqueConstraint("photo_id", "source", name=op.f("uq_witness_photo_id_source")),
    )

    if op.get_bind().dialect.name == "sqlite":
        for trigger in INSERT_ONLY:
            op.execute(trigger)
    else:
        for table in ("ledger_entry", "rule_set", "hazard_history", "hazard_routing"):
            for statement in insert_only(table):
                op.execute(statement)


def downgrade() -> None:
    raise RuntimeError("there is nothing before the first migration: restore a backup instead")
