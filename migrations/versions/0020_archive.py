"""A system's archive: parties for a time, contacts, firms and technicians, compliance, connections, plan, keeping of papers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.support import grant, guard_rows

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

GUARDED = (
    "system_contact",
    "qualification_paper",
    "engagement",
    "technician",
    "engagement_technician",
    "system_compliance",
    "product_certificate",
    "system_connection",
    "plan_item",
    "plan_match",
)
# The register of firms is the whole city's: a certificate is a fact of the firm, whoever engaged it.
SHARED = ("contractor", "qualification")


def upgrade() -> None:
    _sites()
    _parties()
    _documents()
    _tables()
    for table in GUARDED:
        grant(table)
        guard_rows(table)
    for table in SHARED:
        grant(table, app="select, insert, update")


def _sites() -> None:
    op.add_column("site", sa.Column("kind", sa.String(length=12), server_default="main", nullable=False))
    op.add_column("site", sa.Column("version", sa.Integer(), server_default="1", nullable=False))
    op.create_check_constraint(op.f("ck_site_kind"), "site", "kind in ('main', 'campus', 'branch', 'depot', 'other')")
    op.create_unique_constraint(op.f("uq_site_id_unit_id"), "site", ["id", "unit_id"])
    op.add_column("system", sa.Column("funding", sa.String(length=10), nullable=True))
    op.create_check_constraint(
        op.f("ck_system_funding"),
        "system",
        "funding is null or funding in ('fiscal', 'own', 'social', 'shared', 'other')",
    )
    # A system could name any unit's site: what is not its own unit's was never meant.
    op.execute("update system s set site_id = null from site t where t.id = s.site_id and t.unit_id <> s.unit_id")
    op.drop_constraint(op.f("fk_system_site_id"), "system", type_="foreignkey")
    op.create_foreign_key("fk_system_site_of_unit", "system", "site", ["site_id", "unit_id"], ["id", "unit_id"])
    op.create_index("ix_system_site_id", "system", ["site_id"])


def _parties() -> None:
    """Each role's one name becomes its first period, whose beginning nobody has told."""
    op.drop_constraint(op.f("pk_system_party"), "system_party", type_="primary")
    for column in (
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("uscc", sa.String(length=18), nullable=True),
        sa.Column("responsible", sa.String(length=40), server_default="", nullable=False),
        sa.Column("note", sa.String(length=200), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
    ):
        op.add_column("system_party", column)
    op.create_primary_key(op.f("pk_system_party"), "system_party", ["id"])
    op.create_index(op.f("ix_system_party_system_id"), "system_party", ["system_id"])
    op.create_check_constraint(
        op.f("ck_system_party_period"),
        "system_party",
        "valid_from is null or valid_to is null or valid_from <= valid_to",
    )
    op.execute("update system_party p set uscc = u.uscc from unit u where u.id = p.unit_id and u.name = p.name")
    # A party's own telephone was never asked for; contacts of a system are kept sealed, in a table of their own.
    op.drop_column("system_party", "phone")
    op.execute(
        "alter table system_party add constraint ex_system_party_one_at_a_time exclude using gist "
        "(system_id with =, role with =, (daterange(valid_from, valid_to, '[]')) with &&)"
    )


def _documents() -> None:
    op.add_column("document", sa.Column("place", sa.String(length=120), server_default="", nullable=False))
    op.add_column("document", sa.Column("expires_on", sa.Date(), nullable=True))
    op.add_column("document", sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True))
    # What a paper is stays as it was taken in; how it is kept may change.
    op.execute("grant update (title, custodian, place, secrecy, expires_on, verified_at) on document to portal_app")
    op.create_check_constraint(
        op.f("ck_document_secrecy"), "document", "secrecy in ('open', 'internal', 'sensitive', 'secret')"
    )


def _tables() -> None:
    op.create_table(
        "system_contact",
        sa.Column("system_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.SmallInteger(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("post", sa.String(length=40), server_default="", nullable=False),
        sa.Column("phone_sealed", sa.String(length=400), nullable=False),
        sa.Column("phone_masked", sa.String(length=20), nullable=False),
        sa.Column("round_the_clock", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("district", sa.String(length=6), nullable=False),
        sa.CheckConstraint("place in (1, 2)", name=op.f("ck_system_contact_place")),
        sa.ForeignKeyConstraint(
            ["system_id"], ["system.id"], name=op.f("fk_system_contact_system_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_system_contact_unit_id")),
        sa.PrimaryKeyConstraint("system_id", "place", name=op.f("pk_system_contact")),
    )
    op.create_table(
        "contractor",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("uscc", sa.String(length=18), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("kinds", postgresql.ARRAY(sa.String(length=12)), nullable=False),
        sa.Column("address", sa.String(length=200), server_default="", nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "cardinality(kinds) > 0 and kinds <@ array['design', 'construction', 'supervision', 'maintenance']::varchar[]",
            name=op.f("ck_contractor_kinds"),
        ),
        sa.ForeignKeyConstraint(["entered_by"], ["person.id"], name=op.f("fk_contractor_entered_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contractor")),
        sa.UniqueConstraint("uscc", name=op.f("uq_contractor_uscc")),
    )
    op.create_index(
        "ix_contractor_name_trgm",
        "contractor",
        ["name"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"name": "gin_trgm_ops"},
    )
    op.create_table(
        "qualification",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("contractor_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("grade", sa.String(length=20), server_default="", nullable=False),
        sa.Column("issuer", sa.String(length=80), server_default="", nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "kind in ('design', 'construction', 'supervision', 'maintenance')", name=op.f("ck_qualification_kind")
        ),
        sa.CheckConstraint(
            "valid_from is null or valid_to is null or valid_from <= valid_to", name=op.f("ck_qualification_period")
        ),
        sa.ForeignKeyConstraint(["contractor_id"], ["contractor.id"], name=op.f("fk_qualification_contractor_id")),
        sa.ForeignKeyConstraint(["entered_by"], ["person.id"], name=op.f("fk_qualification_entered_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qualification")),
        sa.UniqueConstraint("contractor_id", "kind", "number", name="uq_qualification_number"),
    )
    op.create_table(
        "qualification_paper",
        sa.Column("qualification_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("stored_file_id", sa.Uuid(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("district", sa.String(length=6), nullable=False),
        sa.ForeignKeyConstraint(
            ["qualification_id"], ["qualification.id"], name=op.f("fk_qualification_paper_qualification_id")
        ),
        sa.ForeignKeyConstraint(
            ["stored_file_id"], ["stored_file.id"], name=op.f("fk_qualification_paper_stored_file_id")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_qualification_paper_unit_id")),
        sa.PrimaryKeyConstraint("qualification_id", "unit_id", name=op.f("pk_qualification_paper")),
    )
    op.create_table(
        "engagement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("system_id", sa.Uuid(), nullable=False),
        sa.Column("contractor_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("contract_number", sa.String(length=60), server_default="", nullable=False),
        sa.Column("note", sa.String(length=200), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("district", sa.String(length=6), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("system_id"), "="),
            (sa.column("contractor_id"), "="),
            (sa.column("kind"), "="),
            (sa.literal_column("daterange(valid_from, valid_to, '[]')"), "&&"),
            using="gist",
            name="ex_engagement_one_at_a_time",
        ),
        sa.CheckConstraint(
            "kind in ('design', 'construction', 'supervision', 'maintenance')", name=op.f("ck_engagement_kind")
        ),
        sa.CheckConstraint(
            "valid_from is null or valid_to is null or valid_from <= valid_to", name=op.f("ck_engagement_period")
        ),
        sa.ForeignKeyConstraint(["contractor_id"], ["contractor.id"], name=op.f("fk_engagement_contractor_id")),
        sa.ForeignKeyConstraint(["system_id"], ["system.id"], name=op.f("fk_engagement_system_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_engagement_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_engagement")),
    )
    op.create_index("ix_engagement_contractor_id", "engagement", ["contractor_id"], unique=False)
    op.create_index(op.f("ix_engagement_system_id"), "engagement", ["system_id"], unique=False)
    op.create_index("ix_engagement_unit_id", "engagement", ["unit_id"], unique=False)
    op.create_table(
        "technician",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("contractor_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("id_number_sealed", sa.String(length=400), nullable=False),
        sa.Column("id_number_masked", sa.String(length=20), nullable=False),
        sa.Column("id_number_index", sa.String(length=120), nullable=False),
        sa.Column("certificate", sa.String(length=60), server_default="", nullable=False),
        sa.Column("certificate_number", sa.String(length=60), server_default="", nullable=False),
        sa.Column("certificate_to", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("district", sa.String(length=6), nullable=False),
        sa.ForeignKeyConstraint(["contractor_id"], ["contractor.id"], name=op.f("fk_technician_contractor_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_technician_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_technician")),
        sa.UniqueConstraint("unit_id", "contractor_id", "id_number_index", name="uq_technician_person"),
    )
    op.create_index("ix_technician_contractor_id", "technician", ["contractor_id"], unique=False)
    op.create_table(
        "engagement_technician",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("engagement_id", sa.Uuid(), nullable=False),
        sa.Column("technician_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("district", sa.String(length=6), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("engagement_id"), "="),
            (sa.column("technician_id"), "="),
            (sa.column("role"), "="),
            (sa.literal_column("daterange(valid_from, valid_to, '[]')"), "&&"),
            using="gist",
            name="ex_engagement_technician_one_at_a_time",
        ),
        sa.CheckConstraint(
            "role in ('lead', 'designer', 'installer', 'commissioning', 'supervisor', 'maintainer')",
            name=op.f("ck_engagement_technician_role"),
        ),
        sa.CheckConstraint(
            "valid_from is null or valid_to is null or valid_from <= valid_to",
            name=op.f("ck_engagement_technician_period"),
        ),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_engagement_technician_engagement_id")
        ),
        sa.ForeignKeyConstraint(
            ["technician_id"], ["technician.id"], name=op.f("fk_engagement_technician_technician_id")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_engagement_technician_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_engagement_technician")),
    )
    op.create_index(
        op.f("ix_engagement_technician_engagement_id"), "engagement_technician", ["engagement_id"], unique=False
    )
    op.create_index("ix_engagement_technician_technician_id", "engagement_technician", ["technician_id"], unique=False)
    op.create_table(
        "system_compliance",
        sa.Column("system_id", sa.Uuid(), nullable=False),
        sa.Column("mlps_level", sa.SmallInteger(), nullable=True),
        sa.Column("mlps_number", sa.String(length=40), server_default="", nullable=False),
        sa.Column("mlps_filed_on", sa.Date(), nullable=True),
        sa.Column("mlps_evaluator", sa.String(length=120), server_default="", nullable=False),
        sa.Column("mlps_evaluated_on", sa.Date(), nullable=True),
        sa.Column("mlps_evaluation_to", sa.Date(), nullable=True),
        sa.Column("standards", postgresql.ARRAY(sa.String(length=24)), server_default="{}", nullable=False),
        sa.Column("other_standards", sa.String(length=200), server_default="", nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("district", sa.String(length=6), nullable=False),
        sa.CheckConstraint(
            "mlps_level is null or mlps_level in (1, 2, 3, 4, 5)", name=op.f("ck_system_compliance_mlps_level")
        ),
        sa.ForeignKeyConstraint(
            ["system_id"], ["system.id"], name=op.f("fk_system_compliance_system_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_system_compliance_unit_id")),
        sa.PrimaryKeyConstraint("system_id", name=op.f("pk_system_compliance")),
    )
    op.create_table(
        "product_certificate",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("system_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("product", sa.String(length=80), nullable=False),
        sa.Column("model", sa.String(length=60), server_default="", nullable=False),
        sa.Column("maker", sa.String(length=80), server_default="", nullable=False),
        sa.Column("number", sa.String(length=60), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("district", sa.String(length=6), nullable=False),
        sa.CheckConstraint("kind in ('ccc', 'ga', 'type_test', 'other')", name=op.f("ck_product_certificate_kind")),
        sa.CheckConstraint(
            "valid_from is null or valid_to is null or valid_from <= valid_to",
            name=op.f("ck_product_certificate_period"),
        ),
        sa.ForeignKeyConstraint(["system_id"], ["system.id"], name=op.f("fk_product_certificate_system_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_product_certificate_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_certificate")),
    )
    op.create_index(op.f("ix_product_certificate_system_id"), "product_certificate", ["system_id"], unique=False)
    op.create_index("ix_product_certificate_unit_id", "product_certificate", ["unit_id"], unique=False)
    op.create_table(
        "system_connection",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("system_id", sa.Uuid(), nullable=False),
        sa.Column("platform", sa.String(length=16), nullable=False),
        sa.Column("platform_name", sa.String(length=80), nullable=False),
        sa.Column("purpose", sa.String(length=20), server_default="", nullable=False),
        sa.Column("path", sa.String(length=120), server_default="", nullable=False),
        sa.Column("status", sa.String(length=12), server_default="proposed", nullable=False),
        sa.Column("consented_on", sa.Date(), nullable=True),
        sa.Column("consented_by", sa.String(length=40), server_default="", nullable=False),
        sa.Column("approved_on", sa.Date(), nullable=True),
        sa.Column("approved_by", sa.String(length=40), server_default="", nullable=False),
        sa.Column("connected_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("end_reason", sa.String(length=200), server_default="", nullable=False),
        sa.Column("dispatch", sa.String(length=10), nullable=True),
        sa.Column("dispatch_centre", sa.String(length=80), server_default="", nullable=False),
        sa.Column("dispatch_tested_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("district", sa.String(length=6), nullable=False),
        sa.CheckConstraint(
            "dispatch is null or dispatch in ('line', 'radio', 'platform', 'phone')",
            name=op.f("ck_system_connection_dispatch"),
        ),
        sa.CheckConstraint(
            "platform in ('police_video', 'traffic', 'fire', 'governance', 'sector', 'other')",
            name=op.f("ck_system_connection_platform"),
        ),
        sa.CheckConstraint(
            "status in ('proposed', 'consented', 'approved', 'active', 'suspended', 'refused', 'ended')",
            name=op.f("ck_system_connection_status"),
        ),
        sa.CheckConstraint(
            "status not in ('consented', 'approved', 'active', 'suspended') or consented_on is not null",
            name=op.f("ck_system_connection_consented"),
        ),
        sa.ForeignKeyConstraint(["system_id"], ["system.id"], name=op.f("fk_system_connection_system_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_system_connection_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_system_connection")),
    )
    op.create_index(op.f("ix_system_connection_system_id"), "system_connection", ["system_id"], unique=False)
    op.create_index("ix_system_connection_unit_id", "system_connection", ["unit_id"], unique=False)
    op.create_index(
        "uq_system_connection_open",
        "system_connection",
        ["system_id", "platform"],
        unique=True,
        postgresql_where=sa.text("status not in ('ended', 'refused')"),
    )
    op.create_table(
        "plan_item",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("place", sa.String(length=120), nullable=False),
        sa.Column("count", sa.SmallInteger(), nullable=False),
        sa.Column("camera_type", sa.String(length=20), server_default="unknown", nullable=False),
        sa.Column("phase", sa.String(length=60), server_default="", nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("status", sa.String(length=10), server_default="planned", nullable=False),
        sa.Column("note", sa.String(length=200), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("district", sa.String(length=6), nullable=False),
        sa.CheckConstraint(
            "camera_type in ('ptz_dome', 'hemisphere', 'fixed_bullet', 'remote_bullet', 'checkpoint_bullet', 'unknown')",
            name=op.f("ck_plan_item_camera_type"),
        ),
        sa.CheckConstraint("status in ('planned', 'building', 'dropped')", name=op.f("ck_plan_item_status")),
        sa.CheckConstraint("count between 1 and 10000", name=op.f("ck_plan_item_count")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_plan_item_site_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_plan_item_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_item")),
    )
    op.create_index("ix_plan_item_unit_id", "plan_item", ["unit_id"], unique=False)
    op.create_table(
        "plan_match",
        sa.Column("camera_id", sa.Uuid(), nullable=False),
        sa.Column("plan_item_id", sa.Uuid(), nullable=False),
        sa.Column("matched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("district", sa.String(length=6), nullable=False),
        sa.ForeignKeyConstraint(["camera_id"], ["camera.id"], name=op.f("fk_plan_match_camera_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["plan_item_id"], ["plan_item.id"], name=op.f("fk_plan_match_plan_item_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_plan_match_unit_id")),
        sa.PrimaryKeyConstraint("camera_id", name=op.f("pk_plan_match")),
    )
    op.create_index(op.f("ix_plan_match_plan_item_id"), "plan_match", ["plan_item_id"], unique=False)
    op.create_index("ix_plan_match_unit_id", "plan_match", ["unit_id"], unique=False)


def downgrade() -> None:
    for table in reversed((*GUARDED[:1], *SHARED, *GUARDED[1:])):
        op.drop_table(table)
    op.drop_constraint(op.f("ck_document_secrecy"), "document", type_="check")
    op.execute("revoke update (title, custodian, secrecy) on document from portal_app")
    for name in ("verified_at", "expires_on", "place"):
        op.drop_column("document", name)
    op.execute("alter table system_party drop constraint ex_system_party_one_at_a_time")
    op.add_column("system_party", sa.Column("phone", sa.String(length=30), server_default="", nullable=False))
    # One name a role is what the old table holds: the latest stays.
    op.execute(
        "delete from system_party p using system_party q where q.system_id = p.system_id and q.role = p.role "
        "and coalesce(q.valid_from, '-infinity') > coalesce(p.valid_from, '-infinity')"
    )
    op.drop_constraint(op.f("ck_system_party_period"), "system_party", type_="check")
    op.drop_index(op.f("ix_system_party_system_id"), table_name="system_party")
    op.drop_constraint(op.f("pk_system_party"), "system_party", type_="primary")
    for name in ("version", "note", "responsible", "uscc", "valid_to", "valid_from", "id"):
        op.drop_column("system_party", name)
    op.create_primary_key(op.f("pk_system_party"), "system_party", ["system_id", "role"])
    op.drop_index("ix_system_site_id", table_name="system")
    op.drop_constraint("fk_system_site_of_unit", "system", type_="foreignkey")
    op.create_foreign_key(op.f("fk_system_site_id"), "system", "site", ["site_id"], ["id"])
    op.drop_constraint(op.f("ck_system_funding"), "system", type_="check")
    op.drop_column("system", "funding")
    op.drop_constraint(op.f("uq_site_id_unit_id"), "site", type_="unique")
    op.drop_constraint(op.f("ck_site_kind"), "site", type_="check")
    op.drop_column("site", "version")
    op.drop_column("site", "kind")
