"""Until when each camera's footage of a request is kept, by whose word, and how its clock stands."""

from alembic import op

from migrations.support import grant, guard_rows

revision = "0069"
down_revision = "0068"
branch_labels = None
depends_on = None

ADDED = """
alter table footage_request_camera
  add lost_to TIMESTAMP WITH TIME ZONE,
  add valid_days SMALLINT,
  add kept_said JSONB DEFAULT '[]' NOT NULL,
  add offset_s INTEGER,
  add offset_margin_s INTEGER,
  add offset_at TIMESTAMP WITH TIME ZONE,
  add reckoned_at TIMESTAMP WITH TIME ZONE;
update footage_request_camera c set lost_to = r.span_to + make_interval(days => c.retention_days),
  valid_days = c.retention_days, reckoned_at = r.updated_at
  from footage_request r where r.id = c.request_id;
alter table footage_request_camera
  alter lost_to set not null,
  alter valid_days set not null,
  alter reckoned_at set not null,
  add CONSTRAINT ck_footage_request_camera_clock CHECK ((offset_s is null) = (offset_at is null) and (offset_s is null) = (offset_margin_s is null));
create INDEX ix_footage_request_lost ON footage_request (lost_at, id)
  WHERE status in ('draft', 'returned', 'in_approval', 'approved', 'assigned', 'executing');
"""

SETTING = """
create table recording_setting (
  camera_id UUID NOT NULL,
  unit_id UUID NOT NULL,
  district VARCHAR(6) NOT NULL,
  mode VARCHAR(12) NOT NULL,
  retention_days SMALLINT,
  hours VARCHAR(120) DEFAULT '' NOT NULL,
  read_at TIMESTAMP WITH TIME ZONE NOT NULL,
  read_by UUID NOT NULL,
  read_name VARCHAR(40) NOT NULL,
  version INTEGER NOT NULL,
  CONSTRAINT pk_recording_setting PRIMARY KEY (camera_id),
  CONSTRAINT ck_recording_setting_mode CHECK (mode in ('continuous', 'on_motion', 'scheduled', 'none')),
  CONSTRAINT ck_recording_setting_retention_days CHECK (retention_days is null or retention_days between 0 and 3650),
  CONSTRAINT fk_recording_setting_camera_id FOREIGN KEY(camera_id) REFERENCES camera (id) ON DELETE CASCADE,
  CONSTRAINT fk_recording_setting_unit_id FOREIGN KEY(unit_id) REFERENCES unit (id),
  CONSTRAINT fk_recording_setting_read_by FOREIGN KEY(read_by) REFERENCES person (id)
);
create INDEX ix_recording_setting_unit ON recording_setting (unit_id, mode);
"""


def upgrade() -> None:
    op.execute(ADDED)
    op.execute(SETTING)
    grant("recording_setting")
    guard_rows("recording_setting")


def downgrade() -> None:
    op.drop_table("recording_setting")
    op.execute("drop index ix_footage_request_lost")
    op.execute("alter table footage_request_camera drop constraint ck_footage_request_camera_clock")
    for column in ("lost_to", "valid_days", "kept_said", "offset_s", "offset_margin_s", "offset_at", "reckoned_at"):
        op.drop_column("footage_request_camera", column)
