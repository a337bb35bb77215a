"""The first cameras that bear a word are found by the word, although their part of the index can be walked in order now."""

from alembic import op

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None

# Since the cameras' part of the index is named, their keys could be walked in order until enough bear the word: a few
# hundred rows where the word is spread evenly, and a hundred and fifty thousand where it is not. `least` stands in the
# way of that. The mark of the kind is not asked for in a part that holds no other.
SAID = {
    "portal_cameras_first": (
        ("array[3] || (portal_indexed(folded)).pairs", "(portal_indexed(folded)).pairs"),
        ("|| format('e.row_id %s limit $8', way)", "|| format('least(e.row_id) %s limit $8', way)"),
    ),
}


def _say(*, anew: bool) -> None:
    for function, pairs in SAID.items():
        body = op.get_bind().exec_driver_sql(f"select pg_get_functiondef('{function}'::regproc)").scalar_one()
        for pair in pairs:
            before, after = pair if anew else reversed(pair)
            if before not in body:
                raise AssertionError(f"{function} does not say {before}")
            body = body.replace(before, after)
        op.execute(body)


def upgrade() -> None:
    _say(anew=True)


def downgrade() -> None:
    _say(anew=False)
