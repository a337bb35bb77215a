"""Who supervises a sector reads a confirmed refusal and an imposed fine: either keeps a unit from being commended."""

from alembic import op

revision = "0068"
down_revision = "0067"
branch_labels = None
depends_on = None

SECTOR = "unit_id = any ((select portal_scope_sector_units())::uuid[])"
# What only waits for its second person, or is merely proposed, stays with the police.
SEEN = {"refusal_finding": "confirmed", "fine_proposal": "status = 'imposed'"}


def upgrade() -> None:
    for table, settled in SEEN.items():
        op.execute(f"create policy {table}_sector on {table} for select to portal_app using ({settled} and {SECTOR})")


def downgrade() -> None:
    for table in SEEN:
        op.execute(f"drop policy {table}_sector on {table}")
