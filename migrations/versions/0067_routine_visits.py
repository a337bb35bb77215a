"""A routine visit fills its list; what fell short there becomes a finding; a paper names the findings it follows."""

from alembic import op

from migrations.support import grant, guard_rows

revision = "0067"
down_revision = "0066"
branch_labels = None
depends_on = None

FORTH = """
alter table inspection_finding alter column acceptance_id drop not null;
alter table inspection_finding alter column visit_id drop not null;
alter table inspection_finding alter column system_id drop not null;
alter table inspection_finding add constraint ck_inspection_finding_origin check (
  num_nulls(acceptance_id, visit_id, system_id) in (0, 3));
alter table measure add column finding_ids UUID[] default '{}' not null;
alter table correction_order add column finding_ids UUID[] default '{}' not null;
create index ix_measure_finding_ids on measure using gin (finding_ids);
create index ix_correction_order_finding_ids on correction_order using gin (finding_ids);
alter table planned_visit add column checklist JSONB;
alter table planned_visit add column answers JSONB default '{}' not null;
alter table planned_visit add column inspectors JSONB default '[]' not null;
alter table planned_visit add column result VARCHAR(8);
alter table planned_visit add column finding_ids UUID[] default '{}' not null;
create index ix_planned_visit_finding_ids on planned_visit using gin (finding_ids);
alter table planned_visit drop constraint ck_planned_visit_status;
alter table planned_visit add constraint ck_planned_visit_status check (
  status in ('planned', 'under_way', 'done', 'closed', 'cancelled'));
alter table planned_visit drop constraint ck_planned_visit_done;
alter table planned_visit add constraint ck_planned_visit_done check (
  status in ('planned', 'under_way', 'cancelled') or done_on is not null);
alter table planned_visit drop constraint ck_planned_visit_chosen_by;
alter table planned_visit add constraint ck_planned_visit_chosen_by check (chosen_by in ('risk', 'draw', 'filing'));
alter table planned_visit add constraint ck_planned_visit_result check (
  result is null or (result in ('pass', 'basic', 'fail') and checklist is not null));
alter table planned_visit add constraint ck_planned_visit_listed check (status <> 'under_way' or checklist is not null);
create table planned_visit_photo (
  id UUID NOT NULL,
  planned_id UUID NOT NULL,
  organ_id UUID NOT NULL,
  unit_id UUID NOT NULL,
  item VARCHAR(60) NOT NULL,
  stored_file_id UUID NOT NULL,
  taken_by_name VARCHAR(40) NOT NULL,
  taken_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_planned_visit_photo PRIMARY KEY (id),
  CONSTRAINT fk_planned_visit_photo_planned_id FOREIGN KEY(planned_id) REFERENCES planned_visit (id),
  CONSTRAINT fk_planned_visit_photo_organ_id FOREIGN KEY(organ_id) REFERENCES organ (id),
  CONSTRAINT fk_planned_visit_photo_unit_id FOREIGN KEY(unit_id) REFERENCES unit (id),
  CONSTRAINT fk_planned_visit_photo_stored_file_id FOREIGN KEY(stored_file_id) REFERENCES stored_file (id),
  CONSTRAINT uq_planned_visit_photo_stored_file_id UNIQUE (stored_file_id)
);
create index ix_planned_visit_photo_planned_id_item on planned_visit_photo (planned_id, item);
"""

BACK = """
drop table planned_visit_photo;
alter table planned_visit drop constraint ck_planned_visit_listed;
alter table planned_visit drop constraint ck_planned_visit_result;
alter table planned_visit drop constraint ck_planned_visit_chosen_by;
update planned_visit set chosen_by = 'risk' where chosen_by = 'filing';
alter table planned_visit add constraint ck_planned_visit_chosen_by check (chosen_by in ('risk', 'draw'));
alter table planned_visit drop constraint ck_planned_visit_done;
alter table planned_visit drop constraint ck_planned_visit_status;
update planned_visit set status = 'planned' where status = 'under_way';
alter table planned_visit add constraint ck_planned_visit_status check (status in ('planned', 'done', 'closed', 'cancelled'));
alter table planned_visit add constraint ck_planned_visit_done check (status in ('planned', 'cancelled') or done_on is not null);
alter table planned_visit drop column finding_ids, drop column result, drop column inspectors, drop column answers, drop column checklist;
alter table correction_order drop column finding_ids;
alter table measure drop column finding_ids;
alter table inspection_finding drop constraint ck_inspection_finding_origin;
delete from finding_proof where cure_id in (
  select c.id from finding_cure c join inspection_finding f on f.id = c.finding_id where f.acceptance_id is null);
delete from finding_cure where finding_id in (select id from inspection_finding where acceptance_id is null);
delete from inspection_finding where acceptance_id is null;
alter table inspection_finding alter column system_id set not null;
alter table inspection_finding alter column visit_id set not null;
alter table inspection_finding alter column acceptance_id set not null;
"""

ORGAN = "organ_id = any ((select portal_scope_organs())::uuid[])"


def upgrade() -> None:
    op.execute(FORTH)
    # What was photographed is the organ's, as its visit is; the unit reads the finding it led to.
    grant("planned_visit_photo", app="select, insert, delete")
    guard_rows("planned_visit_photo", unit=None, district=None, extra=ORGAN)


def downgrade() -> None:
    op.execute(BACK)
