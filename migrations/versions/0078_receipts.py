"""Receipts of footage requests, the same for requester, unit and oversight."""

from alembic import op

from migrations.support import append_only, grant, guard_rows

revision = "0078"
down_revision = "0077"
branch_labels = None
depends_on = None

TABLE = """
create table footage_receipt (
  id UUID NOT NULL,
  request_id UUID NOT NULL,
  stage VARCHAR(12) NOT NULL,
  digest VARCHAR(64) NOT NULL,
  content JSONB NOT NULL,
  issued_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_footage_receipt PRIMARY KEY (id),
  CONSTRAINT ck_footage_receipt_stage CHECK (stage in ('submitted', 'cleared', 'handed_over')),
  CONSTRAINT ck_footage_receipt_digest CHECK (digest ~ '^[0-9a-f]{64}$'),
  CONSTRAINT uq_footage_receipt_digest UNIQUE (digest),
  CONSTRAINT fk_footage_receipt_request_id FOREIGN KEY(request_id) REFERENCES footage_request (id)
);
create INDEX ix_footage_receipt_request ON footage_receipt (request_id, issued_at);
"""


def upgrade() -> None:
    op.execute(TABLE)
    grant("footage_receipt", app="select, insert")
    append_only("footage_receipt")
    guard_rows(
        "footage_receipt", unit=None, district=None,
        extra="exists (select from footage_request r where r.id = request_id)",
    )  # fmt: skip


def downgrade() -> None:
    op.drop_table("footage_receipt")
