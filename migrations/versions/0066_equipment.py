"""Uses of a unit's equipment by investigators on site."""

from alembic import op

from migrations.support import append_only, grant, guard_rows

revision = "0066"
down_revision = "0065"
branch_labels = None
depends_on = None

TABLES = """
create table equipment_use (
  id UUID NOT NULL,
  number VARCHAR(40) NOT NULL,
  status VARCHAR(10) DEFAULT 'asked' NOT NULL,
  unit_id UUID NOT NULL,
  district VARCHAR(6) NOT NULL,
  system_id UUID NOT NULL,
  organ_id UUID NOT NULL,
  organ_name VARCHAR(80) NOT NULL,
  applicant_id UUID NOT NULL,
  applicant_name VARCHAR(40) NOT NULL,
  asked_at TIMESTAMP WITH TIME ZONE NOT NULL,
  secret BOOLEAN DEFAULT 'false' NOT NULL,
  case_number VARCHAR(80) DEFAULT '' NOT NULL,
  reason TEXT DEFAULT '' NOT NULL,
  content_sealed TEXT,
  undertaking VARCHAR(12) NOT NULL,
  planned_from TIMESTAMP WITH TIME ZONE NOT NULL,
  planned_to TIMESTAMP WITH TIME ZONE NOT NULL,
  camera_count INTEGER NOT NULL,
  decided_by UUID,
  decided_name VARCHAR(40) DEFAULT '' NOT NULL,
  decided_at TIMESTAMP WITH TIME ZONE,
  decided_note VARCHAR(400) DEFAULT '' NOT NULL,
  handed_by UUID,
  handed_name VARCHAR(40) DEFAULT '' NOT NULL,
  received_name VARCHAR(40) DEFAULT '' NOT NULL,
  equipment VARCHAR(400) DEFAULT '' NOT NULL,
  started_at TIMESTAMP WITH TIME ZONE,
  due_at TIMESTAMP WITH TIME ZONE,
  returned_at TIMESTAMP WITH TIME ZONE,
  returned_name VARCHAR(40) DEFAULT '' NOT NULL,
  returned_note VARCHAR(400) DEFAULT '' NOT NULL,
  taken_by UUID,
  taken_name VARCHAR(40) DEFAULT '' NOT NULL,
  condition VARCHAR(8),
  damage VARCHAR(800) DEFAULT '' NOT NULL,
  ended_at TIMESTAMP WITH TIME ZONE,
  version INTEGER NOT NULL,
  CONSTRAINT pk_equipment_use PRIMARY KEY (id),
  CONSTRAINT ck_equipment_use_status CHECK (status in ('asked', 'approved', 'refused', 'withdrawn', 'in_use', 'returned', 'closed')),
  CONSTRAINT ck_equipment_use_condition CHECK (condition is null or condition in ('good', 'damaged')),
  CONSTRAINT ck_equipment_use_necessity CHECK (case when secret then content_sealed is not null and case_number = '' and reason = '' else content_sealed is null and reason <> '' end),
  CONSTRAINT ck_equipment_use_planned CHECK (planned_to > planned_from),
  CONSTRAINT ck_equipment_use_approver CHECK (decided_by is null or decided_by <> applicant_id),
  CONSTRAINT ck_equipment_use_approved CHECK (status not in ('approved', 'in_use', 'returned', 'closed') or decided_at is not null),
  CONSTRAINT ck_equipment_use_handed_over CHECK ((started_at is null) = (due_at is null) and (started_at is null or (handed_name <> '' and received_name <> ''))),
  CONSTRAINT ck_equipment_use_started CHECK (status not in ('in_use', 'returned', 'closed') or started_at is not null),
  CONSTRAINT ck_equipment_use_ended CHECK ((status = 'closed') = (ended_at is not null)),
  CONSTRAINT ck_equipment_use_taken_back CHECK (status <> 'closed' or (condition is not null and taken_name <> '')),
  CONSTRAINT ck_equipment_use_damage CHECK (condition is distinct from 'damaged' or damage <> ''),
  CONSTRAINT uq_equipment_use_number UNIQUE (number),
  CONSTRAINT fk_equipment_use_unit_id FOREIGN KEY(unit_id) REFERENCES unit (id),
  CONSTRAINT fk_equipment_use_system_id FOREIGN KEY(system_id) REFERENCES system (id),
  CONSTRAINT fk_equipment_use_organ_id FOREIGN KEY(organ_id) REFERENCES organ (id),
  CONSTRAINT fk_equipment_use_applicant_id FOREIGN KEY(applicant_id) REFERENCES person (id),
  CONSTRAINT fk_equipment_use_decided_by FOREIGN KEY(decided_by) REFERENCES person (id),
  CONSTRAINT fk_equipment_use_handed_by FOREIGN KEY(handed_by) REFERENCES person (id),
  CONSTRAINT fk_equipment_use_taken_by FOREIGN KEY(taken_by) REFERENCES person (id)
);
create INDEX ix_equipment_use_organ_id_status_id ON equipment_use (organ_id, status, id);
create INDEX ix_equipment_use_unit_id_status_id ON equipment_use (unit_id, status, id);
create table equipment_officer (
  use_id UUID NOT NULL,
  place SMALLINT NOT NULL,
  name VARCHAR(40) NOT NULL,
  number VARCHAR(20) NOT NULL,
  person_id UUID,
  pledged_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_equipment_officer PRIMARY KEY (use_id, place),
  CONSTRAINT fk_equipment_officer_use_id FOREIGN KEY(use_id) REFERENCES equipment_use (id),
  CONSTRAINT fk_equipment_officer_person_id FOREIGN KEY(person_id) REFERENCES person (id)
);
create table equipment_camera (
  use_id UUID NOT NULL,
  camera_id UUID NOT NULL,
  label VARCHAR(120) NOT NULL,
  CONSTRAINT pk_equipment_camera PRIMARY KEY (use_id, camera_id),
  CONSTRAINT fk_equipment_camera_use_id FOREIGN KEY(use_id) REFERENCES equipment_use (id),
  CONSTRAINT fk_equipment_camera_camera_id FOREIGN KEY(camera_id) REFERENCES camera (id)
);
create INDEX ix_equipment_camera_camera_id ON equipment_camera (camera_id);
create table equipment_deed (
  id UUID NOT NULL,
  use_id UUID NOT NULL,
  kind VARCHAR(10) NOT NULL,
  at TIMESTAMP WITH TIME ZONE NOT NULL,
  camera_id UUID,
  label VARCHAR(120) DEFAULT '' NOT NULL,
  note VARCHAR(400) DEFAULT '' NOT NULL,
  medium VARCHAR(120) DEFAULT '' NOT NULL,
  sha256 VARCHAR(64) DEFAULT '' NOT NULL,
  booked_by UUID NOT NULL,
  booked_name VARCHAR(40) NOT NULL,
  booked_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_equipment_deed PRIMARY KEY (id),
  CONSTRAINT ck_equipment_deed_kind CHECK (kind in ('live', 'ptz', 'playback', 'export')),
  CONSTRAINT ck_equipment_deed_export CHECK (kind <> 'export' or (medium <> '' and sha256 ~ '^[0-9a-f]{64}$')),
  CONSTRAINT fk_equipment_deed_use_id FOREIGN KEY(use_id) REFERENCES equipment_use (id),
  CONSTRAINT fk_equipment_deed_camera_id FOREIGN KEY(camera_id) REFERENCES camera (id),
  CONSTRAINT fk_equipment_deed_booked_by FOREIGN KEY(booked_by) REFERENCES person (id)
);
create INDEX ix_equipment_deed_use_id ON equipment_deed (use_id);
create table equipment_obstruction (
  id UUID NOT NULL,
  use_id UUID NOT NULL,
  person_name VARCHAR(40) NOT NULL,
  at TIMESTAMP WITH TIME ZONE NOT NULL,
  place VARCHAR(200) NOT NULL,
  facts TEXT NOT NULL,
  evidence VARCHAR(800) DEFAULT '' NOT NULL,
  stored_file_id UUID,
  officers VARCHAR(400) NOT NULL,
  recorded_by UUID NOT NULL,
  recorded_name VARCHAR(40) NOT NULL,
  recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_equipment_obstruction PRIMARY KEY (id),
  CONSTRAINT ck_equipment_obstruction_evidence CHECK (evidence <> '' or stored_file_id is not null),
  CONSTRAINT fk_equipment_obstruction_use_id FOREIGN KEY(use_id) REFERENCES equipment_use (id),
  CONSTRAINT fk_equipment_obstruction_stored_file_id FOREIGN KEY(stored_file_id) REFERENCES stored_file (id),
  CONSTRAINT fk_equipment_obstruction_recorded_by FOREIGN KEY(recorded_by) REFERENCES person (id)
);
create INDEX ix_equipment_obstruction_use_id ON equipment_obstruction (use_id);
create table equipment_number (
  year SMALLINT NOT NULL,
  last INTEGER DEFAULT '0' NOT NULL,
  CONSTRAINT pk_equipment_number PRIMARY KEY (year)
);
"""

ORGAN_OR_PERSON = (
    "organ_id = any ((select portal_scope_organs())::uuid[]) or applicant_id = (select portal_scope_person())"
)
OF_A_VISIBLE_USE = "exists (select from equipment_use u where u.id = use_id)"
PARTS = ("equipment_officer", "equipment_camera", "equipment_deed", "equipment_obstruction")


def upgrade() -> None:
    op.execute(TABLES)
    grant("equipment_number", app="select, insert, update")
    grant("equipment_use", app="select, insert, update")
    guard_rows("equipment_use", district=None, extra=ORGAN_OR_PERSON)
    # Who comes, with which cameras, what was done and what stood in the way: none of it is ever rewritten.
    for table in PARTS:
        grant(table, app="select, insert")
        guard_rows(table, unit=None, district=None, extra=OF_A_VISIBLE_USE)
        append_only(table)


def downgrade() -> None:
    for table in (*PARTS, "equipment_use", "equipment_number"):
        op.drop_table(table)
