"""Units, sites, systems, cameras, filings, documents."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from geoalchemy2 import alembic_helpers as _geo  # noqa: F401 - registers the geospatial operations
from sqlalchemy.dialects import postgresql

from migrations.support import append_only, grant, guard_rows

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "filing_number",
        sa.Column("organ_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("last", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["organ_id"], ["organ.id"], name=op.f("fk_filing_number_organ_id")),
        sa.PrimaryKeyConstraint("organ_id", "year", name=op.f("pk_filing_number")),
    )
    op.create_geospatial_table(
        "unit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("uscc", sa.String(length=18), nullable=True),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("initials", sa.String(length=120), server_default="", nullable=False),
        sa.Column("unit_type", sa.String(length=20), nullable=False),
        sa.Column("category", sa.String(length=40), nullable=True),
        sa.Column("counter_terror_target", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("district", sa.String(length=6), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
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
        sa.Column("principal_name", sa.String(length=40), server_default="", nullable=False),
        sa.Column("security_head_name", sa.String(length=40), server_default="", nullable=False),
        sa.Column("contact_name", sa.String(length=40), server_default="", nullable=False),
        sa.Column("contact_phone_sealed", sa.String(length=400), nullable=True),
        sa.Column("contact_phone_masked", sa.String(length=20), nullable=True),
        sa.Column("duty_phone_sealed", sa.String(length=400), nullable=True),
        sa.Column("duty_phone_masked", sa.String(length=20), nullable=True),
        sa.Column("house_profiles", postgresql.ARRAY(sa.String(length=60)), server_default="{}", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "unit_type in ('school', 'kindergarten', 'college', 'hospital', 'bank', 'mall', 'hotel', 'entertainment', 'transport', 'government', 'museum', 'utility', 'fuel', 'telecom', 'media', 'industry', 'depot', 'park', 'community', 'police', 'shop', 'other')",
            name=op.f("ck_unit_unit_type"),
        ),
        sa.ForeignKeyConstraint(["district"], ["division.code"], name=op.f("fk_unit_district")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
        sa.UniqueConstraint("uscc", name=op.f("uq_unit_uscc")),
    )
    op.create_geospatial_index(
        "idx_unit_position", "unit", ["position"], unique=False, postgresql_using="gist", postgresql_ops={}
    )
    op.create_index("ix_unit_district_id", "unit", ["district", "id"], unique=False)
    op.create_index("ix_unit_initials", "unit", ["initials"], unique=False)
    op.create_index(
        "ix_unit_name_trgm",
        "unit",
        ["name"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"name": "gin_trgm_ops"},
    )
    op.create_geospatial_table(
        "site",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("district", sa.String(length=6), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
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
        sa.ForeignKeyConstraint(["district"], ["division.code"], name=op.f("fk_site_district")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_site_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site")),
        sa.UniqueConstraint("unit_id", "name", name=op.f("uq_site_unit_id_name")),
    )
    op.create_table(
        "system",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("district", sa.String(length=6), nullable=False),
        sa.Column("organ_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("regime", sa.String(length=20), nullable=False),
        sa.Column("regime_answers", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("purpose", sa.String(length=400), server_default="", nullable=False),
        sa.Column("department", sa.String(length=80), server_default="", nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("use_status", sa.String(length=24), server_default="planned", nullable=False),
        sa.Column("in_use_on", sa.Date(), nullable=True),
        sa.Column("retention_days", sa.SmallInteger(), nullable=True),
        sa.Column("storage_kind", sa.String(length=12), nullable=True),
        sa.Column("records_audio", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("has_analytics", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("networked", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("software", sa.String(length=120), server_default="", nullable=False),
        sa.Column("secret", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind in ('public', 'unit_internal')", name=op.f("ck_system_kind")),
        sa.CheckConstraint("regime in ('a7_1', 'a7_2', 'a9', 'a33', 'local_internal')", name=op.f("ck_system_regime")),
        sa.CheckConstraint(
            "storage_kind is null or storage_kind in ('nvr', 'dvr', 'platform', 'cloud', 'camera')",
            name=op.f("ck_system_storage_kind"),
        ),
        sa.CheckConstraint(
            "use_status in ('planned', 'under_construction', 'trial', 'awaiting_acceptance', 'in_use', 'suspended', 'dismantled')",
            name=op.f("ck_system_use_status"),
        ),
        sa.CheckConstraint(
            "retention_days is null or retention_days between 0 and 3650", name=op.f("ck_system_retention_days")
        ),
        sa.ForeignKeyConstraint(["district"], ["division.code"], name=op.f("fk_system_district")),
        sa.ForeignKeyConstraint(["organ_id"], ["organ.id"], name=op.f("fk_system_organ_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_system_site_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_system_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_system")),
    )
    op.create_index("ix_system_district_id", "system", ["district", "id"], unique=False)
    op.create_index("ix_system_organ_id", "system", ["organ_id"], unique=False)
    op.create_index("ix_system_unit_id_id", "system", ["unit_id", "id"], unique=False)
    op.create_geospatial_table(
        "camera",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("system_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("district", sa.String(length=6), nullable=False),
        sa.Column("gb_code", sa.String(length=20), nullable=True),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("address", sa.String(length=200), server_default="", nullable=False),
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
        sa.Column(
            "mercator",
            Geometry(
                geometry_type="POINT",
                srid=3857,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            sa.Computed("st_transform(position, 3857)", persisted=True),
            nullable=False,
        ),
        sa.Column("datum", sa.String(length=10), server_default="wgs84", nullable=False),
        sa.Column("declared_lon", sa.String(length=20), server_default="", nullable=False),
        sa.Column("declared_lat", sa.String(length=20), server_default="", nullable=False),
        sa.Column("camera_type", sa.String(length=20), server_default="unknown", nullable=False),
        sa.Column("point_type", sa.SmallInteger(), server_default="9", nullable=False),
        sa.Column("zone", sa.String(length=40), nullable=True),
        sa.Column("azimuth", sa.SmallInteger(), nullable=True),
        sa.Column("view_angle", sa.SmallInteger(), nullable=True),
        sa.Column("range_m", sa.SmallInteger(), nullable=True),
        sa.Column("resolution", sa.String(length=12), server_default="", nullable=False),
        sa.Column("manufacturer", sa.String(length=40), server_default="", nullable=False),
        sa.Column("model", sa.String(length=60), server_default="", nullable=False),
        sa.Column("records_audio", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("retention_days", sa.SmallInteger(), nullable=True),
        sa.Column("installed_on", sa.Date(), nullable=True),
        sa.Column("status", sa.String(length=12), server_default="in_use", nullable=False),
        sa.Column("secret", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("live", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "camera_type in ('ptz_dome', 'hemisphere', 'fixed_bullet', 'remote_bullet', 'checkpoint_bullet', 'unknown')",
            name=op.f("ck_camera_camera_type"),
        ),
        sa.CheckConstraint("datum in ('wgs84', 'cgcs2000', 'gcj02', 'bd09')", name=op.f("ck_camera_datum")),
        sa.CheckConstraint("gb_code is null or gb_code ~ '^[0-9]{20}$'", name=op.f("ck_camera_gb_code")),
        sa.CheckConstraint("status in ('in_use', 'repair', 'dismantled')", name=op.f("ck_camera_status")),
        sa.CheckConstraint("azimuth is null or (azimuth >= 0 and azimuth < 360)", name=op.f("ck_camera_azimuth")),
        sa.CheckConstraint("range_m is null or range_m between 1 and 5000", name=op.f("ck_camera_range_m")),
        sa.CheckConstraint("view_angle is null or view_angle between 1 and 360", name=op.f("ck_camera_view_angle")),
        sa.ForeignKeyConstraint(["district"], ["division.code"], name=op.f("fk_camera_district")),
        sa.ForeignKeyConstraint(["system_id"], ["system.id"], name=op.f("fk_camera_system_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_camera_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_camera")),
        sa.UniqueConstraint("gb_code", name=op.f("uq_camera_gb_code")),
    )
    op.create_geospatial_index(
        "idx_camera_mercator", "camera", ["mercator"], unique=False, postgresql_using="gist", postgresql_ops={}
    )
    op.create_geospatial_index(
        "idx_camera_position", "camera", ["position"], unique=False, postgresql_using="gist", postgresql_ops={}
    )
    op.create_index("ix_camera_district_live_id", "camera", ["district", "live", "id"], unique=False)
    op.create_index(
        "ix_camera_name_trgm",
        "camera",
        ["name"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"name": "gin_trgm_ops"},
    )
    op.create_index("ix_camera_system_id_id", "camera", ["system_id", "id"], unique=False)
    op.create_index("ix_camera_unit_id_id", "camera", ["unit_id", "id"], unique=False)
    op.create_table(
        "camera_import",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("system_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("district", sa.String(length=6), nullable=False),
        sa.Column("stored_file_id", sa.Uuid(), nullable=False),
        sa.Column("datum", sa.String(length=10), nullable=False),
        sa.Column("status", sa.String(length=12), server_default="queued", nullable=False),
        sa.Column("rows_read", sa.Integer(), server_default="0", nullable=False),
        sa.Column("rows_good", sa.Integer(), server_default="0", nullable=False),
        sa.Column("rows_bad", sa.Integer(), server_default="0", nullable=False),
        sa.Column("faults", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
        sa.Column("failure", sa.String(length=60), nullable=True),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status in ('queued', 'reading', 'checked', 'loading', 'done', 'failed', 'cancelled')",
            name=op.f("ck_camera_import_status"),
        ),
        sa.ForeignKeyConstraint(["created_by"], ["person.id"], name=op.f("fk_camera_import_created_by")),
        sa.ForeignKeyConstraint(["stored_file_id"], ["stored_file.id"], name=op.f("fk_camera_import_stored_file_id")),
        sa.ForeignKeyConstraint(["system_id"], ["system.id"], name=op.f("fk_camera_import_system_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_camera_import_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_camera_import")),
    )
    op.create_index("ix_camera_import_unit_id_id", "camera_import", ["unit_id", "id"], unique=False)
    op.create_table(
        "document",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("system_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("district", sa.String(length=6), nullable=False),
        sa.Column("slot", sa.String(length=60), nullable=False),
        sa.Column("version_no", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("stored_file_id", sa.Uuid(), nullable=False),
        sa.Column("secrecy", sa.String(length=12), server_default="internal", nullable=False),
        sa.Column("custodian", sa.String(length=40), server_default="", nullable=False),
        sa.Column("uploaded_by", sa.Uuid(), nullable=True),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["stored_file_id"], ["stored_file.id"], name=op.f("fk_document_stored_file_id")),
        sa.ForeignKeyConstraint(["system_id"], ["system.id"], name=op.f("fk_document_system_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_document_unit_id")),
        sa.ForeignKeyConstraint(["uploaded_by"], ["person.id"], name=op.f("fk_document_uploaded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
        sa.UniqueConstraint("system_id", "slot", "version_no", name=op.f("uq_document_system_id_slot_version_no")),
    )
    op.create_index("ix_document_unit_id", "document", ["unit_id"], unique=False)
    op.create_table(
        "filing",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("system_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("district", sa.String(length=6), nullable=False),
        sa.Column("organ_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("status", sa.String(length=12), server_default="draft", nullable=False),
        sa.Column("number", sa.String(length=40), nullable=True),
        sa.Column("national_number", sa.String(length=40), nullable=True),
        sa.Column("revision", sa.Integer(), server_default="0", nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("due_why", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("decided_by_name", sa.String(length=40), server_default="", nullable=False),
        sa.Column("field_comments", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("declared_by", sa.String(length=40), server_default="", nullable=False),
        sa.Column("receipt_code", sa.String(length=12), nullable=True),
        sa.Column("receipt_file_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(status in ('accepted','superseded')) = (number is not null)", name=op.f("ck_filing_numbered")
        ),
        sa.CheckConstraint("kind in ('new', 'existing', 'change')", name=op.f("ck_filing_kind")),
        sa.CheckConstraint(
            "status in ('draft', 'submitted', 'returned', 'accepted', 'superseded', 'withdrawn')",
            name=op.f("ck_filing_status"),
        ),
        sa.ForeignKeyConstraint(["organ_id"], ["organ.id"], name=op.f("fk_filing_organ_id")),
        sa.ForeignKeyConstraint(["receipt_file_id"], ["stored_file.id"], name=op.f("fk_filing_receipt_file_id")),
        sa.ForeignKeyConstraint(["system_id"], ["system.id"], name=op.f("fk_filing_system_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_filing_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_filing")),
        sa.UniqueConstraint("number", name=op.f("uq_filing_number")),
        sa.UniqueConstraint("receipt_code", name=op.f("uq_filing_receipt_code")),
    )
    op.create_index("ix_filing_district_status_id", "filing", ["district", "status", "id"], unique=False)
    op.create_index("ix_filing_organ_id_status_id", "filing", ["organ_id", "status", "id"], unique=False)
    op.create_index("ix_filing_unit_id_id", "filing", ["unit_id", "id"], unique=False)
    op.create_index(
        "uq_filing_open",
        "filing",
        ["system_id"],
        unique=True,
        postgresql_where=sa.text("status in ('draft','submitted','returned')"),
    )
    op.create_table(
        "system_party",
        sa.Column("system_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=12), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("district", sa.String(length=6), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("phone", sa.String(length=30), server_default="", nullable=False),
        sa.CheckConstraint("role in ('investor', 'builder', 'user', 'manager')", name=op.f("ck_system_party_role")),
        sa.ForeignKeyConstraint(
            ["system_id"], ["system.id"], name=op.f("fk_system_party_system_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_system_party_unit_id")),
        sa.PrimaryKeyConstraint("system_id", "role", name=op.f("pk_system_party")),
    )
    op.create_table(
        "camera_access",
        sa.Column("camera_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("district", sa.String(length=6), nullable=False),
        sa.Column("host", sa.String(length=253), nullable=False),
        sa.Column("rtsp_port", sa.Integer(), nullable=True),
        sa.Column("onvif_port", sa.Integer(), nullable=True),
        sa.Column("credentials_sealed", sa.String(length=800), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "onvif_port is null or onvif_port between 1 and 65535", name=op.f("ck_camera_access_onvif_port")
        ),
        sa.CheckConstraint(
            "rtsp_port is null or rtsp_port between 1 and 65535", name=op.f("ck_camera_access_rtsp_port")
        ),
        sa.ForeignKeyConstraint(
            ["camera_id"], ["camera.id"], name=op.f("fk_camera_access_camera_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_camera_access_unit_id")),
        sa.PrimaryKeyConstraint("camera_id", name=op.f("pk_camera_access")),
    )
    op.create_table(
        "filing_revision",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("filing_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("district", sa.String(length=6), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("submitted_by", sa.Uuid(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["filing_id"], ["filing.id"], name=op.f("fk_filing_revision_filing_id")),
        sa.ForeignKeyConstraint(["submitted_by"], ["person.id"], name=op.f("fk_filing_revision_submitted_by")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_filing_revision_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_filing_revision")),
        sa.UniqueConstraint("filing_id", "revision", name=op.f("uq_filing_revision_filing_id_revision")),
    )

    op.create_foreign_key(op.f("fk_membership_unit_id"), "membership", "unit", ["unit_id"], ["id"])
    for table in ("unit", "site", "system", "camera", "filing"):
        grant(table, app="select, insert, update, delete", map_reads=table in ("unit", "system", "camera"))
    for table in ("system_party", "camera_access", "camera_import"):
        grant(table)
    for table in ("filing_revision", "document"):
        grant(table, app="select, insert")
    grant("filing_number", app="select, insert, update")
    guard_rows("unit", unit="id", map_reads=True)
    for table in ("system", "camera"):
        guard_rows(table, map_reads=True)
    for table in ("site", "system_party", "camera_access", "filing", "filing_revision", "document", "camera_import"):
        guard_rows(table)
    append_only("filing_revision")


def downgrade() -> None:
    op.drop_constraint(op.f("fk_membership_unit_id"), "membership", type_="foreignkey")
    op.drop_table("filing_revision")
    op.drop_table("camera_access")
    op.drop_table("system_party")
    op.drop_index(
        "uq_filing_open", table_name="filing", postgresql_where=sa.text("status in ('draft','submitted','returned')")
    )
    op.drop_index("ix_filing_unit_id_id", table_name="filing")
    op.drop_index("ix_filing_organ_id_status_id", table_name="filing")
    op.drop_index("ix_filing_district_status_id", table_name="filing")
    op.drop_table("filing")
    op.drop_index("ix_document_unit_id", table_name="document")
    op.drop_table("document")
    op.drop_index("ix_camera_import_unit_id_id", table_name="camera_import")
    op.drop_table("camera_import")
    op.drop_index("ix_camera_unit_id_id", table_name="camera")
    op.drop_index("ix_camera_system_id_id", table_name="camera")
    op.drop_index(
        "ix_camera_name_trgm", table_name="camera", postgresql_using="gin", postgresql_ops={"name": "gin_trgm_ops"}
    )
    op.drop_index("ix_camera_district_live_id", table_name="camera")
    op.drop_geospatial_index(
        "idx_camera_position", table_name="camera", postgresql_using="gist", column_name="position"
    )
    op.drop_geospatial_index(
        "idx_camera_mercator", table_name="camera", postgresql_using="gist", column_name="mercator"
    )
    op.drop_geospatial_table("camera")
    op.drop_index("ix_system_unit_id_id", table_name="system")
    op.drop_index("ix_system_organ_id", table_name="system")
    op.drop_index("ix_system_district_id", table_name="system")
    op.drop_table("system")
    op.drop_geospatial_table("site")
    op.drop_index(
        "ix_unit_name_trgm", table_name="unit", postgresql_using="gin", postgresql_ops={"name": "gin_trgm_ops"}
    )
    op.drop_index("ix_unit_initials", table_name="unit")
    op.drop_index("ix_unit_district_id", table_name="unit")
    op.drop_geospatial_index("idx_unit_position", table_name="unit", postgresql_using="gist", column_name="position")
    op.drop_geospatial_table("unit")
    op.drop_table("filing_number")
