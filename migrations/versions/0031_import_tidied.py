"""Imports that have long been over keep what they came to, and nothing of their rows."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("camera_import", sa.Column("tidied_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_camera_import_untidied",
        "camera_import",
        ["finished_at"],
        postgresql_where=sa.text("finished_at is not null and tidied_at is null"),
    )


def downgrade() -> None:
    op.drop_index("ix_camera_import_untidied", table_name="camera_import")
    op.drop_column("camera_import", "tidied_at")
