"""Fixtures over the schema: a database a worker, a savepoint a test, or a whole database for tests that must commit."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
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
def rolled_back(database: Database) -> Iterator[None]:
    """Whatever the code under test commits through `database` is gone afterwards."""
    with database.engine.connect() as connection:
        outer = connection.begin()
        database.factory.configure(bind=connection, join_transaction_mode="create_savepoint")
        try:
            yield
        finally:
            database.factory.configure(bind=database.engine, join_transaction_mode="conditional_savepoint")
            if outer.is_active:
                outer.rollback()


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
