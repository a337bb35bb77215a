"""The web application over the worker's database; what a request commits is rolled back with the test's session."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from argon2 import Parameters, PasswordHasher
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.config import Settings
from portal.core.db import Database, narrow
from portal.core.scope import EVERYTHING

if TYPE_CHECKING:
    from portal.app import PortalApp


@pytest.fixture(scope="session", autouse=True)
def costly_hashing() -> Iterator[Parameters]:
    """What a password costs the portal. In this process it costs next to nothing: hundreds of tests sign in."""
    from portal.accounts.operations.signin import HASHER

    made = HASHER._parameters
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(HASHER, "_parameters", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)._parameters)
        yield made


@pytest.fixture
def hashed_as_served(costly_hashing: Parameters, monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords cost what they cost: for people whom another process signs in, to which a cheap hash is out of date."""
    from portal.accounts.operations.signin import HASHER

    monkeypatch.setattr(HASHER, "_parameters", costly_hashing)
    monkeypatch.setattr("tests.support.world._hash", [])


@pytest.fixture(scope="session")
def app(settings: Settings, database: Database) -> "PortalApp":
    """The application, built once a worker. Faults inside a view reach the test instead of an error page."""
    from portal.app import create_app

    made = create_app(settings, database)
    made.testing = True
    return made


@pytest.fixture
def client(app: "PortalApp", session: Session) -> Iterator[FlaskClient]:
    """A browser without a screen: keeps cookies. Requests see what `session` wrote, once it is flushed."""
    session.flush()
    with app.test_client() as made:
        answer = made.open

        def open_then_widen(*args: Any, **more: Any) -> Any:
            # The request narrowed the row scope of the connection that both share.
            try:
                return answer(*args, **more)
            finally:
                narrow(session, EVERYTHING)

        made.open = open_then_widen  # type: ignore[method-assign]
        yield made
