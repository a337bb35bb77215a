"""A calendar address of a person's own; what spoke against a visit that was planned all the same."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.support import grant, guard_rows

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None


def upgrade() -> None:
    overridden = postgresql.ARRAY(sa.String(40))
    op.add_column("visit", sa.Column("overridden", overridden, server_default="{}", nullable=False))
    op.add_column("visit", sa.Column("override_reason", sa.Text(), server_default="", nullable=False))
    op.add_column("visit", sa.Column("sequence", sa.SmallInteger(), server_default="0", nullable=False))
    op.create_check_constraint(
        op.f("ck_visit_override_reason"), "visit", "cardinality(overridden) = 0 or override_reason <> ''"
    )
    op.create_table(
        "calendar_feed",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("secret_sha256", sa.LargeBinary(32), nullable=False),
        sa.Column("ending", sa.String(4), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_calendar_feed_person_id")),
        sa.UniqueConstraint("secret_sha256", name=op.f("uq_calendar_feed_secret_sha256")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_feed")),
    )
    op.create_index(
        "uq_calendar_feed_person",
        "calendar_feed",
        ["person_id"],
        unique=True,
        postgresql_where=sa.text("revoked_at is null"),
    )
    grant("calendar_feed", app="select, insert, update")
    guard_rows("calendar_feed", unit=None, district=None, extra="person_id = (select portal_scope_person())")


def downgrade() -> None:
    op.drop_table("calendar_feed")
    op.drop_constraint(op.f("ck_visit_override_reason"), "visit")
    for column in ("sequence", "override_reason", "overridden"):
        op.drop_column("visit", column)
