"""The web application over the worker's database; what a request commits is rolled back with the test's session."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.config import Settings
from portal.core.db import Database, narrow
from portal.core.scope import EVERYTHING

if TYPE_CHECKING:
    from portal.app import PortalApp


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
