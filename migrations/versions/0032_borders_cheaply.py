"""What hangs across a border is asked of a function, once a query: as a sub-select it made the planner read whole tables.

A policy's hashed sub-select is counted as work of every look-up of a system or unit, however seldom it is evaluated; so
a hundred cameras with their systems were joined by reading every system there is.
"""

from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

# By name: what it gives, and of which cameras across a border.
GROUND, FILING = "district", "filed_district"
FUNCTIONS = {
    "portal_hung_systems": ("system_id", GROUND),
    "portal_hung_units": ("unit_id", GROUND),
    "portal_filed_cameras": ("id", FILING),
    "portal_filed_scenes": ("scene_file_id", FILING),
}
POLICIES = {
    ("system", "hung"): ("id", "portal_hung_systems"),
    ("unit", "hung"): ("id", "portal_hung_units"),
    ("row_history", "filed"): ("kind = 'camera' and row_id", "portal_filed_cameras"),
    ("privacy_mask", "filed"): ("camera_id", "portal_filed_cameras"),
    ("place_review", "filed"): ("camera_id", "portal_filed_cameras"),
    ("stored_file", "filed"): ("id", "portal_filed_scenes"),
}


def upgrade() -> None:
    for name, (column, district) in FUNCTIONS.items():
        op.execute(
            f"create function {name}() returns uuid[] language sql stable security definer "  # noqa: S608 - constants of this module
            f"set search_path = public, pg_catalog as $$ select array(select distinct {column} from camera "
            f"where filed_district is not null and {column} is not null "
            f"and {district} = any ((select portal_scope_districts())::text[])) $$"
        )
        op.execute(f"revoke all on function {name}() from public")
        op.execute(f"grant execute on function {name}() to portal_app")
    for (table, ending), (column, function) in POLICIES.items():
        clause = f"{column} = any ((select {function}())::uuid[])"
        check = f" with check ({clause})" if ending == "filed" else ""
        op.execute(f"alter policy {table}_{ending} on {table} using ({clause}){check}")


def downgrade() -> None:
    for (table, ending), (column, function) in POLICIES.items():
        wanted, district = FUNCTIONS[function]
        scoped = f"filed_district is not null and {district} = any ((select portal_scope_districts())::text[])"
        clause = f"{column} in (select {wanted} from camera where {scoped})"  # noqa: S608 - constants of this module
        check = f" with check ({clause})" if ending == "filed" else ""
        op.execute(f"alter policy {table}_{ending} on {table} using ({clause}){check}")
    for name in FUNCTIONS:
        op.execute(f"drop function {name}()")
