"""Ground: signed row scope, outbox, idempotency records."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.support import grant

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SCOPE = """
create schema portal_private authorization portal_owner;
create table portal_private.secret (name text primary key, value bytea not null);

create function portal_scope() returns jsonb language plpgsql stable security definer
set search_path = portal_private, public, pg_catalog as $$
declare
  raw text := current_setting('portal.scope', true);
  body text;
begin
  if raw is null or length(raw) < 66 then return '{}'::jsonb; end if;
  body := substr(raw, 66);
  if left(raw, 64) is distinct from
     (select encode(hmac(convert_to(body, 'UTF8'), value, 'sha256'), 'hex') from portal_private.secret where name = 'scope')
  then return '{}'::jsonb; end if;
  return body::jsonb;
end $$;

create function portal_scope_all() returns boolean language sql stable as
  $$ select coalesce((public.portal_scope() ->> 'all')::boolean, false) $$;
create function portal_scope_units() returns uuid[] language sql stable as
  $$ select coalesce(array_agg(v::uuid), '{}') from jsonb_array_elements_text(public.portal_scope() -> 'units') v $$;
create function portal_scope_districts() returns text[] language sql stable as
  $$ select coalesce(array_agg(v), '{}') from jsonb_array_elements_text(public.portal_scope() -> 'districts') v $$;
create function portal_scope_organs() returns uuid[] language sql stable as
  $$ select coalesce(array_agg(v::uuid), '{}') from jsonb_array_elements_text(public.portal_scope() -> 'organs') v $$;
create function portal_scope_person() returns uuid language sql stable as
  $$ select (public.portal_scope() ->> 'person')::uuid $$;

create function portal_refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% on % is refused: rows are only ever added', tg_op, tg_table_name using errcode = 'P0403';
end $$;
"""


def upgrade() -> None:
    op.execute(SCOPE)
    op.create_table(
        "outbox",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("kind", sa.String(80), nullable=False),
        sa.Column("queue", sa.String(40), nullable=False),
        sa.Column("dedupe", sa.String(200), unique=True),
        sa.Column("payload", postgresql.JSONB(), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(12), nullable=False, server_default="waiting"),
        sa.Column("lease_until", sa.DateTime(timezone=True)),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("last_error", sa.Text()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("state in ('waiting','leased','done','poisoned')", name="state"),
    )
    op.create_index(
        "ix_outbox_due",
        "outbox",
        ["queue", "not_before"],
        postgresql_where=sa.text("state in ('waiting','leased')"),
    )
    op.create_table(
        "idempotency_record",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("principal", sa.String(80), nullable=False),
        sa.Column("key", sa.String(80), nullable=False),
        sa.Column("request_sha256", sa.String(64), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.Column("location", sa.Text()),
        sa.Column("body", sa.Text()),
        sa.Column("content_type", sa.String(80)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, index=True),
        sa.UniqueConstraint("principal", "key"),
    )
    grant("outbox")
    grant("idempotency_record")


def downgrade() -> None:
    op.drop_table("idempotency_record")
    op.drop_table("outbox")
    op.execute("drop function portal_refuse_change")
    for name in ("person", "organs", "districts", "units", "all"):
        op.execute(f"drop function portal_scope_{name}")
    op.execute("drop function portal_scope")
    op.execute("drop schema portal_private cascade")
