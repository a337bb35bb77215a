"""Footage files that arrive over the network: the window that takes them, and each file as far as it has come."""

from alembic import op

from migrations.support import grant, guard_rows

revision = "0073"
down_revision = "0072"
branch_labels = None
depends_on = None

KINDS = ("filing_document", "drawing", "letter", "identity", "photo", "signed_scan", "sheet", "paper", "export")
TYPES = ("pdf", "jpeg", "png", "webp", "xlsx", "xls", "csv", "geojson")

TABLES = """
create table footage_window (
  id UUID NOT NULL,
  request_id UUID NOT NULL,
  secret_sha256 VARCHAR(64),
  operator_name VARCHAR(40) DEFAULT '' NOT NULL,
  files_most SMALLINT NOT NULL,
  opened_by UUID NOT NULL,
  opened_name VARCHAR(40) NOT NULL,
  opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
  closes_at TIMESTAMP WITH TIME ZONE NOT NULL,
  closed_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_footage_window PRIMARY KEY (id),
  CONSTRAINT ck_footage_window_operator CHECK ((secret_sha256 is null) = (operator_name = '')),
  CONSTRAINT ck_footage_window_secret CHECK (secret_sha256 is null or secret_sha256 ~ '^[0-9a-f]{64}$'),
  CONSTRAINT ck_footage_window_span CHECK (closes_at > opened_at),
  CONSTRAINT ck_footage_window_files CHECK (files_most between 1 and 200),
  CONSTRAINT fk_footage_window_request_id FOREIGN KEY(request_id) REFERENCES footage_request (id),
  CONSTRAINT fk_footage_window_opened_by FOREIGN KEY(opened_by) REFERENCES person (id)
);
create UNIQUE INDEX uq_footage_window_open ON footage_window (request_id) WHERE closed_at is null;
create UNIQUE INDEX uq_footage_window_secret ON footage_window (secret_sha256);
create table footage_upload (
  id UUID NOT NULL,
  window_id UUID NOT NULL,
  request_id UUID NOT NULL,
  name VARCHAR(200) NOT NULL,
  size BIGINT NOT NULL,
  received BIGINT DEFAULT '0' NOT NULL,
  parts INTEGER DEFAULT '0' NOT NULL,
  sent_by UUID,
  sent_name VARCHAR(40) NOT NULL,
  begun_at TIMESTAMP WITH TIME ZONE NOT NULL,
  last_at TIMESTAMP WITH TIME ZONE NOT NULL,
  stored_file_id UUID,
  kept_at TIMESTAMP WITH TIME ZONE,
  dropped_at TIMESTAMP WITH TIME ZONE,
  dropped_why VARCHAR(20) DEFAULT '' NOT NULL,
  CONSTRAINT pk_footage_upload PRIMARY KEY (id),
  CONSTRAINT ck_footage_upload_received CHECK (size > 0 and received between 0 and size),
  CONSTRAINT ck_footage_upload_kept CHECK ((stored_file_id is null) = (kept_at is null)),
  CONSTRAINT ck_footage_upload_whole CHECK (kept_at is null or received = size),
  CONSTRAINT fk_footage_upload_window_id FOREIGN KEY(window_id) REFERENCES footage_window (id),
  CONSTRAINT fk_footage_upload_request_id FOREIGN KEY(request_id) REFERENCES footage_request (id),
  CONSTRAINT fk_footage_upload_sent_by FOREIGN KEY(sent_by) REFERENCES person (id),
  CONSTRAINT fk_footage_upload_stored_file_id FOREIGN KEY(stored_file_id) REFERENCES stored_file (id)
);
create INDEX ix_footage_upload_request ON footage_upload (request_id, id);
create INDEX ix_footage_upload_window ON footage_upload (window_id);
create INDEX ix_footage_upload_arriving ON footage_upload (id) WHERE kept_at is null and dropped_at is null;
"""


def upgrade() -> None:
    _admit("kind", (*KINDS, "footage"))
    _admit("type", (*TYPES, "native"))
    op.execute(TABLES)
    for table in ("footage_window", "footage_upload"):
        grant(table, app="select, insert, update")
        guard_rows(
            table, unit=None, district=None, extra="exists (select from footage_request r where r.id = request_id)"
        )


def downgrade() -> None:
    op.drop_table("footage_upload")
    op.drop_table("footage_window")
    # A file of footage cannot be taken back to a version that does not know the kind: it stands in the way, on purpose.
    _admit("kind", KINDS)
    _admit("type", TYPES)


def _admit(column: str, words: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{word}'" for word in words)
    op.execute(f"alter table stored_file drop constraint ck_stored_file_{column}")
    op.execute(f"alter table stored_file add constraint ck_stored_file_{column} check ({column} in ({listed}))")
