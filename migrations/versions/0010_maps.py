"""Count pyramid of the map: cells of 32 by 32 a tile, per district, kept by deltas (maps.md section 3)."""

from alembic import op

from migrations.support import grant

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# Level 19 cells are what a zoom-14 tile is divided into; each level above halves them.
TABLES = """
create table map_cell (
  level smallint not null, x int not null, y int not null, district varchar(6) not null,
  n int not null, n_online int not null, n_degraded int not null, n_offline int not null,
  sum_x double precision not null, sum_y double precision not null,
  constraint pk_map_cell primary key (level, x, y, district)
);
create table map_delta (
  id bigint generated always as identity,
  constraint pk_map_delta primary key (id),
  x int not null, y int not null, district varchar(6) not null,
  n int not null, n_online int not null, n_degraded int not null, n_offline int not null,
  sum_x double precision not null, sum_y double precision not null
);
create table map_version (
  one boolean not null default true, number bigint not null default 1,
  constraint pk_map_version primary key (one), constraint ck_map_version_one check (one)
);
insert into map_version default values;

create function portal_cell_x(p geometry) returns int language sql immutable parallel safe as
  $$ select floor((st_x(p) + 20037508.342789244) * (524288 / 40075016.685578488))::int $$;
create function portal_cell_y(p geometry) returns int language sql immutable parallel safe as
  $$ select floor((20037508.342789244 - st_y(p)) * (524288 / 40075016.685578488))::int $$;
"""

SUMS = """
select portal_cell_x(mercator), portal_cell_y(mercator), district,
       {sign} count(*), {sign} count(*) filter (where live = 1), {sign} count(*) filter (where live = 2),
       {sign} count(*) filter (where live in (3, 4)), {sign} sum(st_x(mercator)), {sign} sum(st_y(mercator))
from {rows} where not secret and status <> 'dismantled' group by 1, 2, 3
"""


def _trigger(event: str, *parts: tuple[str, str]) -> str:
    inserts = "".join(
        "insert into public.map_delta (x, y, district, n, n_online, n_degraded, n_offline, sum_x, sum_y) "
        + SUMS.format(sign=sign, rows=rows)
        + ";"
        for sign, rows in parts
    )
    tables = " ".join(f"{'new' if sign == '' else 'old'} table as {rows}" for sign, rows in parts)
    return (
        f"create function portal_map_{event}() returns trigger language plpgsql security definer "
        f"set search_path = public, pg_catalog as $$ begin {inserts} return null; end $$;"
        f"create trigger camera_map_{event} after {event} on camera referencing {tables} "
        f"for each statement execute function portal_map_{event}();"
    )


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(_trigger("insert", ("", "fresh")))
    op.execute(_trigger("delete", ("-", "gone")))
    op.execute(_trigger("update", ("-", "gone"), ("", "fresh")))
    grant("map_cell", map_reads=True)
    grant("map_delta", app="select, delete")
    grant("map_version", app="select, update", map_reads=True)


def downgrade() -> None:
    for event in ("insert", "update", "delete"):
        op.execute(f"drop trigger camera_map_{event} on camera")
        op.execute(f"drop function portal_map_{event}")
    for table in ("map_version", "map_delta", "map_cell"):
        op.execute(f"drop table {table}")
    op.execute("drop function portal_cell_x")
    op.execute("drop function portal_cell_y")
