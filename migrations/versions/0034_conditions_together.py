"""Conditions that no index knew together are found in one signature of each camera."""

from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

# A bloom index holds a few bits of each row and is read from end to end, twenty-odd megabytes for a million cameras: any
# equalities asked together cost the same few milliseconds, whichever they are. Its operators leak nothing, so row-level
# security lets them choose rows, which a GIN index over arrays would need a function past it for. A new row costs it a
# fraction of what one more B-tree does. Smallint and boolean have no class of their own in the extension.
SIGNED = """
create index ix_camera_signature on camera using bloom (
  status, camera_type, department, zone, district, (point_type::int), (networked::int), (maker::int), (encoding::int),
  (key_point::int), ((records_audio or audio_pickup)::int)
) with (length = 144, col1 = 3, col2 = 3, col3 = 3, col4 = 3, col5 = 3, col6 = 3, col7 = 3, col8 = 3, col9 = 3,
        col10 = 3, col11 = 3);
create index ix_camera_retention_days on camera (retention_days);
create index ix_camera_installed_on on camera (installed_on);
"""


def upgrade() -> None:
    op.execute(SIGNED)


def downgrade() -> None:
    for name in ("installed_on", "retention_days", "signature"):
        op.execute(f"drop index ix_camera_{name}")
