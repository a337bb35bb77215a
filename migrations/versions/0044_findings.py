"""What fell short at a visit becomes a finding, with the day until which it is cured, the cure and its proof."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.support import grant, guard_rows

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

TABLES = ("inspection_finding", "finding_cure", "finding_proof")
SECTOR = "unit_id = any ((select portal_scope_sector_units())::uuid[])"


def upgrade() -> None:
    _finding()
    _cure()
    for table in TABLES:
        grant(table, app="select, insert, update")
        guard_rows(table)
        # The organ of a standard creation verifies what its schools cured; who may is the permission table's to say.
        op.execute(f"create policy {table}_sector on {table} to portal_app using ({SECTOR}) with check ({SECTOR})")


def _finding() -> None:
    op.create_table(
        "inspection_finding",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("acceptance_id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("system_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("district", sa.String(6), nullable=False),
        sa.Column("organ_id", sa.Uuid(), nullable=False),
        sa.Column("list_key", sa.String(60), nullable=False),
        sa.Column("item", sa.String(60), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("asked", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("found", sa.Text(), nullable=False),
        sa.Column("severity", sa.String(10), nullable=False),
        sa.Column("status", sa.String(10), server_default="open", nullable=False),
        sa.Column("stated_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("due_why", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("followed_by_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("severity in ('minor', 'major', 'critical')", name=op.f("ck_inspection_finding_severity")),
        sa.CheckConstraint(
            "status in ('open', 'cured', 'returned', 'verified', 'closed')", name=op.f("ck_inspection_finding_status")
        ),
        sa.CheckConstraint("(status = 'closed') = (closed_on is not null)", name=op.f("ck_inspection_finding_closed")),
        sa.ForeignKeyConstraint(["acceptance_id"], ["acceptance.id"], name=op.f("fk_inspection_finding_acceptance_id")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_inspection_finding_visit_id")),
        sa.ForeignKeyConstraint(["system_id"], ["system.id"], name=op.f("fk_inspection_finding_system_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_inspection_finding_unit_id")),
        sa.ForeignKeyConstraint(["organ_id"], ["organ.id"], name=op.f("fk_inspection_finding_organ_id")),
        sa.ForeignKeyConstraint(
            ["followed_by_id"], ["inspection_finding.id"], name=op.f("fk_inspection_finding_followed_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspection_finding")),
    )
    op.create_index("uq_inspection_finding_visit_id_item", "inspection_finding", ["visit_id", "item"], unique=True)
    op.create_index("ix_inspection_finding_acceptance_id", "inspection_finding", ["acceptance_id"])
    op.create_index("ix_inspection_finding_unit_id_id", "inspection_finding", ["unit_id", "id"])
    op.create_index("ix_inspection_finding_district_status_id", "inspection_finding", ["district", "status", "id"])
    op.create_index(
        "ix_inspection_finding_owed_due_on",
        "inspection_finding",
        ["due_on", "id"],
        postgresql_where=sa.text("status in ('open','returned')"),
    )
    op.create_index("ix_inspection_finding_list_key_item", "inspection_finding", ["list_key", "item"])


def _cure() -> None:
    op.create_table(
        "finding_cure",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("finding_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("district", sa.String(6), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("cured_by", sa.Uuid(), nullable=True),
        sa.Column("cured_by_name", sa.String(40), nullable=False),
        sa.Column("cured_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=True),
        sa.Column("decision", sa.Text(), server_default="", nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_by_name", sa.String(40), server_default="", nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("accepted is null or decided_at is not null", name=op.f("ck_finding_cure_decided")),
        sa.ForeignKeyConstraint(["finding_id"], ["inspection_finding.id"], name=op.f("fk_finding_cure_finding_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_finding_cure_unit_id")),
        sa.ForeignKeyConstraint(["cured_by"], ["person.id"], name=op.f("fk_finding_cure_cured_by")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_finding_cure_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding_cure")),
    )
    op.create_index(
        "uq_finding_cure_waiting",
        "finding_cure",
        ["finding_id"],
        unique=True,
        postgresql_where=sa.text("decided_at is null"),
    )
    op.create_index("ix_finding_cure_finding_id", "finding_cure", ["finding_id", "id"])
    op.create_table(
        "finding_proof",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cure_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("district", sa.String(6), nullable=False),
        sa.Column("stored_file_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["cure_id"], ["finding_cure.id"], name=op.f("fk_finding_proof_cure_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_finding_proof_unit_id")),
        sa.ForeignKeyConstraint(["stored_file_id"], ["stored_file.id"], name=op.f("fk_finding_proof_stored_file_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding_proof")),
        sa.UniqueConstraint("stored_file_id", name=op.f("uq_finding_proof_stored_file_id")),
    )
    op.create_index("ix_finding_proof_cure_id", "finding_proof", ["cure_id", "id"])


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
