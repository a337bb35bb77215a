"""Sheets say how cameras are reached: sealed while they are staged, and only of somebody who may set it."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("camera_import", sa.Column("may_access", sa.Boolean(), server_default=sa.false(), nullable=False))
    for name in ("access_sealed", "access_before_sealed"):
        op.add_column("camera_import_row", sa.Column(name, sa.Text(), nullable=True))


def downgrade() -> None:
    for name in ("access_before_sealed", "access_sealed"):
        op.drop_column("camera_import_row", name)
    op.drop_column("camera_import", "may_access")
