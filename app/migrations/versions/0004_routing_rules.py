"""Routing rules an administrator edits; where a hazard lies; followers who never reported it themselves."""

from uuid import uuid4

import sqlalchemy as sa
from alembic import op

from app.core.db import UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# Officers named for one category of one unit were heard by account: that order becomes the order of the rules.
DUTIES = """
    SELECT unit_id, ROW_NUMBER() OVER (PARTITION BY unit_id ORDER BY account_id, category, id) AS position,
           category, account_id
    FROM duty ORDER BY unit_id, account_id, category, id
"""
GIVE_BACK_DUTIES = """
    INSERT INTO duty (unit_id, account_id, category)
    SELECT DISTINCT unit_id, account_id, category FROM routing_rule
    WHERE category IS NOT NULL AND scope = 'anywhere' AND is_on
"""
WHERE_PLACED = """
    UPDATE hazard SET
        lat = (SELECT place.lat FROM place WHERE place.id = hazard.place_id),
        lon = (SELECT place.lon FROM place WHERE place.id = hazard.place_id)
    WHERE place_id IS NOT NULL
"""
# The order of domain.md §5: pin, phone (accuracy at most 100 m), EXIF; the most accurate of one kind first.
BEST = """
    (SELECT witness.{column} FROM witness JOIN photo ON photo.id = witness.photo_id
     WHERE photo.hazard_id = hazard.id AND photo.stage = 'before'
       AND (witness.source IN ('pin', 'exif') OR (witness.source = 'phone' AND witness.accuracy_m BETWEEN 0 AND 100))
     ORDER BY CASE witness.source WHEN 'pin' THEN 1 WHEN 'phone' THEN 2 ELSE 3 END,
              COALESCE(witness.accuracy_m, 1000000), witness.lat, witness.lon, witness.id
     LIMIT 1)
"""
WHERE_WITNESSED = (
    "UPDATE hazard SET lat = " + BEST.format(column="lat") + ", lon = " + BEST.format(column="lon")  # noqa: S608  # its own columns
    + " WHERE lat IS NULL"
)  # fmt: skip


def upgrade() -> None:
    rules = op.create_table(
        "routing_rule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(), nullable=True),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=True),
        sa.Column("area_id", sa.Integer(), nullable=True),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.CheckConstraint("scope IN ('anywhere','place','area')", name=op.f("ck_routing_rule_scope_is_known")),
        sa.CheckConstraint("place_id IS NULL OR scope = 'place'", name=op.f("ck_routing_rule_place_is_meant")),
        sa.CheckConstraint("area_id IS NULL OR scope = 'area'", name=op.f("ck_routing_rule_area_is_meant")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_routing_rule_account_id")),
        sa.ForeignKeyConstraint(
            ["area_id"], ["area.id"], name=op.f("fk_routing_rule_area_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["place_id"], ["place.id"], name=op.f("fk_routing_rule_place_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_routing_rule_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_routing_rule")),
        sa.UniqueConstraint("key", name=op.f("uq_routing_rule_key")),
        sa.UniqueConstraint("unit_id", "position", name=op.f("uq_routing_rule_unit_id_position")),
    )
    op.create_index(op.f("ix_routing_rule_account_id"), "routing_rule", ["account_id"])
    carried = [
        {**duty, "key": str(uuid4()), "scope": "anywhere", "is_on": True}
        for duty in op.get_bind().execute(sa.text(DUTIES)).mappings()
    ]
    op.bulk_insert(rules, carried)
    op.drop_table("duty")

    op.add_column("hazard", sa.Column("lat", sa.Double(), nullable=True))
    op.add_column("hazard", sa.Column("lon", sa.Double(), nullable=True))
    op.execute(WHERE_PLACED)
    op.execute(WHERE_WITNESSED)
    op.create_index("ix_hazard_state_category_lat", "hazard", ["state", "category", "lat"])

    with op.batch_alter_table("follower") as batch:
        batch.alter_column("from_hazard_id", existing_type=sa.Integer(), nullable=True)
        batch.add_column(sa.Column("followed_at", UtcDateTime(), nullable=True))
    op.create_index(
        "uq_follower_by_choice",
        "follower",
        ["hazard_id", "account_id"],
        unique=True,
        sqlite_where=sa.text("from_hazard_id IS NULL"),
        postgresql_where=sa.text("from_hazard_id IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("uq_follower_by_choice", "follower")
    op.execute("DELETE FROM follower WHERE from_hazard_id IS NULL")
    with op.batch_alter_table("follower") as batch:
        batch.drop_column("followed_at")
        batch.alter_column("from_hazard_id", existing_type=sa.Integer(), nullable=False)

    op.drop_index("ix_hazard_state_category_lat", "hazard")
    op.drop_column("hazard", "lon")
    op.drop_column("hazard", "lat")

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
    op.execute(GIVE_BACK_DUTIES)
    op.drop_table("routing_rule")
