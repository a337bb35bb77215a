"""The class of a security project, which decides how many papers an acceptance asks for."""

import sqlalchemy as sa
from alembic import op

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add it; what was applied for before counts as the usual class."""
    op.add_column("acceptance", sa.Column("project_class", sa.String(8), server_default="second", nullable=False))
    op.create_check_constraint(
        op.f("ck_acceptance_project_class"), "acceptance", "project_class in ('first', 'second', 'third')"
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_column("acceptance", "project_class")
