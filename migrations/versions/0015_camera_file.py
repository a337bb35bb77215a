"""One camera, one file: the police's fields, faults and rates, and past versions of cameras, systems and units."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.support import grant, guard_rows

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def _text(name: str, length: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), server_default="", nullable=False)


def _none(name: str, kind: sa.types.TypeEngine[object]) -> sa.Column[object]:
    return sa.Column(name, kind, nullable=True)


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), server_default="false", nullable=False)


def _numbers(name: str) -> sa.Column[list[int]]:
    return sa.Column(name, postgresql.ARRAY(sa.SmallInteger()), server_default="{}", nullable=False)


def _columns() -> list[sa.Column[object]]:
    return [
        sa.Column("position_method", sa.String(length=10), server_default="unknown", nullable=False),
        _none("position_accuracy_m", sa.Numeric(7, 2)),
        sa.Column("code_edition", sa.String(length=4), server_default="2016", nullable=False),
        _text("popular_name", 60),
        _numbers("function_types"),
        _numbers("position_types"),
        _text("police_organ", 12),
        _text("police_beat", 60),
        _text("pole_number", 40),
        _text("qr_number", 40),
        _none("direction", sa.SmallInteger()),
        _none("vertical_angle", sa.SmallInteger()),
        _none("install_height_m", sa.Numeric(5, 2)),
        _none("maker", sa.SmallInteger()),
        _none("fill_light", sa.SmallInteger()),
        _none("encoding", sa.SmallInteger()),
        _text("osd_text", 120),
        _flag("audio_pickup"),
        _none("storage_channel", sa.SmallInteger()),
        _none("networked", sa.SmallInteger()),
        _none("network_mode", sa.String(length=10)),
        _flag("city_platform"),
        _flag("shared_outward"),
        _none("power_source", sa.String(length=10)),
        _text("build_phase", 60),
        _text("scene_photo", 300),
        _text("managing_unit", 120),
        _none("managing_phone_sealed", sa.String(length=400)),
        _none("managing_phone_masked", sa.String(length=20)),
        _text("maintenance_unit", 120),
        _none("maintenance_phone_sealed", sa.String(length=400)),
        _none("maintenance_phone_masked", sa.String(length=20)),
        _text("department", 80),
        _numbers("sectors"),
        _flag("key_point"),
        _text("coverage", 400),
        _text("key_sections", 200),
        _text("key_hours", 100),
        _text("main_content", 200),
        _none("patrol_mode", sa.String(length=12)),
        _none("fault_keys", postgresql.ARRAY(sa.String(length=40))),
    ]


CHECKS = {
    "code_edition": "code_edition in ('2016', '2022')",
    "position_method": "position_method in ('gps', 'map_pick', 'geocode', 'survey', 'unknown')",
    "point_type": "point_type is null or point_type in (1, 2, 3, 4, 9)",
    "function_types": "function_types <@ array[1, 2, 3, 4, 5, 6, 99]::smallint[]",
    "position_types": "position_types <@ array[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 96, 97, 98, 99]::smallint[]",
    "sectors": "sectors <@ array[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18]::smallint[]",
    "direction": "direction is null or direction in (1, 2, 3, 4, 5, 6, 7, 8, 9)",
    "maker": "maker is null or maker in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 99)",
    "fill_light": "fill_light is null or fill_light in (1, 2, 3, 4, 9)",
    "encoding": "encoding is null or encoding in (1, 2, 3, 4)",
    "networked": "networked is null or networked in (0, 1)",
    "power_source": "power_source is null or power_source in ('mains', 'poe', 'solar', 'battery', 'other')",
    "network_mode": "network_mode is null or network_mode in ('fibre', 'cable', 'mobile', 'radio', 'other')",
    "patrol_mode": "patrol_mode is null or patrol_mode in ('continuous', 'timed', 'random', 'on_alarm', 'afterwards')",
}

# The columns are read from the catalogue, so that a later column is kept without touching the trigger. Comparing them as
# they are, and turning only what changed into JSON, keeps a bulk update of `live` cheap. A version that ends in the
# transaction that began it was never to be seen, and is left out.
KEEP = """
create function portal_keep_version() returns trigger language plpgsql security definer
set search_path = public, pg_catalog as $keep$
declare
  ignored constant text[] := array['live', 'updated_at', 'version', 'fault_keys', 'passes', 'mercator', 'initials'];
  kind constant text := tg_argv[0];
  unit constant text := case when tg_argv[0] = 'unit' then 'o.id' else 'o.unit_id' end;
  columns text;
  hidden text[];
  changed text;
  ended text;
begin
  select string_agg(format('%1$s.%2$I', '#', attname), ', ' order by attnum) filter (where attname <> all (ignored)),
         coalesce(array_agg(attname::text) filter (where attname = any (ignored) or attname like '%\\_sealed'), '{}')
    into columns, hidden
    from pg_attribute where attrelid = tg_relid and attnum > 0 and not attisdropped;
  if tg_op = 'UPDATE' then
    changed := format(' join fresh n on n.id = o.id where (%s) is distinct from (%s)',
                      replace(columns, '#', 'o'), replace(columns, '#', 'n'));
    ended := 'case when n.updated_at > o.updated_at then n.updated_at else now() end';
  else
    changed := '';
    ended := 'now()';
  end if;
  execute format(
    'insert into public.row_history (kind, row_id, unit_id, district, valid_from, valid_to, content, actor_name, reason) '
    'select %1$L, v.id, v.unit_id, v.district, v.began, v.ended, v.content, %2$L, %3$L from ('
    '  select o.id, %4$s as unit_id, o.district, %5$s as ended, to_jsonb(o) - %6$L::text[] as content, '
    '    coalesce((select max(h.valid_to) from public.row_history h where h.row_id = o.id), o.created_at) as began '
    '  from gone o%7$s) v where v.ended > v.began',
    kind, left(coalesce(current_setting('portal.actor', true), ''), 120),
    left(coalesce(current_setting('portal.reason', true), ''), 400), unit, ended, hidden, changed);
  return null;
end $keep$;
"""

# A serial says nothing about whose camera holds it, so these two may look past row-level security.
SERIALS = """
create function portal_next_serial(prefix text) returns int language sql stable security definer
set search_path = public, pg_catalog as $$
  select coalesce(
    (select n::int from (
      select substr(gb_code, 15)::int as serial, row_number() over (order by gb_code) as n
      from camera where gb_code between prefix || '000001' and prefix || '999999') taken
     where serial > n order by n limit 1),
    (select count(*)::int + 1 from camera where gb_code between prefix || '000001' and prefix || '999999'))
$$;
create function portal_code_taken(code text, besides uuid) returns boolean language sql stable security definer
set search_path = public, pg_catalog as $$
  select exists (select from camera where gb_code = code and id is distinct from besides)
$$;
"""


def upgrade() -> None:
    for column in _columns():
        op.add_column("camera", column)
    op.add_column(
        "camera",
        sa.Column(
            "passes",
            sa.Boolean(),
            sa.Computed("coalesce(cardinality(fault_keys) = 0, false)", persisted=True),
            nullable=False,
        ),
    )
    for name, condition in CHECKS.items():
        op.create_check_constraint(op.f(f"ck_camera_{name}"), "camera", condition)
    op.execute(
        "update camera set declared_lon = st_x(position)::numeric(12, 8)::text, "
        "declared_lat = st_y(position)::numeric(12, 8)::text, datum = 'wgs84' where declared_lon = '' or declared_lat = ''"
    )
    op.execute(
        "update camera c set police_organ = o.code, managing_unit = left(u.name, 120) "
        "from system s join organ o on o.id = s.organ_id join unit u on u.id = s.unit_id where s.id = c.system_id"
    )
    op.create_index(
        "ix_camera_quality",
        "camera",
        ["district", "unit_id"],
        postgresql_include=["live", "networked", "passes", "secret"],
        postgresql_where=sa.text("status <> 'dismantled'"),
    )
    op.create_index(
        "ix_camera_failing",
        "camera",
        ["district", "unit_id", "id"],
        postgresql_include=["fault_keys", "secret"],
        postgresql_where=sa.text("status <> 'dismantled' and not passes"),
    )
    for column in (_text("ipv6", 45), _text("mac", 17), _none("storage_address_sealed", sa.String(length=800))):
        op.add_column("camera_access", column)
    op.create_index("ix_camera_access_host", "camera_access", ["host"])
    op.add_column(
        "system",
        sa.Column("party_names", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
    )
    op.execute(
        "update system s set party_names = p.names from (select system_id, jsonb_object_agg(role, name) as names "
        "from system_party group by system_id) p where p.system_id = s.id"
    )
    op.create_table(
        "row_history",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("row_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("district", sa.String(length=6), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("actor_name", sa.String(length=120), server_default="", nullable=False),
        sa.Column("reason", sa.String(length=400), server_default="", nullable=False),
        sa.CheckConstraint("kind in ('camera', 'system', 'unit')", name=op.f("ck_row_history_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_row_history")),
    )
    op.create_index("ix_row_history_row_id_valid_to", "row_history", ["row_id", "valid_to", "id"])
    grant("row_history", app="select")
    guard_rows("row_history")
    op.execute(KEEP)
    op.execute(SERIALS)
    op.execute("grant execute on function portal_next_serial(text), portal_code_taken(text, uuid) to portal_app")
    for table in ("camera", "system", "unit"):
        op.execute(
            f"create trigger {table}_keep_update after update on {table} referencing old table as gone new table as fresh "
            f"for each statement execute function portal_keep_version('{table}')"
        )
        op.execute(
            f"create trigger {table}_keep_delete after delete on {table} referencing old table as gone "
            f"for each statement execute function portal_keep_version('{table}')"
        )
    # What is on record is judged by the worker, soon; until then a file counts as not passing.
    op.execute(
        "insert into outbox (id, kind, queue, payload, not_before, state, attempts, created_at) "
        "select gen_random_uuid(), 'registry.recheck_cameras', 'default', '{}', now(), 'waiting', 0, now() "
        "where exists (select from camera)"
    )


def downgrade() -> None:
    for table in ("camera", "system", "unit"):
        for event in ("update", "delete"):
            op.execute(f"drop trigger {table}_keep_{event} on {table}")
    op.execute("drop function portal_keep_version()")
    op.execute("drop function portal_next_serial(text)")
    op.execute("drop function portal_code_taken(text, uuid)")
    op.drop_table("row_history")
    op.drop_column("system", "party_names")
    op.drop_index("ix_camera_access_host", table_name="camera_access")
    for name in ("storage_address_sealed", "mac", "ipv6"):
        op.drop_column("camera_access", name)
    op.drop_index("ix_camera_failing", table_name="camera")
    op.drop_index("ix_camera_quality", table_name="camera")
    op.drop_constraint(op.f("ck_camera_point_type"), "camera", type_="check")
    op.drop_column("camera", "passes")
    for column in reversed(_columns()):
        op.drop_column("camera", column.name)
