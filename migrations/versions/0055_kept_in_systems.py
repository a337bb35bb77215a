"""The cameras of a system with the days they keep, read from the index alone."""

from alembic import op

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None

# Which cameras of the places of one regime keep too little: few systems, of thousands of cameras each. The row itself was
# read of each, 200,000 times for a page; beside what it is asked for, the index holds what row-level security compares.
INDEX = "create index ix_camera_system_id_id on camera (system_id, id)"
KEPT = " include (retention_days, unit_id, district, filed_district, secret)"


def upgrade() -> None:
    op.execute("drop index ix_camera_system_id_id")
    op.execute(INDEX + KEPT)


def downgrade() -> None:
    op.execute("drop index ix_camera_system_id_id")
    op.execute(INDEX)
