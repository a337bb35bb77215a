"""Fixtures over the schema: a database a worker, a savepoint a test, or a whole database for tests that must commit."""

import os
import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from sqlalchemy import Connection, make_url
from sqlalchemy.orm import Session

from portal.config import Settings
from portal.core.crypto import KeyRole, create_key_file
from portal.core.db import Database, open_database
from portal.core.scope import EVERYTHING
from tests.support.services import SCOPE_KEY, Services

SECRET = "a secret that only tests may use, long enough to be taken for one"


def settings_for(services: Services, name: str, home: Path, *, broker: int) -> Settings:
    """Settings of a portal over the database `name`, with everything it keeps below `home`."""
    keys = home / "keys"
    if not keys.exists():
        keys.mkdir(mode=0o700, parents=True)
        for role in KeyRole:
            create_key_file(keys, role, "k1")
        _audit_keys(home)
    witnesses = home / "witness-a", home / "witness-b"
    for path in (*witnesses, home / "files"):
        path.mkdir(exist_ok=True)
    return Settings(
        profile="check",
        database_url=services.url(name, user="portal_app"),
        map_database_url=services.url(name, user="portal_map"),
        sealer_database_url=services.url(name, user="portal_sealer"),
        owner_database_url=services.url(name),
        redis_url=services.celery_url(broker),
        data_dir=home / "files",
        secret_key=SECRET,
        scope_key=SCOPE_KEY,
        field_keys_dir=keys,
        audit_witness_dirs=witnesses,
        audit_key_file=home / "audit-signing.pem",
        audit_public_key_file=home / "audit-public.pem",
        totp_required=False,
        webhook_networks=("127.0.0.8/29",),
        webhook_plain_http=True,
        probe_networks=("127.64.0.0/10",),
        probe_ports=(8554, 8899, 18554, 18899),
    )


def _audit_keys(home: Path) -> None:
    """The pair that signs and checks audit checkpoints."""
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (home / "audit-signing.pem").write_bytes(private)
    (home / "audit-signing.pem").chmod(0o400)
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (home / "audit-public.pem").write_bytes(public)


def environment_of(settings: Settings) -> dict[str, str]:
    """The settings as the variables that a process reads."""
    environment = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), "LC_ALL": "C.UTF-8"}
    for name, value in settings.model_dump().items():
        if value in (None, "", ()):
            continue
        written = ",".join(str(each) for each in value) if isinstance(value, tuple) else str(value)
        environment[f"PORTAL_{name.upper()}"] = written
    return environment


def database_for(settings: Settings) -> Database:
    """The database that the composition root would build from these settings."""
    return open_database(settings, pool_size=4)


@pytest.fixture(scope="session")
def settings(
    services: Services, worker_name: str, worker_number: int, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    """Settings of this worker's portal; its database has the whole schema and no rows."""
    name = f"test_{worker_name}"
    services.clone_template(name)
    yield settings_for(services, name, tmp_path_factory.mktemp("portal"), broker=worker_number)
    services.drop(name)


@pytest.fixture(scope="session")
def database(settings: Settings) -> Iterator[Database]:
    """This worker's database, as the application's own role under row-level security."""
    made = database_for(settings)
    yield made
    made.dispose()


@contextmanager
def rolled_back(database: Database) -> Iterator[Connection]:
    """Whatever the code under test commits through `database`, over this one connection, is gone afterwards."""
    with database.engine.connect() as connection:
        outer = connection.begin()
        database.factory.configure(bind=connection, join_transaction_mode="create_savepoint")
        try:
            yield connection
        finally:
            database.factory.configure(bind=database.engine, join_transaction_mode="conditional_savepoint")
            if outer.is_active:
                outer.rollback()


@contextmanager
def within(connection: Connection, database: Database) -> Iterator[Session]:
    """A test's session inside a world that its whole module shares: what the test changes, the next one does not see."""
    point = connection.begin_nested()
    try:
        with database.session(EVERYTHING) as made:
            yield made
    finally:
        if point.is_active:
            point.rollback()


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """A session with every row in scope. It may commit, and so may views and jobs under test: all is rolled back."""
    with rolled_back(database), database.session(EVERYTHING) as made:
        yield made


@pytest.fixture
def reveals_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    """record_and_seal() takes its record as sealed: a test whose transaction is rolled back has no sealer to wait for."""
    monkeypatch.setattr("portal.audit.operations.gate.wait_until_sealed", lambda *_args, **_more: 1)


@pytest.fixture
def own_settings(
    services: Services, worker_name: str, worker_number: int, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Settings]:
    """Settings over a database of this test's own, for tests whose commits others must see (0.2 s)."""
    label = re.sub(r"\W+", "_", request.node.name.lower())[:30]
    name = f"test_{worker_name}_{label}"
    services.clone_template(name)
    yield settings_for(services, name, tmp_path / "portal", broker=worker_number)
    services.drop(name)


@pytest.fixture
def own_database(own_settings: Settings) -> Iterator[Database]:
    """A database of this test's own: real commits, several connections, the map role sees what was written."""
    made = database_for(own_settings)
    yield made
    made.dispose()


@pytest.fixture
def no_statistics(services: Services, settings: Settings) -> None:
    """Plans are made for the rows that are there.

    What autovacuum has seen of this worker's table are the rows of tests long rolled back: to it the table is empty,
    and every index of an empty table is as good as any other.
    """
    link = services.connect(str(make_url(str(settings.owner_database_url)).database))
    with closing(link), link.cursor() as cursor:
        cursor.execute("update pg_class set reltuples = -1, relpages = 0 where oid = 'camera'::regclass")
        cursor.execute("delete from pg_statistic where starelid = 'camera'::regclass")
