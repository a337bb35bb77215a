"""Tables of portal.workflow."""

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Filled by the feature."""


def downgrade() -> None:
    """Filled by the feature."""
