"""Tables of portal.inspection."""

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Filled by the feature."""


def downgrade() -> None:
    """Filled by the feature."""
