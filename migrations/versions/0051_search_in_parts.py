"""The index of the search in two parts, cameras and the rest; a long word is looked for by its rarest pairs."""

from alembic import op

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None

# Nineteen rows of twenty are cameras. In one index with them a unit was looked for through lists as long as theirs, and a
# camera through lists full of units; the mark of the kind told them apart, at the price of a list of all of them.
PARTS = """
drop index ix_search_entry_grams;
create index ix_search_entry_grams on search_entry using gin (grams) with (gin_pending_list_limit = 1024) where kind = 3;
create index ix_search_entry_few_grams on search_entry using gin (grams) with (gin_pending_list_limit = 1024)
 where kind <> 3;
"""
WHOLE = """
drop index ix_search_entry_few_grams;
drop index ix_search_entry_grams;
create index ix_search_entry_grams on search_entry using gin (grams) with (gin_pending_list_limit = 1024);
"""

# What else looks for cameras names their part of the index.
NAMED = {
    "portal_cameras_named": (
        ("where grams @> (array[3] ||", "where kind = 3 and grams @> (array[3] ||"),
        ("   where word ~ '", "   where kind = 3 and word ~ '"),
    ),
    "portal_cameras_first": (("where e.grams @> $1 and", "where e.kind = 3 and e.grams @> $1 and"),),
}

# Of a long word's pairs those three are asked for that fewest of some hundred drawn names bear: each more would be a list
# to read, which takes as long as the pair is common, and tells as little.
SEARCH = """
create or replace function portal_search(kinds smallint[], word text, everything boolean, units uuid[],
  districts text[], most int)
returns table (kind smallint, row_id uuid, rank int) language plpgsql stable security definer rows 100
set search_path = public, pg_catalog set plan_cache_mode = force_generic_plan set enable_seqscan = off set jit = off as $$
#variable_conflict use_column
declare
  systems constant smallint := 2;
  cameras constant smallint := 3;
  enough constant int := 30;
  few constant int := 3;
  drawn constant real := least(100, 11000.0 / greatest(1, pg_relation_size('search_entry') / 8192));
  folded constant text := portal_search_fold(word);
  pairs constant int[] := array(
    select ((ascii(substr(folded, n, 1)) & 65535) << 16) | (ascii(substr(folded, n + 1, 1)) & 65535)
      from generate_series(1, length(folded) - 1) n);
  rare int[] := case when length(folded) - 1 <= few then pairs end;
  coded constant boolean := folded ~ '^(?=.*[0-9])[0-9a-z-]{6,}$';
  tail constant int := hashtext(case when length(folded) < 18 then '>' || right(folded, 6) else '=' || folded end);
  named constant boolean := folded !~ '^[0-9]{20,}$';
  run constant boolean := folded ~ '^[0-9]{6,19}$';
  scope constant jsonb := portal_scope();
  inside constant boolean := coalesce((scope ->> 'all')::boolean, false);
  whole constant boolean := everything and inside;
  of_units uuid[] := units;
  of_districts text[] := districts;
  places int[];
  which smallint;
  wanted int[];
  ids uuid[];
  said text[];
  other_ids uuid[];
  other_said text[];
  drawn_said text[];
begin
  if length(folded) < 2 then
    return;
  end if;
  if not inside and of_units <> '{}' then
    of_units := array(
      select unnest(units) intersect select unnest(portal_scope_units() || portal_scope_sector_units()));
  end if;
  if not inside and of_districts <> '{}' then
    of_districts := array(select unnest(districts) intersect select jsonb_array_elements_text(scope -> 'districts'));
  end if;
  places := array(select -d::int from unnest(of_districts) d);
  foreach which in array kinds loop
    ids := '{}';
    said := '{}';
    if coded and which = cameras then
      select ids || coalesce(array_agg(row_id), '{}'), said || coalesce(array_agg(words), '{}') into ids, said from (
        select row_id, words from search_entry
         where kind = 3 and grams @> array[tail] and strpos(words, folded) > 0
           and (unit_id = any (of_units) or not unit_only
                and (whole or district = any (of_districts) or filed_district = any (of_districts)))
         limit most) e;
    elsif coded and which <> systems then
      select ids || coalesce(array_agg(row_id), '{}'), said || coalesce(array_agg(words), '{}') into ids, said from (
        select row_id, words from search_entry
         where kind <> 3 and kind + 0 = which and grams @> array[which::int, tail] and strpos(words, folded) > 0
           and (unit_id = any (of_units) or not unit_only and (whole or district = any (of_districts)))
         limit most) e;
    end if;
    if named and of_units <> '{}' then
      select ids || coalesce(array_agg(row_id), '{}'), said || coalesce(array_agg(words), '{}') into ids, said from (
        select row_id, words from search_entry
         where unit_id = any (of_units) and kind = which and strpos(words, folded) > 0 limit most) e;
    end if;
    if named and (whole or of_districts <> '{}') and cardinality(ids) < most then
      other_ids := '{}';
      if which = cameras then
        select coalesce(array_agg(row_id), '{}'), coalesce(array_agg(words), '{}') into other_ids, other_said from (
          select row_id, words from search_entry tablesample system (drawn) repeatable (1)
           where kind = cameras and not unit_only and strpos(words, folded) > 0
             and (whole or district = any (of_districts) or filed_district = any (of_districts)) limit most) e;
        if cardinality(other_ids) < enough and rare is null then
          drawn_said := array(
            select words from search_entry tablesample system (drawn / 8) repeatable (1) where kind = cameras);
          rare := array(
            select pairs[n] from generate_series(1, length(folded) - 1) n
             order by (select count(*) from unnest(drawn_said) names where strpos(names, substr(folded, n, 2)) > 0), n
             limit few);
        end if;
      end if;
      if cardinality(other_ids) >= enough then
        ids := ids || other_ids;
        said := said || other_said;
      else
        for part in 1 .. case when run and which <> systems then 3 else 1 end loop
          wanted := case when part > 1 then portal_fives(folded, part - 1) when which = cameras then rare else pairs end;
          continue when wanted = '{}';
          if which <> cameras then
            select ids || coalesce(array_agg(row_id), '{}'), said || coalesce(array_agg(words), '{}') into ids, said from (
              select row_id, words from search_entry
               where kind <> 3 and kind + 0 = which and grams @> (array[which::int] || wanted) and not unit_only
                 and strpos(words, folded) > 0 and (whole or district = any (of_districts)) limit most) e;
          elsif whole then
            select ids || coalesce(array_agg(row_id), '{}'), said || coalesce(array_agg(words), '{}') into ids, said from (
              select row_id, words from search_entry
               where kind = 3 and grams @> wanted and not unit_only and strpos(words, folded) > 0 limit most) e;
          else
            select ids || coalesce(array_agg(row_id), '{}'), said || coalesce(array_agg(words), '{}') into ids, said from (
              select row_id, words from search_entry
               where kind = 3 and grams @> wanted and grams && places and not unit_only and strpos(words, folded) > 0
                 and (district = any (of_districts) or filed_district = any (of_districts)) limit most) e;
          end if;
          exit when cardinality(ids) >= most;
        end loop;
      end if;
    end if;
    return query
      select which, f.id, min(case when '|' || f.words || '|' like '%|' || folded || '|%' then 0
                               when starts_with(f.words, folded) then 1 else 2 end)
        from unnest(ids, said) f (id, words) group by f.id, f.words
       order by 3, length(f.words), f.id desc limit most;
  end loop;
end $$;
"""


def _say(function: str, *, anew: bool) -> None:
    body = op.get_bind().exec_driver_sql(f"select pg_get_functiondef('{function}'::regproc)").scalar_one()
    for pair in NAMED[function]:
        before, after = pair if anew else reversed(pair)
        if before not in body:
            raise AssertionError(f"{function} does not say {before}")
        body = body.replace(before, after)
    op.execute(body)


def upgrade() -> None:
    op.execute(PARTS)
    for function in NAMED:
        _say(function, anew=True)
    op.execute(SEARCH)


def downgrade() -> None:
    # `portal_search` may go on saying what it says: one index serves it as two do, only more slowly.
    for function in NAMED:
        _say(function, anew=False)
    op.execute(WHOLE)
