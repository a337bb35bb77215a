"""Acceptances, visits, answers, published results."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.support import grant, guard_rows

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "acceptance",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("system_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("district", sa.String(length=6), nullable=False),
        sa.Column("organ_id", sa.Uuid(), nullable=False),
        sa.Column("previous_id", sa.Uuid(), nullable=True),
        sa.Column("status", sa.String(length=20), server_default="requested", nullable=False),
        sa.Column("requested_by", sa.Uuid(), nullable=True),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("self_score", sa.Numeric(precision=5, scale=1), nullable=True),
        sa.Column("statement", sa.Text(), server_default="", nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("due_why", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("check_note", sa.Text(), server_default="", nullable=False),
        sa.Column("checklist", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("result", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("score", sa.Numeric(precision=5, scale=1), nullable=True),
        sa.Column("grade", sa.String(length=20), nullable=True),
        sa.Column("opinion", sa.Text(), server_default="", nullable=False),
        sa.Column("rectification", sa.Text(), server_default="", nullable=False),
        sa.Column("concluded_by", sa.Uuid(), nullable=True),
        sa.Column("concluded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "status in ('requested', 'returned', 'checked', 'scheduled', 'passed', 'basically_passed', 'failed', 'withdrawn')",
            name=op.f("ck_acceptance_status"),
        ),
        sa.ForeignKeyConstraint(["concluded_by"], ["person.id"], name=op.f("fk_acceptance_concluded_by")),
        sa.ForeignKeyConstraint(["organ_id"], ["organ.id"], name=op.f("fk_acceptance_organ_id")),
        sa.ForeignKeyConstraint(["previous_id"], ["acceptance.id"], name=op.f("fk_acceptance_previous_id")),
        sa.ForeignKeyConstraint(["requested_by"], ["person.id"], name=op.f("fk_acceptance_requested_by")),
        sa.ForeignKeyConstraint(["system_id"], ["system.id"], name=op.f("fk_acceptance_system_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_acceptance_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acceptance")),
    )
    op.create_index("ix_acceptance_district_status_id", "acceptance", ["district", "status", "id"], unique=False)
    op.create_index("ix_acceptance_unit_id_id", "acceptance", ["unit_id", "id"], unique=False)
    op.create_index(
        "uq_acceptance_open",
        "acceptance",
        ["system_id"],
        unique=True,
        postgresql_where=sa.text("status in ('requested','returned','checked','scheduled')"),
    )
    op.create_table(
        "published_result",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("acceptance_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("unit_name", sa.String(length=120), nullable=False),
        sa.Column("project_name", sa.String(length=120), nullable=False),
        sa.Column("district", sa.String(length=6), nullable=False),
        sa.Column("organ_name", sa.String(length=80), nullable=False),
        sa.Column("result", sa.String(length=20), nullable=False),
        sa.Column("grade", sa.String(length=20), nullable=True),
        sa.Column("grade_zh", sa.String(length=40), server_default="", nullable=False),
        sa.Column("grade_en", sa.String(length=40), server_default="", nullable=False),
        sa.Column("published_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["acceptance_id"], ["acceptance.id"], name=op.f("fk_published_result_acceptance_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_published_result")),
        sa.UniqueConstraint("acceptance_id", name=op.f("uq_published_result_acceptance_id")),
        sa.UniqueConstraint("number", name=op.f("uq_published_result_number")),
    )
    op.create_index(op.f("ix_published_result_district"), "published_result", ["district"], unique=False)
    op.create_table(
        "visit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("acceptance_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("district", sa.String(length=6), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(length=10), server_default="planned", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("status in ('planned', 'done', 'cancelled')", name=op.f("ck_visit_status")),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_visit_period")),
        sa.ForeignKeyConstraint(["acceptance_id"], ["acceptance.id"], name=op.f("fk_visit_acceptance_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_visit_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit")),
    )
    op.create_index(
        "uq_visit_planned", "visit", ["acceptance_id"], unique=True, postgresql_where=sa.text("status = 'planned'")
    )
    op.create_table(
        "visit_answer",
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("item", sa.String(length=60), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("district", sa.String(length=6), nullable=False),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.Column("deduction", sa.Numeric(precision=5, scale=1), server_default="0", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("answered_by", sa.Uuid(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "verdict in ('met', 'partly', 'not_met', 'not_applicable')", name=op.f("ck_visit_answer_verdict")
        ),
        sa.CheckConstraint("deduction >= 0", name=op.f("ck_visit_answer_deduction")),
        sa.ForeignKeyConstraint(["answered_by"], ["person.id"], name=op.f("fk_visit_answer_answered_by")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_visit_answer_unit_id")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_visit_answer_visit_id")),
        sa.PrimaryKeyConstraint("visit_id", "item", name=op.f("pk_visit_answer")),
    )
    op.create_table(
        "visit_inspector",
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("district", sa.String(length=6), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("period", postgresql.TSTZRANGE(), nullable=False),
        sa.Column("cancelled", sa.Boolean(), server_default="false", nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("person_id"), "="),
            (sa.column("period"), "&&"),
            where=sa.text("not cancelled"),
            using="gist",
            name="ex_visit_inspector_double",
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_visit_inspector_person_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_visit_inspector_unit_id")),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["visit.id"], name=op.f("fk_visit_inspector_visit_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("visit_id", "person_id", name=op.f("pk_visit_inspector")),
    )

    for table in ("acceptance", "visit", "visit_inspector", "visit_answer"):
        grant(table)
        guard_rows(table)
    grant("published_result", app="select, insert")


def downgrade() -> None:
    op.drop_table("visit_inspector")
    op.drop_table("visit_answer")
    op.drop_index("uq_visit_planned", table_name="visit", postgresql_where=sa.text("status = 'planned'"))
    op.drop_table("visit")
    op.drop_index(op.f("ix_published_result_district"), table_name="published_result")
    op.drop_table("published_result")
    op.drop_index(
        "uq_acceptance_open",
        table_name="acceptance",
        postgresql_where=sa.text("status in ('requested','returned','checked','scheduled')"),
    )
    op.drop_index("ix_acceptance_unit_id_id", table_name="acceptance")
    op.drop_index("ix_acceptance_district_status_id", table_name="acceptance")
    op.drop_table("acceptance")
