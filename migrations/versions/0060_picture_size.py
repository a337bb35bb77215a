"""The size of the picture that a device gives, and when it was measured."""

import sqlalchemy as sa
from alembic import op

revision = "0060"
down_revision = "0059"
branch_labels = None
depends_on = None

_COLUMNS = ("picture_width", "picture_height")


def upgrade() -> None:
    """Add them; nothing is measured yet."""
    for name in _COLUMNS:
        op.add_column("device_status", sa.Column(name, sa.SmallInteger))
    op.add_column("device_status", sa.Column("picture_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    """Drop them."""
    for name in (*_COLUMNS, "picture_at"):
        op.drop_column("device_status", name)
