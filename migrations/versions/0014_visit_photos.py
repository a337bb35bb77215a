"""Photos of an acceptance visit."""

import sqlalchemy as sa
from alembic import op

from migrations.support import grant, guard_rows

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "visit_photo",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("item", sa.String(length=60), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("district", sa.String(length=6), nullable=False),
        sa.Column("stored_file_id", sa.Uuid(), nullable=False),
        sa.Column("taken_by", sa.Uuid(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["stored_file_id"], ["stored_file.id"], name=op.f("fk_visit_photo_stored_file_id")),
        sa.ForeignKeyConstraint(["taken_by"], ["person.id"], name=op.f("fk_visit_photo_taken_by")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_visit_photo_unit_id")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_visit_photo_visit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_photo")),
        sa.UniqueConstraint("stored_file_id", name=op.f("uq_visit_photo_stored_file_id")),
    )
    op.create_index("ix_visit_photo_visit_id_item", "visit_photo", ["visit_id", "item"])
    grant("visit_photo", app="select, insert, delete")
    guard_rows("visit_photo")


def downgrade() -> None:
    op.drop_table("visit_photo")
