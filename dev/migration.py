"""Start the next migration: `python dev/migration.py short_title`. The rules stand in CONTRIBUTING.md."""

import re
import sys
from pathlib import Path

VERSIONS = Path(__file__).resolve().parents[1] / "migrations" / "versions"
TEMPLATE = '''"""{title}."""

import sqlalchemy as sa
from alembic import op

revision = "{number}"
down_revision = "{previous}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand first: the running version must live with this schema."""


def downgrade() -> None:
    """Undo `upgrade`."""
'''


def main(title: str) -> int:
    """Write the next numbered file and print its path."""
    slug = re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_")
    if not slug:
        print("give it a title: make migration name=short_title", file=sys.stderr)
        return 2
    previous = max(path.name[:4] for path in VERSIONS.glob("[0-9]*.py"))
    number = f"{int(previous) + 1:04d}"
    path = VERSIONS / f"{number}_{slug}.py"
    path.write_text(TEMPLATE.format(title=title.capitalize().replace("_", " "), number=number, previous=previous))
    print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else ""))
