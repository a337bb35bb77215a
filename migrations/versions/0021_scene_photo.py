"""A picture of what a camera sees, kept in the vault beside the address that sheets give."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("camera", sa.Column("scene_file_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_camera_scene_file_id_stored_file"), "camera", "stored_file", ["scene_file_id"], ["id"]
    )


def downgrade() -> None:
    op.drop_column("camera", "scene_file_id")
