"""Tables of portal.vault."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.support import grant, guard_rows

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

KINDS = "'filing_document', 'drawing', 'letter', 'identity', 'photo', 'signed_scan', 'sheet', 'paper'"


def upgrade() -> None:
    op.create_table(
        "stored_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("type", sa.String(8), nullable=False),
        sa.Column("declared_name", sa.String(200), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("sm3", sa.String(64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("shown_sha256", sa.String(64), nullable=True),
        sa.Column("shown_size", sa.BigInteger(), nullable=True),
        sa.Column("facts", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("secrecy", sa.String(10), nullable=False),
        sa.Column("state", sa.String(12), server_default="kept", nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("district", sa.String(6), nullable=True),
        sa.Column("organ_id", sa.Uuid(), nullable=True),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_by_person", sa.Uuid(), nullable=True),
        sa.Column("created_by_name", sa.String(120), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(f"kind in ({KINDS})", name=op.f("ck_stored_file_kind")),
        sa.CheckConstraint(
            "type in ('pdf', 'jpeg', 'png', 'webp', 'xlsx', 'xls', 'csv')", name=op.f("ck_stored_file_type")
        ),
        sa.CheckConstraint(
            "secrecy in ('open', 'internal', 'sensitive', 'secret')", name=op.f("ck_stored_file_secrecy")
        ),
        sa.CheckConstraint("state in ('kept', 'quarantined', 'erased')", name=op.f("ck_stored_file_state")),
        sa.CheckConstraint("sha256 ~ '^[0-9a-f]{64}$' and sm3 ~ '^[0-9a-f]{64}$'", name=op.f("ck_stored_file_digests")),
        sa.CheckConstraint(
            "shown_sha256 is null or shown_sha256 ~ '^[0-9a-f]{64}$'", name=op.f("ck_stored_file_shown_digest")
        ),
        sa.CheckConstraint("(shown_sha256 is null) = (shown_size is null)", name=op.f("ck_stored_file_shown_whole")),
        sa.CheckConstraint("size > 0", name=op.f("ck_stored_file_size")),
        sa.ForeignKeyConstraint(["organ_id"], ["organ.id"], name=op.f("fk_stored_file_organ_id")),
        sa.ForeignKeyConstraint(["created_by"], ["account.id"], name=op.f("fk_stored_file_created_by")),
        sa.ForeignKeyConstraint(["created_by_person"], ["person.id"], name=op.f("fk_stored_file_created_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stored_file")),
    )
    op.create_index("ix_stored_file_unit_id_id", "stored_file", ["unit_id", "id"])
    op.create_index("ix_stored_file_sha256", "stored_file", ["sha256"])
    op.create_index("ix_stored_file_shown_sha256", "stored_file", ["shown_sha256"])
    grant("stored_file", app="select, insert, update")
    # Who put a file in sees it before it is bound to anything that is in the person's reach.
    guard_rows(
        "stored_file",
        extra="organ_id = any ((select portal_scope_organs())::uuid[]) or created_by_person = (select portal_scope_person())",
    )


def downgrade() -> None:
    op.drop_table("stored_file")
