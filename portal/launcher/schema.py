"""Bring a database to the newest schema."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, text

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"


def configuration(url: str) -> Config:
    """Alembic pointed at our migrations and one database; no ini file, no logging of its own."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    # A percent sign in a socket path is not an interpolation.
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


def install_scope_key(url: str, key: bytes) -> None:
    """Give the database the key that row-level security verifies scopes with (portal.core.scope)."""
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(
            text(
                "insert into portal_private.secret (name, value) values ('scope', :key) "
                "on conflict (name) do update set value = excluded.value"
            ),
            {"key": key},
        )
    engine.dispose()


def upgrade(url: str, revision: str = "head") -> None:
    """Run the migrations that the database has not seen."""
    command.upgrade(configuration(url), revision)
