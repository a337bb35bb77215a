"""Cameras that share a place and direction, or a device and channel, are found by the indices that know them."""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

# Under row-level security `~=` may not look at a row before the policy has (it might leak), so that no index helped and
# one camera saved read the whole table. `~=` finds by boxes of single precision, `=` is exact.
#
# What a camera about to be saved shares with another of the city: its view, its device. Never with which, or whose.
SHARED = """
create function portal_twin_keys(at geometry, towards int, facing int, device text, port int, channel int, besides uuid)
returns text[] language sql stable security definer set search_path = public, pg_catalog as $$
  select array_remove(array[
    case when exists (
      select from camera c
       where c.position ~= at and c.position = at and c.azimuth is not distinct from towards
         and c.direction is not distinct from facing and c.status <> 'dismantled' and c.id is distinct from besides)
    then 'lon:duplicate' end,
    case when device <> '' and exists (
      select from camera_access a join camera c on c.id = a.camera_id
       where a.host = device and a.rtsp_port is not distinct from port
         and coalesce(c.storage_channel, 0) = coalesce(channel, 0) and c.status <> 'dismantled'
         and c.id is distinct from besides)
    then 'host:duplicate' end], null)
$$;
revoke all on function portal_twin_keys(geometry, int, int, text, int, int, uuid) from public;
grant execute on function portal_twin_keys(geometry, int, int, text, int, int, uuid) to portal_app;
"""

# Of the cameras that stand where the given ones stand, and of those alone that the session may see: does another of the
# city share its view, or its device? A place is looked up once, however many cameras stand there.
TWINS = """
create function portal_twins(which text, ids uuid[]) returns table (row_id uuid, twin boolean)
language plpgsql stable security definer
set search_path = public, pg_catalog set plan_cache_mode = force_custom_plan set jit = off rows 10 as $$
declare
  whole constant boolean := portal_scope_all();
  of_units constant uuid[] := portal_scope_units();
  of_districts constant text[] := portal_scope_districts();
begin
  if which = 'lon:duplicate' then
    return query
      with places as materialized (
        select distinct c.position from camera c
         where c.id = any (ids) and (whole or c.unit_id = any (of_units) or c.district = any (of_districts)
                                     or c.filed_district = any (of_districts))),
      there as (
        select o.*, count(*) filter (where o.stands) over (partition by o.position, o.azimuth, o.direction) as n
          from places p cross join lateral (
            select c.id, c.position, c.azimuth, c.direction, c.unit_id, c.district, c.filed_district,
                   c.status <> 'dismantled' as stands
              from camera c where c.position ~= p.position and c.position = p.position offset 0) o)
      select t.id, t.stands and t.n > 1 from there t
       where whole or t.unit_id = any (of_units) or t.district = any (of_districts)
          or t.filed_district = any (of_districts);
  elsif which = 'host:duplicate' then
    return query
      with hosts as materialized (
        select distinct a.host from camera c join camera_access a on a.camera_id = c.id
         where c.id = any (ids) and a.host <> '' and (
           whole or c.unit_id = any (of_units) or c.district = any (of_districts)
           or c.filed_district = any (of_districts))),
      there as (
        select o.*, count(*) filter (where o.stands) over (partition by o.host, o.rtsp_port, o.channel) as n
          from hosts h cross join lateral (
            select c.id, a.host, a.rtsp_port, coalesce(c.storage_channel, 0) as channel, c.unit_id, c.district,
                   c.filed_district, c.status <> 'dismantled' as stands
              from camera_access a join camera c on c.id = a.camera_id where a.host = h.host offset 0) o)
      select t.id, t.stands and t.n > 1 from there t
       where whole or t.unit_id = any (of_units) or t.district = any (of_districts)
          or t.filed_district = any (of_districts);
  end if;
end $$;
revoke all on function portal_twins(text, uuid[]) from public;
grant execute on function portal_twins(text, uuid[]) to portal_app;
"""

# What is asked of some cameras is answered from these, and not from all that stand around any protected site: only a plan
# made for what is given knows which of the conditions are there. The box is cheap, and a little larger than the circle.
NEAR = """
create or replace function portal_near_protected(of_system uuid, of_cameras uuid[], of_site uuid) returns setof uuid
language plpgsql stable security definer
set search_path = public, pg_catalog set plan_cache_mode = force_custom_plan set jit = off as $$
begin
  return query
    select distinct c.id from protected_site s
      join camera c on c.position && st_expand(s.position,
                                               s.radius_m / (108000.0 * cos(radians(st_y(s.position)))),
                                               s.radius_m / 108000.0)
       and st_dwithin(c.position::geography, s.position::geography, s.radius_m)
     where s.active and c.status <> 'dismantled'
       and (of_system is null or c.system_id = of_system)
       and (of_cameras is null or c.id = any (of_cameras))
       and (of_site is null or s.id = of_site);
end $$;
"""
NEAR_BEFORE = """
create or replace function portal_near_protected(of_system uuid, of_cameras uuid[], of_site uuid) returns setof uuid
language sql stable security definer set search_path = public, pg_catalog as $$
  select distinct c.id from protected_site s
  join camera c on c.position && st_buffer(s.position::geography, s.radius_m)::geometry
   and st_dwithin(c.position::geography, s.position::geography, s.radius_m)
  where s.active and c.status <> 'dismantled'
    and (of_system is null or c.system_id = of_system)
    and (of_cameras is null or c.id = any (of_cameras))
    and (of_site is null or s.id = of_site)
$$
"""


def upgrade() -> None:
    op.execute(SHARED)
    op.execute(TWINS)
    op.execute(NEAR)
    # Whose twin may have left: the few that are marked, without a look at all that fail for something else.
    op.create_index(
        "ix_camera_twinned",
        "camera",
        ["district", "id"],
        postgresql_where=sa.text("fault_keys && '{lon:duplicate,host:duplicate}'::varchar[]"),
    )


def downgrade() -> None:
    op.drop_index("ix_camera_twinned", table_name="camera")
    op.execute(NEAR_BEFORE)
    op.execute("drop function portal_twins(text, uuid[])")
    op.execute("drop function portal_twin_keys(geometry, int, int, text, int, int, uuid)")
