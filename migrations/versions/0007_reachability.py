"""Tables of portal.reachability."""

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Filled by the feature."""


def downgrade() -> None:
    """Filled by the feature."""
