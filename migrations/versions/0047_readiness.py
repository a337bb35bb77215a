"""What the portal finds out before a visit, and what the organ goes on in spite of. Both are written once."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.support import append_only, grant, guard_rows

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None

OF_SECTOR = "unit_id = any ((select portal_scope_sector_units())::uuid[])"


def upgrade() -> None:
    op.create_table(
        "readiness_report",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("acceptance_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("district", sa.String(6), nullable=False),
        sa.Column("cause", sa.String(12), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("checks", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("proposals", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("outlook", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("failing", postgresql.ARRAY(sa.String(40)), server_default="{}", nullable=False),
        sa.CheckConstraint(
            "cause in ('application', 'unit', 'organ', 'night')", name=op.f("ck_readiness_report_cause")
        ),
        sa.ForeignKeyConstraint(["acceptance_id"], ["acceptance.id"], name=op.f("fk_readiness_report_acceptance_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_readiness_report_unit_id")),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_readiness_report_made_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_readiness_report")),
    )
    op.create_index("ix_readiness_report_acceptance_id_id", "readiness_report", ["acceptance_id", "id"])
    op.create_table(
        "readiness_waiver",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("acceptance_id", sa.Uuid(), nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("district", sa.String(6), nullable=False),
        sa.Column("checks", postgresql.ARRAY(sa.String(40)), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("waived_by", sa.Uuid(), nullable=False),
        sa.Column("waived_by_name", sa.String(40), nullable=False),
        sa.Column("waived_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("cardinality(checks) > 0", name=op.f("ck_readiness_waiver_checks")),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_readiness_waiver_reason")),
        sa.ForeignKeyConstraint(["acceptance_id"], ["acceptance.id"], name=op.f("fk_readiness_waiver_acceptance_id")),
        sa.ForeignKeyConstraint(["report_id"], ["readiness_report.id"], name=op.f("fk_readiness_waiver_report_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_readiness_waiver_unit_id")),
        sa.ForeignKeyConstraint(["waived_by"], ["person.id"], name=op.f("fk_readiness_waiver_waived_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_readiness_waiver")),
    )
    op.create_index("ix_readiness_waiver_acceptance_id", "readiness_waiver", ["acceptance_id"])
    for table in ("readiness_report", "readiness_waiver"):
        op.create_index(f"ix_{table}_unit_id", table, ["unit_id"])
        grant(table, app="select, insert")
        append_only(table)
        guard_rows(table)
        op.execute(
            f"create policy {table}_sector on {table} to portal_app using ({OF_SECTOR}) with check ({OF_SECTOR})"
        )


def downgrade() -> None:
    for table in ("readiness_waiver", "readiness_report"):
        op.drop_table(table)
