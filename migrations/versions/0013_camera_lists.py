"""Let a list of a million cameras count its states and find a name or a rare state without reading the table."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

# Row-level security looks at unit and district of every row, so an index that is to answer alone holds them too. Wide
# readers never see secret cameras; those who do have an index by unit.
INDEXES = """
drop index ix_camera_district_live_id;
create index ix_camera_district_live_id on camera (district, live, id) include (unit_id) where not secret;
create index ix_camera_live_id on camera (live, id) include (unit_id, district) where not secret;
create index ix_camera_incomplete on camera (id) where azimuth is null or zone is null;
"""

# Under row-level security LIKE may not look at a row before the policy has (it might leak), so no index helps with a
# part of a name. This function asks the index first and keeps to the same signed scope by itself.
NAMED = """
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
    op.execute(INDEXES)
    op.execute(NAMED)


def downgrade() -> None:
    op.execute("drop function portal_cameras_named")
    for name in ("ix_camera_incomplete", "ix_camera_live_id", "ix_camera_district_live_id"):
        op.drop_index(name, table_name="camera")
    op.create_index("ix_camera_district_live_id", "camera", ["district", "live", "id"])
