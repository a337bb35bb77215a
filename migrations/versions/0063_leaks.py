"""Leaks traced to a copy, and the duty to delete once the purpose is met."""

from alembic import op

from migrations.support import grant, guard_rows

revision = "0063"
down_revision = "0062"
branch_labels = None
depends_on = None

TABLES = """
create table footage_deletion (
  request_id UUID NOT NULL,
  met_on DATE NOT NULL,
  due_on DATE,
  due_why JSONB,
  stated_by UUID NOT NULL,
  stated_name VARCHAR(40) NOT NULL,
  stated_at TIMESTAMP WITH TIME ZONE NOT NULL,
  done_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_footage_deletion PRIMARY KEY (request_id),
  CONSTRAINT fk_footage_deletion_request_id FOREIGN KEY(request_id) REFERENCES footage_request (id),
  CONSTRAINT fk_footage_deletion_stated_by FOREIGN KEY(stated_by) REFERENCES person (id)
);
create INDEX ix_footage_deletion_due ON footage_deletion (due_on) WHERE done_at is null;
create table footage_leak (
  id UUID NOT NULL,
  request_id UUID NOT NULL,
  copy_id UUID NOT NULL,
  number VARCHAR(48) NOT NULL,
  status VARCHAR(10) DEFAULT 'reported' NOT NULL,
  found_on DATE NOT NULL,
  found TEXT,
  measures TEXT,
  liable TEXT,
  outcome TEXT,
  sealed TEXT,
  due_on DATE,
  due_why JSONB,
  reported_by UUID NOT NULL,
  reported_name VARCHAR(40) NOT NULL,
  reported_at TIMESTAMP WITH TIME ZONE NOT NULL,
  measures_name VARCHAR(40) DEFAULT '' NOT NULL,
  measures_at TIMESTAMP WITH TIME ZONE,
  closed_by UUID,
  closed_name VARCHAR(40) DEFAULT '' NOT NULL,
  closed_at TIMESTAMP WITH TIME ZONE,
  version INTEGER NOT NULL,
  CONSTRAINT pk_footage_leak PRIMARY KEY (id),
  CONSTRAINT ck_footage_leak_status CHECK (status in ('reported', 'contained', 'closed')),
  CONSTRAINT ck_footage_leak_secret_is_sealed CHECK (sealed is null or (found is null and measures is null and liable is null and outcome is null)),
  CONSTRAINT ck_footage_leak_closed_by_another CHECK (closed_by is null or closed_by <> reported_by),
  CONSTRAINT ck_footage_leak_closed CHECK ((status = 'closed') = (closed_at is not null)),
  CONSTRAINT ck_footage_leak_measures_first CHECK (status = 'reported' or measures_at is not null),
  CONSTRAINT uq_footage_leak_number UNIQUE (number),
  CONSTRAINT fk_footage_leak_request_id FOREIGN KEY(request_id) REFERENCES footage_request (id),
  CONSTRAINT fk_footage_leak_copy_id FOREIGN KEY(copy_id) REFERENCES footage_copy (id),
  CONSTRAINT fk_footage_leak_reported_by FOREIGN KEY(reported_by) REFERENCES person (id),
  CONSTRAINT fk_footage_leak_closed_by FOREIGN KEY(closed_by) REFERENCES person (id)
);
create INDEX ix_footage_leak_request ON footage_leak (request_id);
create INDEX ix_footage_leak_open ON footage_leak (due_on, id) WHERE status <> 'closed';
"""


def upgrade() -> None:
    op.execute(TABLES)
    for table in ("footage_deletion", "footage_leak"):
        grant(table, app="select, insert, update")
        guard_rows(
            table, unit=None, district=None, extra="exists (select from footage_request r where r.id = request_id)"
        )


def downgrade() -> None:
    op.drop_table("footage_leak")
    op.drop_table("footage_deletion")
