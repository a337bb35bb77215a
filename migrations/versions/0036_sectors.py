"""An organ that supervises a sector sees the places of that sector, not everybody in its jurisdiction (decision 22)."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

KINDS = (
    "school", "kindergarten", "college", "hospital", "bank", "mall", "hotel", "entertainment", "transport",
    "government", "museum", "utility", "fuel", "telecom", "media", "industry", "depot", "park", "community", "police",
    "shop", "other",
)  # fmt: skip
KNOWN = "sectors <@ array[{}]::varchar[]".format(", ".join(f"'{kind}'" for kind in KINDS))
# What the office of an education bureau is; every other organ is told its sectors, or sees nothing.
FILL = "update organ set sectors = array['college', 'kindergarten', 'school'] where kind = 'education'"

# Evaluated once a query, in sub-selects, as the other scopes are; for everybody without a sector at once.
SCOPE = """
create function portal_scope_sector_units() returns uuid[] language plpgsql stable security definer
set search_path = public, pg_catalog as $$
declare
  one jsonb;
  found uuid[] := '{}';
begin
  for one in select value from jsonb_array_elements(coalesce(portal_scope() -> 'sectors', '[]')) loop
    found := found || array(
      select id from unit
       where unit_type in (select jsonb_array_elements_text(one -> 'kinds'))
         and ((one ->> 'all')::boolean or district in (select jsonb_array_elements_text(one -> 'districts'))
              or id in (select unit_id from system
                         where district in (select jsonb_array_elements_text(one -> 'districts')))));
  end loop;
  return found;
end $$;
create function portal_scope_sector_entries() returns uuid[] language plpgsql stable security definer
set search_path = public, pg_catalog as $$
declare
  one jsonb;
  found uuid[] := '{}';
begin
  for one in select value from jsonb_array_elements(coalesce(portal_scope() -> 'sectors', '[]')) loop
    found := found || array(
      select m.id from mandated_unit m left join unit u on u.id = m.unit_id
       where coalesce(m.unit_type, u.unit_type) in (select jsonb_array_elements_text(one -> 'kinds'))
         and ((one ->> 'all')::boolean or m.district in (select jsonb_array_elements_text(one -> 'districts'))));
  end loop;
  return found;
end $$;
"""
FUNCTIONS = ("portal_scope_sector_units()", "portal_scope_sector_entries()")

# What a supervisor's pages read, by the column that names the unit or the entry; nothing is written. No way in to a
# device, no import, no probe, no footage, no complaint is among them.
BY_UNIT = {
    "unit": "id",
    **dict.fromkeys(
        (
            "site", "system", "camera", "row_history", "stored_file", "filing", "filing_revision", "filing_clock",
            "filing_confirmation", "filing_finding", "document", "system_party", "system_contact", "system_compliance",
            "system_component", "system_connection", "system_standard", "system_zone", "zone_camera", "sign",
            "engagement", "engagement_technician", "technician", "qualification_paper", "product_certificate",
            "plan_item", "plan_match", "acceptance", "visit", "visit_inspector", "visit_answer", "visit_photo",
        ),
        "unit_id",
    ),
}  # fmt: skip
BY_ENTRY = {"mandated_unit": "id", "install_order": "mandated_id", "mandate_part_cover": "mandated_id"}

OWN = "select unnest(units) intersect select unnest(portal_scope_units())"
OWN_OR_SECTOR = "select unnest(units) intersect select unnest(portal_scope_units() || portal_scope_sector_units())"


def _search(before: str, after: str) -> None:
    body = op.get_bind().exec_driver_sql("select pg_get_functiondef('portal_search'::regproc)").scalar_one()
    if before not in body:
        raise AssertionError(f"portal_search does not say {before}")
    op.execute(body.replace(before, after))


def upgrade() -> None:
    op.add_column(
        "organ", sa.Column("sectors", postgresql.ARRAY(sa.String(length=20)), server_default="{}", nullable=False)
    )
    op.create_check_constraint(op.f("ck_organ_sectors"), "organ", KNOWN)
    op.execute(FILL)
    op.create_index("ix_unit_unit_type_district", "unit", ["unit_type", "district"])
    op.execute(SCOPE)
    for function in FUNCTIONS:
        op.execute(f"revoke all on function {function} from public")
        op.execute(f"grant execute on function {function} to portal_app")
    for known, function in ((BY_UNIT, FUNCTIONS[0]), (BY_ENTRY, FUNCTIONS[1])):
        for table, column in known.items():
            clause = f"{column} = any ((select {function})::uuid[])"
            op.execute(f"create policy {table}_sector on {table} for select to portal_app using ({clause})")
    _search(OWN, OWN_OR_SECTOR)


def downgrade() -> None:
    _search(OWN_OR_SECTOR, OWN)
    for table in (*BY_UNIT, *BY_ENTRY):
        op.execute(f"drop policy {table}_sector on {table}")
    for function in FUNCTIONS:
        op.execute(f"drop function {function}")
    op.drop_index("ix_unit_unit_type_district", table_name="unit")
    op.drop_constraint(op.f("ck_organ_sectors"), "organ", type_="check")
    op.drop_column("organ", "sectors")
