"""What is secret about a system is secret about its cameras: one column says both, and triggers keep it."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

# The column follows from two others and is no version of a file.
IGNORED = ("'filed_district']", "'filed_district', 'secret_inherited']")

# `secret` is what every reader, index, count and tile goes by; `secret_inherited` says that it is the system's doing
# alone, so that it ends with the system's. Whoever sets `secret` says it of the camera itself. Bulk loads come as one
# statement and are looked at once; only what hangs in a secret system is written. The row of the system is held by the
# trigger on borders, whose name comes first.
FOLLOW = """
create function portal_secrecy_follows() returns trigger language plpgsql security definer
set search_path = public, pg_catalog as $$
declare
  own constant boolean := case when new.secret <> old.secret then new.secret
                               else old.secret and not old.secret_inherited end;
  covered constant boolean := (select s.secret from system s where s.id = new.system_id for share);
begin
  new.secret := own or covered;
  new.secret_inherited := covered and not own;
  return new;
end $$;
create trigger camera_secrecy_follows before update of secret, system_id on camera for each row
  execute function portal_secrecy_follows();

create function portal_secrecy_entered() returns trigger language plpgsql security definer
set search_path = public, pg_catalog as $$
begin
  update camera c set secret = c.secret from fresh f join system s on s.id = f.system_id
   where c.id = f.id and s.secret and not f.secret;
  return null;
end $$;
create trigger camera_secrecy_entered after insert on camera referencing new table as fresh
  for each statement execute function portal_secrecy_entered();

create function portal_secrecy_changed() returns trigger language plpgsql security definer
set search_path = public, pg_catalog as $$
begin
  update camera set secret = secret where system_id = new.id;
  update device_status d set secret = c.secret from camera c
   where c.system_id = new.id and d.camera_id = c.id and d.secret <> c.secret;
  return null;
end $$;
create trigger system_secrecy_changed after update of secret on system for each row
  when (old.secret <> new.secret) execute function portal_secrecy_changed();
"""

COVERED = """
update camera c set secret = c.secret from system s where s.id = c.system_id and s.secret and not c.secret;
update device_status d set secret = true from camera c where d.camera_id = c.id and c.secret and not d.secret;
"""

# Who loads in bulk with the triggers off settles what the rows themselves say: borders, and now secrecy.
RETURN = "  return settled;"
SETTLED = """  update camera c set secret = c.secret from system s
   where s.id = c.system_id and s.secret and not c.secret and (ids is null or c.id = any (ids));
  return settled;"""
CHANGED = (("portal_keep_version", IGNORED), ("portal_settle_borders", (RETURN, SETTLED)))


def _say(*, new: bool) -> None:
    for function, pair in CHANGED:
        before, after = pair if new else pair[::-1]
        body = op.get_bind().exec_driver_sql(f"select pg_get_functiondef('{function}'::regproc)").scalar_one()
        if before not in body:
            raise AssertionError(f"{function} does not say {before}")
        op.execute(body.replace(before, after))


def upgrade() -> None:
    op.add_column("camera", sa.Column("secret_inherited", sa.Boolean(), server_default="false", nullable=False))
    _say(new=True)
    op.execute(FOLLOW)
    # It was so before it was written down: no version of a file.
    op.execute("alter table camera disable trigger camera_keep_update")
    op.execute(COVERED)
    op.execute("alter table camera enable trigger camera_keep_update")


def downgrade() -> None:
    op.execute("drop trigger system_secrecy_changed on system")
    for name in ("entered", "follows"):
        op.execute(f"drop trigger camera_secrecy_{name} on camera")
    for name in ("changed", "entered", "follows"):
        op.execute(f"drop function portal_secrecy_{name}()")
    _say(new=False)
    op.execute("alter table camera disable trigger camera_keep_update")
    op.execute("update camera set secret = false where secret_inherited")
    op.execute("alter table camera enable trigger camera_keep_update")
    op.drop_column("camera", "secret_inherited")
