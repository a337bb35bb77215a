"""A school assesses itself before it applies for its grade, at the organ that supervises schools."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.support import grant, guard_rows

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

# The organ applied to writes what its assessors find; who may is the permission table's to say.
HANDLED = ("acceptance", "acceptance_clock", "visit", "visit_inspector", "visit_answer", "visit_photo")
CLAUSE = "unit_id = any ((select portal_scope_sector_units())::uuid[])"


def upgrade() -> None:
    op.create_table(
        "self_assessment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("system_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("district", sa.String(6), nullable=False),
        sa.Column("checklist", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("answers", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("principal", sa.String(40), server_default="", nullable=False),
        sa.Column("deputy", sa.String(40), server_default="", nullable=False),
        sa.Column("school_type", sa.String(40), server_default="", nullable=False),
        sa.Column("students", sa.Integer(), nullable=True),
        sa.Column("staff", sa.Integer(), nullable=True),
        sa.Column("teachers", sa.Integer(), nullable=True),
        sa.Column("statement", sa.Text(), server_default="", nullable=False),
        sa.Column("begun_by", sa.Uuid(), nullable=True),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signed_by", sa.String(40), server_default="", nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("score", sa.Numeric(5, 1), nullable=True),
        sa.Column("grade", sa.String(20), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["system_id"], ["system.id"], name=op.f("fk_self_assessment_system_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_self_assessment_unit_id")),
        sa.ForeignKeyConstraint(["begun_by"], ["person.id"], name=op.f("fk_self_assessment_begun_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_self_assessment")),
    )
    op.create_index(
        "uq_self_assessment_draft",
        "self_assessment",
        ["system_id"],
        unique=True,
        postgresql_where=sa.text("signed_at is null"),
    )
    op.create_index("ix_self_assessment_system_id_id", "self_assessment", ["system_id", "id"])
    grant("self_assessment", app="select, insert, update")
    guard_rows("self_assessment")
    op.execute(f"create policy self_assessment_sector on self_assessment for select to portal_app using ({CLAUSE})")
    op.add_column("acceptance", sa.Column("self_assessment_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_acceptance_self_assessment_id"), "acceptance", "self_assessment", ["self_assessment_id"], ["id"]
    )
    op.create_unique_constraint(op.f("uq_acceptance_self_assessment_id"), "acceptance", ["self_assessment_id"])
    for table in HANDLED:
        op.execute(f"drop policy {table}_sector on {table}")
        op.execute(f"create policy {table}_sector on {table} to portal_app using ({CLAUSE}) with check ({CLAUSE})")


def downgrade() -> None:
    for table in HANDLED:
        op.execute(f"drop policy {table}_sector on {table}")
        op.execute(f"create policy {table}_sector on {table} for select to portal_app using ({CLAUSE})")
    op.drop_constraint(op.f("uq_acceptance_self_assessment_id"), "acceptance")
    op.drop_column("acceptance", "self_assessment_id")
    op.drop_table("self_assessment")
