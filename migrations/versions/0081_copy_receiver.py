"""A copy says which of the request's officers it is bound to, not only his name."""

from alembic import op

revision = "0081"
down_revision = "0080"
branch_labels = None
depends_on = None

# Where a name is borne by two of a request's officers, nothing tells which of them it was.
BOUND = """
alter table footage_copy add column receiver_place smallint;
update footage_copy c set receiver_place = o.place from footage_request_officer o
where c.role = 'working' and o.request_id = c.request_id and o.name = c.receiver_name
  and not exists (
    select from footage_request_officer other
    where other.request_id = o.request_id and other.name = o.name and other.place <> o.place
  );
"""


def upgrade() -> None:
    op.execute(BOUND)


def downgrade() -> None:
    op.drop_column("footage_copy", "receiver_place")
