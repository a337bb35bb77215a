"""Tables of portal.evidence."""

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Filled by the feature."""


def downgrade() -> None:
    """Filled by the feature."""
