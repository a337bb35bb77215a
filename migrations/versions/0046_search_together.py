"""All kinds of row are searched in one call, common words in a sample of the index and rare ones through their pairs."""

from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

# No row of the index is shown to anybody: this function gives keys, inside the session's signed scope and inside what the
# asker's permission reaches, and the row behind each key is then read as any other.
#
# The rows of a few units are read straight. Of cameras a few thousand rows are looked at first, a part of the table that
# is drawn alike each time (all of it, while it is small): whatever every hundredth name bears is found there. Any other
# word has short posting lists, and is found through them. Its letters need not be asked for beside its characters, nor the
# kind of cameras, which nearly all rows are: a posting list that says nothing new costs as much as one that does.
#
# Every statement is planned once: it has one good plan by construction, and planning took longer than asking. A kind that
# stands among the conditions only to be checked says `kind + 0`, so that no plan begins at it.
SEARCH = """
create function portal_search(kinds smallint[], word text, everything boolean, units uuid[], districts text[], most int)
returns table (kind smallint, row_id uuid, rank int) language plpgsql stable security definer rows 100
set search_path = public, pg_catalog set plan_cache_mode = force_generic_plan set enable_seqscan = off set jit = off as $$
#variable_conflict use_column
declare
  systems constant smallint := 2;
  cameras constant smallint := 3;
  enough constant int := 30;
  drawn constant real := least(100, 11000.0 / greatest(1, pg_relation_size('search_entry') / 8192));
  folded constant text := portal_search_fold(word);
  pairs constant int[] := array(
    select ((ascii(substr(folded, n, 1)) & 65535) << 16) | (ascii(substr(folded, n + 1, 1)) & 65535)
      from generate_series(1, length(folded) - 1) n);
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
  mark int[];
  sets int[][];
  wanted int[];
  ids uuid[];
  said text[];
  other_ids uuid[];
  other_said text[];
begin
  if length(folded) < 2 then
    return;
  end if;
  if not inside and of_units <> '{}' then
    of_units := array(select unnest(units) intersect select unnest(portal_scope_units() || portal_scope_sector_units()));
  end if;
  if not inside and of_districts <> '{}' then
    of_districts := array(select unnest(districts) intersect select jsonb_array_elements_text(scope -> 'districts'));
  end if;
  places := array(select -d::int from unnest(of_districts) d);
  foreach which in array kinds loop
    ids := '{}';
    said := '{}';
    mark := case when which = cameras then '{}'::int[] else array[which::int] end;
    if coded and which <> systems then
      select coalesce(array_agg(row_id), '{}'), coalesce(array_agg(words), '{}') into ids, said from (
        select row_id, words from search_entry
         where grams @> (mark || tail) and kind + 0 = which and strpos(words, folded) > 0
           and (unit_id = any (of_units) or not unit_only
                and (whole or district = any (of_districts) or filed_district = any (of_districts)))
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
      end if;
      if cardinality(other_ids) >= enough then
        ids := ids || other_ids;
        said := said || other_said;
      else
        for part in 1 .. case when run and which <> systems then 3 else 1 end loop
          wanted := mark || case when part = 1 then pairs else portal_fives(folded, part - 1) end;
          continue when cardinality(wanted) = cardinality(mark);
          if whole or which <> cameras then
            select ids || coalesce(array_agg(row_id), '{}'), said || coalesce(array_agg(words), '{}') into ids, said from (
              select row_id, words from search_entry
               where grams @> wanted and kind + 0 = which and not unit_only and strpos(words, folded) > 0
                 and (whole or district = any (of_districts) or filed_district = any (of_districts)) limit most) e;
          else
            select ids || coalesce(array_agg(row_id), '{}'), said || coalesce(array_agg(words), '{}') into ids, said from (
              select row_id, words from search_entry
               where grams @> wanted and grams && places and kind + 0 = which and not unit_only
                 and strpos(words, folded) > 0
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
BEFORE = """
create function portal_search(which smallint, word text, everything boolean, units uuid[], districts text[], most integer)
 RETURNS TABLE(row_id uuid, rank integer)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_catalog'
 SET plan_cache_mode TO 'force_custom_plan'
 SET jit TO 'off'
AS $function$
declare
  newest constant int := 3000;
  folded constant text := portal_search_fold(word);
  wanted constant int[] := array[which::int] || (portal_indexed(folded)).pairs;
  tail constant int[] := array[which::int, hashtext(case when length(folded) < 18 then '>' || right(folded, 6)
                                                         else '=' || folded end)];
  coded constant boolean := folded ~ '^[0-9a-z-]{6,}$' and folded ~ '[0-9]';
  named constant boolean := folded !~ '^[0-9]{20,}$';
  run constant boolean := folded ~ '^[0-9]{6,19}$';
  fives constant int[] := case when run then array[which::int] || portal_fives(folded, 1) end;
  others constant int[] := case when run then array[which::int] || portal_fives(folded, 2) end;
  whole constant boolean := everything and portal_scope_all();
  of_units constant uuid[] := case when portal_scope_all() then units else array(
    select unnest(units) intersect select unnest(portal_scope_units() || portal_scope_sector_units())) end;
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
         and (e.unit_id = any (of_units) or (not e.unit_only and (whole or (e.district = any (of_districts) or e.filed_district = any (of_districts)))))
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
         where (e.grams @> wanted or (run and (e.grams @> fives or e.grams @> others))) and not e.unit_only and strpos(e.words, folded) > 0 limit most);
    end if;
  elsif named and places <> '{}' then
    keys := keys || array(
      select e.row_id from search_entry e
       where (e.grams @> wanted or (run and (e.grams @> fives or e.grams @> others))) and e.grams && places and (e.district = any (of_districts) or e.filed_district = any (of_districts)) and not e.unit_only
         and strpos(e.words, folded) > 0 limit most);
  end if;
  return query
    select e.row_id,
           case when '|' || e.words || '|' like '%|' || folded || '|%' then 0
                when starts_with(e.words, folded) then 1 else 2 end
      from search_entry e where e.kind = which and e.row_id = any (keys)
     order by 2, length(e.words), e.row_id desc limit most;
end $function$
"""
GRANTS = """
revoke all on function portal_search from public;
grant execute on function portal_search to portal_app;
"""


def upgrade() -> None:
    op.execute("drop function portal_search")
    op.execute(SEARCH)
    op.execute(GRANTS)


def downgrade() -> None:
    op.execute("drop function portal_search")
    op.execute(BEFORE)
    op.execute(GRANTS)
