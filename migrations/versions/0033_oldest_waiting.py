"""Filings that wait for a decision are read in the order in which they came."""

from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "create index ix_filing_status_submitted_id on filing "
        "(status, (coalesce(submitted_at, '9999-12-31 00:00:00+00'::timestamptz)), id)"
    )


def downgrade() -> None:
    op.execute("drop index ix_filing_status_submitted_id")
