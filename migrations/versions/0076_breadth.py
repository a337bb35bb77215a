"""How broad a request is: what was drawn, the class of its case, the series it counts with; the stated necessity."""

import sqlalchemy as sa
from alembic import op

from migrations.support import grant, guard_rows

revision = "0076"
down_revision = "0075"
branch_labels = None
depends_on = None

TABLE = """
create table footage_breadth (
  request_id UUID NOT NULL,
  series_id UUID NOT NULL,
  case_class VARCHAR(16) NOT NULL,
  grave BOOLEAN DEFAULT false NOT NULL,
  case_key VARCHAR(120),
  drawn JSONB DEFAULT '[]' NOT NULL,
  judged JSONB DEFAULT '{}' NOT NULL,
  beyond BOOLEAN DEFAULT false NOT NULL,
  CONSTRAINT pk_footage_breadth PRIMARY KEY (request_id),
  CONSTRAINT ck_footage_breadth_case_class CHECK (case_class in ('grave_crime', 'crime', 'administrative', 'traffic', 'judicial', 'emergency', 'internal', 'individual')),
  CONSTRAINT fk_footage_breadth_request_id FOREIGN KEY(request_id) REFERENCES footage_request (id) ON DELETE CASCADE
);
create INDEX ix_footage_breadth_series ON footage_breadth (series_id);
create INDEX ix_footage_breadth_case ON footage_breadth (case_key);
"""

# What is there counts by who asked for what; its case numbers are digested when it is next written.
THOSE_THERE = """
insert into footage_breadth (request_id, series_id, case_class)
select id, ask_id, case
  when requester_kind = 'individual' then 'individual'
  when requester_kind in ('outside_unit', 'resident_unit', 'own_department', 'own_member') then 'internal'
  when purpose in ('emergency', 'traffic') then purpose
  when requester_kind in ('procuratorate', 'court') then 'judicial'
  when requester_kind in ('police_criminal', 'state_security') then 'crime'
  else 'administrative' end
from footage_request
"""

# Once submitted, what a request was judged by stays; only the series it counts with may grow into another.
GUARDS = """
create function footage_breadth_is_frozen() returns trigger language plpgsql as $$
begin
  if (new.case_class, new.grave, new.case_key, new.drawn, new.judged, new.beyond)
    is distinct from (old.case_class, old.grave, old.case_key, old.drawn, old.judged, old.beyond)
    and exists (select from footage_request r where r.id = old.request_id and r.status not in ('draft', 'returned'))
  then
    raise exception 'footage request % was submitted: how broad it is is frozen', old.request_id using errcode = 'P0403';
  end if;
  return new;
end $$;
create trigger footage_breadth_is_frozen before update on footage_breadth
  for each row execute function footage_breadth_is_frozen();

create function footage_necessity_is_frozen() returns trigger language plpgsql as $$
begin
  if old.status not in ('draft', 'returned') and new.necessity is distinct from old.necessity then
    raise exception 'footage request % was submitted: what it asks for is frozen', old.id using errcode = 'P0403';
  end if;
  return new;
end $$;
create trigger footage_necessity_is_frozen before update on footage_request
  for each row execute function footage_necessity_is_frozen();
"""


def upgrade() -> None:
    op.add_column("footage_request", sa.Column("necessity", sa.Text(), nullable=True))
    op.create_check_constraint(
        op.f("ck_footage_request_secret_necessity_is_sealed"), "footage_request", "not secret or necessity is null"
    )
    op.execute(TABLE)
    op.execute(THOSE_THERE)
    op.execute(GUARDS)
    grant("footage_breadth", app="select, insert, update")
    guard_rows(
        "footage_breadth",
        unit=None,
        district=None,
        extra="exists (select from footage_request r where r.id = request_id)",
    )


def downgrade() -> None:
    op.execute("drop trigger footage_necessity_is_frozen on footage_request")
    op.drop_table("footage_breadth")
    op.execute("drop function footage_necessity_is_frozen")
    op.execute("drop function footage_breadth_is_frozen")
    op.drop_constraint(op.f("ck_footage_request_secret_necessity_is_sealed"), "footage_request", type_="check")
    op.drop_column("footage_request", "necessity")
