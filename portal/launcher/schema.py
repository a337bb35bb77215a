"""Bring a database to the newest schema."""

from pathlib import Path

from alembic import command
from alembic.config import Config

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"


def configuration(url: str) -> Config:
    """Alembic pointed at our migrations and one database; no ini file, no logging of its own."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    # A percent sign in a socket path is not an interpolation.
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


def upgrade(url: str, revision: str = "head") -> None:
    """Run the migrations that the database has not seen."""
    command.upgrade(configuration(url), revision)
