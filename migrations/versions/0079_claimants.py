"""Whoever rests a connection on a law does not approve it either."""

from alembic import op

revision = "0079"
down_revision = "0078"
branch_labels = None
depends_on = None

DROP = "alter table connection_order drop constraint ck_connection_order_approver"
ADD = (
    "alter table connection_order add constraint ck_connection_order_approver"
    " check (approved_by is null or (approved_by is distinct from proposed_by"
    " and approved_by is distinct from claimed_by))"
)
BEFORE = (
    "alter table connection_order add constraint ck_connection_order_approver"
    " check (approved_by is null or approved_by <> proposed_by)"
)


def upgrade() -> None:
    op.execute(DROP)
    op.execute(ADD)


def downgrade() -> None:
    op.execute(DROP)
    op.execute(BEFORE)
