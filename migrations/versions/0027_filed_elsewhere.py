"""A camera that hangs across a district's border belongs to two: where it hangs, and where its system is filed."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

# What the counts of cameras are kept by; before and after.
DIMENSIONS = "district, live, status, point_type, camera_type, networked, passes"
BOTH = f"district, filed_district, {DIMENSIONS.removeprefix('district, ')}"

# The column follows from two others and is no version of a file.
IGNORED = ("'mercator', 'initials']", "'mercator', 'initials', 'filed_district']")

# Bulk loads come as one statement and are looked at once, for all their rows; only those across a border are written.
# The system's row is held, so that a system that moves meanwhile waits, or is waited for: neither is missed.
FOLLOW = """
create function portal_settle_borders(ids uuid[] default null) returns bigint language plpgsql
security definer set search_path = public, pg_catalog as $$
declare
  settled bigint;
begin
  perform from system s where ids is not null
     and s.id in (select c.system_id from camera c where c.id = any (ids)) for share;
  update camera c set filed_district = nullif(s.district, c.district)
    from system s
   where s.id = c.system_id and (ids is null or c.id = any (ids))
     and c.filed_district is distinct from nullif(s.district, c.district);
  get diagnostics settled = row_count;
  return settled;
end $$;
revoke all on function portal_settle_borders(uuid[]) from public;
-- For whoever loads in bulk with the triggers off; it makes nothing but what the rows themselves say.
grant execute on function portal_settle_borders(uuid[]) to portal_app;

create function portal_border_entered() returns trigger language plpgsql security definer
set search_path = public, pg_catalog as $$
begin
  perform from system s where s.id in (select system_id from fresh) for share;
  update camera c set filed_district = s.district
    from fresh f join system s on s.id = f.system_id
   where c.id = f.id and s.district <> f.district and c.filed_district is distinct from s.district;
  return null;
end $$;
create trigger camera_border_entered after insert on camera referencing new table as fresh
  for each statement execute function portal_border_entered();

create function portal_border_crossed() returns trigger language plpgsql security definer
set search_path = public, pg_catalog as $$
begin
  select nullif(s.district, new.district) into new.filed_district from system s where s.id = new.system_id for share;
  return new;
end $$;
create trigger camera_border_crossed before update of district, system_id on camera for each row
  when (old.district is distinct from new.district or old.system_id is distinct from new.system_id)
  execute function portal_border_crossed();

create function portal_border_moved() returns trigger language plpgsql security definer
set search_path = public, pg_catalog as $$
begin
  update camera c set filed_district = nullif(new.district, c.district)
   where c.system_id = new.id and c.filed_district is distinct from nullif(new.district, c.district);
  return null;
end $$;
create trigger system_border_moved after update of district on system for each row
  when (old.district is distinct from new.district) execute function portal_border_moved();
"""

# Row-level security now looks at one more column, which every index that is to answer alone holds, too.
COUNTING = """
drop index ix_camera_district_live_id;
create index ix_camera_district_live_id on camera (district, live, id) include (unit_id{more}) where not secret;
drop index ix_camera_live_id;
create index ix_camera_live_id on camera (live, id) include (unit_id, district{more}) where not secret;
drop index ix_camera_quality;
create index ix_camera_quality on camera (district, unit_id) include (live, networked, passes, secret{more})
  where status <> 'dismantled';
drop index ix_camera_failing;
create index ix_camera_failing on camera (district, unit_id, id) include (fault_keys, secret{more})
  where status <> 'dismantled' and not passes;
"""

COUNTS = """
create or replace function portal_count_insert() returns trigger language plpgsql security definer
set search_path = public, pg_catalog as $$ begin
  insert into camera_count ({by}, n)
  select {by}, count(*) from fresh where not secret group by {by};
  return null;
end $$;
create or replace function portal_count_delete() returns trigger language plpgsql security definer
set search_path = public, pg_catalog as $$ begin
  insert into camera_count ({by}, n)
  select {by}, - count(*) from gone where not secret group by {by};
  return null;
end $$;
create or replace function portal_count_update() returns trigger language plpgsql security definer
set search_path = public, pg_catalog as $$ begin
  insert into camera_count ({by}, n)
  select {by}, sum(n) from (
    select {by}, 1 as n from fresh where not secret
    union all select {by}, -1 from gone where not secret
  ) moved group by {by} having sum(n) <> 0;
  return null;
end $$;
delete from camera_count;
insert into camera_count ({by}, n) select {by}, count(*) from camera where not secret group by {by};
"""

SCOPED = "any ((select portal_scope_districts())::text[])"
FILED = f"filed_district = {SCOPED}"
ACROSS = f"in (select id from camera where {FILED})"  # noqa: S608 - constants of this module
HUNG = f"from camera where filed_district is not null and district = {SCOPED}"
# Beside what each table lets through already: the camera and what hangs on it, for whoever is competent for its filing;
# the names of its system and unit, to read only, for whoever holds the ground.
POLICIES = {
    "camera": FILED,
    "camera_count": FILED,
    "row_history": f"kind = 'camera' and row_id {ACROSS}",
    "privacy_mask": f"camera_id {ACROSS}",
    "place_review": f"camera_id {ACROSS}",
    "stored_file": f"id in (select scene_file_id from camera where {FILED})",  # noqa: S608 - as above
}
READABLE = {"system": f"id in (select system_id {HUNG})", "unit": f"id in (select unit_id {HUNG})"}

# The index of words knows a camera by both of its districts: each function, what it said and what it says.
SCOPE_BEFORE = f"or district = {SCOPED}"
SEARCHED = {
    "portal_search_put": (
        ("unit_id, district, unit_only", "unit_id, district, filed_district, unit_only"),
        (
            "array[kind::int, -district::int] ||",
            "array_remove(array[kind::int, -district::int, -filed_district::int], null) ||",
        ),
    ),
    "portal_search": (
        (
            "e.district = any (of_districts)",
            "(e.district = any (of_districts) or e.filed_district = any (of_districts))",
        ),
    ),
    "portal_cameras_named": ((SCOPE_BEFORE, f"{SCOPE_BEFORE} or filed_{SCOPE_BEFORE.removeprefix('or ')}"),),
    "portal_keep_version": (IGNORED,),
}
SOURCE = """
create or replace view search_source as
  select 1::smallint as kind, u.id as row_id, u.id as unit_id, u.district, false as unit_only,
         portal_search_fold(u.name) as name, array_remove(array[lower(u.uscc)], null) as codes,
         null::varchar(6) as filed_district
    from unit u
  union all
  select 2::smallint, s.id, s.unit_id, s.district, s.secret, portal_search_fold(s.name), '{}'::text[], null from system s
  union all
  select 3::smallint, c.id, c.unit_id, c.district, c.secret or s.secret, portal_search_fold(c.name),
         array_remove(array[c.gb_code], null)::text[], c.filed_district
    from camera c join system s on s.id = c.system_id
  union all
  select 4::smallint, f.id, f.unit_id, f.district, f.status = 'draft' or s.secret,
         portal_search_fold(s.name) || '/' || portal_search_fold(u.name),
         array_remove(array[portal_search_fold(f.number), portal_search_fold(f.national_number)], null), null
    from filing f join system s on s.id = f.system_id join unit u on u.id = f.unit_id;
"""
SEARCHED_COLUMNS = ("name", "gb_code", "unit_id", "district", "secret", "system_id")


def _say(*, both: bool) -> None:
    link = op.get_bind()
    for function, changes in SEARCHED.items():
        body = link.exec_driver_sql(f"select pg_get_functiondef('{function}'::regproc)").scalar_one()
        for one, two in changes:
            before, after = (one, two) if both else (two, one)
            if before not in body:
                raise AssertionError(f"{function} does not say {before}")
            body = body.replace(before, after)
        op.execute(body)


def _follow_search(columns: tuple[str, ...]) -> None:
    changed = " or ".join(f"old.{name} is distinct from new.{name}" for name in columns)
    op.execute("drop trigger camera_search_changed on camera")
    op.execute(
        f"create trigger camera_search_changed after update of {', '.join(columns)} on camera "
        f"for each row when ({changed}) execute function portal_search_changed('3')"
    )


def upgrade() -> None:
    op.add_column("camera", sa.Column("filed_district", sa.String(length=6), nullable=True))
    op.create_foreign_key(op.f("fk_camera_filed_district"), "camera", "division", ["filed_district"], ["code"])
    op.add_column("camera_count", sa.Column("filed_district", sa.String(length=6), nullable=True))
    op.add_column("search_entry", sa.Column("filed_district", sa.String(length=6), nullable=True))
    # Pairs of neighbouring districts only; with everything that a look at a border needs.
    op.execute(
        "create index ix_camera_filed_district on camera (filed_district, id) include (district, system_id, unit_id) "
        "where filed_district is not null"
    )
    op.execute(COUNTING.format(more=", filed_district"))
    op.execute(SOURCE)
    _say(both=True)
    _follow_search((*SEARCHED_COLUMNS, "filed_district"))
    op.execute(FOLLOW)
    # What stands on record: no version of a file, no change of a count; the index of words follows by its trigger.
    for name in ("camera_keep_update", "camera_count_update", "camera_map_update"):
        op.execute(f"alter table camera disable trigger {name}")
    op.execute("select portal_settle_borders()")
    for name in ("camera_keep_update", "camera_count_update", "camera_map_update"):
        op.execute(f"alter table camera enable trigger {name}")
    op.execute(COUNTS.format(by=BOTH))
    for table, clause in POLICIES.items():
        op.execute(f"create policy {table}_filed on {table} to portal_app using ({clause}) with check ({clause})")
    for table, clause in READABLE.items():
        op.execute(f"create policy {table}_hung on {table} for select to portal_app using ({clause})")


def downgrade() -> None:
    for table in READABLE:
        op.execute(f"drop policy {table}_hung on {table}")
    for table in POLICIES:
        op.execute(f"drop policy {table}_filed on {table}")
    op.execute("drop trigger system_border_moved on system")
    for name in ("crossed", "entered"):
        op.execute(f"drop trigger camera_border_{name} on camera")
    for name in ("moved", "crossed", "entered"):
        op.execute(f"drop function portal_border_{name}()")
    op.execute("drop function portal_settle_borders(uuid[])")
    op.execute(COUNTS.format(by=DIMENSIONS))
    _follow_search(SEARCHED_COLUMNS)
    _say(both=False)
    op.drop_column("search_entry", "filed_district")
    op.drop_column("camera_count", "filed_district")
    op.execute(COUNTING.format(more=""))
    op.drop_index("ix_camera_filed_district", table_name="camera")
    # The view's column stays, empty: a view gives none up.
    op.execute(SOURCE.replace("c.filed_district", "null::varchar(6)"))
    op.drop_column("camera", "filed_district")
