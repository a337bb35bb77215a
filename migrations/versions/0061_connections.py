"""Connection orders: a unit's own system joined directly to a public platform."""

from alembic import op

from migrations.support import grant, guard_rows

revision = "0061"
down_revision = "0060"
branch_labels = None
depends_on = None

TABLES = """
create table connection_order (
  id UUID NOT NULL,
  number VARCHAR(40) NOT NULL,
  status VARCHAR(12) DEFAULT 'proposed' NOT NULL,
  unit_id UUID NOT NULL,
  district VARCHAR(6) NOT NULL,
  organ_id UUID NOT NULL,
  organ_name VARCHAR(80) NOT NULL,
  addressee VARCHAR(120) NOT NULL,
  system_id UUID NOT NULL,
  purpose VARCHAR(16) NOT NULL,
  platform VARCHAR(16) NOT NULL,
  platform_name VARCHAR(80) NOT NULL,
  need TEXT NOT NULL,
  path VARCHAR(200) NOT NULL,
  officer_name VARCHAR(40) NOT NULL,
  officer_number VARCHAR(20) NOT NULL,
  starts_on DATE NOT NULL,
  ends_on DATE NOT NULL,
  camera_count INTEGER NOT NULL,
  cameras_checked_at TIMESTAMP WITH TIME ZONE NOT NULL,
  basis JSONB NOT NULL,
  rests_on VARCHAR(8) DEFAULT 'consent' NOT NULL,
  proposed_by UUID,
  proposed_by_name VARCHAR(40) NOT NULL,
  proposed_at TIMESTAMP WITH TIME ZONE NOT NULL,
  consented_by UUID,
  consented_by_name VARCHAR(40) DEFAULT '' NOT NULL,
  consented_at TIMESTAMP WITH TIME ZONE,
  consent_terms VARCHAR(400) DEFAULT '' NOT NULL,
  refusal_reason VARCHAR(400) DEFAULT '' NOT NULL,
  withdrawn_at TIMESTAMP WITH TIME ZONE,
  withdrawn_by_name VARCHAR(40) DEFAULT '' NOT NULL,
  claim_article VARCHAR(200) DEFAULT '' NOT NULL,
  claim_reason VARCHAR(800) DEFAULT '' NOT NULL,
  claimed_by UUID,
  claimed_by_name VARCHAR(40) DEFAULT '' NOT NULL,
  claimed_at TIMESTAMP WITH TIME ZONE,
  approved_by UUID,
  approved_by_name VARCHAR(40) DEFAULT '' NOT NULL,
  approved_at TIMESTAMP WITH TIME ZONE,
  seconded_by UUID,
  seconded_by_name VARCHAR(40) DEFAULT '' NOT NULL,
  seconded_at TIMESTAMP WITH TIME ZONE,
  connected_on DATE,
  suspended_at TIMESTAMP WITH TIME ZONE,
  suspended_reason VARCHAR(400) DEFAULT '' NOT NULL,
  cut_on DATE,
  ended_on DATE,
  ended_note VARCHAR(400) DEFAULT '' NOT NULL,
  version INTEGER NOT NULL,
  CONSTRAINT pk_connection_order PRIMARY KEY (id),
  CONSTRAINT ck_connection_order_status CHECK (status in ('proposed', 'consented', 'refused', 'claimed', 'seconding', 'approved', 'active', 'suspended', 'ended', 'dropped')),
  CONSTRAINT ck_connection_order_purpose CHECK (purpose in ('public_order', 'road_traffic', 'fire')),
  CONSTRAINT ck_connection_order_platform CHECK (platform in ('police_video', 'traffic', 'fire', 'governance', 'sector', 'other')),
  CONSTRAINT ck_connection_order_rests_on CHECK (rests_on in ('consent', 'law')),
  CONSTRAINT ck_connection_order_span CHECK (ends_on >= starts_on),
  CONSTRAINT ck_connection_order_claimed CHECK (rests_on <> 'law' or (claim_article <> '' and claim_reason <> '' and claimed_at is not null)),
  CONSTRAINT ck_connection_order_approved CHECK (not (status in ('approved', 'active', 'suspended', 'ended')) or approved_at is not null),
  CONSTRAINT ck_connection_order_consent_or_law CHECK (not (status in ('approved', 'active')) or (rests_on = 'consent' and consented_at is not null) or (rests_on = 'law' and seconded_at is not null)),
  CONSTRAINT ck_connection_order_approver CHECK (approved_by is null or approved_by <> proposed_by),
  CONSTRAINT ck_connection_order_second_person CHECK (seconded_by is null or (seconded_by <> proposed_by and seconded_by <> approved_by and seconded_by <> claimed_by)),
  CONSTRAINT ck_connection_order_ended CHECK ((status = 'ended') = (ended_on is not null)),
  CONSTRAINT ck_connection_order_cut CHECK (status <> 'ended' or cut_on is not null),
  CONSTRAINT ck_connection_order_connected CHECK (status not in ('active', 'suspended') or connected_on is not null),
  CONSTRAINT uq_connection_order_number UNIQUE (number),
  CONSTRAINT fk_connection_order_unit_id FOREIGN KEY(unit_id) REFERENCES unit (id),
  CONSTRAINT fk_connection_order_organ_id FOREIGN KEY(organ_id) REFERENCES organ (id),
  CONSTRAINT fk_connection_order_system_id FOREIGN KEY(system_id) REFERENCES system (id),
  CONSTRAINT fk_connection_order_proposed_by FOREIGN KEY(proposed_by) REFERENCES person (id),
  CONSTRAINT fk_connection_order_consented_by FOREIGN KEY(consented_by) REFERENCES person (id),
  CONSTRAINT fk_connection_order_claimed_by FOREIGN KEY(claimed_by) REFERENCES person (id),
  CONSTRAINT fk_connection_order_approved_by FOREIGN KEY(approved_by) REFERENCES person (id),
  CONSTRAINT fk_connection_order_seconded_by FOREIGN KEY(seconded_by) REFERENCES person (id)
);
create INDEX ix_connection_order_district_status_id ON connection_order (district, status, id);
create INDEX ix_connection_order_system_id ON connection_order (system_id);
create INDEX ix_connection_order_unit_id_id ON connection_order (unit_id, id);
create table connection_camera (
  order_id UUID NOT NULL,
  camera_id UUID NOT NULL,
  unit_id UUID NOT NULL,
  district VARCHAR(6) NOT NULL,
  label VARCHAR(120) NOT NULL,
  code VARCHAR(20) DEFAULT '' NOT NULL,
  CONSTRAINT pk_connection_camera PRIMARY KEY (order_id, camera_id),
  CONSTRAINT fk_connection_camera_order_id FOREIGN KEY(order_id) REFERENCES connection_order (id),
  CONSTRAINT fk_connection_camera_camera_id FOREIGN KEY(camera_id) REFERENCES camera (id),
  CONSTRAINT fk_connection_camera_unit_id FOREIGN KEY(unit_id) REFERENCES unit (id)
);
create INDEX ix_connection_camera_camera_id ON connection_camera (camera_id);
create INDEX ix_connection_camera_unit_id ON connection_camera (unit_id);
create table connection_number (
  year SMALLINT NOT NULL,
  last INTEGER DEFAULT '0' NOT NULL,
  CONSTRAINT pk_connection_number PRIMARY KEY (year)
);
"""

SECTOR = "unit_id = any ((select portal_scope_sector_units())::uuid[])"


def upgrade() -> None:
    op.execute(TABLES)
    grant("connection_number", app="select, insert, update")
    grant("connection_order", app="select, insert, update")
    grant("connection_camera", app="select, insert")
    for table in ("connection_order", "connection_camera"):
        guard_rows(table)
        op.execute(f"create policy {table}_sector on {table} for select to portal_app using ({SECTOR})")


def downgrade() -> None:
    for table in ("connection_camera", "connection_order", "connection_number"):
        op.drop_table(table)
