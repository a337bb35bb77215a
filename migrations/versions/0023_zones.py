"""Zones and who covers them, standards, signs, masks, reviews of points, protected sites, tip-offs of the public."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry

from migrations.support import grant, guard_rows

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

OF_UNIT = ("system_zone", "zone_camera", "system_standard", "sign", "privacy_mask")
PLACES = (
    "outdoors", "entrance", "passage", "hall", "counter", "workplace", "classroom", "plant", "store", "parking", "vehicle",
    "other", "guest_room", "private_room", "dormitory_room", "rest_room", "bathroom", "toilet", "changing_room",
    "nursing_room", "fitting_room", "medical_private",
)  # fmt: skip

# Whether a point stands beside a protected site must be known where a unit enters it, and nothing more: the answer is
# which of its own cameras, never which site or how far.
NEAR = """
create function portal_near_protected(of_system uuid, of_cameras uuid[], of_site uuid) returns setof uuid
language sql stable security definer set search_path = public, pg_catalog as $$
  select distinct c.id from protected_site s
  join camera c on c.position && st_buffer(s.position::geography, s.radius_m)::geometry
   and st_dwithin(c.position::geography, s.position::geography, s.radius_m)
  where s.active and c.status <> 'dismantled'
    and (of_system is null or c.system_id = of_system)
    and (of_cameras is null or c.id = any (of_cameras))
    and (of_site is null or s.id = of_site)
$$
"""


def upgrade() -> None:
    op.add_column("camera", sa.Column("place_type", sa.String(length=20), nullable=True))
    op.add_column("camera", sa.Column("faces_homes", sa.Boolean(), server_default="false", nullable=False))
    words = ", ".join(f"'{place}'" for place in PLACES)
    op.create_check_constraint(op.f("ck_camera_place_type"), "camera", f"place_type is null or place_type in ({words})")
    _tables()
    for table in OF_UNIT:
        grant(table)
        guard_rows(table)
    grant("tip_off", app="select, insert, update")
    guard_rows("tip_off", unit=None)
    grant("place_review", app="select, insert, update")
    guard_rows("place_review")
    grant("protected_site", app="select, insert, update")
    guard_rows(
        "protected_site", unit=None, district=None, extra="organ_id = any ((select portal_scope_organs())::uuid[])"
    )
    op.execute(NEAR)
    op.execute("revoke execute on function portal_near_protected(uuid, uuid[], uuid) from public")
    op.execute("grant execute on function portal_near_protected(uuid, uuid[], uuid) to portal_app")
    # The job that judges files lays the zones and looks over the points of what is on record, too.
    op.execute(
        "insert into outbox (id, kind, queue, payload, not_before, state, attempts, created_at) "
        "select gen_random_uuid(), 'registry.recheck_cameras', 'default', '{}', now(), 'waiting', 0, now() "
        "where exists (select from camera)"
    )


def downgrade() -> None:
    op.execute("drop function portal_near_protected(uuid, uuid[], uuid)")
    for table in ("protected_site", "place_review", "tip_off", *reversed(OF_UNIT)):
        op.drop_table(table)
    op.drop_column("camera", "faces_homes")
    op.drop_column("camera", "place_type")


def _tables() -> None:
    op.create_table(
        "system_zone",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("system_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("district", sa.String(length=6), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("profile", sa.String(length=80), server_default="", nullable=False),
        sa.Column("name", sa.String(length=60), server_default="", nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=True),
        sa.Column("required", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("full_coverage", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("if_present", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("absent", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("absent_reason", sa.String(length=200), server_default="", nullable=False),
        sa.Column("blind_spots", sa.String(length=200), server_default="", nullable=False),
        sa.Column("photo_file_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("not absent or absent_reason <> ''", name=op.f("ck_system_zone_absent_reason")),
        sa.CheckConstraint("profile <> '' or name <> ''", name=op.f("ck_system_zone_named")),
        sa.ForeignKeyConstraint(["photo_file_id"], ["stored_file.id"], name=op.f("fk_system_zone_photo_file_id")),
        sa.ForeignKeyConstraint(["system_id"], ["system.id"], name=op.f("fk_system_zone_system_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_system_zone_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_system_zone")),
        sa.UniqueConstraint("system_id", "key", name=op.f("uq_system_zone_system_id_key")),
    )
    op.create_index("ix_system_zone_district_unit_id", "system_zone", ["district", "unit_id"], unique=False)
    op.create_table(
        "zone_camera",
        sa.Column("zone_id", sa.Uuid(), nullable=False),
        sa.Column("camera_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("district", sa.String(length=6), nullable=False),
        sa.ForeignKeyConstraint(
            ["camera_id"], ["camera.id"], name=op.f("fk_zone_camera_camera_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_zone_camera_unit_id")),
        sa.ForeignKeyConstraint(
            ["zone_id"], ["system_zone.id"], name=op.f("fk_zone_camera_zone_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("zone_id", "camera_id", name=op.f("pk_zone_camera")),
    )
    op.create_index("ix_zone_camera_camera_id", "zone_camera", ["camera_id"], unique=False)
    op.create_table(
        "system_standard",
        sa.Column("system_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("district", sa.String(length=6), nullable=False),
        sa.Column("named_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["system_id"], ["system.id"], name=op.f("fk_system_standard_system_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_system_standard_unit_id")),
        sa.PrimaryKeyConstraint("system_id", "key", name=op.f("pk_system_standard")),
    )
    op.create_table(
        "sign",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("system_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("district", sa.String(length=6), nullable=False),
        sa.Column("zone_key", sa.String(length=40), server_default="", nullable=False),
        sa.Column("place", sa.String(length=120), nullable=False),
        sa.Column(
            "position",
            Geometry(
                geometry_type="POINT",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            nullable=True,
        ),
        sa.Column("photo_file_id", sa.Uuid(), nullable=False),
        sa.Column("put_up_on", sa.Date(), nullable=False),
        sa.Column("removed_on", sa.Date(), nullable=True),
        sa.Column("recorded_by_name", sa.String(length=40), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("removed_on is null or removed_on >= put_up_on", name=op.f("ck_sign_removed_on")),
        sa.ForeignKeyConstraint(["photo_file_id"], ["stored_file.id"], name=op.f("fk_sign_photo_file_id")),
        sa.ForeignKeyConstraint(["system_id"], ["system.id"], name=op.f("fk_sign_system_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_sign_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign")),
    )
    op.create_index(
        "ix_sign_system_id", "sign", ["system_id"], unique=False, postgresql_where=sa.text("removed_on is null")
    )
    op.create_index("ix_sign_unit_id", "sign", ["unit_id"], unique=False)
    op.create_table(
        "privacy_mask",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("camera_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("district", sa.String(length=6), nullable=False),
        sa.Column("masked", sa.String(length=200), nullable=False),
        sa.Column("photo_file_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=40), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["camera_id"], ["camera.id"], name=op.f("fk_privacy_mask_camera_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["photo_file_id"], ["stored_file.id"], name=op.f("fk_privacy_mask_photo_file_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_privacy_mask_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_privacy_mask")),
    )
    op.create_index(
        "ix_privacy_mask_camera_id",
        "privacy_mask",
        ["camera_id"],
        unique=False,
        postgresql_where=sa.text("removed_at is null"),
    )
    op.create_index("ix_privacy_mask_unit_id", "privacy_mask", ["unit_id"], unique=False)
    op.create_table(
        "tip_off",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(length=16), nullable=False),
        sa.Column("category", sa.String(length=20), nullable=False),
        sa.Column("district", sa.String(length=6), nullable=False),
        sa.Column("organ_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("told", sa.Text(), nullable=False),
        sa.Column("contact_sealed", sa.String(length=400), nullable=True),
        sa.Column("contact_masked", sa.String(length=20), server_default="", nullable=False),
        sa.Column("photo_file_id", sa.Uuid(), nullable=True),
        sa.Column("sender", sa.String(length=80), nullable=False),
        sa.Column("status", sa.String(length=10), server_default="received", nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=True),
        sa.Column("answer", sa.Text(), server_default="", nullable=False),
        sa.Column("handled_by_name", sa.String(length=40), server_default="", nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("(status = 'closed') = (outcome is not null)", name=op.f("ck_tip_off_closed")),
        sa.CheckConstraint(
            "category in ('forbidden_place', 'intrusion', 'missing_sign', 'unfiled')", name=op.f("ck_tip_off_category")
        ),
        sa.CheckConstraint(
            "outcome is null or outcome in ('corrected', 'ordered', 'unfounded', 'handed_on')",
            name=op.f("ck_tip_off_outcome"),
        ),
        sa.CheckConstraint("status in ('received', 'in_hand', 'closed')", name=op.f("ck_tip_off_status")),
        sa.ForeignKeyConstraint(["district"], ["division.code"], name=op.f("fk_tip_off_district")),
        sa.ForeignKeyConstraint(["organ_id"], ["organ.id"], name=op.f("fk_tip_off_organ_id")),
        sa.ForeignKeyConstraint(["photo_file_id"], ["stored_file.id"], name=op.f("fk_tip_off_photo_file_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tip_off")),
        sa.UniqueConstraint("reference", name=op.f("uq_tip_off_reference")),
    )
    op.create_index("ix_tip_off_district_status_id", "tip_off", ["district", "status", "id"], unique=False)
    op.create_index("ix_tip_off_received_at", "tip_off", ["received_at"], unique=False)
    op.create_index("ix_tip_off_sender_received_at", "tip_off", ["sender", "received_at"], unique=False)
    op.create_table(
        "place_review",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("status", sa.String(length=16), server_default="open", nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("camera_id", sa.Uuid(), nullable=True),
        sa.Column("system_id", sa.Uuid(), nullable=True),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("district", sa.String(length=6), nullable=False),
        sa.Column("tip_off_id", sa.Uuid(), nullable=True),
        sa.Column("place", sa.String(length=40), server_default="", nullable=False),
        sa.Column("word", sa.String(length=40), server_default="", nullable=False),
        sa.Column("basis", sa.String(length=64), server_default="", nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_by_name", sa.String(length=40), server_default="", nullable=False),
        sa.Column("decision_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("photo_file_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("kind in ('interior', 'near_secret', 'tip_off')", name=op.f("ck_place_review_kind")),
        sa.CheckConstraint(
            "source in ('entry', 'import', 'filing', 'check', 'tip_off')", name=op.f("ck_place_review_source")
        ),
        sa.CheckConstraint(
            "status in ('open', 'cleared', 'mask_asked', 'consent_asked', 'forbidden', 'lapsed')",
            name=op.f("ck_place_review_status"),
        ),
        sa.CheckConstraint(
            "status in ('open', 'lapsed') or (decided_at is not null and decision_reason <> '')",
            name=op.f("ck_place_review_decided"),
        ),
        sa.CheckConstraint("camera_id is not null or tip_off_id is not null", name=op.f("ck_place_review_about")),
        sa.ForeignKeyConstraint(
            ["camera_id"], ["camera.id"], name=op.f("fk_place_review_camera_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_place_review_decided_by")),
        sa.ForeignKeyConstraint(["photo_file_id"], ["stored_file.id"], name=op.f("fk_place_review_photo_file_id")),
        sa.ForeignKeyConstraint(["system_id"], ["system.id"], name=op.f("fk_place_review_system_id")),
        sa.ForeignKeyConstraint(["tip_off_id"], ["tip_off.id"], name=op.f("fk_place_review_tip_off_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_place_review_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place_review")),
    )
    op.create_index("ix_place_review_district_status_id", "place_review", ["district", "status", "id"], unique=False)
    op.create_index(
        "ix_place_review_system_id",
        "place_review",
        ["system_id"],
        unique=False,
        postgresql_where=sa.text("status <> 'lapsed'"),
    )
    op.create_index("ix_place_review_tip_off_id", "place_review", ["tip_off_id"], unique=False)
    op.create_index("ix_place_review_unit_id_id", "place_review", ["unit_id", "id"], unique=False)
    op.create_index(
        "uq_place_review_living",
        "place_review",
        ["camera_id", "kind"],
        unique=True,
        postgresql_where=sa.text("status <> 'lapsed' and camera_id is not null and kind <> 'tip_off'"),
    )
    op.create_table(
        "protected_site",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column(
            "position",
            Geometry(
                geometry_type="POINT",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column("radius_m", sa.Integer(), nullable=False),
        sa.Column("district", sa.String(length=6), nullable=False),
        sa.Column("organ_id", sa.Uuid(), nullable=False),
        sa.Column("contact", sa.String(length=120), server_default="", nullable=False),
        sa.Column("note", sa.String(length=400), server_default="", nullable=False),
        sa.Column("active", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("entered_by_name", sa.String(length=40), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("kind in ('military', 'secret_organ')", name=op.f("ck_protected_site_kind")),
        sa.CheckConstraint("radius_m between 1 and 5000", name=op.f("ck_protected_site_radius_m")),
        sa.ForeignKeyConstraint(["district"], ["division.code"], name=op.f("fk_protected_site_district")),
        sa.ForeignKeyConstraint(["organ_id"], ["organ.id"], name=op.f("fk_protected_site_organ_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_protected_site")),
    )
    op.create_index("ix_protected_site_organ_id", "protected_site", ["organ_id"], unique=False)
