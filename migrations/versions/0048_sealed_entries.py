"""What is recorded on site is sealed there: devices with their keys, entries nobody can change, photos that must match."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.support import append_only, grant, guard_rows

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

# The organ that sends the person, and the person; never a unit that is inspected.
OF_ORGAN = "organ_id = any ((select portal_scope_organs())::uuid[]) or person_id = (select portal_scope_person())"
CLAUSE = "unit_id = any ((select portal_scope_sector_units())::uuid[])"


def upgrade() -> None:
    _device()
    _entry()
    op.add_column("visit_answer", sa.Column("entry_id", sa.Uuid(), nullable=True))
    op.add_column("visit_answer", sa.Column("contested", sa.Boolean(), server_default="false", nullable=False))
    op.add_column("visit_photo", sa.Column("entry_id", sa.Uuid(), nullable=True))
    op.add_column("visit_photo", sa.Column("sealed_sha256", sa.String(64), nullable=True))
    op.add_column("visit_photo", sa.Column("altered", sa.Boolean(), server_default="false", nullable=False))
    for table in ("visit_answer", "visit_photo"):
        op.create_foreign_key(op.f(f"fk_{table}_entry_id"), table, "sealed_entry", ["entry_id"], ["id"])
    op.create_index("uq_visit_photo_sealed", "visit_photo", ["entry_id", "sealed_sha256", "altered"], unique=True)


def _device() -> None:
    op.create_table(
        "field_device",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("organ_id", sa.Uuid(), nullable=False),
        sa.Column("label", sa.String(60), nullable=False),
        sa.Column("public_key", sa.String(100), nullable=False),
        sa.Column("key_sha256", sa.String(64), nullable=False),
        sa.Column("enrolled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("skew_s", sa.Integer(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_field_device_person_id")),
        sa.ForeignKeyConstraint(["organ_id"], ["organ.id"], name=op.f("fk_field_device_organ_id")),
        sa.ForeignKeyConstraint(["revoked_by"], ["person.id"], name=op.f("fk_field_device_revoked_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_field_device")),
        sa.UniqueConstraint("key_sha256", name="uq_field_device_key"),
    )
    op.create_index("ix_field_device_person_id", "field_device", ["person_id"])
    op.create_index("ix_field_device_organ_id", "field_device", ["organ_id"])
    grant("field_device", app="select, insert, update")
    guard_rows("field_device", unit=None, district=None, extra=OF_ORGAN)


def _entry() -> None:
    op.create_table(
        "sealed_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("district", sa.String(6), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("person_name", sa.String(40), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=True),
        sa.Column("device_label", sa.String(60), server_default="", nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("item", sa.String(60), nullable=True),
        sa.Column("photos", postgresql.ARRAY(sa.String(length=64)), server_default="{}", nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("signature", sa.String(100), server_default="", nullable=False),
        sa.Column("fault", sa.String(40), server_default="", nullable=False),
        sa.Column("captured_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("skew_s", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint("kind in ('answer', 'signature')", name=op.f("ck_sealed_entry_kind")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_sealed_entry_visit_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_sealed_entry_unit_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_sealed_entry_person_id")),
        sa.ForeignKeyConstraint(["device_id"], ["field_device.id"], name=op.f("fk_sealed_entry_device_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sealed_entry")),
        sa.UniqueConstraint("digest", name=op.f("uq_sealed_entry_digest")),
    )
    for name, column, where in (
        ("uq_sealed_entry_device", "device_id", "device_id is not null"),
        ("uq_sealed_entry_online", "person_id", "device_id is null"),
    ):
        op.create_index(name, "sealed_entry", ["visit_id", column, "seq"], unique=True, postgresql_where=sa.text(where))
    op.create_index("ix_sealed_entry_visit_id_item", "sealed_entry", ["visit_id", "item"])
    grant("sealed_entry", app="select, insert")
    guard_rows("sealed_entry")
    op.execute(
        f"create policy sealed_entry_sector on sealed_entry to portal_app using ({CLAUSE}) with check ({CLAUSE})"
    )
    append_only("sealed_entry")


def downgrade() -> None:
    op.drop_index("uq_visit_photo_sealed", "visit_photo")
    for table, columns in (
        ("visit_answer", ("contested", "entry_id")),
        ("visit_photo", ("altered", "sealed_sha256", "entry_id")),
    ):
        op.drop_constraint(op.f(f"fk_{table}_entry_id"), table, type_="foreignkey")
        for column in columns:
            op.drop_column(table, column)
    op.drop_table("sealed_entry")
    op.drop_table("field_device")
