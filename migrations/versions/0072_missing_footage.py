"""Missing footage and who answers for it; what of the asked span a sealed set does not hold."""

from alembic import op

from migrations.support import append_only, grant, guard_rows

revision = "0072"
down_revision = "0071"
branch_labels = None
depends_on = None

TABLES = """
create table footage_missing (
  id UUID NOT NULL,
  request_id UUID NOT NULL,
  unit_id UUID NOT NULL,
  camera_id UUID NOT NULL,
  number VARCHAR(48) NOT NULL,
  status VARCHAR(8) DEFAULT 'found' NOT NULL,
  cause VARCHAR(12) NOT NULL,
  label VARCHAR(120) NOT NULL,
  span_from TIMESTAMP WITH TIME ZONE NOT NULL,
  span_to TIMESTAMP WITH TIME ZONE NOT NULL,
  note VARCHAR(400) DEFAULT '' NOT NULL,
  required_days SMALLINT NOT NULL,
  was_owed BOOLEAN NOT NULL,
  held BOOLEAN NOT NULL,
  kept_said JSONB DEFAULT '[]' NOT NULL,
  found_by UUID NOT NULL,
  found_name VARCHAR(40) NOT NULL,
  found_at TIMESTAMP WITH TIME ZONE NOT NULL,
  responsible VARCHAR(80) DEFAULT '' NOT NULL,
  statement TEXT DEFAULT '' NOT NULL,
  stated_by UUID,
  stated_name VARCHAR(40) DEFAULT '' NOT NULL,
  stated_at TIMESTAMP WITH TIME ZONE,
  consequence VARCHAR(12),
  result TEXT DEFAULT '' NOT NULL,
  closed_by UUID,
  closed_name VARCHAR(40) DEFAULT '' NOT NULL,
  closed_at TIMESTAMP WITH TIME ZONE,
  version INTEGER NOT NULL,
  CONSTRAINT pk_footage_missing PRIMARY KEY (id),
  CONSTRAINT uq_footage_missing_number UNIQUE (number),
  CONSTRAINT ck_footage_missing_status CHECK (status in ('found', 'stated', 'closed')),
  CONSTRAINT ck_footage_missing_cause CHECK (cause in ('never_had', 'overwritten', 'device_down', 'distorted', 'gap')),
  CONSTRAINT ck_footage_missing_consequence CHECK (consequence is null or consequence in ('none', 'repair', 'instructed', 'disciplined', 'to_penalty')),
  CONSTRAINT ck_footage_missing_span CHECK (span_to > span_from),
  CONSTRAINT ck_footage_missing_stated CHECK (status = 'found' or (responsible <> '' and statement <> '' and stated_at is not null)),
  CONSTRAINT ck_footage_missing_closed CHECK ((status = 'closed') = (closed_at is not null and consequence is not null)),
  CONSTRAINT ck_footage_missing_closed_by_another CHECK (closed_by is null or closed_by <> stated_by),
  CONSTRAINT fk_footage_missing_request_id FOREIGN KEY(request_id) REFERENCES footage_request (id),
  CONSTRAINT fk_footage_missing_unit_id FOREIGN KEY(unit_id) REFERENCES unit (id),
  CONSTRAINT fk_footage_missing_camera_id FOREIGN KEY(camera_id) REFERENCES camera (id),
  CONSTRAINT fk_footage_missing_found_by FOREIGN KEY(found_by) REFERENCES person (id),
  CONSTRAINT fk_footage_missing_stated_by FOREIGN KEY(stated_by) REFERENCES person (id),
  CONSTRAINT fk_footage_missing_closed_by FOREIGN KEY(closed_by) REFERENCES person (id)
);
create INDEX ix_footage_missing_request ON footage_missing (request_id);
create INDEX ix_footage_missing_unit ON footage_missing (unit_id, status, id);
create table footage_completeness (
  request_id UUID NOT NULL,
  gaps JSONB DEFAULT '[]' NOT NULL,
  stated_by UUID NOT NULL,
  stated_name VARCHAR(40) NOT NULL,
  stated_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_footage_completeness PRIMARY KEY (request_id),
  CONSTRAINT fk_footage_completeness_request_id FOREIGN KEY(request_id) REFERENCES footage_manifest (request_id),
  CONSTRAINT fk_footage_completeness_stated_by FOREIGN KEY(stated_by) REFERENCES person (id)
);
"""
OUTCOMES = "'pending', 'supplied', 'never_had', 'overwritten', 'device_down', 'refused'"
OF_A_VISIBLE_REQUEST = "exists (select from footage_request r where r.id = request_id)"


def upgrade() -> None:
    op.execute("alter table footage_request_camera drop constraint ck_footage_request_camera_outcome")
    op.execute(
        "alter table footage_request_camera add constraint ck_footage_request_camera_outcome "
        f"check (outcome in ({OUTCOMES}, 'distorted'))"
    )
    op.execute(TABLES)
    grant("footage_missing", app="select, insert, update")
    guard_rows("footage_missing", unit=None, district=None, extra=OF_A_VISIBLE_REQUEST)
    grant("footage_completeness", app="select, insert")
    guard_rows("footage_completeness", unit=None, district=None, extra=OF_A_VISIBLE_REQUEST)
    append_only("footage_completeness")


def downgrade() -> None:
    op.drop_table("footage_completeness")
    op.drop_table("footage_missing")
    op.execute("alter table footage_request_camera drop constraint ck_footage_request_camera_outcome")
    op.execute(
        "alter table footage_request_camera add constraint ck_footage_request_camera_outcome "
        f"check (outcome in ({OUTCOMES}))"
    )
