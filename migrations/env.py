"""Run migrations under an advisory lock, as the owner role, with lock and statement time-outs."""

import importlib
from pathlib import Path

from alembic import context
from geoalchemy2 import alembic_helpers
from sqlalchemy import create_engine, text
from sqlalchemy.engine import Connection

import portal
from portal.core.db import Base

LOCK = 7_405_001
HERE = Path(__file__).parent

for models in Path(portal.__file__).parent.glob("*/models.py"):
    importlib.import_module(f"portal.{models.parent.name}.models")
for package in Path(portal.__file__).parent.glob("*/models/__init__.py"):
    importlib.import_module(f"portal.{package.parent.parent.name}.models")
importlib.import_module("portal.core.outbox")


def run(connection: Connection) -> None:
    """Upgrade or compare over one connection; the caller's transaction is the migration's."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_object=alembic_helpers.include_object,
        process_revision_directives=alembic_helpers.writer,
        render_item=alembic_helpers.render_item,
        compare_type=True,
        transaction_per_migration=False,
    )
    with context.begin_transaction():
        context.run_migrations()


def main() -> None:
    """Connect as configured: a ready connection from a caller, else the URL in the configuration."""
    given = context.config.attributes.get("connection")
    if given is not None:
        run(given)
        return
    engine = create_engine(context.config.get_main_option("sqlalchemy.url") or "")
    with engine.connect() as connection:
        connection.execute(text("set lock_timeout = '5s'"))
        connection.execute(text("set statement_timeout = '30min'"))
        connection.execute(text("select pg_advisory_lock(:key)"), {"key": LOCK})
        connection.execute(text((HERE / "bootstrap.sql").read_text()))
        connection.execute(text("set role portal_owner"))
        connection.commit()
        run(connection)
        connection.commit()
    engine.dispose()


main()
