"""Runs of approval chains and their decisions."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.support import append_only, grant, guard_rows

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "approval_run",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_kind", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("chain_key", sa.String(length=80), nullable=False),
        sa.Column("chain", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("chain_digest", sa.String(length=64), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("confidential", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("requester_id", sa.Uuid(), nullable=False),
        sa.Column("excluded_ids", postgresql.ARRAY(sa.Uuid()), server_default="{}", nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("requester_organ_id", sa.Uuid(), nullable=True),
        sa.Column("organ_id", sa.Uuid(), nullable=True),
        sa.Column("awaits_step", sa.String(length=80), nullable=True),
        sa.Column("awaits_permission", sa.String(length=80), nullable=True),
        sa.Column("awaits_post", sa.String(length=80), nullable=True),
        sa.Column("awaits_unit_id", sa.Uuid(), nullable=True),
        sa.Column("awaits_organ_id", sa.Uuid(), nullable=True),
        sa.Column("step_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("step_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(status = 'running') = (awaits_step is not null)", name=op.f("ck_approval_run_awaits")),
        sa.CheckConstraint("(status = 'running') = (ended_at is null)", name=op.f("ck_approval_run_ended")),
        sa.CheckConstraint(
            "status in ('running', 'cleared', 'returned', 'refused', 'lapsed', 'withdrawn')",
            name=op.f("ck_approval_run_status"),
        ),
        sa.ForeignKeyConstraint(["organ_id"], ["organ.id"], name=op.f("fk_approval_run_organ_id")),
        sa.ForeignKeyConstraint(["requester_id"], ["person.id"], name=op.f("fk_approval_run_requester_id")),
        sa.ForeignKeyConstraint(["requester_organ_id"], ["organ.id"], name=op.f("fk_approval_run_requester_organ_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_run")),
        sa.UniqueConstraint("id", "requester_id", name="uq_approval_run_requester"),
    )
    op.create_index(
        "ix_approval_run_awaits",
        "approval_run",
        ["awaits_permission", "awaits_unit_id", "awaits_organ_id"],
        unique=False,
        postgresql_where=sa.text("status = 'running'"),
    )
    op.create_index(
        "ix_approval_run_due",
        "approval_run",
        ["step_due_at"],
        unique=False,
        postgresql_where=sa.text("status = 'running'"),
    )
    op.create_index(
        "ix_approval_run_subject", "approval_run", ["subject_kind", "subject_id", "started_at"], unique=False
    )
    op.create_index(
        "uq_approval_run_running",
        "approval_run",
        ["subject_kind", "subject_id"],
        unique=True,
        postgresql_where=sa.text("status = 'running'"),
    )
    op.create_table(
        "approval_decision",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("requester_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.SmallInteger(), nullable=False),
        sa.Column("step_key", sa.String(length=80), nullable=False),
        sa.Column("slot", sa.SmallInteger(), nullable=False),
        sa.Column("distinct_people", sa.Boolean(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("person_name", sa.String(length=40), nullable=False),
        sa.Column("post", sa.String(length=80), nullable=True),
        sa.Column("verdict", sa.String(length=12), nullable=False),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("comment_sealed", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "verdict in ('approve', 'acknowledge', 'return', 'refuse')", name=op.f("ck_approval_decision_verdict")
        ),
        sa.CheckConstraint("comment is null or comment_sealed is null", name=op.f("ck_approval_decision_one_comment")),
        sa.CheckConstraint("person_id <> requester_id", name=op.f("ck_approval_decision_not_the_requester")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_approval_decision_person_id")),
        sa.ForeignKeyConstraint(
            ["run_id", "requester_id"],
            ["approval_run.id", "approval_run.requester_id"],
            name="fk_approval_decision_run",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_decision")),
        sa.UniqueConstraint("run_id", "seq", name="uq_approval_decision_seq"),
    )
    op.create_index(
        "uq_approval_decision_distinct",
        "approval_decision",
        ["run_id", "person_id"],
        unique=True,
        postgresql_where=sa.text("verdict in ('approve', 'acknowledge') and distinct_people"),
    )
    op.create_index(
        "uq_approval_decision_person_step",
        "approval_decision",
        ["run_id", "step_key", "person_id"],
        unique=True,
        postgresql_where=sa.text("verdict in ('approve', 'acknowledge')"),
    )
    op.create_index(
        "uq_approval_decision_slot",
        "approval_decision",
        ["run_id", "step_key", "slot"],
        unique=True,
        postgresql_where=sa.text("verdict in ('approve', 'acknowledge')"),
    )

    grant("approval_run", app="select, insert, update")
    grant("approval_decision", app="select, insert")
    guard_rows(
        "approval_run",
        district=None,
        extra="requester_organ_id = any ((select portal_scope_organs())::uuid[])"
        " or organ_id = any ((select portal_scope_organs())::uuid[]) or requester_id = (select portal_scope_person())",
    )
    guard_rows(
        "approval_decision", unit=None, district=None, extra="exists (select from approval_run r where r.id = run_id)"
    )
    append_only("approval_decision")


def downgrade() -> None:
    op.drop_table("approval_decision")
    op.drop_table("approval_run")
