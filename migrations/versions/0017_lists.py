"""Lists: kept views and columns, long work on lists, and how many cameras of each sort there are, kept by deltas."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.support import grant, guard_rows
from portal.vault.values import FileKind, FileType

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

OWN = "person_id = (select portal_scope_person())"
DIMENSIONS = "district, live, status, point_type, camera_type, networked, passes"

# Wide readers never see secret cameras, and whoever sees a unit's own counts that unit's rows.
COUNTS = f"""
create table camera_count (
  id bigint generated always as identity,
  district varchar(6) not null, live smallint not null, status varchar(12) not null, point_type smallint not null,
  camera_type varchar(20) not null, networked smallint, passes boolean not null, n int not null,
  constraint pk_camera_count primary key (id)
);
create index ix_camera_count_district on camera_count (district);

create function portal_count_insert() returns trigger language plpgsql security definer
set search_path = public, pg_catalog as $$ begin
  insert into camera_count ({DIMENSIONS}, n)
  select {DIMENSIONS}, count(*) from fresh where not secret group by {DIMENSIONS};
  return null;
end $$;
create function portal_count_delete() returns trigger language plpgsql security definer
set search_path = public, pg_catalog as $$ begin
  insert into camera_count ({DIMENSIONS}, n)
  select {DIMENSIONS}, - count(*) from gone where not secret group by {DIMENSIONS};
  return null;
end $$;
create function portal_count_update() returns trigger language plpgsql security definer
set search_path = public, pg_catalog as $$ begin
  insert into camera_count ({DIMENSIONS}, n)
  select {DIMENSIONS}, sum(n) from (
    select {DIMENSIONS}, 1 as n from fresh where not secret
    union all select {DIMENSIONS}, -1 from gone where not secret
  ) moved group by {DIMENSIONS} having sum(n) <> 0;
  return null;
end $$;
create trigger camera_count_insert after insert on camera referencing new table as fresh
  for each statement execute function portal_count_insert();
create trigger camera_count_delete after delete on camera referencing old table as gone
  for each statement execute function portal_count_delete();
create trigger camera_count_update after update on camera referencing old table as gone new table as fresh
  for each statement execute function portal_count_update();
insert into camera_count ({DIMENSIONS}, n)
select {DIMENSIONS}, count(*) from camera where not secret group by {DIMENSIONS};
"""  # noqa: S608 - constants of this module

INDEXES = {
    "ix_camera_point_type_id": ("camera", ["point_type", "id"]),
    "ix_camera_name_id": ("camera", ["name", "id"]),
    "ix_camera_updated_at_id": ("camera", ["updated_at", "id"]),
    "ix_unit_name_id": ("unit", ["name", "id"]),
    "ix_system_name_id": ("system", ["name", "id"]),
}


def upgrade() -> None:
    _views()
    _runs()
    for name, (table, columns) in INDEXES.items():
        op.create_index(name, table, columns)
    op.execute("create index ix_filing_due_id on filing (coalesce(due_on, date '9999-12-31'), id)")
    op.execute(COUNTS)
    grant("camera_count", app="select, insert, delete")
    guard_rows("camera_count", unit=None)
    for column, values in (("kind", FileKind), ("type", FileType)):
        listed = ", ".join(f"'{value}'" for value in values)
        op.drop_constraint(op.f(f"ck_stored_file_{column}"), "stored_file", type_="check")
        op.create_check_constraint(op.f(f"ck_stored_file_{column}"), "stored_file", f"{column} in ({listed})")


def _views() -> None:
    op.create_table(
        "saved_view",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("list_key", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("query", sa.String(length=2000), server_default="", nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("person_name", sa.String(length=40), server_default="", nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("organ_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_saved_view_person_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_saved_view_unit_id")),
        sa.ForeignKeyConstraint(["organ_id"], ["organ.id"], name=op.f("fk_saved_view_organ_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
        sa.UniqueConstraint("person_id", "list_key", "name", name=op.f("uq_saved_view_person_id_list_key_name")),
    )
    op.create_index("ix_saved_view_unit_id", "saved_view", ["unit_id"])
    op.create_index("ix_saved_view_organ_id", "saved_view", ["organ_id"])
    grant("saved_view")
    shared = "organ_id = any ((select portal_scope_organs())::uuid[])"
    guard_rows("saved_view", district=None, extra=f"{OWN} or {shared}")
    op.create_table(
        "list_choice",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("list_key", sa.String(length=20), nullable=False),
        sa.Column("columns", postgresql.ARRAY(sa.String(length=40)), server_default="{}", nullable=False),
        sa.Column("view_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_list_choice_person_id")),
        sa.ForeignKeyConstraint(
            ["view_id"], ["saved_view.id"], name=op.f("fk_list_choice_view_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("person_id", "list_key", name=op.f("pk_list_choice")),
    )
    grant("list_choice")
    guard_rows("list_choice", unit=None, district=None, extra=OWN)


def _runs() -> None:
    op.create_table(
        "list_run",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("list_key", sa.String(length=20), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("wanted", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("reason", sa.String(length=400), server_default="", nullable=False),
        sa.Column("status", sa.String(length=12), server_default="queued", nullable=False),
        sa.Column("rows_total", sa.Integer(), server_default="0", nullable=False),
        sa.Column("rows_done", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failure", sa.String(length=60), nullable=True),
        sa.Column("stored_file_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind in ('export', 'edit')", name=op.f("ck_list_run_kind")),
        sa.CheckConstraint(
            "status in ('queued', 'running', 'done', 'failed', 'cancelled', 'expired')", name=op.f("ck_list_run_status")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_list_run_person_id")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_list_run_account_id")),
        sa.ForeignKeyConstraint(["stored_file_id"], ["stored_file.id"], name=op.f("fk_list_run_stored_file_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_list_run")),
    )
    op.create_index("ix_list_run_person_id_id", "list_run", ["person_id", "id"])
    op.create_index("ix_list_run_expires_at", "list_run", ["expires_at"], postgresql_where=sa.text("status = 'done'"))
    grant("list_run", app="select, insert, update")
    guard_rows("list_run", unit=None, district=None, extra=OWN)


def downgrade() -> None:
    for event in ("insert", "delete", "update"):
        op.execute(f"drop trigger camera_count_{event} on camera")
        op.execute(f"drop function portal_count_{event}()")
    op.execute("drop table camera_count")
    op.execute("drop index ix_filing_due_id")
    for name, (table, _columns) in INDEXES.items():
        op.drop_index(name, table_name=table)
    for table in ("list_run", "list_choice", "saved_view"):
        op.drop_table(table)
