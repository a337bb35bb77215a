"""A code is found by any six digits of it that stand together, or by more."""

from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

# Five digits from every second place on make one number each: whatever six stand together, five of them begin at such a
# place, at the first of the six or at the second. Which of the two is not known, so both are asked.
RUNS = """
create function portal_fives(run text, start int) returns int[] language sql immutable strict parallel safe as $$
  select array(select 10000000 + substr(run, place, 5)::int from generate_series(start, length(run) - 4, 2) place)
$$;

create or replace function portal_tails(codes text[]) returns int[] language sql immutable strict parallel safe as $$
  select array(
    select hashtext(part) from unnest(codes) code, unnest(array['=' || code, '>' || right(code, 6)]) part
    union all
    select unnest(portal_fives(run[1], 1))
      from unnest(codes) code, regexp_matches(code, '[0-9]{6,}', 'g') run)
$$;
"""
TAILS_BEFORE = """
create or replace function portal_tails(codes text[]) returns int[] language sql immutable strict parallel safe as $$
  select array(select hashtext(part) from unnest(codes) code, unnest(array['=' || code, '>' || right(code, 6)]) part)
$$;
drop function portal_fives(text, int);
"""

# What the function said and what it says: digits are looked for among the names' pairs and the codes' fives, in the same
# places and the same order as any word. A whole code has its own number in the index.
SEARCH = (
    (
        "named constant boolean := folded !~ '^[0-9]{10,}$';\n",
        "named constant boolean := folded !~ '^[0-9]{20,}$';\n"
        "  run constant boolean := folded ~ '^[0-9]{6,19}$';\n"
        "  fives constant int[] := case when run then array[which::int] || portal_fives(folded, 1) end;\n"
        "  others constant int[] := case when run then array[which::int] || portal_fives(folded, 2) end;\n",
    ),
    (
        "e.grams @> wanted and",
        "(e.grams @> wanted or (run and (e.grams @> fives or e.grams @> others))) and",
    ),
)
# The lists' word filter: digits are looked for in names and in codes alike.
NAMED = """
create or replace function portal_cameras_named(word text) returns setof uuid language sql stable security definer
set search_path = public, pg_catalog rows 200 as $$
  select row_id from search_entry
   where grams @> (array[3] || (portal_indexed(portal_search_fold(word))).pairs)
     and strpos(split_part(words, '|', 1), portal_search_fold(word)) > 0 and (
    (select portal_scope_all()) or unit_id = any ((select portal_scope_units())::uuid[])
    or district = any ((select portal_scope_districts())::text[])
    or filed_district = any ((select portal_scope_districts())::text[]))
{coded}$$;
"""
CODED = """  union
  select row_id from search_entry
   where word ~ '^[0-9]{6,19}$'
     and (grams @> (array[3] || portal_fives(word, 1)) or grams @> (array[3] || portal_fives(word, 2)))
     and strpos(words, word) > 0 and (
    (select portal_scope_all()) or unit_id = any ((select portal_scope_units())::uuid[])
    or district = any ((select portal_scope_districts())::text[])
    or filed_district = any ((select portal_scope_districts())::text[]))
"""


def _say(function: str, changes: tuple[tuple[str, str], ...], *, anew: bool) -> None:
    link = op.get_bind()
    body = link.exec_driver_sql(f"select pg_get_functiondef('{function}'::regproc)").scalar_one()
    for one, two in changes:
        before, after = (one, two) if anew else (two, one)
        if before not in body:
            raise AssertionError(f"{function} does not say {before}")
        body = body.replace(before, after)
    op.execute(body)


# Only the new numbers are added: to take a million names apart again would be minutes of work.
ADD = """
update search_entry e set grams = e.grams || portal_fives(c.gb_code, 1)
  from camera c where e.kind = 3 and c.id = e.row_id and c.gb_code is not null
"""
TAKE = "update search_entry set grams = array(select g from unnest(grams) g where g not between 10000000 and 10099999)"


def _tell_anew(*statements: str) -> None:
    """Every row that has a code, its index made anew."""
    op.execute("drop index ix_search_entry_grams")
    for statement in statements:
        op.execute(statement)
    op.execute(
        "create index ix_search_entry_grams on search_entry using gin (grams) with (gin_pending_list_limit = 1024)"
    )


def upgrade() -> None:
    op.execute(RUNS)
    _say("portal_search", SEARCH, anew=True)
    op.execute(NAMED.format(coded=CODED))
    _tell_anew(ADD, "select portal_search_put(1::smallint)", "select portal_search_put(4::smallint)")


def downgrade() -> None:
    op.execute(NAMED.format(coded=""))
    _say("portal_search", SEARCH, anew=False)
    op.execute(TAILS_BEFORE)
    _tell_anew(TAKE)
