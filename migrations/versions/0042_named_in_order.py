"""The first cameras that bear a word, in whichever order a list stands, without leaving the index's own function."""

from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

# Keeps to the signed scope by itself, as `portal_cameras_named` does. `beyond` is the last row of the page before, and
# `key` what that row is called, or when it was changed. A column that a list can be ordered by, and no other, is joined.
FIRST = """
create function portal_cameras_first(word text, by text, key text, beyond uuid, upwards boolean, most int)
returns setof uuid language plpgsql stable security definer
set search_path = public, pg_catalog set plan_cache_mode = force_custom_plan set jit = off
set enable_hashjoin = off set enable_mergejoin = off rows 100 as $$
declare
  folded constant text := portal_search_fold(word);
  wanted constant int[] := array[3] || (portal_indexed(folded)).pairs;
  way constant text := case when upwards then 'asc' else 'desc' end;
  compared constant text := case when upwards then '>' else '<' end;
begin
  if by not in ('id', 'name', 'updated_at') then
    raise exception 'no list stands by %', by;
  end if;
  return query execute
    'select e.row_id from search_entry e'
    || case when by = 'id' then '' else ' join camera c on c.id = e.row_id' end
    || ' where e.grams @> $1 and strpos(split_part(e.words, ''|'', 1), $2) > 0'
       ' and ($3 or e.unit_id = any ($4) or e.district = any ($5) or e.filed_district = any ($5))'
    || case when beyond is null then ''
            when by = 'id' then format(' and e.row_id %s $6', compared)
            else format(' and (c.%I, e.row_id) %s ($7::%s, $6)', by, compared,
                        case by when 'name' then 'varchar' else 'timestamptz' end) end
    || ' order by ' || case when by = 'id' then '' else format('c.%I %s, ', by, way) end
    || format('e.row_id %s limit $8', way)
    using wanted, folded, portal_scope_all(), portal_scope_units(), portal_scope_districts(), beyond, key, most;
end $$;
revoke all on function portal_cameras_first(text, text, text, uuid, boolean, int) from public;
grant execute on function portal_cameras_first(text, text, text, uuid, boolean, int) to portal_app;
drop function portal_cameras_newest(text, uuid, boolean, int);
"""
NEWEST = """
drop function portal_cameras_first(text, text, text, uuid, boolean, int);
create function portal_cameras_newest(word text, beyond uuid, upwards boolean, most int) returns setof uuid
language plpgsql stable security definer
set search_path = public, pg_catalog set plan_cache_mode = force_custom_plan rows 100 as $$
declare
  folded constant text := portal_search_fold(word);
  wanted constant int[] := array[3] || (portal_indexed(folded)).pairs;
  whole constant boolean := portal_scope_all();
  of_units constant uuid[] := portal_scope_units();
  of_districts constant text[] := portal_scope_districts();
begin
  return query
    select e.row_id from search_entry e
     where e.grams @> wanted and strpos(split_part(e.words, '|', 1), folded) > 0
       and (whole or e.unit_id = any (of_units) or e.district = any (of_districts)
            or e.filed_district = any (of_districts))
       and (beyond is null or case when upwards then e.row_id > beyond else e.row_id < beyond end)
     order by case when upwards then e.row_id end, case when not upwards then e.row_id end desc limit most;
end $$;
revoke all on function portal_cameras_newest(text, uuid, boolean, int) from public;
grant execute on function portal_cameras_newest(text, uuid, boolean, int) to portal_app;
"""


def upgrade() -> None:
    op.execute(FIRST)


def downgrade() -> None:
    op.execute(NEWEST)
