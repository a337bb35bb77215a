"""The migrations are one numbered line, and what they build is what the models say."""

from pathlib import Path

from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text

from portal.launcher.schema import configuration
from tests.support.services import Services

VERSIONS = Path(__file__).resolve().parents[2] / "migrations" / "versions"


def test_numbered_without_gap_and_one_head() -> None:
    files = sorted(path for path in VERSIONS.glob("[0-9]*.py"))
    script = ScriptDirectory.from_config(configuration("postgresql+psycopg2:///unused"))
    revisions = [revision.revision for revision in reversed(list(script.walk_revisions()))]
    assert revisions == [f"{number:04d}" for number in range(1, len(files) + 1)]
    assert [path.name[:4] for path in files] == revisions
    assert len(script.get_heads()) == 1


def test_models_match_the_schema(services: Services, worker_name: str) -> None:
    name = f"check_{worker_name}"
    url = services.clone_template(name)
    try:
        command.check(configuration(url))
    finally:
        services.drop(name)


def test_every_table_is_guarded_or_said_to_be_open(services: Services, worker_name: str) -> None:
    """The application's role may read no table that has neither row-level security nor a place on this list."""
    name = f"guard_{worker_name}"
    engine = create_engine(services.clone_template(name))
    unguarded = text(
        "select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace "
        "where n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relrowsecurity "
        "and has_table_privilege('portal_app', c.oid, 'select') order by 1"
    )
    with engine.connect() as connection:
        found = set(connection.scalars(unguarded))
    engine.dispose()
    services.drop(name)
    assert found - OPEN_TABLES == set()


# Bookkeeping, dictionaries and tables whose rows belong to no unit.
OPEN_TABLES = frozenset({"alembic_version", "outbox", "idempotency_record", "spatial_ref_sys"})
