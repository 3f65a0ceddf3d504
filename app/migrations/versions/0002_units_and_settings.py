"""What a unit decides for itself, and the record of every change to the set-up."""

from uuid import uuid4

import sqlalchemy as sa
from alembic import op

from app.core.db import UtcDateTime
from app.core.refusals import insert_only

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

INSERT_ONLY = (
    "CREATE TRIGGER change_refuses_update BEFORE UPDATE ON change BEGIN SELECT RAISE(ABORT, 'change is insert-only'); END",
    "CREATE TRIGGER change_refuses_delete BEFORE DELETE ON change BEGIN SELECT RAISE(ABORT, 'change is insert-only'); END",
)


def upgrade() -> None:
    op.add_column("unit", sa.Column("retired_at", UtcDateTime(), nullable=True))
    _name_areas()
    op.create_table(
        "change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("before", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("after", sa.JSON(none_as_null=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_change_account_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_change_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change")),
    )
    op.create_index("ix_change_unit", "change", ["unit_id", "id"])
    op.create_table(
        "unit_setting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("set_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_unit_setting_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_setting")),
        sa.UniqueConstraint("unit_id", "name", name=op.f("uq_unit_setting_unit_id_name")),
    )
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in INSERT_ONLY if is_sqlite else insert_only("change"):
        op.execute(statement)


def _name_areas() -> None:
    """Areas get a key for their address, also those drawn before."""
    op.add_column("area", sa.Column("retired_at", UtcDateTime(), nullable=True))
    op.add_column("area", sa.Column("key", sa.String(), nullable=True))
    area = sa.table("area", sa.column("id", sa.Integer), sa.column("key", sa.String))
    connection = op.get_bind()
    for row_id in connection.execute(sa.select(area.c.id)).scalars().all():
        connection.execute(sa.update(area).where(area.c.id == row_id).values(key=str(uuid4())))
    with op.batch_alter_table("area") as table:
        table.alter_column("key", existing_type=sa.String(), nullable=False)
        table.create_unique_constraint(op.f("uq_area_key"), ["key"])


def downgrade() -> None:
    op.drop_table("unit_setting")
    op.drop_table("change")
    op.drop_column("unit", "retired_at")
    with op.batch_alter_table("area") as table:
        table.drop_constraint(op.f("uq_area_key"), type_="unique")
        table.drop_column("key")
        table.drop_column("retired_at")
