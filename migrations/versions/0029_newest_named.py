"""The newest cameras that bear a word, a page's worth of them, without joining every camera that bears it."""

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

# Keeps to the signed scope by itself, as `portal_cameras_named` does. `beyond` is the last row of the page before.
NEWEST = """
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
    op.execute(NEWEST)


def downgrade() -> None:
    op.execute("drop function portal_cameras_newest(text, uuid, boolean, int)")
