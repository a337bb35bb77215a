"""Tables of portal.reachability: targets, standings, history by month, rounds, asked probes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.support import grant, guard_rows

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# Months of history are partitions in a schema of their own. The application may not create tables, so it asks this
# function, which can make nothing else. A month whose rows already lie in the rest partition stays there.
HISTORY = """
create schema portal_history authorization portal_owner;
create table portal_history.device_state_change_rest partition of public.device_state_change default;

create function portal_ensure_history_month(wanted timestamptz) returns void language plpgsql security definer
set search_path = portal_history, public, pg_catalog as $$
declare
  first timestamp := date_trunc('month', wanted at time zone 'Asia/Shanghai');
  low timestamptz := first at time zone 'Asia/Shanghai';
  high timestamptz := (first + interval '1 month') at time zone 'Asia/Shanghai';
  part text := 'device_state_change_' || to_char(first, 'YYYYMM');
begin
  if to_regclass('portal_history.' || part) is not null then return; end if;
  perform pg_advisory_xact_lock(7405007);
  if to_regclass('portal_history.' || part) is not null
     or exists (select from device_state_change_rest where at >= low and at < high) then return; end if;
  execute format('create table portal_history.%I partition of public.device_state_change for values from (%L) to (%L)',
                 part, low, high);
end $$;
revoke all on function portal_ensure_history_month(timestamptz) from public;
grant execute on function portal_ensure_history_month(timestamptz) to portal_app;
"""


def upgrade() -> None:
    op.create_table(
        "probe_round",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("lane", sa.String(length=8), nullable=False),
        sa.Column("status", sa.String(length=12), server_default="running", nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deadline_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("chunks", sa.Integer(), nullable=False),
        sa.Column("checked", sa.Integer(), server_default="0", nullable=False),
        sa.Column("newly_down", sa.Integer(), server_default="0", nullable=False),
        sa.Column("changed", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint("lane in ('live', 'down')", name=op.f("ck_probe_round_lane")),
        sa.CheckConstraint(
            "status in ('running', 'settled', 'discarded', 'expired')", name=op.f("ck_probe_round_status")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_probe_round")),
    )
    op.create_index("ix_probe_round_lane_started_at", "probe_round", ["lane", "started_at"], unique=False)
    op.create_index(
        "uq_probe_round_running", "probe_round", ["lane"], unique=True, postgresql_where=sa.text("status = 'running'")
    )
    op.create_table(
        "probe_chunk",
        sa.Column("round_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("low", sa.BigInteger(), nullable=False),
        sa.Column("high", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checked", sa.Integer(), server_default="0", nullable=False),
        sa.Column("newly_down", sa.Integer(), server_default="0", nullable=False),
        sa.Column("lag_ms", sa.Integer(), server_default="0", nullable=False),
        sa.Column("states", sa.LargeBinary(), nullable=True),
        sa.Column("details", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["round_id"], ["probe_round.id"], name=op.f("fk_probe_chunk_round_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("round_id", "number", name=op.f("pk_probe_chunk")),
    )
    op.create_index(
        "ix_probe_chunk_finished_at",
        "probe_chunk",
        ["finished_at"],
        unique=False,
        postgresql_where=sa.text("finished_at is not null"),
    )
    op.create_table(
        "device_state_change",
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("camera_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("district", sa.String(length=6), nullable=False),
        sa.Column("old_state", sa.String(length=12), nullable=False),
        sa.Column("new_state", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=True),
        sa.ForeignKeyConstraint(
            ["camera_id"], ["camera.id"], name=op.f("fk_device_state_change_camera_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("at", "id", name=op.f("pk_device_state_change")),
        postgresql_partition_by="RANGE (at)",
    )
    op.create_index("ix_device_state_change_camera_id_at", "device_state_change", ["camera_id", "at"], unique=False)
    op.create_index("ix_device_state_change_unit_id_at", "device_state_change", ["unit_id", "at"], unique=False)
    op.create_table(
        "probe_run",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("camera_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("district", sa.String(length=6), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(length=8), server_default="queued", nullable=False),
        sa.Column("step", sa.String(length=8), server_default="", nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=20), nullable=True),
        sa.Column("layers", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.CheckConstraint("status in ('queued', 'running', 'done', 'failed')", name=op.f("ck_probe_run_status")),
        sa.ForeignKeyConstraint(["asked_by"], ["person.id"], name=op.f("fk_probe_run_asked_by")),
        sa.ForeignKeyConstraint(["camera_id"], ["camera.id"], name=op.f("fk_probe_run_camera_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_probe_run_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_probe_run")),
    )
    op.create_index("ix_probe_run_asked_by_asked_at", "probe_run", ["asked_by", "asked_at"], unique=False)
    op.create_index("ix_probe_run_camera_id_asked_at", "probe_run", ["camera_id", "asked_at"], unique=False)
    op.create_index(
        "uq_probe_run_open",
        "probe_run",
        ["camera_id"],
        unique=True,
        postgresql_where=sa.text("status in ('queued','running')"),
    )
    op.create_table(
        "probe_target",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("camera_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("district", sa.String(length=6), nullable=False),
        sa.Column("host", sa.String(length=253), nullable=False),
        sa.Column("rtsp_port", sa.Integer(), nullable=True),
        sa.Column("http_port", sa.Integer(), nullable=True),
        sa.Column("has_login", sa.Boolean(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("denied", sa.String(length=20), nullable=True),
        sa.Column("access_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["camera_id"], ["camera.id"], name=op.f("fk_probe_target_camera_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_probe_target_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_probe_target")),
        sa.UniqueConstraint("camera_id", name=op.f("uq_probe_target_camera_id")),
    )
    op.create_table(
        "device_status",
        sa.Column("target_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("camera_id", sa.Uuid(), nullable=False),
        sa.Column("system_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("district", sa.String(length=6), nullable=False),
        sa.Column("secret", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("segment", sa.String(length=45), server_default="", nullable=False),
        sa.Column("state", sa.String(length=12), server_default="unknown", nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ups", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("answers", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("misses", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("downs", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("flips", postgresql.ARRAY(sa.BigInteger()), server_default="{}", nullable=False),
        sa.Column("flapping", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("first_live_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recheck_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("drift_s", sa.Integer(), nullable=True),
        sa.Column("rtt_ms", sa.Integer(), nullable=True),
        sa.Column("deep_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deep_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deep_reason", sa.String(length=20), nullable=True),
        sa.Column("identity", sa.String(length=64), nullable=True),
        sa.Column("identity_changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("profiles", sa.SmallInteger(), nullable=True),
        sa.Column("streams", sa.Boolean(), nullable=True),
        sa.Column("open_access", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("recorded_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recorded_until", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state in ('unknown', 'online', 'degraded', 'offline', 'unreachable', 'disabled')",
            name=op.f("ck_device_status_state"),
        ),
        sa.ForeignKeyConstraint(
            ["camera_id"], ["camera.id"], name=op.f("fk_device_status_camera_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["system_id"], ["system.id"], name=op.f("fk_device_status_system_id")),
        sa.ForeignKeyConstraint(
            ["target_id"], ["probe_target.id"], name=op.f("fk_device_status_target_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_device_status_unit_id")),
        sa.PrimaryKeyConstraint("target_id", name=op.f("pk_device_status")),
        sa.UniqueConstraint("camera_id", name=op.f("uq_device_status_camera_id")),
        postgresql_with={"fillfactor": "80"},
    )
    op.create_index(
        "ix_device_status_deep_due_at",
        "device_status",
        ["deep_due_at"],
        unique=False,
        postgresql_where=sa.text("deep_due_at is not null"),
    )
    op.create_index(
        "ix_device_status_recheck_at",
        "device_status",
        ["recheck_at"],
        unique=False,
        postgresql_where=sa.text("recheck_at is not null"),
    )
    op.create_index("ix_device_status_tally", "device_status", ["district", "state", "secret", "unit_id"], unique=False)
    op.create_index("ix_device_status_since_target_id", "device_status", ["since", "target_id"], unique=False)
    op.create_index(
        "ix_device_status_state_since_target_id", "device_status", ["state", "since", "target_id"], unique=False
    )
    op.create_index("ix_device_status_segment", "device_status", ["segment"], unique=False)
    op.create_index("ix_device_status_system_id", "device_status", ["system_id"], unique=False)
    op.create_index("ix_device_status_unit_id_state", "device_status", ["unit_id", "state"], unique=False)
    op.create_index(
        "ix_device_status_unsteady",
        "device_status",
        ["target_id"],
        unique=False,
        postgresql_where=sa.text("state <> 'online' or ups < 2 or flapping or recheck_at is not null"),
    )
    op.execute(HISTORY)
    for table in ("probe_target", "device_status", "probe_run"):
        grant(table)
        guard_rows(table)
    grant("device_state_change", app="select, insert")
    guard_rows("device_state_change")
    # A round belongs to no unit: it holds numbers of targets, and says nothing about which camera is which.
    for table in ("probe_round", "probe_chunk"):
        grant(table)


def downgrade() -> None:
    op.execute("drop function portal_ensure_history_month")
    op.drop_index(
        "ix_device_status_unsteady",
        table_name="device_status",
        postgresql_where=sa.text("state <> 'online' or ups < 2 or flapping or recheck_at is not null"),
    )
    op.drop_index("ix_device_status_unit_id_state", table_name="device_status")
    op.drop_index("ix_device_status_system_id", table_name="device_status")
    op.drop_index("ix_device_status_state_since_target_id", table_name="device_status")
    op.drop_index("ix_device_status_since_target_id", table_name="device_status")
    op.drop_index("ix_device_status_tally", table_name="device_status")
    op.drop_index("ix_device_status_segment", table_name="device_status")
    op.drop_index(
        "ix_device_status_recheck_at", table_name="device_status", postgresql_where=sa.text("recheck_at is not null")
    )
    op.drop_index(
        "ix_device_status_deep_due_at", table_name="device_status", postgresql_where=sa.text("deep_due_at is not null")
    )
    op.drop_table("device_status")
    op.drop_table("probe_target")
    op.drop_index(
        "uq_probe_run_open", table_name="probe_run", postgresql_where=sa.text("status in ('queued','running')")
    )
    op.drop_index("ix_probe_run_camera_id_asked_at", table_name="probe_run")
    op.drop_index("ix_probe_run_asked_by_asked_at", table_name="probe_run")
    op.drop_table("probe_run")
    op.drop_index("ix_device_state_change_unit_id_at", table_name="device_state_change")
    op.drop_index("ix_device_state_change_camera_id_at", table_name="device_state_change")
    op.drop_table("device_state_change")
    op.drop_index(
        "ix_probe_chunk_finished_at", table_name="probe_chunk", postgresql_where=sa.text("finished_at is not null")
    )
    op.drop_table("probe_chunk")
    op.drop_index("uq_probe_round_running", table_name="probe_round", postgresql_where=sa.text("status = 'running'"))
    op.drop_index("ix_probe_round_lane_started_at", table_name="probe_round")
    op.drop_table("probe_round")
    op.execute("drop schema portal_history cascade")
