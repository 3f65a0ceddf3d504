"""Messages, deliveries, preferences and channels."""

import sqlalchemy as sa
from alembic import op

from app.core.db import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("part", sa.String(), nullable=False),
        sa.Column("hazard_id", sa.Integer(), nullable=True),
        sa.Column("facts", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("read_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_message_account_id")),
        sa.ForeignKeyConstraint(["hazard_id"], ["hazard.id"], name=op.f("fk_message_hazard_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("account_id", "source", name=op.f("uq_message_account_id_source")),
        sa.UniqueConstraint("code", name=op.f("uq_message_code")),
    )
    op.create_index("ix_message_account", "message", ["account_id", "id"])
    op.create_index("ix_message_made_at", "message", ["made_at"])
    op.create_index(
        "ix_message_unread",
        "message",
        ["account_id", "id"],
        sqlite_where=sa.text("read_at IS NULL"),
        postgresql_where=sa.text("read_at IS NULL"),
    )
    op.create_index(
        "ix_message_hazard_unread",
        "message",
        ["hazard_id"],
        sqlite_where=sa.text("read_at IS NULL"),
        postgresql_where=sa.text("read_at IS NULL"),
    )
    op.create_table(
        "channel",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("webhook", sa.String(), nullable=False),
        sa.Column("secret", sa.String(), nullable=True),
        sa.Column("keyword", sa.String(), nullable=True),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("topics", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("retired_at", UtcDateTime(), nullable=True),
        sa.Column("posts", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("blocked_until", UtcDateTime(), nullable=True),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.Column("failed_at", UtcDateTime(), nullable=True),
        sa.Column("fault", sa.String(), nullable=True),
        sa.CheckConstraint("kind IN ('wecom','dingtalk','feishu')", name=op.f("ck_channel_kind_is_known")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_channel_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channel")),
        sa.UniqueConstraint("code", name=op.f("uq_channel_code")),
    )
    op.create_index("ix_channel_unit_id", "channel", ["unit_id"])
    op.create_table(
        "delivery",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.Column("channel_id", sa.Integer(), nullable=True),
        sa.Column("event_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("facts", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("next_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("fault", sa.String(), nullable=True),
        sa.CheckConstraint(
            "(channel_id IS NULL) = (event_id IS NULL)", name=op.f("ck_delivery_robot_tells_an_event")
        ),
        sa.CheckConstraint("(message_id IS NULL) <> (channel_id IS NULL)", name=op.f("ck_delivery_goes_one_way")),
        sa.CheckConstraint(
            "state IN ('waiting','sent','failed','given_up')", name=op.f("ck_delivery_state_is_known")
        ),
        sa.ForeignKeyConstraint(["channel_id"], ["channel.id"], name=op.f("fk_delivery_channel_id")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_delivery_event_id")),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_delivery_message_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint("channel_id", "event_id", name=op.f("uq_delivery_channel_id_event_id")),
        sa.UniqueConstraint("message_id", name=op.f("uq_delivery_message_id")),
    )
    op.create_index("ix_delivery_made_at", "delivery", ["made_at"])
    op.create_index("ix_delivery_waiting", "delivery", ["state", "next_at"])
    op.create_table(
        "preference",
        sa.Column("account_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("email_confirmed_at", UtcDateTime(), nullable=True),
        sa.Column("code_hash", sa.String(), nullable=True),
        sa.Column("code_until", UtcDateTime(), nullable=True),
        sa.Column("code_tries", sa.Integer(), nullable=False),
        sa.Column("silent_topics", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("digest", sa.Boolean(), nullable=False),
        sa.Column("digest_hour", sa.Integer(), nullable=False),
        sa.Column("set_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("digest_hour BETWEEN 0 AND 23", name=op.f("ck_preference_digest_hour_is_an_hour")),
        sa.CheckConstraint("language IN ('zh','en')", name=op.f("ck_preference_language_is_known")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_preference_account_id")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_preference")),
    )
    op.create_table(
        "digest_mark",
        sa.Column("account_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("told_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_digest_mark_account_id")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_digest_mark")),
    )
    op.create_table(
        "listed_host",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry", sa.String(), nullable=False),
        sa.Column("listed_by_id", sa.Integer(), nullable=False),
        sa.Column("listed_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["listed_by_id"], ["account.id"], name=op.f("fk_listed_host_listed_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listed_host")),
        sa.UniqueConstraint("entry", name=op.f("uq_listed_host_entry")),
    )


def downgrade() -> None:
    op.drop_table("listed_host")
    op.drop_table("digest_mark")
    op.drop_table("preference")
    op.drop_table("delivery")
    op.drop_table("channel")
    op.drop_table("message")
