"""People, organs with their jurisdiction, accounts and sign-in sessions."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from geoalchemy2 import alembic_helpers as _geo  # noqa: F401 - registers the geospatial operations
from sqlalchemy.dialects import postgresql

from migrations.support import grant, guard_rows

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "address_throttle",
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("window_start", sa.DateTime(timezone=True), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("address", name=op.f("pk_address_throttle")),
    )
    op.create_geospatial_table(
        "division",
        sa.Column("code", sa.String(length=6), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("name_en", sa.String(length=60), nullable=False),
        sa.Column("level", sa.String(length=10), nullable=False),
        sa.Column("parent_code", sa.String(length=6), nullable=True),
        sa.Column(
            "outline",
            Geometry(
                geometry_type="MULTIPOLYGON",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["parent_code"], ["division.code"], name=op.f("fk_division_parent_code")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_division")),
    )
    op.create_geospatial_index(
        "idx_division_outline", "division", ["outline"], unique=False, postgresql_using="gist", postgresql_ops={}
    )
    op.create_geospatial_table(
        "organ",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("name_en", sa.String(length=120), server_default="", nullable=False),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("citywide", sa.Boolean(), server_default="false", nullable=False),
        sa.Column(
            "jurisdiction",
            Geometry(
                geometry_type="MULTIPOLYGON",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            nullable=True,
        ),
        sa.CheckConstraint(
            "kind in ('police_city', 'police_branch', 'police_station', 'education', 'procuratorate', 'court', 'state_security', 'department')",
            name=op.f("ck_organ_kind"),
        ),
        sa.ForeignKeyConstraint(["parent_id"], ["organ.id"], name=op.f("fk_organ_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organ")),
        sa.UniqueConstraint("code", name=op.f("uq_organ_code")),
    )
    op.create_geospatial_index(
        "idx_organ_jurisdiction", "organ", ["jurisdiction"], unique=False, postgresql_using="gist", postgresql_ops={}
    )
    op.create_table(
        "person",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("police_number", sa.String(length=12), nullable=True),
        sa.Column("phone_sealed", sa.String(length=400), nullable=True),
        sa.Column("phone_masked", sa.String(length=20), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
    )
    op.create_table(
        "account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("login", sa.String(length=40), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("password_set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("must_change", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("totp_sealed", sa.String(length=400), nullable=True),
        sa.Column("totp_last_counter", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("locale", sa.String(length=12), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("login = lower(login)", name=op.f("ck_account_login_lower")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_account_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("login", name=op.f("uq_account_login")),
        sa.UniqueConstraint("person_id", name=op.f("uq_account_person_id")),
    )
    op.create_table(
        "account_proposal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("login", sa.String(length=40), nullable=False),
        sa.Column("person_name", sa.String(length=40), nullable=False),
        sa.Column("police_number", sa.String(length=12), nullable=True),
        sa.Column("memberships", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("status", sa.String(length=10), server_default="proposed", nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_reason", sa.String(length=400), nullable=True),
        sa.CheckConstraint("status in ('proposed','approved','refused')", name=op.f("ck_account_proposal_status")),
        sa.CheckConstraint(
            "decided_by is null or decided_by <> proposed_by", name=op.f("ck_account_proposal_two_persons")
        ),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_account_proposal_decided_by")),
        sa.ForeignKeyConstraint(["proposed_by"], ["person.id"], name=op.f("fk_account_proposal_proposed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_proposal")),
    )
    op.create_index(
        "uq_account_proposal_open",
        "account_proposal",
        ["login"],
        unique=True,
        postgresql_where=sa.text("status = 'proposed'"),
    )
    op.create_table(
        "organ_division",
        sa.Column("organ_id", sa.Uuid(), nullable=False),
        sa.Column("division_code", sa.String(length=6), nullable=False),
        sa.ForeignKeyConstraint(["division_code"], ["division.code"], name=op.f("fk_organ_division_division_code")),
        sa.ForeignKeyConstraint(["organ_id"], ["organ.id"], name=op.f("fk_organ_division_organ_id")),
        sa.PrimaryKeyConstraint("organ_id", "division_code", name=op.f("pk_organ_division")),
    )
    op.create_table(
        "login_session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("token_sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("agent", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_login_session_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_session")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_login_session_token_sha256")),
    )
    op.create_index(op.f("ix_login_session_account_id"), "login_session", ["account_id"], unique=False)
    op.create_table(
        "membership",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=30), nullable=False),
        sa.Column("post", sa.String(length=40), nullable=True),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("organ_id", sa.Uuid(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "post is null or post in ('department_head', 'unit_principal', 'unit_security_head', 'public_order_leader', 'public_order_section_chief', 'security_director', 'school_leader_safety', 'police_office_head', 'system_administrator', 'logistics_deputy_security', 'logistics_deputy_canteen', 'logistics_deputy', 'logistics_director', 'centre_deputy_director', 'centre_principal', 'resident_unit_head', 'case_department_head', 'bureau_leader')",
            name=op.f("ck_membership_post"),
        ),
        sa.CheckConstraint(
            "role in ('unit_filer', 'unit_security_head', 'unit_custodian', 'unit_approver', 'registrar', 'inspector', 'investigator', 'case_head', 'bureau_leader', 'sector_supervisor', 'auditor', 'system_admin', 'security_admin', 'audit_admin')",
            name=op.f("ck_membership_role"),
        ),
        sa.CheckConstraint("(unit_id is null) <> (organ_id is null)", name=op.f("ck_membership_one_home")),
        sa.CheckConstraint("valid_to is null or valid_to >= valid_from", name=op.f("ck_membership_period")),
        sa.ForeignKeyConstraint(["organ_id"], ["organ.id"], name=op.f("fk_membership_organ_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_membership_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership")),
    )
    op.create_index("ix_membership_organ_id", "membership", ["organ_id"], unique=False)
    op.create_index("ix_membership_person_id", "membership", ["person_id"], unique=False)
    op.create_index("ix_membership_unit_id", "membership", ["unit_id"], unique=False)
    op.create_index(
        "uq_membership_one_admin_post",
        "membership",
        ["person_id"],
        unique=True,
        postgresql_where=sa.text("valid_to is null and role in ('audit_admin', 'security_admin', 'system_admin')"),
    )
    op.create_table(
        "password_record",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_password_record_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_password_record")),
    )
    op.create_index(op.f("ix_password_record_account_id"), "password_record", ["account_id"], unique=False)

    op.create_table(
        "notice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(60), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("occasion", sa.String(80), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_notice_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint(
            "person_id", "kind", "subject_id", "occasion", name=op.f("uq_notice_person_id_kind_subject_id_occasion")
        ),
    )
    op.create_index(
        "ix_notice_person_id_id", "notice", ["person_id", "id"], postgresql_where=sa.text("read_at is null")
    )
    grant("notice")
    guard_rows("notice", unit=None, district=None, extra="person_id = (select portal_scope_person())")
    for table in ("division", "organ", "organ_division", "person", "membership", "account", "password_record"):
        grant(table, app="select, insert, update" if table != "organ_division" else "select, insert, delete")
    for table in ("login_session", "address_throttle"):
        grant(table)
    grant("account_proposal", app="select, insert, update")
    for table in ("division", "organ", "organ_division"):
        grant(table, app="", map_reads=True)


def downgrade() -> None:
    op.drop_table("notice")
    op.drop_index(op.f("ix_password_record_account_id"), table_name="password_record")
    op.drop_table("password_record")
    op.drop_index(
        "uq_membership_one_admin_post",
        table_name="membership",
        postgresql_where=sa.text("valid_to is null and role in ('audit_admin', 'security_admin', 'system_admin')"),
    )
    op.drop_index("ix_membership_unit_id", table_name="membership")
    op.drop_index("ix_membership_person_id", table_name="membership")
    op.drop_index("ix_membership_organ_id", table_name="membership")
    op.drop_table("membership")
    op.drop_index(op.f("ix_login_session_account_id"), table_name="login_session")
    op.drop_table("login_session")
    op.drop_table("organ_division")
    op.drop_index(
        "uq_account_proposal_open", table_name="account_proposal", postgresql_where=sa.text("status = 'proposed'")
    )
    op.drop_table("account_proposal")
    op.drop_table("account")
    op.drop_table("person")
    op.drop_geospatial_index(
        "idx_organ_jurisdiction", table_name="organ", postgresql_using="gist", column_name="jurisdiction"
    )
    op.drop_geospatial_table("organ")
    op.drop_geospatial_index(
        "idx_division_outline", table_name="division", postgresql_using="gist", column_name="outline"
    )
    op.drop_geospatial_table("division")
    op.drop_table("address_throttle")
