"""Books of a unit: who keeps which password, tickets for changes and permissions."""

from alembic import op

from migrations.support import grant, guard_rows

revision = "0070"
down_revision = "0069"
branch_labels = None
depends_on = None

TABLES = """
create table password_custody (
  id UUID NOT NULL,
  device_group VARCHAR(12) NOT NULL,
  scope VARCHAR(120) NOT NULL,
  system_id UUID,
  status VARCHAR(8) DEFAULT 'held' NOT NULL,
  custodian_id UUID NOT NULL,
  custodian_name VARCHAR(40) NOT NULL,
  second_id UUID NOT NULL,
  second_name VARCHAR(40) NOT NULL,
  since DATE NOT NULL,
  rotated_on DATE NOT NULL,
  due_on DATE,
  envelope_place VARCHAR(120) NOT NULL,
  envelope_on DATE NOT NULL,
  entered_by_name VARCHAR(40) NOT NULL,
  entered_at TIMESTAMP WITH TIME ZONE NOT NULL,
  ended_on DATE,
  ended_note VARCHAR(400) DEFAULT '' NOT NULL,
  version INTEGER NOT NULL,
  unit_id UUID NOT NULL,
  district VARCHAR(6) NOT NULL,
  CONSTRAINT pk_password_custody PRIMARY KEY (id),
  CONSTRAINT ck_password_custody_device_group CHECK (device_group in ('recorder', 'camera', 'platform', 'server', 'network', 'workstation')),
  CONSTRAINT ck_password_custody_status CHECK (status in ('held', 'offered', 'ended')),
  CONSTRAINT ck_password_custody_two_keepers CHECK (custodian_id <> second_id),
  CONSTRAINT ck_password_custody_ended CHECK ((status = 'ended') = (ended_on is not null)),
  CONSTRAINT ck_password_custody_due CHECK (due_on is null or due_on >= rotated_on),
  CONSTRAINT fk_password_custody_system_id FOREIGN KEY(system_id) REFERENCES system (id),
  CONSTRAINT fk_password_custody_custodian_id FOREIGN KEY(custodian_id) REFERENCES person (id),
  CONSTRAINT fk_password_custody_second_id FOREIGN KEY(second_id) REFERENCES person (id),
  CONSTRAINT fk_password_custody_unit_id FOREIGN KEY(unit_id) REFERENCES unit (id)
);
create INDEX ix_password_custody_district_status_id ON password_custody (district, status, id);
create INDEX ix_password_custody_unit_id_id ON password_custody (unit_id, id);
create table custody_handover (
  id UUID NOT NULL,
  custody_id UUID NOT NULL,
  second BOOLEAN NOT NULL,
  from_id UUID NOT NULL,
  from_name VARCHAR(40) NOT NULL,
  giver_id UUID NOT NULL,
  giver_name VARCHAR(40) NOT NULL,
  instead BOOLEAN DEFAULT 'false' NOT NULL,
  taker_id UUID NOT NULL,
  taker_name VARCHAR(40) NOT NULL,
  reason VARCHAR(400) NOT NULL,
  given_at TIMESTAMP WITH TIME ZONE NOT NULL,
  taken_at TIMESTAMP WITH TIME ZONE,
  recalled_at TIMESTAMP WITH TIME ZONE,
  password_changed BOOLEAN DEFAULT 'false' NOT NULL,
  envelope_place VARCHAR(120) DEFAULT '' NOT NULL,
  unit_id UUID NOT NULL,
  district VARCHAR(6) NOT NULL,
  CONSTRAINT pk_custody_handover PRIMARY KEY (id),
  CONSTRAINT ck_custody_handover_two_people CHECK (giver_id <> taker_id),
  CONSTRAINT ck_custody_handover_giver CHECK (instead or giver_id = from_id),
  CONSTRAINT ck_custody_handover_one_end CHECK (taken_at is null or recalled_at is null),
  CONSTRAINT ck_custody_handover_password_changed CHECK (taken_at is null or (password_changed and envelope_place <> '')),
  CONSTRAINT fk_custody_handover_custody_id FOREIGN KEY(custody_id) REFERENCES password_custody (id),
  CONSTRAINT fk_custody_handover_from_id FOREIGN KEY(from_id) REFERENCES person (id),
  CONSTRAINT fk_custody_handover_giver_id FOREIGN KEY(giver_id) REFERENCES person (id),
  CONSTRAINT fk_custody_handover_taker_id FOREIGN KEY(taker_id) REFERENCES person (id),
  CONSTRAINT fk_custody_handover_unit_id FOREIGN KEY(unit_id) REFERENCES unit (id)
);
create INDEX ix_custody_handover_custody_id_id ON custody_handover (custody_id, id);
create INDEX ix_custody_handover_unit_id ON custody_handover (unit_id);
create table work_ticket (
  id UUID NOT NULL,
  number VARCHAR(40) NOT NULL,
  kind VARCHAR(12) NOT NULL,
  status VARCHAR(12) DEFAULT 'asked' NOT NULL,
  system_id UUID,
  camera_id UUID,
  device VARCHAR(120) NOT NULL,
  what VARCHAR(200) NOT NULL,
  old_value VARCHAR(200) DEFAULT '' NOT NULL,
  new_value VARCHAR(200) DEFAULT '' NOT NULL,
  reason VARCHAR(400) NOT NULL,
  starts_at TIMESTAMP WITH TIME ZONE NOT NULL,
  ends_at TIMESTAMP WITH TIME ZONE NOT NULL,
  asked_by UUID NOT NULL,
  asked_by_name VARCHAR(40) NOT NULL,
  asked_at TIMESTAMP WITH TIME ZONE NOT NULL,
  decided_by UUID,
  decided_by_name VARCHAR(40) DEFAULT '' NOT NULL,
  decided_at TIMESTAMP WITH TIME ZONE,
  decision VARCHAR(400) DEFAULT '' NOT NULL,
  dispute VARCHAR(400) DEFAULT '' NOT NULL,
  settled_by UUID,
  settled_by_name VARCHAR(40) DEFAULT '' NOT NULL,
  settled_at TIMESTAMP WITH TIME ZONE,
  settlement VARCHAR(400) DEFAULT '' NOT NULL,
  done_by UUID,
  done_by_name VARCHAR(40) DEFAULT '' NOT NULL,
  done_at TIMESTAMP WITH TIME ZONE,
  done_note VARCHAR(400) DEFAULT '' NOT NULL,
  signer_name VARCHAR(40) DEFAULT '' NOT NULL,
  signer_firm VARCHAR(120) DEFAULT '' NOT NULL,
  signer_entitled VARCHAR(200) DEFAULT '' NOT NULL,
  verified_by UUID,
  verified_by_name VARCHAR(40) DEFAULT '' NOT NULL,
  verified_at TIMESTAMP WITH TIME ZONE,
  verification VARCHAR(400) DEFAULT '' NOT NULL,
  version INTEGER NOT NULL,
  unit_id UUID NOT NULL,
  district VARCHAR(6) NOT NULL,
  CONSTRAINT pk_work_ticket PRIMARY KEY (id),
  CONSTRAINT ck_work_ticket_kind CHECK (kind in ('parameter', 'setting', 'switch_off', 'software', 'rewire', 'power')),
  CONSTRAINT ck_work_ticket_status CHECK (status in ('asked', 'approved', 'refused', 'disputed', 'settled', 'done', 'verified', 'withdrawn')),
  CONSTRAINT ck_work_ticket_window CHECK (ends_at > starts_at),
  CONSTRAINT ck_work_ticket_decided_by_another CHECK (decided_by is null or decided_by <> asked_by),
  CONSTRAINT ck_work_ticket_settled_by_a_third CHECK (settled_by is null or (settled_by <> asked_by and settled_by <> decided_by)),
  CONSTRAINT ck_work_ticket_verified_by_another CHECK (verified_by is null or verified_by <> done_by),
  CONSTRAINT ck_work_ticket_approved_before CHECK (status not in ('approved', 'done', 'verified') or decided_by is not null),
  CONSTRAINT ck_work_ticket_done CHECK ((status in ('done', 'verified')) = (done_at is not null)),
  CONSTRAINT ck_work_ticket_signed CHECK (done_at is null or kind not in ('parameter', 'setting') or (signer_name <> '' and signer_entitled <> '')),
  CONSTRAINT uq_work_ticket_number UNIQUE (number),
  CONSTRAINT fk_work_ticket_system_id FOREIGN KEY(system_id) REFERENCES system (id),
  CONSTRAINT fk_work_ticket_camera_id FOREIGN KEY(camera_id) REFERENCES camera (id),
  CONSTRAINT fk_work_ticket_asked_by FOREIGN KEY(asked_by) REFERENCES person (id),
  CONSTRAINT fk_work_ticket_decided_by FOREIGN KEY(decided_by) REFERENCES person (id),
  CONSTRAINT fk_work_ticket_settled_by FOREIGN KEY(settled_by) REFERENCES person (id),
  CONSTRAINT fk_work_ticket_done_by FOREIGN KEY(done_by) REFERENCES person (id),
  CONSTRAINT fk_work_ticket_verified_by FOREIGN KEY(verified_by) REFERENCES person (id),
  CONSTRAINT fk_work_ticket_unit_id FOREIGN KEY(unit_id) REFERENCES unit (id)
);
create INDEX ix_work_ticket_camera_id ON work_ticket (camera_id);
create INDEX ix_work_ticket_district_status_id ON work_ticket (district, status, id);
create INDEX ix_work_ticket_unit_id_id ON work_ticket (unit_id, id);
create table work_ticket_number (
  year SMALLSERIAL NOT NULL,
  last INTEGER DEFAULT '0' NOT NULL,
  CONSTRAINT pk_work_ticket_number PRIMARY KEY (year)
);
"""

SECTOR = "unit_id = any ((select portal_scope_sector_units())::uuid[])"
GUARDED = ("password_custody", "custody_handover", "work_ticket")


def upgrade() -> None:
    op.execute(TABLES)
    grant("work_ticket_number", app="select, insert, update")
    for table in GUARDED:
        grant(table, app="select, insert, update")
        guard_rows(table)
        op.execute(f"create policy {table}_sector on {table} for select to portal_app using ({SECTOR})")


def downgrade() -> None:
    for table in (*reversed(GUARDED), "work_ticket_number"):
        op.drop_table(table)
