"""What investigators see or take at a unit's own equipment stands in the call register; of a secret case what they write
about it is sealed; a master destroyed on a ticket names it."""

from alembic import op

revision = "0082"
down_revision = "0081"
branch_labels = None
depends_on = None

COLUMNS = """
alter table custody_entry alter column request_id drop not null;
alter table custody_entry
  add column use_id UUID,
  add column deed_id UUID,
  add column ticket VARCHAR(40) DEFAULT '' NOT NULL,
  add constraint fk_custody_entry_use_id FOREIGN KEY(use_id) REFERENCES equipment_use (id),
  add constraint fk_custody_entry_deed_id FOREIGN KEY(deed_id) REFERENCES equipment_deed (id),
  add constraint uq_custody_entry_use_seq UNIQUE (use_id, seq),
  add constraint uq_custody_entry_deed UNIQUE (deed_id),
  add constraint ck_custody_entry_origin CHECK ((request_id is null) = (use_id is not null) and (use_id is null) = (deed_id is null));
alter table equipment_use add column opinion_sealed TEXT, add column summary_sealed TEXT;
alter table equipment_use add constraint ck_equipment_use_sealed CHECK (secret or (opinion_sealed is null and summary_sealed is null));
alter table equipment_deed
  add column note_sealed TEXT,
  add column span_from TIMESTAMP WITH TIME ZONE,
  add column span_to TIMESTAMP WITH TIME ZONE,
  add constraint ck_equipment_deed_sealed CHECK (note_sealed is null or note = ''),
  add constraint ck_equipment_deed_span CHECK ((span_from is null) = (span_to is null) and (span_to is null or span_to > span_from));
alter table equipment_obstruction
  add column facts_sealed TEXT,
  drop constraint ck_equipment_obstruction_evidence,
  add constraint ck_equipment_obstruction_evidence CHECK (evidence <> '' or stored_file_id is not null or facts_sealed is not null),
  add constraint ck_equipment_obstruction_sealed CHECK (facts_sealed is null or (person_name = '' and place = '' and facts = '' and evidence = ''));
"""

# What was booked before had no line: each viewing and each export gets the one it should have had.
LINES = """
insert into custody_entry (id, use_id, deed_id, seq, unit_id, unit_name, requester_organ_id, requester_id, request_number,
  requester_unit, requester_people, instrument, purpose, secret, reason, content, span_from, span_to, act, operator_id,
  operator_name, second_name, destination, note, at)
select gen_random_uuid(), u.id, d.id, row_number() over (partition by u.id order by d.at, d.id), u.unit_id, unit.name,
  u.organ_id, u.applicant_id, u.number, u.organ_name,
  left(coalesce((select string_agg(o.name, '、' order by o.place) from equipment_officer o where o.use_id = u.id), ''), 400),
  '', 'criminal_case', u.secret, case when u.secret then '' else u.reason end,
  case when u.secret then '' else d.label end, d.at, d.at,
  case d.kind when 'live' then 'live_viewed' when 'playback' then 'played_back' else 'copied' end,
  d.booked_by, d.booked_name, '', case when u.secret then '' else d.medium end, d.sha256, d.at
from equipment_deed d join equipment_use u on u.id = d.use_id join unit on unit.id = u.unit_id
where d.kind in ('live', 'playback', 'export')
"""

BACK = """
delete from custody_entry where use_id is not null;
alter table custody_entry drop column use_id, drop column deed_id, drop column ticket,
  alter column request_id set not null;
alter table equipment_use drop column opinion_sealed, drop column summary_sealed;
alter table equipment_deed drop column note_sealed, drop column span_from, drop column span_to;
alter table equipment_obstruction drop constraint ck_equipment_obstruction_evidence, drop column facts_sealed,
  add constraint ck_equipment_obstruction_evidence CHECK (evidence <> '' or stored_file_id is not null);
"""


def upgrade() -> None:
    op.execute(COLUMNS)
    op.execute(LINES)


def downgrade() -> None:
    op.execute("alter table custody_entry disable trigger user")
    op.execute(BACK)
    op.execute("alter table custody_entry enable trigger user")
