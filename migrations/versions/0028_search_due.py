"""Cameras that come in by the thousand: staged as arrays, indexed for the search a moment after they are in."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.support import read_imports_again

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

# Taking a name apart costs more than everything else that is done for a new row together. A statement that brings many
# leaves their keys, and the worker that sent it does the rest when they are committed; whoever enters a few waits for it.
WAIT = """
create or replace function portal_search_entered() returns trigger language plpgsql security definer
set search_path = public, pg_catalog as $$
declare
  ids constant uuid[] := array(select id from fresh);
begin
  if tg_argv[0] = '3' and cardinality(ids) > 500 then
    insert into search_due (camera_id) select unnest(ids);
  else
    perform portal_search_put(tg_argv[0]::smallint, ids);
  end if;
  return null;
end $$;

create function portal_search_catch_up(most int) returns int language plpgsql security definer
set search_path = public, pg_catalog as $$
declare
  ids uuid[];
begin
  with next as (select id from search_due order by id limit most for update skip locked),
       taken as (delete from search_due d using next where d.id = next.id returning d.camera_id)
  select array_agg(camera_id) into ids from taken;
  if ids is not null then
    perform portal_search_put(3::smallint, ids);
  end if;
  return coalesce(cardinality(ids), 0);
end $$;
revoke all on function portal_search_catch_up(int) from public;
grant execute on function portal_search_catch_up(int) to portal_app;
"""

BEFORE = """
select portal_search_catch_up(2147483647);
drop function portal_search_catch_up(int);
create or replace function portal_search_entered() returns trigger language plpgsql security definer
set search_path = public, pg_catalog as $$
begin
  perform portal_search_put(tg_argv[0]::smallint, array(select id from fresh));
  return null;
end $$;
"""


def upgrade() -> None:
    op.create_table(
        "search_due",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("camera_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_due")),
    )
    op.execute(WAIT)
    # Rows are staged by the import that they belong to, in its own transaction: looking it up again for each of a hundred
    # thousand was a tenth of the work. What is over is tidied by a job.
    op.add_column("camera_import_row", sa.Column("content", postgresql.ARRAY(sa.Text()), nullable=True))
    read_imports_again()
    op.drop_constraint(op.f("fk_camera_import_row_import_id"), "camera_import_row", type_="foreignkey")


def downgrade() -> None:
    read_imports_again()
    op.drop_column("camera_import_row", "content")
    op.create_foreign_key(
        op.f("fk_camera_import_row_import_id"),
        "camera_import_row",
        "camera_import",
        ["import_id"],
        ["id"],
        ondelete="CASCADE",
    )
    op.execute(BEFORE)
    op.drop_table("search_due")
