"""Campaigns of standard creation with their leading groups and publicity log."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.support import grant, guard_rows

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None

# What the schools of its sector entered a bureau reads. Its own lines say nothing of any unit; who writes them is the
# permission table's to say.
SECTOR = "unit_id = any ((select portal_scope_sector_units())::uuid[])"
OF_BUREAU = "unit_id is null and (select portal_scope_person()) is not null"


def upgrade() -> None:
    """Make the three tables."""
    _campaign()
    _member()
    _activity()
    grant("campaign", app="select, insert, update")
    grant("campaign_member", app="select, insert, update")
    grant("campaign_activity", app="select, insert")
    for table in ("campaign_member", "campaign_activity"):
        guard_rows(table)
        op.execute(f"create policy {table}_sector on {table} for select to portal_app using ({SECTOR})")
        op.execute(
            f"create policy {table}_of_bureau on {table} to portal_app using ({OF_BUREAU}) with check ({OF_BUREAU})"
        )


def _campaign() -> None:
    op.create_table(
        "campaign",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organ_id", sa.Uuid(), nullable=False),
        sa.Column("organ_name", sa.String(80), nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("district", sa.String(6), nullable=False),
        sa.Column("unit_types", postgresql.ARRAY(sa.String(20)), nullable=False),
        sa.Column("linked_programme", sa.String(120), server_default="", nullable=False),
        sa.Column("goal", sa.SmallInteger(), nullable=False),
        sa.Column("weight", sa.Numeric(4, 1), nullable=True),
        sa.Column("begins_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("scheme_due", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("status", sa.String(8), server_default="draft", nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("status in ('draft', 'open', 'closed')", name=op.f("ck_campaign_status")),
        sa.CheckConstraint("ends_on >= begins_on", name=op.f("ck_campaign_period")),
        sa.CheckConstraint("goal between 1 and 100", name=op.f("ck_campaign_goal")),
        sa.CheckConstraint("weight is null or (weight > 0 and weight <= 100)", name=op.f("ck_campaign_weight")),
        sa.CheckConstraint("cardinality(unit_types) > 0", name=op.f("ck_campaign_unit_types")),
        sa.ForeignKeyConstraint(["organ_id"], ["organ.id"], name=op.f("fk_campaign_organ_id")),
        sa.ForeignKeyConstraint(["district"], ["division.code"], name=op.f("fk_campaign_district")),
        sa.ForeignKeyConstraint(["created_by"], ["person.id"], name=op.f("fk_campaign_created_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign")),
    )
    op.create_index("uq_campaign_organ_id_year_title", "campaign", ["organ_id", "year", "title"], unique=True)
    op.create_index("ix_campaign_district_status", "campaign", ["district", "status"])


def _member() -> None:
    op.create_table(
        "campaign_member",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("district", sa.String(6), nullable=False),
        sa.Column("role", sa.String(8), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("post", sa.String(80), server_default="", nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.CheckConstraint("role in ('head', 'deputy', 'member', 'office')", name=op.f("ck_campaign_member_role")),
        sa.CheckConstraint("until is null or until >= since", name=op.f("ck_campaign_member_period")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_campaign_member_campaign_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_campaign_member_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_member")),
    )
    op.create_index("ix_campaign_member_campaign_id", "campaign_member", ["campaign_id", "unit_id"])


def _activity() -> None:
    op.create_table(
        "campaign_activity",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("district", sa.String(6), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("channel", sa.String(10), nullable=False),
        sa.Column("text", sa.String(400), nullable=False),
        sa.Column("audience", sa.String(120), server_default="", nullable=False),
        sa.Column("people", sa.Integer(), nullable=True),
        sa.Column("entered_by", sa.Uuid(), nullable=True),
        sa.Column("entered_by_name", sa.String(40), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "channel in ('meeting', 'training', 'notice', 'online', 'lesson', 'other')",
            name=op.f("ck_campaign_activity_channel"),
        ),
        sa.CheckConstraint("people is null or people >= 0", name=op.f("ck_campaign_activity_people")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_campaign_activity_campaign_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_campaign_activity_unit_id")),
        sa.ForeignKeyConstraint(["entered_by"], ["person.id"], name=op.f("fk_campaign_activity_entered_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_activity")),
    )
    op.create_index("ix_campaign_activity_campaign_id", "campaign_activity", ["campaign_id", "held_on", "id"])


def downgrade() -> None:
    """Drop them again."""
    for table in ("campaign_activity", "campaign_member", "campaign"):
        op.drop_table(table)
