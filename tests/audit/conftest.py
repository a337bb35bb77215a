"""A sealer over a database of the test's own, with two places outside it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg2.extras
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.pool import NullPool

from portal.audit.operations import record
from portal.audit.operations.sealing import Sealer
from portal.audit.queries.outside import Place, places_of
from portal.audit.values import LOG_READ, Actor, SubjectRef
from portal.config import Settings
from portal.core.db import Database
from portal.core.scope import EVERYTHING
from tests.audit.specimen import signer
from tests.support.database import database_for, settings_for
from tests.support.services import Services

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
ACTOR = Actor(account_id=UUID(int=1), person_id=UUID(int=2), name="王敏", organ_name="文峰分局", roles=("registrar",))


@dataclass
class LogRoom:
    """Everything around one audit log: the application's database, the sealer's role, the places, a superuser."""

    database: Database
    settings: Settings
    services: Services
    engine: Engine
    places: tuple[Place, ...]
    now: datetime = NOW
    staged: int = 0
    open: list[Sealer] = field(default_factory=list)

    @property
    def key(self) -> Any:
        return signer().key

    def stage(self, count: int = 1, **given: Any) -> list[UUID]:
        """Acts in one committed transaction."""
        with self.database.transaction() as session:
            keys = [self.add(session, **given) for _ in range(count)]
        self.settle()
        return keys

    def settle(self) -> None:
        """Wait for older transactions of other tests' databases: the sealer's guard counts the whole cluster's."""
        link = self.services.connect(str(self.database.engine.url.database))
        with link.cursor() as cursor:
            for _ in range(600):
                cursor.execute(
                    "select count(*) from pg_stat_activity where backend_xid is not null and datname <> current_database()"
                )
                if cursor.fetchone()[0] == 0:
                    break
                time.sleep(0.1)
        link.close()

    def add(self, session: Any, **given: Any) -> UUID:
        self.staged += 1
        values = {
            "actor": ACTOR,
            "tag": LOG_READ,
            "subject": SubjectRef("thing", None, f"第{self.staged}件"),
            "now": self.now,
        }
        return record(session, **{**values, **given})

    @contextmanager
    def sealer(self) -> Iterator[Sealer]:
        """One sealing process; its lock goes with its connection."""
        with self.engine.connect() as connection:
            yield Sealer(connection, signer=signer(), places=self.places)

    def seal(self, *, urgent: bool = True) -> Any:
        with self.sealer() as sealer:
            return sealer.work(now=self.now, urgent=urgent)

    def tick(self, seconds: float) -> datetime:
        self.now += timedelta(seconds=seconds)
        return self.now

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection as the application reads with, everything in scope."""
        with self.database.session(EVERYTHING) as session:
            yield session.connection()

    def forge(self, *statements: str) -> None:
        """What a database owner can do who switches the triggers off."""
        link = self.services.connect(str(self.database.engine.url.database))
        psycopg2.extras.register_uuid(conn_or_curs=link)
        with link.cursor() as cursor:
            cursor.execute("set session_replication_role = replica")
            for statement in statements:
                cursor.execute(statement)
        link.close()

    def value(self, query: str) -> Any:
        with self.reading() as connection:
            return connection.scalar(text(query))


@pytest.fixture(scope="module")
def room_settings(
    services: Services, worker_name: str, worker_number: int, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    """One database for a module's tests: they need real commits, and emptying four tables is quicker than a clone."""
    name = f"test_{worker_name}_audit_room"
    services.clone_template(name)
    yield settings_for(services, name, tmp_path_factory.mktemp("room"), broker=worker_number)
    services.drop(name)


@pytest.fixture(scope="module")
def room_database(room_settings: Settings) -> Iterator[Database]:
    made = database_for(room_settings)
    yield made
    made.dispose()


@pytest.fixture
def room(room_database: Database, room_settings: Settings, services: Services, tmp_path: Path) -> Iterator[LogRoom]:
    engine = create_engine(room_settings.sealer_database_url, poolclass=NullPool)
    directories = tmp_path / "witness-a", tmp_path / "witness-b"
    for directory in directories:
        directory.mkdir()
    made = LogRoom(room_database, room_settings, services, engine, places_of(directories))
    made.forge("truncate audit_checkpoint, audit_node, audit_entry, audit_stage, audit_run, outbox")
    yield made
    engine.dispose()
