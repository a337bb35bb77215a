"""Court packages that were made; SM3 and the player beside each exported file."""

from alembic import op

from migrations.support import append_only, grant, guard_rows

revision = "0065"
down_revision = "0064"
branch_labels = None
depends_on = None

TABLE = """
create table footage_package (
  id UUID NOT NULL,
  request_id UUID NOT NULL,
  serial VARCHAR(40) NOT NULL,
  recipient VARCHAR(60) NOT NULL,
  root VARCHAR(64) NOT NULL,
  sha256 VARCHAR(64) NOT NULL,
  made_by UUID NOT NULL,
  made_name VARCHAR(40) NOT NULL,
  made_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_footage_package PRIMARY KEY (id),
  CONSTRAINT ck_footage_package_digests CHECK (root ~ '^[0-9a-f]{64}$' and sha256 ~ '^[0-9a-f]{64}$'),
  CONSTRAINT uq_footage_package_serial UNIQUE (serial),
  CONSTRAINT fk_footage_package_request_id FOREIGN KEY(request_id) REFERENCES footage_request (id),
  CONSTRAINT fk_footage_package_made_by FOREIGN KEY(made_by) REFERENCES person (id)
);
create INDEX ix_footage_package_request ON footage_package (request_id, id);
alter table footage_item add column sm3 VARCHAR(64);
alter table footage_item add column player VARCHAR(80) DEFAULT '' NOT NULL;
alter table footage_item add constraint ck_footage_item_sm3 CHECK (sm3 is null or sm3 ~ '^[0-9a-f]{64}$');
"""


def upgrade() -> None:
    op.execute(TABLE)
    grant("footage_package", app="select, insert")
    guard_rows(
        "footage_package",
        unit=None,
        district=None,
        extra="exists (select from footage_request r where r.id = request_id)",
    )
    append_only("footage_package")


def downgrade() -> None:
    op.drop_table("footage_package")
    op.execute("alter table footage_item drop column sm3, drop column player")
