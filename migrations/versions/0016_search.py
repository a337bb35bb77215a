"""One index of everything that is searched by name, initials or number, kept by triggers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.support import initial_letters

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

# Two neighbouring characters make a number: both are found together in one posting list of the index, however common
# each may be alone. A character that is read in two ways (行, 长) has two letters, and gives a pair for each reading.
WORDS = """
create function portal_search_fold(word text) returns text language sql immutable strict parallel safe as $$
  select translate(lower(normalize(word, NFKC)), E' \\t', '')
$$;

create function portal_indexed(words text, out pairs int[], out spelt text) language plpgsql immutable strict
parallel safe as $$
declare
  known constant bytea := '\\x{letters}';
  here text;
  code int;
  first int;
  second int;
  before int := 0;
  first_before int := 32;
  second_before int := 32;
  again text;
begin
  pairs := '{}';
  spelt := '';
  foreach here in array string_to_array(words, null) loop
    code := ascii(here) & 65535;
    second := 32;
    if code between 19968 and 40869 then
      first := get_byte(known, 2 * (code - 19968));
      second := get_byte(known, 2 * (code - 19968) + 1);
      if second <> 32 then
        again := coalesce(again, spelt) || chr(second);
      elsif again is not null then
        again := again || chr(first);
      end if;
      spelt := spelt || chr(first);
      if before > 0 then
        pairs := pairs || ((before << 16) | code) || ((first_before << 16) | first);
      end if;
    else
      first := code;
      again := again || here;
      spelt := spelt || here;
      if before > 0 then
        pairs := pairs || ((before << 16) | code);
        if first_before <> before then
          pairs := pairs || ((first_before << 16) | first);
        end if;
      end if;
    end if;
    if second <> 32 and before > 0 then
      pairs := pairs || ((first_before << 16) | second);
      if second_before <> 32 then
        pairs := pairs || ((second_before << 16) | second);
      end if;
    end if;
    if second_before <> 32 then
      pairs := pairs || ((second_before << 16) | first);
    end if;
    before := code;
    first_before := first;
    second_before := second;
  end loop;
  if again is not null then
    spelt := spelt || '|' || again;
  end if;
end $$;

create function portal_tails(codes text[]) returns int[] language sql immutable strict parallel safe as $$
  select array(select hashtext(part) from unnest(codes) code, unnest(array['=' || code, '>' || right(code, 6)]) part)
$$;
"""

# What stands where, and under which words. What is secret is its unit's own business, and so is a draft.
SOURCE = """
create view search_source as
  select 1::smallint as kind, u.id as row_id, u.id as unit_id, u.district, false as unit_only,
         portal_search_fold(u.name) as name, array_remove(array[lower(u.uscc)], null) as codes
    from unit u
  union all
  select 2::smallint, s.id, s.unit_id, s.district, s.secret, portal_search_fold(s.name), '{}'::text[] from system s
  union all
  select 3::smallint, c.id, c.unit_id, c.district, c.secret or s.secret, portal_search_fold(c.name),
         array_remove(array[c.gb_code], null)::text[]
    from camera c join system s on s.id = c.system_id
  union all
  select 4::smallint, f.id, f.unit_id, f.district, f.status = 'draft' or s.secret,
         portal_search_fold(s.name) || '/' || portal_search_fold(u.name),
         array_remove(array[portal_search_fold(f.number), portal_search_fold(f.national_number)], null)
    from filing f join system s on s.id = f.system_id join unit u on u.id = f.unit_id;
"""

# A statement that brings many rows in is followed once, for all of them. A change is followed row by row, and only where
# one of the columns was set that are searched: the rounds of the prober, which set `live` a million times, cost nothing.
FOLLOW = """
create function portal_search_put(which smallint, ids uuid[] default null) returns void language plpgsql
security definer set search_path = public, pg_catalog as $$
begin
  delete from search_entry where kind = which and (ids is null or row_id = any (ids));
  -- Many cameras share a name: what it is made of is worked out once.
  execute format(
    'with source as materialized (select * from search_source where kind = %s%s), '
    'known as materialized (select n.name, i.pairs, i.spelt '
    '  from (select distinct name from source) n, lateral portal_indexed(n.name) i) '
    'insert into search_entry (kind, row_id, unit_id, district, unit_only, words, grams) '
    'select kind, row_id, unit_id, district, unit_only, array_to_string(array[name, spelt] || codes, ''|''), '
    '  array[kind::int, -district::int] || pairs || portal_tails(codes) from source join known using (name)',
    which, case when ids is null then '' else ' and row_id = any ($1)' end) using ids;
end $$;
revoke all on function portal_search_put(smallint, uuid[]) from public;
-- For whoever loads in bulk with the triggers off; it makes nothing but what the rows themselves say.
grant execute on function portal_search_put(smallint, uuid[]) to portal_app;

create function portal_search_entered() returns trigger language plpgsql security definer
set search_path = public, pg_catalog as $$
begin
  perform portal_search_put(tg_argv[0]::smallint, array(select id from fresh));
  return null;
end $$;

create function portal_search_gone() returns trigger language plpgsql security definer
set search_path = public, pg_catalog as $$
begin
  delete from search_entry where kind = tg_argv[0]::smallint and row_id in (select id from gone);
  return null;
end $$;

create function portal_search_changed() returns trigger language plpgsql security definer
set search_path = public, pg_catalog as $$
begin
  perform portal_search_put(tg_argv[0]::smallint, array[new.id]);
  if tg_argv[0] = '1' then
    perform portal_search_put(4::smallint, array(select id from filing where unit_id = new.id));
  elsif tg_argv[0] = '2' then
    perform portal_search_put(4::smallint, array(select id from filing where system_id = new.id));
    perform portal_search_put(3::smallint, array(select id from camera where system_id = new.id));
  end if;
  return null;
end $$;
"""

KINDS = {
    "unit": (1, ("name", "uscc", "district")),
    "system": (2, ("name", "unit_id", "district", "secret")),
    "camera": (3, ("name", "gb_code", "unit_id", "district", "secret", "system_id")),
    "filing": (4, ("number", "national_number", "status", "district", "unit_id")),
}

# No row of the index is shown to anybody: this function gives keys, inside the session's signed scope and inside what the
# asker's permission reaches, and the row behind each key is then read as any other.
#
# The newest rows are read first: a word so common that its posting lists are long is found among them. The rows of a few
# units are read straight; for a reach over districts the index joins the words with the district.
SEARCH = """
create function portal_search(which smallint, word text, everything boolean, units uuid[], districts text[], most int)
returns table (row_id uuid, rank int) language plpgsql stable security definer
set search_path = public, pg_catalog set plan_cache_mode = force_custom_plan set jit = off as $$
declare
  newest constant int := 3000;
  folded constant text := portal_search_fold(word);
  wanted constant int[] := array[which::int] || (portal_indexed(folded)).pairs;
  tail constant int[] := array[which::int, hashtext(case when length(folded) < 18 then '>' || right(folded, 6)
                                                         else '=' || folded end)];
  coded constant boolean := folded ~ '^[0-9a-z-]{6,}$' and folded ~ '[0-9]';
  named constant boolean := folded !~ '^[0-9]{10,}$';
  whole constant boolean := everything and portal_scope_all();
  of_units constant uuid[] := case when portal_scope_all() then units else array(
    select unnest(units) intersect select unnest(portal_scope_units())) end;
  of_districts constant text[] := case when portal_scope_all() then districts else array(
    select unnest(districts) intersect select unnest(portal_scope_districts())) end;
  places constant int[] := array(select -d::int from unnest(of_districts) d);
  keys uuid[] := '{}';
begin
  if length(folded) < 2 then
    return;
  end if;
  if coded then
    keys := array(
      select e.row_id from search_entry e
       where e.grams @> tail and strpos(e.words, folded) > 0
         and (e.unit_id = any (of_units) or (not e.unit_only and (whole or e.district = any (of_districts))))
       limit most);
  end if;
  if named and of_units <> '{}' then
    keys := keys || array(
      select e.row_id from search_entry e
       where e.unit_id = any (of_units) and e.kind = which and strpos(e.words, folded) > 0 limit most);
  end if;
  if named and whole then
    keys := keys || array(
      select n.row_id from (
        select e.row_id, e.words, e.unit_only from search_entry e
         where e.kind = which order by e.row_id desc limit newest) n
       where not n.unit_only and strpos(n.words, folded) > 0 limit most);
    if cardinality(keys) < most then
      keys := keys || array(
        select e.row_id from search_entry e
         where e.grams @> wanted and not e.unit_only and strpos(e.words, folded) > 0 limit most);
    end if;
  elsif named and places <> '{}' then
    keys := keys || array(
      select e.row_id from search_entry e
       where e.grams @> wanted and e.grams && places and e.district = any (of_districts) and not e.unit_only
         and strpos(e.words, folded) > 0 limit most);
  end if;
  return query
    select e.row_id,
           case when '|' || e.words || '|' like '%|' || folded || '|%' then 0
                when starts_with(e.words, folded) then 1 else 2 end
      from search_entry e where e.kind = which and e.row_id = any (keys)
     order by 2, length(e.words), e.row_id desc limit most;
end $$;
revoke all on function portal_search(smallint, text, boolean, uuid[], text[], int) from public;
grant execute on function portal_search(smallint, text, boolean, uuid[], text[], int) to portal_app;
"""

# The lists' word filter by the same index; what the camera table carried for it is one index less for every probe to write.
NAMED = """
drop function portal_cameras_named(text);
create function portal_cameras_named(word text) returns setof uuid language sql stable security definer
set search_path = public, pg_catalog rows 200 as $$
  select row_id from search_entry
   where grams @> (array[3] || (portal_indexed(portal_search_fold(word))).pairs)
     and strpos(split_part(words, '|', 1), portal_search_fold(word)) > 0 and (
    (select portal_scope_all()) or unit_id = any ((select portal_scope_units())::uuid[])
    or district = any ((select portal_scope_districts())::text[]))
$$;
revoke all on function portal_cameras_named(text) from public;
grant execute on function portal_cameras_named(text) to portal_app;
drop index ix_camera_name_trgm;
"""
NAMED_BEFORE = """
create index ix_camera_name_trgm on camera using gin (name gin_trgm_ops);
drop function portal_cameras_named(text);
create function portal_cameras_named(pattern text) returns setof uuid language sql stable security definer
set search_path = public, pg_catalog rows 200 as $$
  select id from camera where name like pattern escape '/' and (
    (select portal_scope_all()) or unit_id = any ((select portal_scope_units())::uuid[])
    or district = any ((select portal_scope_districts())::text[]))
$$;
revoke all on function portal_cameras_named(text) from public;
grant execute on function portal_cameras_named(text) to portal_app;
"""


def upgrade() -> None:
    op.execute(WORDS.replace("{letters}", initial_letters().hex()))
    op.create_table(
        "search_entry",
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("row_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("district", sa.String(length=6), nullable=False),
        sa.Column("unit_only", sa.Boolean(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("grams", postgresql.ARRAY(sa.Integer()), nullable=False),
        sa.PrimaryKeyConstraint("kind", "row_id", name=op.f("pk_search_entry")),
    )
    op.execute(SOURCE)
    op.execute("create index ix_search_entry_unit_id on search_entry (unit_id, kind)")
    op.execute(
        "create index ix_search_entry_grams on search_entry using gin (grams) with (gin_pending_list_limit = 1024)"
    )
    op.execute("alter table search_entry alter column grams set statistics 400")
    op.execute(FOLLOW)
    for table, (kind, columns) in KINDS.items():
        changed = " or ".join(f"old.{name} is distinct from new.{name}" for name in columns)
        op.execute(
            f"create trigger {table}_search_entered after insert on {table} referencing new table as fresh "
            f"for each statement execute function portal_search_entered('{kind}')"
        )
        op.execute(
            f"create trigger {table}_search_gone after delete on {table} referencing old table as gone "
            f"for each statement execute function portal_search_gone('{kind}')"
        )
        op.execute(
            f"create trigger {table}_search_changed after update of {', '.join(columns)} on {table} "
            f"for each row when ({changed}) execute function portal_search_changed('{kind}')"
        )
    op.execute(SEARCH)
    op.execute(NAMED)
    for kind, _ in KINDS.values():
        op.execute(f"select portal_search_put({kind}::smallint)")


def downgrade() -> None:
    op.execute(NAMED_BEFORE)
    op.execute("drop function portal_search")
    for table in KINDS:
        for event in ("entered", "gone", "changed"):
            op.execute(f"drop trigger {table}_search_{event} on {table}")
    for name in ("changed", "gone", "entered"):
        op.execute(f"drop function portal_search_{name}()")
    op.execute("drop function portal_search_put")
    op.execute("drop view search_source")
    op.drop_table("search_entry")
    for name in ("portal_tails", "portal_indexed", "portal_search_fold"):
        op.execute(f"drop function {name}")
