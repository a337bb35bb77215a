"""Tables of portal.maps."""

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Filled by the feature."""


def downgrade() -> None:
    """Filled by the feature."""
