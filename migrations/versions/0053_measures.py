"""Letters, interviews and circulars; orders to correct, findings that they were refused, proposals of fines."""

from alembic import op

from migrations.support import grant, guard_rows

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None

TABLES = """
create table measure (
  id UUID NOT NULL,
  number VARCHAR(60),
  kind VARCHAR(10) NOT NULL,
  status VARCHAR(10) DEFAULT 'drafted' NOT NULL,
  unit_id UUID NOT NULL,
  district VARCHAR(6) NOT NULL,
  organ_id UUID NOT NULL,
  organ_name VARCHAR(80) NOT NULL,
  addressee VARCHAR(120) NOT NULL,
  previous_id UUID,
  skip_reason VARCHAR(400) DEFAULT '' NOT NULL,
  acceptance_id UUID,
  basis JSONB NOT NULL,
  facts TEXT NOT NULL,
  demands TEXT NOT NULL,
  place VARCHAR(120) DEFAULT '' NOT NULL,
  meets_at TIMESTAMP WITH TIME ZONE,
  recipients JSONB DEFAULT '[]' NOT NULL,
  drafted_by UUID,
  drafted_by_name VARCHAR(40) NOT NULL,
  drafted_at TIMESTAMP WITH TIME ZONE NOT NULL,
  signed_by UUID,
  signed_by_name VARCHAR(40) DEFAULT '' NOT NULL,
  signed_on DATE,
  due_set DATE,
  served_on DATE,
  served_how VARCHAR(10),
  served_to VARCHAR(80) DEFAULT '' NOT NULL,
  due_on DATE,
  due_why JSONB,
  held_at TIMESTAMP WITH TIME ZONE,
  attendance JSONB DEFAULT '[]' NOT NULL,
  minutes TEXT DEFAULT '' NOT NULL,
  reply TEXT DEFAULT '' NOT NULL,
  reply_file_id UUID,
  replied_by_name VARCHAR(40) DEFAULT '' NOT NULL,
  replied_at TIMESTAMP WITH TIME ZONE,
  closed_on DATE,
  ended_note VARCHAR(400) DEFAULT '' NOT NULL,
  proposed_on DATE,
  version INTEGER NOT NULL,
  CONSTRAINT pk_measure PRIMARY KEY (id),
  CONSTRAINT ck_measure_status CHECK (status in ('drafted', 'signed', 'served', 'held', 'replied', 'closed', 'escalated', 'withdrawn')),
  CONSTRAINT ck_measure_kind CHECK (kind in ('letter', 'interview', 'circular')),
  CONSTRAINT ck_measure_served_how CHECK (served_how is null or served_how in ('direct', 'left', 'post', 'portal')),
  CONSTRAINT ck_measure_second_person CHECK (signed_by is null or signed_by <> drafted_by),
  CONSTRAINT ck_measure_numbered CHECK ((number is null) = (signed_on is null)),
  CONSTRAINT ck_measure_signed CHECK (status in ('drafted', 'withdrawn') or signed_on is not null),
  CONSTRAINT ck_measure_served CHECK (status in ('drafted', 'signed', 'withdrawn') or served_on is not null),
  CONSTRAINT ck_measure_held CHECK (held_at is null or (kind = 'interview' and minutes <> '')),
  CONSTRAINT ck_measure_closed CHECK ((status = 'closed') = (closed_on is not null)),
  CONSTRAINT ck_measure_step CHECK (kind = 'letter' or previous_id is not null or skip_reason <> ''),
  CONSTRAINT ck_measure_interview CHECK (kind <> 'interview' or (place <> '' and meets_at is not null)),
  CONSTRAINT uq_measure_number UNIQUE (number),
  CONSTRAINT fk_measure_unit_id FOREIGN KEY(unit_id) REFERENCES unit (id),
  CONSTRAINT fk_measure_organ_id FOREIGN KEY(organ_id) REFERENCES organ (id),
  CONSTRAINT fk_measure_previous_id FOREIGN KEY(previous_id) REFERENCES measure (id),
  CONSTRAINT fk_measure_acceptance_id FOREIGN KEY(acceptance_id) REFERENCES acceptance (id),
  CONSTRAINT fk_measure_drafted_by FOREIGN KEY(drafted_by) REFERENCES person (id),
  CONSTRAINT fk_measure_signed_by FOREIGN KEY(signed_by) REFERENCES person (id),
  CONSTRAINT fk_measure_reply_file_id FOREIGN KEY(reply_file_id) REFERENCES stored_file (id)
);
create INDEX ix_measure_district_status_id ON measure (district, status, id);
create INDEX ix_measure_organ_id_status ON measure (organ_id, status);
create INDEX ix_measure_unit_id_id ON measure (unit_id, id);
create UNIQUE INDEX uq_measure_previous_id ON measure (previous_id) WHERE status <> 'withdrawn';
create table measure_number (
  kind VARCHAR(12) NOT NULL,
  organ_id UUID NOT NULL,
  year SMALLINT NOT NULL,
  last INTEGER DEFAULT '0' NOT NULL,
  CONSTRAINT pk_measure_number PRIMARY KEY (kind, organ_id, year),
  CONSTRAINT ck_measure_number_kind CHECK (kind in ('letter', 'interview', 'circular', 'correction', 'refusal', 'fine')),
  CONSTRAINT fk_measure_number_organ_id FOREIGN KEY(organ_id) REFERENCES organ (id)
);
create table correction_order (
  id UUID NOT NULL,
  number VARCHAR(60) NOT NULL,
  status VARCHAR(10) DEFAULT 'issued' NOT NULL,
  unit_id UUID NOT NULL,
  district VARCHAR(6) NOT NULL,
  organ_id UUID NOT NULL,
  organ_name VARCHAR(80) NOT NULL,
  addressee VARCHAR(120) NOT NULL,
  system_id UUID,
  basis JSONB NOT NULL,
  needs_refusal BOOLEAN NOT NULL,
  grave_reason VARCHAR(400) DEFAULT '' NOT NULL,
  facts TEXT NOT NULL,
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
  extended_reason VARCHAR(400) DEFAULT '' NOT NULL,
  report TEXT DEFAULT '' NOT NULL,
  report_file_id UUID,
  reported_by_name VARCHAR(40) DEFAULT '' NOT NULL,
  reported_at TIMESTAMP WITH TIME ZONE,
  return_note VARCHAR(400) DEFAULT '' NOT NULL,
  corrected_on DATE,
  ended_note VARCHAR(400) DEFAULT '' NOT NULL,
  version INTEGER NOT NULL,
  CONSTRAINT pk_correction_order PRIMARY KEY (id),
  CONSTRAINT ck_correction_order_status CHECK (status in ('issued', 'served', 'reported', 'corrected', 'refused', 'withdrawn')),
  CONSTRAINT ck_correction_order_served_how CHECK (served_how is null or served_how in ('direct', 'left', 'post', 'portal')),
  CONSTRAINT ck_correction_order_served CHECK (status in ('issued', 'withdrawn') or served_on is not null),
  CONSTRAINT ck_correction_order_limited CHECK ((served_on is null) = (due_on is null)),
  CONSTRAINT ck_correction_order_corrected CHECK ((status = 'corrected') = (corrected_on is not null)),
  CONSTRAINT uq_correction_order_id_needs_refusal UNIQUE (id, needs_refusal),
  CONSTRAINT uq_correction_order_number UNIQUE (number),
  CONSTRAINT fk_correction_order_unit_id FOREIGN KEY(unit_id) REFERENCES unit (id),
  CONSTRAINT fk_correction_order_organ_id FOREIGN KEY(organ_id) REFERENCES organ (id),
  CONSTRAINT fk_correction_order_system_id FOREIGN KEY(system_id) REFERENCES system (id),
  CONSTRAINT fk_correction_order_issued_by FOREIGN KEY(issued_by) REFERENCES person (id),
  CONSTRAINT fk_correction_order_report_file_id FOREIGN KEY(report_file_id) REFERENCES stored_file (id)
);
create INDEX ix_correction_order_district_status_id ON correction_order (district, status, id);
create INDEX ix_correction_order_unit_id_id ON correction_order (unit_id, id);
create table refusal_finding (
  id UUID NOT NULL,
  number VARCHAR(60),
  order_id UUID NOT NULL,
  unit_id UUID NOT NULL,
  district VARCHAR(6) NOT NULL,
  status VARCHAR(10) DEFAULT 'found' NOT NULL,
  confirmed BOOLEAN GENERATED ALWAYS AS (status = 'confirmed') STORED NOT NULL,
  facts TEXT NOT NULL,
  due_on DATE NOT NULL,
  found_on DATE NOT NULL,
  found_by UUID,
  found_by_name VARCHAR(40) NOT NULL,
  decided_by UUID,
  decided_by_name VARCHAR(40) DEFAULT '' NOT NULL,
  decided_at TIMESTAMP WITH TIME ZONE,
  decided_note VARCHAR(400) DEFAULT '' NOT NULL,
  CONSTRAINT pk_refusal_finding PRIMARY KEY (id),
  CONSTRAINT ck_refusal_finding_status CHECK (status in ('found', 'confirmed', 'rejected')),
  CONSTRAINT ck_refusal_finding_after_due CHECK (found_on > due_on),
  CONSTRAINT ck_refusal_finding_second_person CHECK (decided_by is null or decided_by <> found_by),
  CONSTRAINT ck_refusal_finding_decided CHECK ((status = 'found') = (decided_at is null)),
  CONSTRAINT uq_refusal_finding_id_order_id_confirmed UNIQUE (id, order_id, confirmed),
  CONSTRAINT uq_refusal_finding_number UNIQUE (number),
  CONSTRAINT fk_refusal_finding_order_id FOREIGN KEY(order_id) REFERENCES correction_order (id),
  CONSTRAINT fk_refusal_finding_unit_id FOREIGN KEY(unit_id) REFERENCES unit (id),
  CONSTRAINT fk_refusal_finding_found_by FOREIGN KEY(found_by) REFERENCES person (id),
  CONSTRAINT fk_refusal_finding_decided_by FOREIGN KEY(decided_by) REFERENCES person (id)
);
create INDEX ix_refusal_finding_unit_id ON refusal_finding (unit_id);
create UNIQUE INDEX uq_refusal_finding_order_id ON refusal_finding (order_id) WHERE status <> 'rejected';
create table fine_proposal (
  id UUID NOT NULL,
  number VARCHAR(60) NOT NULL,
  status VARCHAR(10) DEFAULT 'proposed' NOT NULL,
  order_id UUID NOT NULL,
  needs_refusal BOOLEAN NOT NULL,
  refusal_id UUID,
  refusal_confirmed BOOLEAN DEFAULT 'true' NOT NULL,
  unit_id UUID NOT NULL,
  district VARCHAR(6) NOT NULL,
  against VARCHAR(12) NOT NULL,
  person_name VARCHAR(40) DEFAULT '' NOT NULL,
  low INTEGER NOT NULL,
  high INTEGER NOT NULL,
  amount INTEGER NOT NULL,
  reasons TEXT NOT NULL,
  proposed_on DATE NOT NULL,
  proposed_by UUID,
  proposed_by_name VARCHAR(40) NOT NULL,
  decided_on DATE,
  decision_number VARCHAR(80) DEFAULT '' NOT NULL,
  deciding_organ VARCHAR(120) DEFAULT '' NOT NULL,
  decided_amount INTEGER,
  outcome_note VARCHAR(400) DEFAULT '' NOT NULL,
  version INTEGER NOT NULL,
  CONSTRAINT pk_fine_proposal PRIMARY KEY (id),
  CONSTRAINT ck_fine_proposal_status CHECK (status in ('proposed', 'imposed', 'dropped', 'withdrawn')),
  CONSTRAINT ck_fine_proposal_against CHECK (against in ('unit', 'responsible', 'person')),
  CONSTRAINT ck_fine_proposal_refused_first CHECK (not needs_refusal or refusal_id is not null),
  CONSTRAINT ck_fine_proposal_refusal_confirmed CHECK (refusal_confirmed),
  CONSTRAINT ck_fine_proposal_within_the_article CHECK (amount between low and high),
  CONSTRAINT ck_fine_proposal_whom CHECK (against = 'unit' or person_name <> ''),
  CONSTRAINT ck_fine_proposal_imposed CHECK (status <> 'imposed' or (decided_amount is not null and decided_on is not null)),
  CONSTRAINT fk_fine_proposal_of_order FOREIGN KEY(order_id, needs_refusal) REFERENCES correction_order (id, needs_refusal),
  CONSTRAINT fk_fine_proposal_after_refusal FOREIGN KEY(refusal_id, order_id, refusal_confirmed) REFERENCES refusal_finding (id, order_id, confirmed),
  CONSTRAINT uq_fine_proposal_number UNIQUE (number),
  CONSTRAINT fk_fine_proposal_unit_id FOREIGN KEY(unit_id) REFERENCES unit (id),
  CONSTRAINT fk_fine_proposal_proposed_by FOREIGN KEY(proposed_by) REFERENCES person (id)
);
create INDEX ix_fine_proposal_order_id ON fine_proposal (order_id);
create INDEX ix_fine_proposal_unit_id ON fine_proposal (unit_id);
"""

# A unit reads a paper once it was served on it; the organ that issues it, and who watches over its district, before.
ORGAN = "organ_id = any ((select portal_scope_organs())::uuid[])"
OWN = "unit_id = any ((select portal_scope_units())::uuid[])"
SECTOR = "unit_id = any ((select portal_scope_sector_units())::uuid[])"


def upgrade() -> None:
    op.execute(TABLES)
    grant("measure_number", app="select, insert, update")
    for table in ("measure", "correction_order"):
        grant(table, app="select, insert, update")
        guard_rows(table, unit=None, extra=f"{ORGAN} or (served_on is not null and {OWN})")
        op.execute(f"create policy {table}_sector on {table} for select to portal_app using ({SECTOR})")
    # That a refusal was found is told once it is confirmed; what is proposed for it, the unit hears from who decides.
    grant("refusal_finding", app="select, insert, update")
    guard_rows("refusal_finding", unit=None, extra=f"confirmed and {OWN}")
    grant("fine_proposal", app="select, insert, update")
    guard_rows("fine_proposal", unit=None)


def downgrade() -> None:
    for table in ("fine_proposal", "refusal_finding", "correction_order", "measure", "measure_number"):
        op.drop_table(table)
