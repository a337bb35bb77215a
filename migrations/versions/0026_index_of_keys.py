"""Rows are found by what they belong to: filings and acceptances of a system, visits, reviews and masks of a camera.

Their only indexes by these keys held the open rows, so the history of one system read the table, and every camera taken
out of an import read two. Two columns nobody ever wrote go.
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

INDEXES = (
    ("ix_filing_system_id_id", "filing", ["system_id", "id"]),
    ("ix_acceptance_system_id_id", "acceptance", ["system_id", "id"]),
    ("ix_visit_acceptance_id", "visit", ["acceptance_id"]),
    ("ix_place_review_camera_id", "place_review", ["camera_id"]),
    ("ix_privacy_mask_camera_id_id", "privacy_mask", ["camera_id", "id"]),
    ("ix_preservation_hold_request_id", "preservation_hold", ["request_id"]),
)


def upgrade() -> None:
    for name, table, columns in INDEXES:
        op.create_index(name, table, columns)
    op.drop_index("ix_privacy_mask_camera_id", table_name="privacy_mask")
    op.drop_column("filing", "receipt_file_id")
    op.drop_column("footage_request", "instrument_on")


def downgrade() -> None:
    op.add_column("footage_request", sa.Column("instrument_on", sa.Date(), nullable=True))
    op.add_column("filing", sa.Column("receipt_file_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f("fk_filing_receipt_file_id"), "filing", "stored_file", ["receipt_file_id"], ["id"])
    op.create_index(
        "ix_privacy_mask_camera_id", "privacy_mask", ["camera_id"], postgresql_where=sa.text("removed_at is null")
    )
    for name, table, _columns in reversed(INDEXES):
        op.drop_index(name, table_name=table)
