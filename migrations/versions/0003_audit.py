"""The audit log: stage, sealed entries, subtree roots, checkpoints. Rows are only ever added, by one role each."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.support import append_only, grant, guard_rows

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TABLES = ("audit_stage", "audit_entry", "audit_node", "audit_checkpoint")

# A session reads what stands in its signed scope, and what its own person did. Anyone may add: the record of a refused
# act outside the scope is the one that matters most.
SCOPE = """
alter table audit_stage enable row level security;
create policy audit_stage_in_scope on audit_stage for select to portal_app using (
  (select portal_scope_all())
  or unit_id = any ((select portal_scope_units())::uuid[])
  or district = any ((select portal_scope_districts())::text[])
  or actor_person = (select portal_scope_person())
);
create policy audit_stage_add on audit_stage for insert to portal_app with check (true);
create policy audit_stage_sealer on audit_stage for select to portal_sealer using (true);

alter table audit_entry enable row level security;
create policy audit_entry_in_scope on audit_entry for select to portal_app using ((select portal_scope_all()));
create policy audit_entry_sealer on audit_entry to portal_sealer using (true) with check (true);
"""

# Numbers without gaps: each statement's rows follow each other and the row before them.
CONTINUOUS = """
create function portal_audit_continuous() returns trigger language plpgsql as $$
declare
  first bigint; last bigint; rows bigint;
begin
  select min(seq), max(seq), count(*) into first, last, rows from added;
  if rows = 0 then return null; end if;
  if last - first + 1 <> rows or (first > 1 and not exists (select from audit_entry where seq = first - 1)) then
    raise exception 'audit entries % to % leave a gap', first, last using errcode = 'P0404';
  end if;
  return null;
end $$;
create trigger audit_entry_continuous after insert on audit_entry
  referencing new table as added for each statement execute function portal_audit_continuous();
"""


def upgrade() -> None:
    op.create_table(
        "audit_stage",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "txid", sa.BigInteger(), server_default=sa.text("(pg_current_xact_id()::text::bigint)"), nullable=False
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_person", sa.Uuid()),
        sa.Column("actor_account", sa.Uuid()),
        sa.Column("actor_name", sa.String(120), nullable=False),
        sa.Column("actor_organ", sa.Uuid()),
        sa.Column("actor_organ_name", sa.String(120), server_default="", nullable=False),
        sa.Column("actor_roles", postgresql.ARRAY(sa.String(40)), nullable=False),
        sa.Column("session_id", sa.Uuid()),
        sa.Column("request_id", sa.String(64), server_default="", nullable=False),
        sa.Column("address", sa.String(64), server_default="", nullable=False),
        sa.Column("tag", sa.String(122), nullable=False),
        sa.Column("subject_kind", sa.String(40), nullable=False),
        sa.Column("subject_id", sa.String(80)),
        sa.Column("subject_label", sa.String(200), server_default="", nullable=False),
        sa.Column("unit_id", sa.Uuid()),
        sa.Column("district", sa.String(12)),
        sa.Column("outcome", sa.String(8), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("reason_sealed", sa.Text()),
        sa.Column("reason_digest", sa.String(100)),
        sa.Column("changes", postgresql.JSONB(none_as_null=True)),
        sa.CheckConstraint("outcome in ('ok', 'denied', 'failed')", name=op.f("ck_audit_stage_outcome")),
        sa.CheckConstraint(
            "tag ~ '^[a-z][a-z0-9_]*:[a-z][a-z0-9_]*:[a-z][a-z0-9_]*$'", name=op.f("ck_audit_stage_tag")
        ),
        sa.CheckConstraint(
            "(reason_sealed is null) = (reason_digest is null)", name=op.f("ck_audit_stage_reason_digest")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_stage")),
    )
    op.create_index("ix_audit_stage_at_id", "audit_stage", ["at", "id"])
    op.create_index("ix_audit_stage_subject", "audit_stage", ["subject_id", "at", "id"])
    op.create_index("ix_audit_stage_person", "audit_stage", ["actor_person", "at", "id"])
    op.create_index("ix_audit_stage_name", "audit_stage", ["actor_name", "at", "id"])
    op.create_index("ix_audit_stage_unit", "audit_stage", ["unit_id", "at", "id"])
    op.create_index("ix_audit_stage_tag", "audit_stage", ["tag", "at", "id"])
    op.create_index("ix_audit_stage_not_ok", "audit_stage", ["at", "id"], postgresql_where=sa.text("outcome <> 'ok'"))
    op.create_index("ix_audit_stage_txid_id", "audit_stage", ["txid", "id"])
    op.create_table(
        "audit_entry",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("stage_id", sa.Uuid()),
        sa.Column("body", sa.LargeBinary()),
        sa.Column("leaf", sa.LargeBinary(), nullable=False),
        sa.Column("chain", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("seq > 0", name=op.f("ck_audit_entry_seq")),
        sa.CheckConstraint(
            "octet_length(leaf) = 32 and octet_length(chain) = 32", name=op.f("ck_audit_entry_hash_length")
        ),
        sa.CheckConstraint("(stage_id is null) = (body is null)", name=op.f("ck_audit_entry_lost")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_entry")),
        sa.UniqueConstraint("stage_id", name=op.f("uq_audit_entry_stage_id")),
    )
    op.create_table(
        "audit_node",
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("octet_length(hash) = 32", name=op.f("ck_audit_node_hash_length")),
        sa.PrimaryKeyConstraint("level", "place", name=op.f("pk_audit_node")),
    )
    op.create_table(
        "audit_checkpoint",
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("chain", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("drained_below", sa.BigInteger(), server_default="0", nullable=False),
        sa.CheckConstraint("size >= 0", name=op.f("ck_audit_checkpoint_size")),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_audit_checkpoint")),
    )
    op.create_table(
        "audit_run",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("state", sa.String(8), server_default="waiting", nullable=False),
        sa.Column("actor", postgresql.JSONB(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("first", sa.BigInteger()),
        sa.Column("last", sa.BigInteger()),
        sa.Column("checked", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("total", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("first_bad", sa.BigInteger()),
        sa.Column("problem", sa.String(40), server_default="", nullable=False),
        sa.Column("signed", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("root", sa.String(64), server_default="", nullable=False),
        sa.Column("file_sha256", sa.String(64)),
        sa.Column("file_size", sa.BigInteger()),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("kind in ('verify', 'export')", name=op.f("ck_audit_run_kind")),
        sa.CheckConstraint("state in ('waiting', 'running', 'done', 'failed')", name=op.f("ck_audit_run_state")),
        sa.CheckConstraint("kind = 'verify' or (first is not null and last >= first)", name=op.f("ck_audit_run_range")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_run")),
    )
    grant("audit_run", app="select, insert, update")
    guard_rows("audit_run", unit=None, district=None)
    for table in TABLES:
        append_only(table)
    op.execute(SCOPE)
    op.execute(CONTINUOUS)
    grant("audit_stage", app="select, insert")
    op.execute("grant select on audit_stage to portal_sealer")
    for table in TABLES[1:]:
        grant(table, app="select")
        op.execute(f"grant select, insert on {table} to portal_sealer")


def downgrade() -> None:
    op.drop_table("audit_run")
    for table in reversed(TABLES):
        op.drop_table(table)
    op.execute("drop function portal_audit_continuous")
