"""What an account is for, accounts on two devices at once, operators of a unit, its client workstations."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.support import grant, guard_rows

revision = "0075"
down_revision = "0074"
branch_labels = None
depends_on = None

TABLES = """
create table concurrent_use (
  id UUID NOT NULL,
  account_id UUID NOT NULL,
  earlier_id UUID NOT NULL,
  later_id UUID NOT NULL,
  earlier_address VARCHAR(45) NOT NULL,
  earlier_agent VARCHAR(200) NOT NULL,
  later_address VARCHAR(45) NOT NULL,
  later_agent VARCHAR(200) NOT NULL,
  found_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_concurrent_use PRIMARY KEY (id),
  CONSTRAINT uq_concurrent_use_pair UNIQUE (earlier_id, later_id),
  CONSTRAINT ck_concurrent_use_two_sessions CHECK (earlier_id <> later_id),
  CONSTRAINT fk_concurrent_use_account_id FOREIGN KEY(account_id) REFERENCES account (id),
  CONSTRAINT fk_concurrent_use_earlier_id FOREIGN KEY(earlier_id) REFERENCES login_session (id) ON DELETE CASCADE,
  CONSTRAINT fk_concurrent_use_later_id FOREIGN KEY(later_id) REFERENCES login_session (id) ON DELETE CASCADE
);
create INDEX ix_concurrent_use_account_id_id ON concurrent_use (account_id, id);
create table operator (
  id UUID NOT NULL,
  person_id UUID NOT NULL,
  name VARCHAR(40) NOT NULL,
  professional BOOLEAN DEFAULT 'false' NOT NULL,
  appointed_on DATE NOT NULL,
  appointed_by_name VARCHAR(40) NOT NULL,
  entered_at TIMESTAMP WITH TIME ZONE NOT NULL,
  trained_on DATE,
  pledged_on DATE,
  ended_on DATE,
  ended_note VARCHAR(400) DEFAULT '' NOT NULL,
  version INTEGER NOT NULL,
  unit_id UUID NOT NULL,
  district VARCHAR(6) NOT NULL,
  CONSTRAINT pk_operator PRIMARY KEY (id),
  CONSTRAINT ck_operator_ended CHECK ((ended_on is null) = (ended_note = '')),
  CONSTRAINT ck_operator_period CHECK (ended_on is null or ended_on >= appointed_on),
  CONSTRAINT fk_operator_person_id FOREIGN KEY(person_id) REFERENCES person (id),
  CONSTRAINT fk_operator_unit_id FOREIGN KEY(unit_id) REFERENCES unit (id)
);
create INDEX ix_operator_person_id ON operator (person_id);
create INDEX ix_operator_unit_id_id ON operator (unit_id, id);
create UNIQUE INDEX uq_operator_listed ON operator (unit_id, person_id) WHERE ended_on is null;
create table workstation (
  id UUID NOT NULL,
  asset_number VARCHAR(40) NOT NULL,
  room VARCHAR(80) NOT NULL,
  client VARCHAR(80) NOT NULL,
  client_version VARCHAR(40) NOT NULL,
  address VARCHAR(45) NOT NULL,
  responsible_id UUID NOT NULL,
  responsible_name VARCHAR(40) NOT NULL,
  registered_at TIMESTAMP WITH TIME ZONE NOT NULL,
  checked_on DATE,
  locked_down BOOLEAN,
  due_on DATE,
  retired_on DATE,
  retired_note VARCHAR(400) DEFAULT '' NOT NULL,
  version INTEGER NOT NULL,
  unit_id UUID NOT NULL,
  district VARCHAR(6) NOT NULL,
  CONSTRAINT pk_workstation PRIMARY KEY (id),
  CONSTRAINT ck_workstation_retired CHECK ((retired_on is null) = (retired_note = '')),
  CONSTRAINT ck_workstation_checked CHECK (locked_down is null or checked_on is not null),
  CONSTRAINT fk_workstation_responsible_id FOREIGN KEY(responsible_id) REFERENCES person (id),
  CONSTRAINT fk_workstation_unit_id FOREIGN KEY(unit_id) REFERENCES unit (id)
);
create INDEX ix_workstation_unit_id_id ON workstation (unit_id, id);
create UNIQUE INDEX uq_workstation_asset_number ON workstation (unit_id, asset_number) WHERE retired_on is null;
create table workstation_check (
  id UUID NOT NULL,
  workstation_id UUID NOT NULL,
  checked_on DATE NOT NULL,
  locked_down BOOLEAN NOT NULL,
  client_version VARCHAR(40) NOT NULL,
  note VARCHAR(400) DEFAULT '' NOT NULL,
  checked_by_name VARCHAR(40) NOT NULL,
  recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
  unit_id UUID NOT NULL,
  district VARCHAR(6) NOT NULL,
  CONSTRAINT pk_workstation_check PRIMARY KEY (id),
  CONSTRAINT ck_workstation_check_note CHECK (locked_down or note <> ''),
  CONSTRAINT fk_workstation_check_workstation_id FOREIGN KEY(workstation_id) REFERENCES workstation (id),
  CONSTRAINT fk_workstation_check_unit_id FOREIGN KEY(unit_id) REFERENCES unit (id)
);
create INDEX ix_workstation_check_unit_id ON workstation_check (unit_id);
create INDEX ix_workstation_check_workstation_id_id ON workstation_check (workstation_id, id);
"""

SECTOR = "unit_id = any ((select portal_scope_sector_units())::uuid[])"
GUARDED = ("operator", "workstation", "workstation_check")


def upgrade() -> None:
    op.add_column("account", sa.Column("purpose", sa.String(length=12), server_default="general", nullable=False))
    op.add_column(
        "account", sa.Column("zones", postgresql.ARRAY(sa.String(length=40)), server_default="{}", nullable=False)
    )
    op.execute(
        "alter table account add constraint ck_account_purpose check (purpose in ('general', 'viewing', 'inspection')),"
        " add constraint ck_account_zones check ((purpose = 'viewing') = (cardinality(zones) > 0))"
    )
    op.execute(
        "alter table work_ticket add column basis varchar(200) default '' not null, add column copy_id uuid,"
        " add constraint fk_work_ticket_copy_id foreign key (copy_id) references footage_copy (id),"
        " drop constraint ck_work_ticket_kind, add constraint ck_work_ticket_kind check (kind in ('parameter', 'setting',"
        " 'switch_off', 'software', 'rewire', 'power', 'deletion')),"
        " add constraint ck_work_ticket_basis check (kind <> 'deletion' or basis <> ''),"
        " add constraint ck_work_ticket_witnessed check (done_at is null or kind <> 'deletion' or copy_id is not null"
        " or signer_name <> '')"
    )
    op.execute(TABLES)
    grant("concurrent_use", app="select, insert")
    for table in GUARDED:
        grant(table, app="select, insert" if table == "workstation_check" else "select, insert, update")
        guard_rows(table)
        op.execute(f"create policy {table}_sector on {table} for select to portal_app using ({SECTOR})")


def downgrade() -> None:
    for table in (*reversed(GUARDED), "concurrent_use"):
        op.drop_table(table)
    op.execute("delete from work_ticket where kind = 'deletion'")
    op.execute(
        "alter table work_ticket drop column copy_id, drop column basis, drop constraint ck_work_ticket_kind,"
        " add constraint ck_work_ticket_kind check (kind in ('parameter', 'setting', 'switch_off', 'software', 'rewire',"
        " 'power'))"
    )
    op.drop_column("account", "zones")
    op.drop_column("account", "purpose")
