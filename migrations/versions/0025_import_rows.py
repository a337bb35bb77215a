"""An import negotiates: what becomes of each row, faults with their cures and decisions, and what ties a camera down."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.support import grant, guard_rows, read_imports_again

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_JSON = postgresql.JSONB(astext_type=sa.Text())
_STATUSES = ("queued", "reading", "checked", "loading", "done", "failed", "cancelled", "undoing", "undone")

# A code says nothing about whose camera holds it, so whether it is taken may be asked past row-level security, as may
# which tables speak of which cameras: an undone import must not take a camera away from a
# request or a probe that its reader may not see. It tells the table, never the row.
TIES = """
create function portal_camera_ties(cameras uuid[]) returns table (camera_id uuid, tie text)
language plpgsql stable security definer set search_path = public, pg_catalog as $ties$
declare
  one record;
begin
  for one in
    select c.conrelid::regclass::text as tied, a.attname as col
      from pg_constraint c join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
     where c.contype = 'f' and c.confrelid = 'camera'::regclass and cardinality(c.conkey) = 1 and c.conparentid = 0
  loop
    return query execute format('select distinct %1$I, %2$L::text from %3$s where %1$I = any ($1)', one.col, one.tied, one.tied)
      using cameras;
  end loop;
end $ties$;
create function portal_codes_taken(codes text[]) returns setof text language sql stable security definer
set search_path = public, pg_catalog as $$
  select gb_code from camera where gb_code = any (codes)
$$;
"""


def _count(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), server_default="0", nullable=False)


def _place() -> list[sa.Column[object]]:
    return [
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("district", sa.String(length=6), nullable=False),
    ]


def _runs() -> None:
    op.drop_constraint(op.f("ck_camera_import_status"), "camera_import", type_="check")
    op.create_check_constraint(
        op.f("ck_camera_import_status"), "camera_import", f"status in ({', '.join(map(repr, _STATUSES))})"
    )
    op.add_column("camera_import", sa.Column("reason", sa.String(length=400), server_default="", nullable=False))
    op.add_column("camera_import", sa.Column("own_unit", sa.Boolean(), server_default=sa.false(), nullable=False))
    for name in ("rows_total", "loaded_to", "rows_in", "rows_out"):
        op.add_column("camera_import", _count(name))
    op.add_column("camera_import", sa.Column("counts", _JSON, server_default="{}", nullable=False))
    op.add_column("camera_import", sa.Column("head", _JSON, server_default="{}", nullable=False))
    op.create_index("ix_camera_import_system_id_id", "camera_import", ["system_id", "id"])
    op.execute("update camera_import set rows_total = rows_read, rows_in = rows_good where status = 'done'")
    # What an earlier version had checked was never staged.
    read_imports_again()


def upgrade() -> None:
    _runs()
    op.create_table(
        "camera_import_row",
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        *_place(),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("stage", sa.String(length=10), server_default="staged", nullable=False),
        sa.Column("label", sa.String(length=120), server_default="", nullable=False),
        sa.Column("gb_code", sa.String(length=20), nullable=True),
        sa.Column("camera_id", sa.Uuid(), nullable=True),
        sa.Column("seen_version", sa.Integer(), nullable=True),
        sa.Column("payload", _JSON, nullable=True),
        sa.Column("before", _JSON, nullable=True),
        sa.Column("cells_sealed", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "outcome in ('new', 'changed', 'same', 'parked', 'left_out')", name=op.f("ck_camera_import_row_outcome")
        ),
        sa.CheckConstraint("stage in ('staged', 'out', 'kept')", name=op.f("ck_camera_import_row_stage")),
        sa.ForeignKeyConstraint(
            ["import_id"], ["camera_import.id"], name=op.f("fk_camera_import_row_import_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("import_id", "number", name=op.f("pk_camera_import_row")),
    )
    op.create_index(
        "ix_camera_import_row_outcome",
        "camera_import_row",
        ["import_id", "outcome", "number"],
        postgresql_where=sa.text("outcome <> 'new'"),
    )
    op.create_table(
        "camera_import_fault",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        *_place(),
        sa.Column("row_number", sa.Integer(), nullable=False),
        sa.Column("column_letters", sa.String(length=3), server_default="", nullable=False),
        sa.Column("field", sa.String(length=40), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("data", _JSON, server_default="{}", nullable=False),
        sa.Column("cure_code", sa.String(length=20), server_default="", nullable=False),
        sa.Column("cure", _JSON, nullable=True),
        sa.Column("decision", sa.String(length=10), nullable=True),
        sa.CheckConstraint(
            "decision is null or decision in ('cured', 'kept')", name=op.f("ck_camera_import_fault_decision")
        ),
        sa.ForeignKeyConstraint(
            ["import_id"], ["camera_import.id"], name=op.f("fk_camera_import_fault_import_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_camera_import_fault")),
    )
    op.create_index(
        "ix_camera_import_fault_kind",
        "camera_import_fault",
        ["import_id", "field", "code", "cure_code", "row_number", "id"],
    )
    op.create_index("ix_camera_import_fault_row", "camera_import_fault", ["import_id", "row_number", "id"])
    for table in ("camera_import_row", "camera_import_fault"):
        grant(table)
        guard_rows(table)
    op.execute(
        "insert into camera_import_fault (import_id, unit_id, district, row_number, column_letters, field, code, data) "
        "select i.id, i.unit_id, i.district, (f->>'row')::int, left(f->>'column', 3), f->>'field', left(f->>'code', 40), "
        "coalesce(f->'data', '{}') from camera_import i cross join lateral jsonb_array_elements(i.faults) f"
    )
    op.drop_column("camera_import", "faults")
    op.execute(TIES)
    op.execute("grant execute on function portal_camera_ties(uuid[]), portal_codes_taken(text[]) to portal_app")


def downgrade() -> None:
    op.execute("drop function portal_camera_ties(uuid[])")
    op.execute("drop function portal_codes_taken(text[])")
    op.add_column("camera_import", sa.Column("faults", _JSON, server_default="[]", nullable=False))
    op.drop_table("camera_import_fault")
    op.drop_table("camera_import_row")
    op.drop_index("ix_camera_import_system_id_id", table_name="camera_import")
    for name in ("head", "counts", "rows_out", "rows_in", "loaded_to", "rows_total", "own_unit", "reason"):
        op.drop_column("camera_import", name)
    op.execute("update camera_import set status = 'done' where status in ('undoing', 'undone')")
    op.drop_constraint(op.f("ck_camera_import_status"), "camera_import", type_="check")
    op.create_check_constraint(
        op.f("ck_camera_import_status"),
        "camera_import",
        f"status in ({', '.join(map(repr, _STATUSES[:-2]))})",
    )
