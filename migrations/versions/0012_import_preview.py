"""An import may wait for a look at what was read before it loads."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("camera_import", sa.Column("preview_first", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("camera_import", sa.Column("preview", JSONB(), server_default="[]", nullable=False))


def downgrade() -> None:
    op.drop_column("camera_import", "preview")
    op.drop_column("camera_import", "preview_first")
