"""Every place's QR code carries 128 random bits of its own; places from before get theirs here.

The column may be empty as far as the database knows: SQLite adds no other to a table that has rows, and rebuilding
this one would count as deleting the places that hazards and rules refer to. The product fills it always.
"""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

CHECK = "length(scan_code) = 22"


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        # The rule stands with the column, so that both can go together.
        op.execute(
            f"ALTER TABLE place ADD COLUMN scan_code VARCHAR CONSTRAINT ck_place_scan_code_is_whole CHECK ({CHECK})"
        )
    else:
        op.add_column("place", sa.Column("scan_code", sa.String(), nullable=True))
        op.create_check_constraint(op.f("ck_place_scan_code_is_whole"), "place", CHECK)
    place = sa.table("place", sa.column("id", sa.Integer), sa.column("scan_code", sa.String))
    for row_id in connection.execute(sa.select(place.c.id)).scalars().all():
        fresh = secrets.token_urlsafe(16)
        connection.execute(sa.update(place).where(place.c.id == row_id).values(scan_code=fresh))
    op.create_index(op.f("ix_place_scan_code"), "place", ["scan_code"], unique=True)


def downgrade() -> None:
    op.drop_index(op.f("ix_place_scan_code"), table_name="place")
    op.drop_column("place", "scan_code")
