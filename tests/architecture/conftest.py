"""The matrix's portal: its own database with one object of each kind, asked without ever changing it."""

import secrets
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import Connection
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal.app import PortalApp, create_app
from portal.audit.operations import record, record_and_seal
from portal.config import Settings
from portal.core import clock
from portal.core.db import Database
from portal.core.scope import EVERYTHING
from tests.support.database import SECRET, database_for, settings_for
from tests.support.matrix import Matrix, Persona, build
from tests.support.services import Services
from tests.support.world import NOW

RAW_TOKEN = "0" * 40
SIX_HOURS = timedelta(hours=6)


@dataclass
class MatrixPortal:
    """The application over the matrix, and what a browser of each persona would send."""

    app: PortalApp
    database: Database
    settings: Settings
    matrix: Matrix
    client: FlaskClient
    connection: Connection
    revealing: list[ModuleType] = field(default_factory=list)  # the modules that record and seal
    nothing: dict[str, Any] = field(default_factory=dict)  # each persona's answer for what does not exist
    settled: set[object] = field(default_factory=set)  # what need not be shown by another address again

    def __post_init__(self) -> None:
        self.revealing = [
            module
            for name, module in sorted(sys.modules.items())
            if name.startswith("portal.") and getattr(module, "record_and_seal", None) is record_and_seal
        ]
        self.csrf = str(URLSafeTimedSerializer(SECRET, salt="wtf-csrf-token").dumps(RAW_TOKEN))
        serializer = self.app.session_interface.get_signing_serializer(self.app)  # type: ignore[attr-defined]
        self._cookies = {
            persona.key: serializer.dumps(
                {"sid": persona.token, "csrf_token": RAW_TOKEN} if persona.token else {"csrf_token": RAW_TOKEN}
            )
            for persona in self.matrix.personas
        }

    def ask(
        self,
        persona: Persona,
        method: str,
        url: str,
        data: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
    ) -> TestResponse:
        """One request. What it commits is rolled back, so that everybody finds the world as it was made."""
        cookie = f"{self.app.config['SESSION_COOKIE_NAME']}={self._cookies[persona.key]}; lang=en"
        with in_the_stories(self.revealing), self.connection.begin() as whole:
            try:
                return self.client.open(
                    url, method=method, data=data, headers={"Cookie": cookie, **(headers or {})}, buffered=True
                )
            finally:
                whole.rollback()

    def tokens(self) -> dict[str, str]:
        """What every form of the portal carries."""
        return {"csrf_token": self.csrf, "_key": secrets.token_urlsafe(18)}


@contextmanager
def in_the_stories(revealing: Sequence[ModuleType]) -> Iterator[None]:
    """Business time as the stories have it, six hours on; for the length of a request only, as others share the process.

    No sealer runs beside it: a reveal is recorded like any other read, and nothing waits for it.
    """
    clock.install_shift(_offset())
    patch = pytest.MonkeyPatch()
    for module in revealing:
        patch.setattr(module, "record_and_seal", record)
    try:
        yield
    finally:
        patch.undo()
        clock.install_shift("")


@contextmanager
def open_portal(
    services: Services, name: str, home: Path, *, broker: int, build: Callable[[Session], Matrix]
) -> Iterator[MatrixPortal]:
    """The application over a database of its own; committed, so that the map role sees it, too."""
    services.clone_template(name)
    settings = settings_for(services, name, home, broker=broker)
    database = database_for(settings)
    try:
        with database.session(EVERYTHING) as session:
            matrix = build(session)
            session.commit()
        app = create_app(settings, database)
        app.testing = True
        with database.engine.connect() as connection:
            database.factory.configure(bind=connection, join_transaction_mode="create_savepoint")
            yield MatrixPortal(app, database, settings, matrix, app.test_client(use_cookies=False), connection)
    finally:
        clock.install_shift("")
        database.dispose()
        services.drop(name)


@pytest.fixture(scope="session")
def matrix_portal(
    services: Services, worker_name: str, worker_number: int, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[MatrixPortal]:
    """Everybody and everything of tests.support.matrix, built once a worker."""
    home = tmp_path_factory.mktemp("matrix")
    with open_portal(services, f"matrix_{worker_name}", home, broker=worker_number, build=build) as portal:
        yield portal


def _offset() -> str:
    """The shift that puts business time six hours after the stories."""
    seconds = int((NOW + SIX_HOURS - clock.real_now()).total_seconds())
    return f"{seconds:+d}s"
