"""Those who must install, complaints of owners, public projects, relocations; moves of public cameras are noted."""

from alembic import op

from migrations.support import grant, guard_rows

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

TABLES = """
create table mandate_provision (
  id UUID NOT NULL,
  key VARCHAR(40) NOT NULL,
  zh VARCHAR(80) NOT NULL,
  en VARCHAR(120) NOT NULL,
  parts JSONB DEFAULT '[]' NOT NULL,
  unit_types VARCHAR(20)[] DEFAULT '{}' NOT NULL,
  industries VARCHAR(4)[] DEFAULT '{}' NOT NULL,
  basis_title VARCHAR(200) NOT NULL,
  basis_number VARCHAR(80) NOT NULL,
  basis_article VARCHAR(40) DEFAULT '' NOT NULL,
  stored_file_id UUID,
  valid_from DATE NOT NULL,
  valid_to DATE,
  entered_by_name VARCHAR(40) NOT NULL,
  entered_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_mandate_provision PRIMARY KEY (id),
  CONSTRAINT ck_mandate_provision_period CHECK (valid_to is null or valid_to > valid_from),
  CONSTRAINT ex_mandate_provision_once EXCLUDE USING gist (key WITH =, daterange(valid_from, valid_to) WITH &&),
  CONSTRAINT fk_mandate_provision_stored_file_id FOREIGN KEY(stored_file_id) REFERENCES stored_file (id)
);
create table mandate_source (
  id UUID NOT NULL,
  name VARCHAR(120) NOT NULL,
  origin VARCHAR(120) NOT NULL,
  dated_on DATE NOT NULL,
  stored_file_id UUID,
  districts VARCHAR(6)[] DEFAULT '{}' NOT NULL,
  status VARCHAR(10) DEFAULT 'queued' NOT NULL,
  rows_read INTEGER DEFAULT '0' NOT NULL,
  rows_new INTEGER DEFAULT '0' NOT NULL,
  rows_known INTEGER DEFAULT '0' NOT NULL,
  faults JSONB DEFAULT '[]' NOT NULL,
  failure VARCHAR(60),
  taken_by_name VARCHAR(40) DEFAULT '' NOT NULL,
  taken_by UUID,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  finished_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_mandate_source PRIMARY KEY (id),
  CONSTRAINT ck_mandate_source_status CHECK (status in ('queued', 'done', 'failed')),
  CONSTRAINT fk_mandate_source_stored_file_id FOREIGN KEY(stored_file_id) REFERENCES stored_file (id),
  CONSTRAINT fk_mandate_source_taken_by FOREIGN KEY(taken_by) REFERENCES person (id)
);
create table mandated_unit (
  id UUID NOT NULL,
  name VARCHAR(120) NOT NULL,
  uscc VARCHAR(18),
  category VARCHAR(40) NOT NULL,
  unit_type VARCHAR(20),
  industry VARCHAR(4) DEFAULT '' NOT NULL,
  district VARCHAR(6) NOT NULL,
  address VARCHAR(200) DEFAULT '' NOT NULL,
  position geometry(POINT,4326),
  source_id UUID,
  source_row INTEGER,
  unit_id UUID,
  matched_how VARCHAR(10),
  matched_by_name VARCHAR(40) DEFAULT '' NOT NULL,
  matched_at TIMESTAMP WITH TIME ZONE,
  struck_reason VARCHAR(400) DEFAULT '' NOT NULL,
  struck_at TIMESTAMP WITH TIME ZONE,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
  version INTEGER DEFAULT '1' NOT NULL,
  CONSTRAINT pk_mandated_unit PRIMARY KEY (id),
  CONSTRAINT ck_mandated_unit_matched CHECK ((unit_id is null) = (matched_at is null)),
  CONSTRAINT ck_mandated_unit_struck CHECK ((struck_at is null) = (struck_reason = '')),
  CONSTRAINT ck_mandated_unit_matched_how CHECK (matched_how is null or matched_how in ('person', 'code', 'name')),
  CONSTRAINT fk_mandated_unit_district FOREIGN KEY(district) REFERENCES division (code),
  CONSTRAINT fk_mandated_unit_source_id FOREIGN KEY(source_id) REFERENCES mandate_source (id),
  CONSTRAINT fk_mandated_unit_unit_id FOREIGN KEY(unit_id) REFERENCES unit (id)
);
create INDEX idx_mandated_unit_position ON mandated_unit USING gist (position);
create INDEX ix_mandated_unit_name_trgm ON mandated_unit USING gin (name gin_trgm_ops);
create INDEX ix_mandated_unit_place ON mandated_unit (district, category, id);
create INDEX ix_mandated_unit_source ON mandated_unit (source_id, id);
create INDEX ix_mandated_unit_unit ON mandated_unit (unit_id);
create UNIQUE INDEX uq_mandated_unit_code_name ON mandated_unit (uscc, name) WHERE uscc is not null;
create table mandate_match (
  id UUID NOT NULL,
  mandated_id UUID NOT NULL,
  unit_id UUID NOT NULL,
  district VARCHAR(6) NOT NULL,
  by_code BOOLEAN NOT NULL,
  similarity NUMERIC(4, 3) NOT NULL,
  distance_m INTEGER,
  status VARCHAR(10) DEFAULT 'open' NOT NULL,
  decided_by_name VARCHAR(40) DEFAULT '' NOT NULL,
  decided_at TIMESTAMP WITH TIME ZONE,
  found_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_mandate_match PRIMARY KEY (id),
  CONSTRAINT ck_mandate_match_status CHECK (status in ('open', 'confirmed', 'dismissed')),
  CONSTRAINT uq_mandate_match_mandated_id_unit_id UNIQUE (mandated_id, unit_id),
  CONSTRAINT fk_mandate_match_mandated_id FOREIGN KEY(mandated_id) REFERENCES mandated_unit (id) ON DELETE CASCADE,
  CONSTRAINT fk_mandate_match_unit_id FOREIGN KEY(unit_id) REFERENCES unit (id)
);
create INDEX ix_mandate_match_open ON mandate_match (district, by_code, id) WHERE status = 'open';
create INDEX ix_mandate_match_unit ON mandate_match (unit_id);
create table install_order (
  id UUID NOT NULL,
  number VARCHAR(60) NOT NULL,
  mandated_id UUID NOT NULL,
  unit_id UUID,
  district VARCHAR(6) NOT NULL,
  organ_id UUID NOT NULL,
  organ_name VARCHAR(80) NOT NULL,
  addressee VARCHAR(120) NOT NULL,
  status VARCHAR(12) DEFAULT 'issued' NOT NULL,
  basis JSONB NOT NULL,
  parts JSONB DEFAULT '[]' NOT NULL,
  demand TEXT NOT NULL,
  issued_on DATE NOT NULL,
  issued_by UUID,
  issued_by_name VARCHAR(40) NOT NULL,
  due_set DATE,
  served_on DATE,
  served_how VARCHAR(10),
  served_to VARCHAR(80) DEFAULT '' NOT NULL,
  due_on DATE,
  due_why JSONB,
  reply TEXT DEFAULT '' NOT NULL,
  replied_at TIMESTAMP WITH TIME ZONE,
  escalated_to VARCHAR(20),
  escalated_on DATE,
  escalation_note TEXT DEFAULT '' NOT NULL,
  fulfilled_on DATE,
  filing_number VARCHAR(40) DEFAULT '' NOT NULL,
  ended_note VARCHAR(400) DEFAULT '' NOT NULL,
  version INTEGER NOT NULL,
  CONSTRAINT pk_install_order PRIMARY KEY (id),
  CONSTRAINT ck_install_order_status CHECK (status in ('issued', 'served', 'replied', 'escalated', 'fulfilled', 'withdrawn')),
  CONSTRAINT ck_install_order_served_how CHECK (served_how is null or served_how in ('direct', 'left', 'post', 'portal')),
  CONSTRAINT ck_install_order_escalated_to CHECK (escalated_to is null or escalated_to in ('interview', 'circular', 'industry_notice', 'penalty_case')),
  CONSTRAINT ck_install_order_served CHECK (status in ('issued', 'withdrawn', 'fulfilled') or served_on is not null),
  CONSTRAINT ck_install_order_fulfilled CHECK ((status = 'fulfilled') = (fulfilled_on is not null)),
  CONSTRAINT uq_install_order_number UNIQUE (number),
  CONSTRAINT fk_install_order_mandated_id FOREIGN KEY(mandated_id) REFERENCES mandated_unit (id),
  CONSTRAINT fk_install_order_unit_id FOREIGN KEY(unit_id) REFERENCES unit (id),
  CONSTRAINT fk_install_order_organ_id FOREIGN KEY(organ_id) REFERENCES organ (id),
  CONSTRAINT fk_install_order_issued_by FOREIGN KEY(issued_by) REFERENCES person (id)
);
create INDEX ix_install_order_district_status_id ON install_order (district, status, id);
create INDEX ix_install_order_mandated ON install_order (mandated_id, id);
create INDEX ix_install_order_unit ON install_order (unit_id);
create UNIQUE INDEX uq_install_order_open ON install_order (mandated_id) WHERE status in ('issued','served','replied','escalated');
create table mandate_part_cover (
  id UUID NOT NULL,
  mandated_id UUID NOT NULL,
  unit_id UUID,
  district VARCHAR(6) NOT NULL,
  part VARCHAR(40) NOT NULL,
  camera_id UUID,
  absent_reason VARCHAR(200) DEFAULT '' NOT NULL,
  said_by_name VARCHAR(40) NOT NULL,
  said_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_mandate_part_cover PRIMARY KEY (id),
  CONSTRAINT ck_mandate_part_cover_camera_or_absent CHECK ((camera_id is null) = (absent_reason <> '')),
  CONSTRAINT fk_mandate_part_cover_mandated_id FOREIGN KEY(mandated_id) REFERENCES mandated_unit (id) ON DELETE CASCADE,
  CONSTRAINT fk_mandate_part_cover_unit_id FOREIGN KEY(unit_id) REFERENCES unit (id),
  CONSTRAINT fk_mandate_part_cover_camera_id FOREIGN KEY(camera_id) REFERENCES camera (id) ON DELETE CASCADE
);
create INDEX ix_mandate_part_cover_camera ON mandate_part_cover (camera_id);
create UNIQUE INDEX uq_mandate_part_cover_absent ON mandate_part_cover (mandated_id, part) WHERE camera_id is null;
create UNIQUE INDEX uq_mandate_part_cover_camera ON mandate_part_cover (mandated_id, part, camera_id);
create table mandate_number (
  kind VARCHAR(12) NOT NULL,
  organ_id UUID NOT NULL,
  year SMALLINT NOT NULL,
  last INTEGER DEFAULT '0' NOT NULL,
  CONSTRAINT pk_mandate_number PRIMARY KEY (kind, organ_id, year),
  CONSTRAINT ck_mandate_number_kind CHECK (kind in ('order', 'complaint', 'relocation')),
  CONSTRAINT fk_mandate_number_organ_id FOREIGN KEY(organ_id) REFERENCES organ (id)
);
create table owner_complaint (
  id UUID NOT NULL,
  number VARCHAR(60) NOT NULL,
  unit_id UUID NOT NULL,
  organ_id UUID NOT NULL,
  organ_name VARCHAR(80) NOT NULL,
  about VARCHAR(20) NOT NULL,
  about_organ VARCHAR(120) DEFAULT '' NOT NULL,
  entry_id UUID,
  happened_on DATE,
  text TEXT NOT NULL,
  status VARCHAR(14) DEFAULT 'raised' NOT NULL,
  raised_by UUID,
  raised_by_name VARCHAR(40) NOT NULL,
  raised_at TIMESTAMP WITH TIME ZONE NOT NULL,
  acknowledge_by DATE,
  answer_by DATE,
  answer_why JSONB,
  acknowledged_by_name VARCHAR(40) DEFAULT '' NOT NULL,
  acknowledged_at TIMESTAMP WITH TIME ZONE,
  answer TEXT DEFAULT '' NOT NULL,
  upheld BOOLEAN,
  answered_by_name VARCHAR(40) DEFAULT '' NOT NULL,
  answered_at TIMESTAMP WITH TIME ZONE,
  contest_reason TEXT DEFAULT '' NOT NULL,
  closed_at TIMESTAMP WITH TIME ZONE,
  version INTEGER NOT NULL,
  CONSTRAINT pk_owner_complaint PRIMARY KEY (id),
  CONSTRAINT ck_owner_complaint_status CHECK (status in ('raised', 'acknowledged', 'answered', 'contested', 'closed', 'withdrawn')),
  CONSTRAINT ck_owner_complaint_about CHECK (about in ('unrecorded_use', 'beyond_purpose', 'no_papers', 'not_returned', 'damage', 'leak', 'forced_connection', 'other')),
  CONSTRAINT ck_owner_complaint_answered CHECK (status not in ('answered','contested','closed') or answered_at is not null),
  CONSTRAINT uq_owner_complaint_number UNIQUE (number),
  CONSTRAINT fk_owner_complaint_unit_id FOREIGN KEY(unit_id) REFERENCES unit (id),
  CONSTRAINT fk_owner_complaint_organ_id FOREIGN KEY(organ_id) REFERENCES organ (id),
  CONSTRAINT fk_owner_complaint_entry_id FOREIGN KEY(entry_id) REFERENCES custody_entry (id),
  CONSTRAINT fk_owner_complaint_raised_by FOREIGN KEY(raised_by) REFERENCES person (id)
);
create INDEX ix_owner_complaint_status ON owner_complaint (status, id);
create INDEX ix_owner_complaint_unit ON owner_complaint (unit_id, id);
create table public_project (
  id UUID NOT NULL,
  number VARCHAR(60) NOT NULL,
  name VARCHAR(120) NOT NULL,
  unit_id UUID NOT NULL,
  district VARCHAR(6) NOT NULL,
  organ_id UUID NOT NULL,
  organ_name VARCHAR(80) NOT NULL,
  budget_year SMALLINT NOT NULL,
  amount NUMERIC(14, 2) NOT NULL,
  planning_batch VARCHAR(80) NOT NULL,
  status VARCHAR(10) DEFAULT 'planned' NOT NULL,
  funding VARCHAR(120) NOT NULL,
  financing_paper VARCHAR(120) NOT NULL,
  stored_file_id UUID,
  builder VARCHAR(120) DEFAULT '' NOT NULL,
  note VARCHAR(400) DEFAULT '' NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  version INTEGER NOT NULL,
  CONSTRAINT pk_public_project PRIMARY KEY (id),
  CONSTRAINT ck_public_project_status CHECK (status in ('planned', 'building', 'completed')),
  CONSTRAINT ck_public_project_amount CHECK (amount >= 0),
  CONSTRAINT uq_public_project_number UNIQUE (number),
  CONSTRAINT fk_public_project_unit_id FOREIGN KEY(unit_id) REFERENCES unit (id),
  CONSTRAINT fk_public_project_organ_id FOREIGN KEY(organ_id) REFERENCES organ (id),
  CONSTRAINT fk_public_project_stored_file_id FOREIGN KEY(stored_file_id) REFERENCES stored_file (id)
);
create INDEX ix_public_project_district_year ON public_project (district, budget_year, id);
create table project_camera (
  camera_id UUID NOT NULL,
  project_id UUID NOT NULL,
  unit_id UUID NOT NULL,
  district VARCHAR(6) NOT NULL,
  CONSTRAINT pk_project_camera PRIMARY KEY (camera_id),
  CONSTRAINT fk_project_camera_camera_id FOREIGN KEY(camera_id) REFERENCES camera (id) ON DELETE CASCADE,
  CONSTRAINT fk_project_camera_project_id FOREIGN KEY(project_id) REFERENCES public_project (id),
  CONSTRAINT fk_project_camera_unit_id FOREIGN KEY(unit_id) REFERENCES unit (id)
);
create INDEX ix_project_camera_project ON project_camera (project_id, camera_id);
create table relocation_order (
  id UUID NOT NULL,
  number VARCHAR(60) NOT NULL,
  project_id UUID,
  unit_id UUID NOT NULL,
  district VARCHAR(6) NOT NULL,
  organ_id UUID NOT NULL,
  organ_name VARCHAR(80) NOT NULL,
  kind VARCHAR(12) NOT NULL,
  status VARCHAR(12) DEFAULT 'proposed' NOT NULL,
  cause VARCHAR(200) NOT NULL,
  cause_number VARCHAR(80) DEFAULT '' NOT NULL,
  cost NUMERIC(12, 2) NOT NULL,
  payer VARCHAR(120) NOT NULL,
  planned_on DATE NOT NULL,
  note TEXT DEFAULT '' NOT NULL,
  proposed_by UUID,
  proposed_by_name VARCHAR(40) NOT NULL,
  proposed_at TIMESTAMP WITH TIME ZONE NOT NULL,
  decided_by UUID,
  decided_by_name VARCHAR(40) DEFAULT '' NOT NULL,
  decided_at TIMESTAMP WITH TIME ZONE,
  decision_note VARCHAR(400) DEFAULT '' NOT NULL,
  carried_out_on DATE,
  version INTEGER NOT NULL,
  CONSTRAINT pk_relocation_order PRIMARY KEY (id),
  CONSTRAINT ck_relocation_order_status CHECK (status in ('proposed', 'approved', 'refused', 'carried_out', 'cancelled')),
  CONSTRAINT ck_relocation_order_kind CHECK (kind in ('relocation', 'rebuilding', 'correction')),
  CONSTRAINT ck_relocation_order_cost CHECK (cost >= 0),
  CONSTRAINT ck_relocation_order_carried_out CHECK (status <> 'carried_out' or carried_out_on is not null),
  CONSTRAINT uq_relocation_order_number UNIQUE (number),
  CONSTRAINT fk_relocation_order_project_id FOREIGN KEY(project_id) REFERENCES public_project (id),
  CONSTRAINT fk_relocation_order_unit_id FOREIGN KEY(unit_id) REFERENCES unit (id),
  CONSTRAINT fk_relocation_order_organ_id FOREIGN KEY(organ_id) REFERENCES organ (id),
  CONSTRAINT fk_relocation_order_proposed_by FOREIGN KEY(proposed_by) REFERENCES person (id),
  CONSTRAINT fk_relocation_order_decided_by FOREIGN KEY(decided_by) REFERENCES person (id)
);
create INDEX ix_relocation_order_district_status_id ON relocation_order (district, status, id);
create INDEX ix_relocation_order_project ON relocation_order (project_id);
create INDEX ix_relocation_order_unit ON relocation_order (unit_id, id);
create table relocation_camera (
  order_id UUID NOT NULL,
  camera_id UUID NOT NULL,
  unit_id UUID NOT NULL,
  district VARCHAR(6) NOT NULL,
  old_position geometry(POINT,4326) NOT NULL,
  new_position geometry(POINT,4326) NOT NULL,
  CONSTRAINT pk_relocation_camera PRIMARY KEY (order_id, camera_id),
  CONSTRAINT fk_relocation_camera_order_id FOREIGN KEY(order_id) REFERENCES relocation_order (id) ON DELETE CASCADE,
  CONSTRAINT fk_relocation_camera_camera_id FOREIGN KEY(camera_id) REFERENCES camera (id),
  CONSTRAINT fk_relocation_camera_unit_id FOREIGN KEY(unit_id) REFERENCES unit (id)
);
create INDEX ix_relocation_camera_camera ON relocation_camera (camera_id, order_id);
create table public_move (
  id UUID NOT NULL,
  camera_id UUID NOT NULL,
  unit_id UUID NOT NULL,
  district VARCHAR(6) NOT NULL,
  old_position geometry(POINT,4326) NOT NULL,
  new_position geometry(POINT,4326) NOT NULL,
  distance_m INTEGER NOT NULL,
  moved_at TIMESTAMP WITH TIME ZONE NOT NULL,
  actor_name VARCHAR(120) DEFAULT '' NOT NULL,
  order_id UUID,
  explanation VARCHAR(400) DEFAULT '' NOT NULL,
  explained_by_name VARCHAR(40) DEFAULT '' NOT NULL,
  explained_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_public_move PRIMARY KEY (id),
  CONSTRAINT fk_public_move_camera_id FOREIGN KEY(camera_id) REFERENCES camera (id) ON DELETE CASCADE,
  CONSTRAINT fk_public_move_unit_id FOREIGN KEY(unit_id) REFERENCES unit (id),
  CONSTRAINT fk_public_move_order_id FOREIGN KEY(order_id) REFERENCES relocation_order (id)
);
create INDEX ix_public_move_camera ON public_move (camera_id, id);
create INDEX ix_public_move_open ON public_move (district, id) WHERE order_id is null and explained_at is null;
"""

# A public camera that is moved by more than a survey errs by leaves a line, whoever moved it and by what way; carrying
# out an order names it in `portal.relocation`. The same tolerance stands in portal/registry/rules/moves.py.
MOVES = """
create function portal_note_public_move() returns trigger language plpgsql as $$
declare
  far double precision := st_distance(old.position::geography, new.position::geography);
begin
  if far > 20 and exists (select from system s where s.id = new.system_id and s.kind = 'public') then
    insert into public_move (id, camera_id, unit_id, district, old_position, new_position, distance_m, moved_at,
      actor_name, order_id)
    values (gen_random_uuid(), new.id, new.unit_id, new.district, old.position, new.position, round(far), now(),
      left(coalesce(current_setting('portal.actor', true), ''), 120),
      nullif(current_setting('portal.relocation', true), '')::uuid);
  end if;
  return null;
end $$;
create trigger camera_note_public_move after update of position on camera for each row
  when (old.position is distinct from new.position) execute function portal_note_public_move();
"""

OPEN = ("mandate_provision", "mandate_source", "mandate_number")
GUARDED = (
    "mandated_unit",
    "mandate_match",
    "install_order",
    "mandate_part_cover",
    "public_project",
    "project_camera",
    "relocation_order",
    "relocation_camera",
    "public_move",
)


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(MOVES)
    for table in OPEN:
        grant(table)
    for table in GUARDED:
        grant(table)
        guard_rows(table)
    # The police of a district have no part in what is complained of them.
    grant("owner_complaint")
    guard_rows("owner_complaint", district=None)


def downgrade() -> None:
    op.execute("drop trigger camera_note_public_move on camera")
    op.execute("drop function portal_note_public_move()")
    for table in ("owner_complaint", *reversed(GUARDED), *reversed(OPEN)):
        op.drop_table(table)
