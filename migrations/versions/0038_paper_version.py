"""What is said about a paper has a version: of two who say it at once, the second is told."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("document", sa.Column("version", sa.Integer(), server_default="1", nullable=False))
    # A paper's own columns nobody changes; what is said about it, column by column (0020).
    op.execute("grant update (version) on document to portal_app")


def downgrade() -> None:
    op.drop_column("document", "version")
