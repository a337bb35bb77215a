"""An acceptance says what it is asked for, and keeps each time limit that ran for the organ."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.support import grant, guard_rows

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

_OPEN = "status in ('requested','returned','checked','scheduled')"


def upgrade() -> None:
    op.add_column("acceptance", sa.Column("kind", sa.String(10), server_default="new", nullable=False))
    op.create_check_constraint("kind", "acceptance", "kind in ('new', 'change', 'standard')")
    op.drop_index("uq_acceptance_open", table_name="acceptance")
    op.create_index(
        "uq_acceptance_open",
        "acceptance",
        ["system_id", sa.text("(kind = 'standard')")],
        unique=True,
        postgresql_where=sa.text(_OPEN),
    )
    op.create_table(
        "acceptance_clock",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("acceptance_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("district", sa.String(6), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("why", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("late_days", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint("kind in ('review', 'decision')", name=op.f("ck_acceptance_clock_kind")),
        sa.ForeignKeyConstraint(
            ["acceptance_id"], ["acceptance.id"], name=op.f("fk_acceptance_clock_acceptance_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_acceptance_clock_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acceptance_clock")),
    )
    op.create_index(
        "uq_acceptance_clock_running",
        "acceptance_clock",
        ["acceptance_id"],
        unique=True,
        postgresql_where=sa.text("ended_on is null"),
    )
    op.create_index("ix_acceptance_clock_acceptance_id", "acceptance_clock", ["acceptance_id", "id"])
    grant("acceptance_clock", app="select, insert, update")
    guard_rows("acceptance_clock")
    op.execute(
        "create policy acceptance_clock_sector on acceptance_clock for select to portal_app "
        "using (unit_id = any ((select portal_scope_sector_units())::uuid[]))"
    )
    # Until now one limit ran from the application to the conclusion; it is kept as it was counted.
    ended = (
        "case when status in ('passed','basically_passed','failed') "
        "then (concluded_at at time zone 'Asia/Shanghai')::date "
        "when status in ('withdrawn','returned') then greatest(applied, current_date) end"
    )
    op.execute(
        "insert into acceptance_clock (id, acceptance_id, unit_id, district, kind, started_on, due_on, why, ended_on, "  # noqa: S608 - constants of this module
        "late_days) select gen_random_uuid(), id, unit_id, district, "
        "case when status in ('requested','returned','withdrawn') then 'review' else 'decision' end, "
        "applied, due_on, due_why, ended, greatest(0, coalesce(ended - due_on, 0)) "
        f"from (select *, {ended} as ended from (select *, (requested_at at time zone 'Asia/Shanghai')::date as applied "
        "from acceptance) as told) as counted"
    )
    op.execute("update acceptance set due_on = null, due_why = null where not (" + _OPEN + ") or status = 'returned'")  # noqa: S608 - constants of this module


def downgrade() -> None:
    op.execute(
        "update acceptance a set due_on = c.due_on, due_why = c.why from acceptance_clock c "
        "where c.acceptance_id = a.id and a.due_on is null"
    )
    op.drop_table("acceptance_clock")
    op.drop_index("uq_acceptance_open", table_name="acceptance")
    op.drop_constraint("ck_acceptance_kind", "acceptance", type_="check")
    op.drop_column("acceptance", "kind")
    op.create_index("uq_acceptance_open", "acceptance", ["system_id"], unique=True, postgresql_where=sa.text(_OPEN))
