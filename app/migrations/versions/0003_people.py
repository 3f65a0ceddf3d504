"""What the set-up of people needs: people are listed by unit, and their links found by person."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_account_home_unit_id"), "account", ["home_unit_id"])
    op.create_index(op.f("ix_invitation_account_id"), "invitation", ["account_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_invitation_account_id"), "invitation")
    op.drop_index(op.f("ix_account_home_unit_id"), "account")
