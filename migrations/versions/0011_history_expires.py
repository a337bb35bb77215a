"""Months of device history are dropped once they are old enough."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# The application may not drop tables. Through this function it can drop months of history and nothing younger than a
# year, whatever it asks for. A device that has not changed since keeps its last word, carried to the first day kept.
DROP = """
create function portal_drop_history_before(wanted timestamptz) returns integer language plpgsql security definer
set search_path = portal_history, public, pg_catalog set lock_timeout = '5s' as $$
declare
  first_kept timestamp := date_trunc('month', least(wanted, now() - interval '1 year') at time zone 'Asia/Shanghai');
  edge timestamptz := first_kept at time zone 'Asia/Shanghai';
  part name;
  parts name[];
begin
  perform pg_advisory_xact_lock(7405007);
  select coalesce(array_agg(c.relname order by c.relname), '{}') into parts
  from pg_inherits i join pg_class c on c.oid = i.inhrelid
  where i.inhparent = 'public.device_state_change'::regclass and c.relname ~ '^device_state_change_[0-9]{6}$'
    and to_date(right(c.relname, 6), 'YYYYMM') < first_kept;
  if parts = '{}' and not exists (select from device_state_change_rest where at < edge) then return 0; end if;
  insert into public.device_state_change (at, camera_id, unit_id, district, old_state, new_state, reason)
  select edge, o.* from (
    select distinct on (camera_id) camera_id, unit_id, district, new_state, new_state, reason
    from public.device_state_change where at < edge order by camera_id, at desc, id desc
  ) o where not exists (select from public.device_state_change k where k.camera_id = o.camera_id and k.at >= edge);
  foreach part in array parts loop
    execute format('drop table portal_history.%I', part);
  end loop;
  delete from device_state_change_rest where at < edge;
  return cardinality(parts);
end $$;
revoke all on function portal_drop_history_before(timestamptz) from public;
grant execute on function portal_drop_history_before(timestamptz) to portal_app;
"""


def upgrade() -> None:
    """One function more."""
    op.execute(DROP)


def downgrade() -> None:
    """Old months stay again."""
    op.execute("drop function portal_drop_history_before")
