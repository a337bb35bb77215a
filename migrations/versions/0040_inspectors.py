"""What inspectors can judge, when they are away, whom they may not inspect; the groups of a visit."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

from migrations.support import grant, guard_rows

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

# The organ that sends an inspector, and the inspector himself; never a unit that is to be inspected.
OF_ORGAN = "organ_id = any ((select portal_scope_organs())::uuid[]) or person_id = (select portal_scope_person())"


def upgrade() -> None:
    op.add_column("visit", sa.Column("unit_moves", sa.SmallInteger(), server_default="0", nullable=False))
    op.add_column(
        "visit_inspector",
        sa.Column("groups", postgresql.ARRAY(sa.String(length=20)), server_default="{}", nullable=False),
    )
    _profile()
    _absence()
    _conflict()
    for table in ("inspector_profile", "inspector_absence", "inspector_conflict"):
        op.create_index(f"ix_{table}_organ_id", table, ["organ_id"])
        grant(table)
        guard_rows(table, unit=None, district=None, extra=OF_ORGAN)


def _profile() -> None:
    op.create_table(
        "inspector_profile",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("organ_id", sa.Uuid(), nullable=False),
        sa.Column("groups", postgresql.ARRAY(sa.String(length=20)), server_default="{}", nullable=False),
        sa.Column("expert", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("weekly_hours", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("base", Geometry("POINT", 4326, spatial_index=False), nullable=True),
        sa.Column("most_per_day", sa.SmallInteger(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "groups <@ array['construction','technical','documents']::varchar[]",
            name=op.f("ck_inspector_profile_groups"),
        ),
        sa.CheckConstraint(
            "most_per_day is null or most_per_day between 1 and 20", name=op.f("ck_inspector_profile_most_per_day")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_inspector_profile_person_id")),
        sa.ForeignKeyConstraint(["organ_id"], ["organ.id"], name=op.f("fk_inspector_profile_organ_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_inspector_profile")),
    )


def _absence() -> None:
    op.create_table(
        "inspector_absence",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("organ_id", sa.Uuid(), nullable=False),
        sa.Column("period", postgresql.TSTZRANGE(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), server_default="false", nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("person_id"), "="),
            (sa.column("period"), "&&"),
            where=sa.text("not withdrawn"),
            using="gist",
            name="ex_inspector_absence_twice",
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_inspector_absence_person_id")),
        sa.ForeignKeyConstraint(["organ_id"], ["organ.id"], name=op.f("fk_inspector_absence_organ_id")),
        sa.ForeignKeyConstraint(["entered_by"], ["person.id"], name=op.f("fk_inspector_absence_entered_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspector_absence")),
    )


def _conflict() -> None:
    op.create_table(
        "inspector_conflict",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("organ_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("until is null or until >= since", name=op.f("ck_inspector_conflict_period")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_inspector_conflict_person_id")),
        sa.ForeignKeyConstraint(["organ_id"], ["organ.id"], name=op.f("fk_inspector_conflict_organ_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_inspector_conflict_unit_id")),
        sa.ForeignKeyConstraint(["entered_by"], ["person.id"], name=op.f("fk_inspector_conflict_entered_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspector_conflict")),
    )
    op.create_index("ix_inspector_conflict_person_id_unit_id", "inspector_conflict", ["person_id", "unit_id"])


def downgrade() -> None:
    for table in ("inspector_conflict", "inspector_absence", "inspector_profile"):
        op.drop_table(table)
    op.drop_column("visit_inspector", "groups")
    op.drop_column("visit", "unit_moves")
