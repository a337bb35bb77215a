"""Copies of footage: the master on its shelf, every working copy, where it is and how it ended."""

from alembic import op

from migrations.support import grant, guard_rows

revision = "0062"
down_revision = "0061"
branch_labels = None
depends_on = None

ACTS = (
    "live_viewed", "played_back", "copied", "screen_filmed", "original_seized", "registered", "master_sealed",
    "handed_over", "received", "archived", "not_supplied",
)  # fmt: skip
NEW_ACTS = ("master_kept", "copy_made", "returned", "destroyed", "in_case_file", "purpose_met")

TABLES = """
create table footage_copy (
  id UUID NOT NULL,
  request_id UUID NOT NULL,
  manifest_id UUID NOT NULL,
  entry_id UUID NOT NULL,
  handover_id UUID,
  serial VARCHAR(40) NOT NULL,
  role VARCHAR(8) NOT NULL,
  status VARCHAR(16) DEFAULT 'made' NOT NULL,
  medium VARCHAR(20) NOT NULL,
  medium_serial VARCHAR(80) NOT NULL,
  receiver_id UUID,
  receiver_name VARCHAR(80) DEFAULT '' NOT NULL,
  destination VARCHAR(200) DEFAULT '' NOT NULL,
  shelf VARCHAR(120) DEFAULT '' NOT NULL,
  keeper_name VARCHAR(40) DEFAULT '' NOT NULL,
  archive_reason VARCHAR(400) DEFAULT '' NOT NULL,
  made_by UUID,
  made_name VARCHAR(40) NOT NULL,
  made_at TIMESTAMP WITH TIME ZONE NOT NULL,
  undertaking VARCHAR(12) DEFAULT '' NOT NULL,
  due_back DATE,
  due_why JSONB,
  due_note VARCHAR(400) DEFAULT '' NOT NULL,
  ended_on DATE,
  ended_at TIMESTAMP WITH TIME ZONE,
  ended_by UUID,
  ended_name VARCHAR(40) DEFAULT '' NOT NULL,
  ended_witness VARCHAR(40) DEFAULT '' NOT NULL,
  ended_note VARCHAR(400) DEFAULT '' NOT NULL,
  ended_file_id UUID,
  version INTEGER NOT NULL,
  CONSTRAINT pk_footage_copy PRIMARY KEY (id),
  CONSTRAINT ck_footage_copy_role CHECK (role in ('master', 'working')),
  CONSTRAINT ck_footage_copy_status CHECK (status in ('made', 'kept', 'with_recipient', 'returned', 'destroyed', 'in_case_file')),
  CONSTRAINT ck_footage_copy_medium CHECK (medium in ('disc', 'usb_drive', 'hard_disk', 'intranet', 'original_medium')),
  CONSTRAINT ck_footage_copy_kept CHECK (status <> 'kept' or (role = 'master' and shelf <> '' and keeper_name <> '')),
  CONSTRAINT ck_footage_copy_bound_to_receiver CHECK (role = 'master' or receiver_name <> ''),
  CONSTRAINT ck_footage_copy_whereabouts CHECK (role = 'master' or status not in ('with_recipient', 'returned', 'in_case_file') or (handover_id is not null and destination <> '')),
  CONSTRAINT ck_footage_copy_ended CHECK ((status in ('returned', 'destroyed', 'in_case_file')) = (ended_at is not null)),
  CONSTRAINT ck_footage_copy_destroyed_before_a_witness CHECK (status <> 'destroyed' or (ended_witness <> '' and ended_witness <> ended_name and ended_file_id is not null)),
  CONSTRAINT uq_footage_copy_serial UNIQUE (serial),
  CONSTRAINT fk_footage_copy_request_id FOREIGN KEY(request_id) REFERENCES footage_request (id),
  CONSTRAINT fk_footage_copy_manifest_id FOREIGN KEY(manifest_id) REFERENCES footage_manifest (request_id),
  CONSTRAINT fk_footage_copy_entry_id FOREIGN KEY(entry_id) REFERENCES custody_entry (id),
  CONSTRAINT fk_footage_copy_handover_id FOREIGN KEY(handover_id) REFERENCES footage_handover (id),
  CONSTRAINT fk_footage_copy_receiver_id FOREIGN KEY(receiver_id) REFERENCES person (id),
  CONSTRAINT fk_footage_copy_made_by FOREIGN KEY(made_by) REFERENCES person (id),
  CONSTRAINT fk_footage_copy_ended_by FOREIGN KEY(ended_by) REFERENCES person (id),
  CONSTRAINT fk_footage_copy_ended_file_id FOREIGN KEY(ended_file_id) REFERENCES stored_file (id)
);
create INDEX ix_footage_copy_request ON footage_copy (request_id, id);
create UNIQUE INDEX uq_footage_copy_master ON footage_copy (request_id) WHERE role = 'master' and status <> 'destroyed';
create INDEX ix_footage_copy_due ON footage_copy (due_back, id) WHERE status = 'with_recipient';
"""

# What was written onto a medium, and for whom, stands; a copy that is gone or in a case file stays so.
STANDS = """
create function footage_copy_stands() returns trigger language plpgsql as $$
begin
  if old.status in ('destroyed', 'in_case_file') or (
    new.request_id, new.manifest_id, new.entry_id, new.serial, new.role, new.medium, new.medium_serial,
    new.receiver_id, new.receiver_name, new.made_by, new.made_name, new.made_at
  ) is distinct from (
    old.request_id, old.manifest_id, old.entry_id, old.serial, old.role, old.medium, old.medium_serial,
    old.receiver_id, old.receiver_name, old.made_by, old.made_name, old.made_at
  ) or (old.handover_id is not null and new.handover_id is distinct from old.handover_id) then
    raise exception 'copy % stands as it was made', old.serial using errcode = 'P0403';
  end if;
  return new;
end $$;
create trigger footage_copy_stands before update on footage_copy
  for each row execute function footage_copy_stands();
"""

# What was handed over before this register began is out with its receiver, and no day was named for it.
TAKE_OVER = """
insert into footage_copy (
  id, request_id, manifest_id, entry_id, handover_id, serial, role, status, medium, medium_serial, receiver_id,
  receiver_name, destination, made_by, made_name, made_at, version
)
select gen_random_uuid(), h.request_id, h.request_id, h.entry_id, h.id, h.copy_serial, 'working', 'with_recipient',
  h.medium, h.medium_serial, h.receiver_id, h.receiver_name, h.destination, h.giver_id, h.giver_name, h.given_at, 1
from footage_handover h
"""


def upgrade() -> None:
    _acts(ACTS + NEW_ACTS)
    op.execute(TABLES)
    op.execute(TAKE_OVER)
    op.execute(STANDS)
    grant("footage_copy", app="select, insert, update")
    guard_rows(
        "footage_copy",
        unit=None,
        district=None,
        extra="exists (select from footage_request r where r.id = request_id)",
    )


def downgrade() -> None:
    op.drop_table("footage_copy")
    op.execute("drop function footage_copy_stands()")
    op.execute("alter table custody_entry disable trigger custody_entry_append_only")
    listed = ", ".join(f"'{act}'" for act in NEW_ACTS)
    op.execute(f"delete from custody_entry where act in ({listed})")  # noqa: S608 - words of this file
    op.execute("alter table custody_entry enable trigger custody_entry_append_only")
    _acts(ACTS)


def _acts(acts: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{act}'" for act in acts)
    op.execute("alter table custody_entry drop constraint ck_custody_entry_act")
    op.execute(f"alter table custody_entry add constraint ck_custody_entry_act check (act in ({listed}))")
