"""A conclusion can be overridden by two people; a series of tries hangs together; a certificate has its code."""

import sqlalchemy as sa
from alembic import op

from migrations.support import grant, guard_rows

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None

SECTOR = "unit_id = any ((select portal_scope_sector_units())::uuid[])"


def upgrade() -> None:
    op.add_column("acceptance", sa.Column("series_id", sa.Uuid(), nullable=True))
    op.add_column("acceptance", sa.Column("attempt", sa.SmallInteger(), server_default="1", nullable=False))
    op.add_column("acceptance", sa.Column("reinspection", sa.Boolean(), server_default="false", nullable=False))
    op.add_column("acceptance", sa.Column("certificate_code", sa.String(12), nullable=True))
    op.create_foreign_key(op.f("fk_acceptance_series_id"), "acceptance", "acceptance", ["series_id"], ["id"])
    op.create_unique_constraint(op.f("uq_acceptance_certificate_code"), "acceptance", ["certificate_code"])
    op.create_index(
        "ix_acceptance_series_id", "acceptance", ["series_id"], postgresql_where=sa.text("series_id is not null")
    )
    op.create_index(
        "ix_acceptance_concluded_at",
        "acceptance",
        ["concluded_at"],
        postgresql_where=sa.text("concluded_at is not null"),
    )
    op.create_index("ix_acceptance_clock_ended_on", "acceptance_clock", ["ended_on", "kind"])
    op.create_index("ix_inspection_finding_stated_on", "inspection_finding", ["stated_on"])
    _known_series()
    op.drop_constraint(op.f("ck_acceptance_clock_kind"), "acceptance_clock", type_="check")
    op.create_check_constraint("kind", "acceptance_clock", "kind in ('review', 'decision', 'again')")
    _override()


def _known_series() -> None:
    """What came after a try that did not simply pass belongs to its series; certificates given out get their codes."""
    op.execute(
        "with recursive tries as ("
        "select id, id as first, 1 as attempt from acceptance a where previous_id is null or not exists ("
        "select from acceptance p where p.id = a.previous_id and p.kind = a.kind "
        "and p.status in ('failed', 'basically_passed')) "
        "union all select a.id, t.first, t.attempt + 1 from acceptance a join tries t on a.previous_id = t.id "
        "join acceptance p on p.id = t.id where p.kind = a.kind and p.status in ('failed', 'basically_passed')) "
        "update acceptance a set series_id = t.first, attempt = t.attempt from tries t "
        "where t.id = a.id and t.attempt > 1"
    )
    op.execute(
        "update acceptance a set certificate_code = upper(encode(gen_random_bytes(6), 'hex')) from system s "
        "where s.id = a.system_id and not s.secret and a.status in ('passed', 'basically_passed')"
    )


def _override() -> None:
    op.create_table(
        "conclusion_override",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("acceptance_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("district", sa.String(6), nullable=False),
        sa.Column("from_conclusion", sa.String(10), nullable=False),
        sa.Column("from_grade", sa.String(20), nullable=True),
        sa.Column("to_conclusion", sa.String(10), nullable=False),
        sa.Column("to_grade", sa.String(20), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_by_name", sa.String(40), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved", sa.Boolean(), nullable=True),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_by_name", sa.String(40), server_default="", nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "decided_by is null or decided_by <> asked_by", name=op.f("ck_conclusion_override_second_person")
        ),
        sa.CheckConstraint("(approved is null) = (decided_at is null)", name=op.f("ck_conclusion_override_decided")),
        sa.CheckConstraint("(approved is null) = (decided_by is null)", name=op.f("ck_conclusion_override_decider")),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_conclusion_override_reason")),
        sa.CheckConstraint(
            "to_conclusion <> from_conclusion or to_grade is distinct from from_grade",
            name=op.f("ck_conclusion_override_other_result"),
        ),
        sa.ForeignKeyConstraint(
            ["acceptance_id"], ["acceptance.id"], name=op.f("fk_conclusion_override_acceptance_id")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_conclusion_override_unit_id")),
        sa.ForeignKeyConstraint(["asked_by"], ["person.id"], name=op.f("fk_conclusion_override_asked_by")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_conclusion_override_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conclusion_override")),
    )
    op.create_index(
        "uq_conclusion_override_pending",
        "conclusion_override",
        ["acceptance_id"],
        unique=True,
        postgresql_where=sa.text("approved is null"),
    )
    op.create_index("ix_conclusion_override_acceptance_id", "conclusion_override", ["acceptance_id", "id"])
    grant("conclusion_override", app="select, insert, update")
    guard_rows("conclusion_override")
    op.execute(
        f"create policy conclusion_override_sector on conclusion_override to portal_app using ({SECTOR}) "
        f"with check ({SECTOR})"
    )


def downgrade() -> None:
    op.drop_table("conclusion_override")
    op.execute("delete from acceptance_clock where kind = 'again'")
    op.drop_constraint(op.f("ck_acceptance_clock_kind"), "acceptance_clock", type_="check")
    op.create_check_constraint("kind", "acceptance_clock", "kind in ('review', 'decision')")
    op.drop_index("ix_inspection_finding_stated_on", table_name="inspection_finding")
    op.drop_index("ix_acceptance_clock_ended_on", table_name="acceptance_clock")
    op.drop_index("ix_acceptance_concluded_at", table_name="acceptance")
    op.drop_index("ix_acceptance_series_id", table_name="acceptance")
    for column in ("certificate_code", "reinspection", "attempt", "series_id"):
        op.drop_column("acceptance", column)
