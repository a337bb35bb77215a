"""The day an acceptance is due is said once, by the time limit that runs; those that never had one are given theirs."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0059"
down_revision = "0058"
branch_labels = None
depends_on = None

# As 0039 counted those that were there before it: one limit, from the application to the conclusion.
_ENDED = (
    "case when status in ('passed','basically_passed','failed') "
    "then greatest(applied, (concluded_at at time zone 'Asia/Shanghai')::date) "
    "when status in ('withdrawn','returned') then greatest(applied, current_date) end"
)
_KIND = "case when status in ('requested','returned','withdrawn') then 'review' else 'decision' end"


def upgrade() -> None:
    op.execute(
        "insert into acceptance_clock (id, acceptance_id, unit_id, district, kind, started_on, due_on, why, ended_on, "  # noqa: S608 - constants of this module
        f"late_days) select gen_random_uuid(), id, unit_id, district, {_KIND}, applied, due_on, due_why, ended, "
        f"greatest(0, coalesce(ended - due_on, 0)) from (select *, {_ENDED} as ended from (select a.*, "
        "(a.requested_at at time zone 'Asia/Shanghai')::date as applied from acceptance a where not exists ("
        "select from acceptance_clock c where c.acceptance_id = a.id)) as told) as counted"
    )
    op.drop_column("acceptance", "due_on")
    op.drop_column("acceptance", "due_why")


def downgrade() -> None:
    op.add_column("acceptance", sa.Column("due_on", sa.Date(), nullable=True))
    op.add_column("acceptance", sa.Column("due_why", postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    op.execute(
        "update acceptance a set due_on = c.due_on, due_why = c.why from acceptance_clock c "
        "where c.acceptance_id = a.id and c.ended_on is null"
    )
