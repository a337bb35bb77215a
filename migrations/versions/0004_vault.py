"""Tables of portal.vault."""

import sqlalchemy as sa
from alembic import op

from migrations.support import grant

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Filled by the feature."""
    op.create_table("stored_file", sa.Column("id", sa.Uuid(), primary_key=True))
    grant("stored_file", app="select, insert")


def downgrade() -> None:
    """Filled by the feature."""
    op.drop_table("stored_file")
