"""Each measure against a leak is a row of its own, which nobody changes."""

from alembic import op

from migrations.support import append_only, grant, guard_rows

revision = "0080"
down_revision = "0079"
branch_labels = None
depends_on = None

TABLE = """
create table footage_leak_measure (
  id UUID NOT NULL,
  leak_id UUID NOT NULL,
  request_id UUID NOT NULL,
  taken_by UUID,
  taken_name VARCHAR(40) NOT NULL,
  taken_at TIMESTAMP WITH TIME ZONE NOT NULL,
  text TEXT,
  sealed TEXT,
  CONSTRAINT pk_footage_leak_measure PRIMARY KEY (id),
  CONSTRAINT ck_footage_leak_measure_open_or_sealed CHECK ((text is null) <> (sealed is null)),
  CONSTRAINT fk_footage_leak_measure_leak_id FOREIGN KEY(leak_id) REFERENCES footage_leak (id),
  CONSTRAINT fk_footage_leak_measure_request_id FOREIGN KEY(request_id) REFERENCES footage_request (id),
  CONSTRAINT fk_footage_leak_measure_taken_by FOREIGN KEY(taken_by) REFERENCES person (id)
);
create INDEX ix_footage_leak_measure_leak ON footage_leak_measure (leak_id, id);
"""

# What secret cases wrote before is sealed with the rest of their texts and is read from there.
MOVED = """
insert into footage_leak_measure (id, leak_id, request_id, taken_name, taken_at, text)
select gen_random_uuid(), id, request_id, measures_name, measures_at, measures from footage_leak where measures is not null;
alter table footage_leak drop constraint ck_footage_leak_secret_is_sealed;
alter table footage_leak drop column measures;
alter table footage_leak add constraint ck_footage_leak_secret_is_sealed
  check (sealed is null or (found is null and liable is null and outcome is null)) not valid;
alter table footage_leak validate constraint ck_footage_leak_secret_is_sealed;
"""
BACK = """
alter table footage_leak add column measures text;
update footage_leak set measures = m.text from (
  select leak_id, string_agg(text, E'\\n' order by id) as text from footage_leak_measure where text is not null group by leak_id
) m where m.leak_id = footage_leak.id;
alter table footage_leak drop constraint ck_footage_leak_secret_is_sealed;
alter table footage_leak add constraint ck_footage_leak_secret_is_sealed
  check (sealed is null or (found is null and measures is null and liable is null and outcome is null));
"""


def upgrade() -> None:
    op.execute(TABLE)
    op.execute(MOVED)
    grant("footage_leak_measure", app="select, insert")
    append_only("footage_leak_measure")
    guard_rows(
        "footage_leak_measure", unit=None, district=None,
        extra="exists (select from footage_request r where r.id = request_id)",
    )  # fmt: skip


def downgrade() -> None:
    op.execute(BACK)
    op.drop_table("footage_leak_measure")
