"""The units of a supervisor's sector are found by index: the row policies ask for them several times a statement."""

from alembic import op

revision = "0064"
down_revision = "0063"
branch_labels = None
depends_on = None

_HEAD = """
create or replace function portal_scope_sector_units() returns uuid[] language plpgsql stable security definer
set search_path = public, pg_catalog as $$
"""
# A unit of another district belongs to the sector by a system that stands here.
_BY_INDEX = """
declare
  one jsonb;
  kinds text[];
  places text[];
  found uuid[] := '{}';
begin
  for one in select value from jsonb_array_elements(coalesce(portal_scope() -> 'sectors', '[]')) loop
    kinds := array(select jsonb_array_elements_text(one -> 'kinds'));
    places := array(select jsonb_array_elements_text(one -> 'districts'));
    if (one ->> 'all')::boolean then
      found := found || array(select id from unit where unit_type = any (kinds));
    else
      found := found || array(
        select id from unit where unit_type = any (kinds) and district = any (places)
        union
        select u.id from system s join unit u on u.id = s.unit_id
         where s.district = any (places) and u.district <> all (places) and u.unit_type = any (kinds));
    end if;
  end loop;
  return found;
end $$"""
_BY_SCAN = """
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
end $$"""


def upgrade() -> None:
    op.execute(_HEAD + _BY_INDEX)


def downgrade() -> None:
    op.execute(_HEAD + _BY_SCAN)
