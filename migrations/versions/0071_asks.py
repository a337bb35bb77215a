"""What a request's paper says, the duty to supply, urgent calls, individuals' viewings, identity papers seen."""

from alembic import op

from migrations.support import append_only, grant, guard_rows

revision = "0071"
down_revision = "0070"
branch_labels = None
depends_on = None

TABLES = """
create table footage_request_facts (
  request_id UUID NOT NULL,
  issued_on DATE,
  approver VARCHAR(120) DEFAULT '' NOT NULL,
  items TEXT DEFAULT '' NOT NULL,
  caller VARCHAR(120) DEFAULT '' NOT NULL,
  call_back VARCHAR(40) DEFAULT '' NOT NULL,
  done_at_once VARCHAR(400) DEFAULT '' NOT NULL,
  sealed TEXT,
  proof VARCHAR(24),
  interest VARCHAR(12),
  undertaking VARCHAR(12) DEFAULT '' NOT NULL,
  undertaken_name VARCHAR(40) DEFAULT '' NOT NULL,
  CONSTRAINT pk_footage_request_facts PRIMARY KEY (request_id),
  CONSTRAINT ck_footage_request_facts_proof CHECK (proof is null or proof in ('police_receipt', 'property_proof', 'medical_record', 'household_register', 'marriage_certificate', 'birth_certificate', 'guardianship_paper', 'care_contract')),
  CONSTRAINT ck_footage_request_facts_interest CHECK (interest is null or interest in ('life', 'health', 'property')),
  CONSTRAINT ck_footage_request_facts_secret_is_sealed CHECK (sealed is null or (items = '' and done_at_once = '')),
  CONSTRAINT ck_footage_request_facts_undertaken CHECK ((undertaking = '') = (undertaken_name = '')),
  CONSTRAINT fk_footage_request_facts_request_id FOREIGN KEY(request_id) REFERENCES footage_request (id) ON DELETE CASCADE
);
create table footage_supply (
  request_id UUID NOT NULL,
  served_at TIMESTAMP WITH TIME ZONE NOT NULL,
  due_at TIMESTAMP WITH TIME ZONE,
  due_why JSONB,
  acknowledged_by UUID,
  acknowledged_name VARCHAR(40) DEFAULT '' NOT NULL,
  acknowledged_at TIMESTAMP WITH TIME ZONE,
  completeness VARCHAR(8),
  gaps JSONB DEFAULT '[]' NOT NULL,
  stated_by UUID,
  stated_name VARCHAR(40) DEFAULT '' NOT NULL,
  stated_at TIMESTAMP WITH TIME ZONE,
  explanation VARCHAR(800) DEFAULT '' NOT NULL,
  supplied_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_footage_supply PRIMARY KEY (request_id),
  CONSTRAINT ck_footage_supply_completeness CHECK (completeness is null or completeness in ('whole', 'part', 'none')),
  CONSTRAINT ck_footage_supply_stated CHECK ((completeness is null) = (stated_at is null)),
  CONSTRAINT ck_footage_supply_stated_first CHECK (supplied_at is null or stated_at is not null),
  CONSTRAINT fk_footage_supply_request_id FOREIGN KEY(request_id) REFERENCES footage_request (id),
  CONSTRAINT fk_footage_supply_acknowledged_by FOREIGN KEY(acknowledged_by) REFERENCES person (id),
  CONSTRAINT fk_footage_supply_stated_by FOREIGN KEY(stated_by) REFERENCES person (id)
);
create INDEX ix_footage_supply_open ON footage_supply (due_at) WHERE supplied_at is null;
create table footage_failing (
  id UUID NOT NULL,
  request_id UUID NOT NULL,
  kind VARCHAR(8) NOT NULL,
  note VARCHAR(400) DEFAULT '' NOT NULL,
  recorded_name VARCHAR(40) NOT NULL,
  at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_footage_failing PRIMARY KEY (id),
  CONSTRAINT ck_footage_failing_kind CHECK (kind in ('late', 'refused')),
  CONSTRAINT fk_footage_failing_request_id FOREIGN KEY(request_id) REFERENCES footage_request (id)
);
create UNIQUE INDEX uq_footage_failing_once ON footage_failing (request_id, kind);
create table footage_call (
  request_id UUID NOT NULL,
  called_at TIMESTAMP WITH TIME ZONE NOT NULL,
  verified_by UUID,
  verified_name VARCHAR(40) DEFAULT '' NOT NULL,
  verified_at TIMESTAMP WITH TIME ZONE,
  verified_how VARCHAR(200) DEFAULT '' NOT NULL,
  paper_due_on DATE,
  paper_due_why JSONB,
  document_id UUID,
  paper_number VARCHAR(80) DEFAULT '' NOT NULL,
  paper_issued_on DATE,
  arrived_at TIMESTAMP WITH TIME ZONE,
  matches BOOLEAN,
  differences VARCHAR(400) DEFAULT '' NOT NULL,
  compared_by UUID,
  compared_name VARCHAR(40) DEFAULT '' NOT NULL,
  compared_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_footage_call PRIMARY KEY (request_id),
  CONSTRAINT ck_footage_call_verified CHECK ((verified_at is null) = (verified_by is null)),
  CONSTRAINT ck_footage_call_arrived CHECK ((arrived_at is null) = (document_id is null)),
  CONSTRAINT ck_footage_call_compared CHECK ((matches is null) = (compared_at is null)),
  CONSTRAINT ck_footage_call_arrived_first CHECK (compared_at is null or arrived_at is not null),
  CONSTRAINT ck_footage_call_differences CHECK (matches is distinct from false or differences <> ''),
  CONSTRAINT fk_footage_call_request_id FOREIGN KEY(request_id) REFERENCES footage_request (id),
  CONSTRAINT fk_footage_call_verified_by FOREIGN KEY(verified_by) REFERENCES person (id),
  CONSTRAINT fk_footage_call_document_id FOREIGN KEY(document_id) REFERENCES footage_request_document (id),
  CONSTRAINT fk_footage_call_compared_by FOREIGN KEY(compared_by) REFERENCES person (id)
);
create INDEX ix_footage_call_open ON footage_call (paper_due_on) WHERE arrived_at is null;
create table footage_viewing (
  request_id UUID NOT NULL,
  decide_why JSONB,
  proved_by UUID,
  proved_name VARCHAR(40) DEFAULT '' NOT NULL,
  proved_at TIMESTAMP WITH TIME ZONE,
  extension_reason VARCHAR(400) DEFAULT '' NOT NULL,
  extended_name VARCHAR(40) DEFAULT '' NOT NULL,
  extended_at TIMESTAMP WITH TIME ZONE,
  appointed_for TIMESTAMP WITH TIME ZONE,
  place VARCHAR(120) DEFAULT '' NOT NULL,
  supervisor_id UUID,
  supervisor_name VARCHAR(40) DEFAULT '' NOT NULL,
  privacy VARCHAR(400) DEFAULT '' NOT NULL,
  appointed_name VARCHAR(40) DEFAULT '' NOT NULL,
  appointed_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_footage_viewing PRIMARY KEY (request_id),
  CONSTRAINT ck_footage_viewing_proved CHECK ((proved_at is null) = (proved_by is null)),
  CONSTRAINT ck_footage_viewing_extended CHECK ((extended_at is null) = (extension_reason = '')),
  CONSTRAINT ck_footage_viewing_appointed CHECK (appointed_for is null or (supervisor_id is not null and privacy <> '' and place <> '')),
  CONSTRAINT fk_footage_viewing_request_id FOREIGN KEY(request_id) REFERENCES footage_request (id),
  CONSTRAINT fk_footage_viewing_proved_by FOREIGN KEY(proved_by) REFERENCES person (id),
  CONSTRAINT fk_footage_viewing_supervisor_id FOREIGN KEY(supervisor_id) REFERENCES person (id)
);
create table footage_identity_seen (
  request_id UUID NOT NULL,
  place SMALLINT NOT NULL,
  seen_by UUID NOT NULL,
  seen_name VARCHAR(40) NOT NULL,
  seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_footage_identity_seen PRIMARY KEY (request_id, place),
  CONSTRAINT fk_footage_identity_seen_request_id FOREIGN KEY(request_id) REFERENCES footage_request (id),
  CONSTRAINT fk_footage_identity_seen_seen_by FOREIGN KEY(seen_by) REFERENCES person (id)
);
create table footage_backup (
  id UUID NOT NULL,
  unit_id UUID NOT NULL,
  camera_id UUID NOT NULL,
  label VARCHAR(120) NOT NULL,
  kind VARCHAR(12) NOT NULL,
  span_from TIMESTAMP WITH TIME ZONE NOT NULL,
  span_to TIMESTAMP WITH TIME ZONE NOT NULL,
  what VARCHAR(400) NOT NULL,
  medium VARCHAR(20) NOT NULL,
  medium_serial VARCHAR(80) NOT NULL,
  shelf VARCHAR(120) NOT NULL,
  sha256 VARCHAR(64) DEFAULT '' NOT NULL,
  made_by UUID NOT NULL,
  made_name VARCHAR(40) NOT NULL,
  made_at TIMESTAMP WITH TIME ZONE NOT NULL,
  ended_by UUID,
  ended_name VARCHAR(40) DEFAULT '' NOT NULL,
  ended_at TIMESTAMP WITH TIME ZONE,
  end_reason VARCHAR(400) DEFAULT '' NOT NULL,
  CONSTRAINT pk_footage_backup PRIMARY KEY (id),
  CONSTRAINT ck_footage_backup_kind CHECK (kind in ('suspicious', 'key')),
  CONSTRAINT ck_footage_backup_medium CHECK (medium in ('disc', 'hard_disk', 'server')),
  CONSTRAINT ck_footage_backup_span CHECK (span_to > span_from),
  CONSTRAINT ck_footage_backup_sha256 CHECK (sha256 = '' or sha256 ~ '^[0-9a-f]{64}$'),
  CONSTRAINT ck_footage_backup_ended CHECK ((ended_at is null) = (ended_by is null)),
  CONSTRAINT ck_footage_backup_ended_by_another CHECK (ended_by is null or (ended_by <> made_by and end_reason <> '')),
  CONSTRAINT fk_footage_backup_unit_id FOREIGN KEY(unit_id) REFERENCES unit (id),
  CONSTRAINT fk_footage_backup_camera_id FOREIGN KEY(camera_id) REFERENCES camera (id),
  CONSTRAINT fk_footage_backup_made_by FOREIGN KEY(made_by) REFERENCES person (id),
  CONSTRAINT fk_footage_backup_ended_by FOREIGN KEY(ended_by) REFERENCES person (id)
);
create INDEX ix_footage_backup_unit ON footage_backup (unit_id, id);
create trigger footage_request_facts_is_frozen before insert or update or delete on footage_request_facts
  for each row execute function footage_request_part_is_frozen();
"""
NAMES = (
    "footage_request_facts",
    "footage_supply",
    "footage_failing",
    "footage_call",
    "footage_viewing",
    "footage_identity_seen",
)
ADDED_TO = ("footage_failing", "footage_identity_seen")


def upgrade() -> None:
    op.execute(TABLES)
    for table in NAMES:
        grant(table, app="select, insert" if table in ADDED_TO else "select, insert, update")
        guard_rows(
            table, unit=None, district=None, extra="exists (select from footage_request r where r.id = request_id)"
        )
    for table in ADDED_TO:
        append_only(table)
    grant("footage_backup", app="select, insert, update")
    guard_rows("footage_backup", district=None)


def downgrade() -> None:
    op.drop_table("footage_backup")
    for table in reversed(NAMES):
        op.drop_table(table)
