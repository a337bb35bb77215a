"""What a session's scope holds is read by functions that are planned once a session, not once a statement."""

from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None

# Every policy of every table asks for these in a sub-select of its own. As SQL functions they were parsed and planned
# anew in each: 120 microseconds, some thirty times in a statement over a few tables; so they take 27.
FUNCTIONS = {
    "portal_scope_units() returns uuid[]": ("v::uuid", "units"),
    "portal_scope_districts() returns text[]": ("v", "districts"),
    "portal_scope_organs() returns uuid[]": ("v::uuid", "organs"),
}
NOW = """
create or replace function {what} language plpgsql stable as $$ begin
  return array(select {value} from jsonb_array_elements_text(public.portal_scope() -> '{key}') v);
end $$
"""
BEFORE = """
create or replace function {what} language sql stable as
  $$ select coalesce(array_agg({value}), '{{}}') from jsonb_array_elements_text(public.portal_scope() -> '{key}') v $$
"""


def _say(body: str) -> None:
    for what, (value, key) in FUNCTIONS.items():
        op.execute(body.format(what=what, value=value, key=key))


def upgrade() -> None:
    _say(NOW)


def downgrade() -> None:
    _say(BEFORE)
