"""The shell alone: an application with no feature and no database, as fast as a template test can be."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from markupsafe import Markup
from werkzeug.serving import make_server

from portal import web
from portal.config import Settings
from portal.web.security import csrf
from portal.web.shell import Viewer, hooks_of

SENT: list[str] = []


def make_settings(**changes: object) -> Settings:
    """Settings that point nowhere."""
    values: dict[str, object] = {
        "profile": "check",
        "database_url": "postgresql+psycopg2:///nowhere",
        "data_dir": Path("/nonexistent"),
        "secret_key": "k" * 32,
        "scope_key": "s" * 32,
        "field_keys_dir": Path("/nonexistent"),
    }
    return Settings.model_validate(values | changes)


def make_app(**changes: object) -> Flask:
    """An application that has the shell and nothing else."""
    from portal.web import views

    app = Flask("portal", static_folder=None, template_folder=None)
    settings = make_settings(**changes)
    app.extensions["portal_settings"] = settings
    app.jinja_env.globals["idempotency_field"] = lambda: Markup('<input type="hidden" name="_key" value="k">')
    web.init_app(app, settings)
    app.register_blueprint(views.bp)
    if hasattr(views, "init_app"):
        views.init_app(app)
    return app


@pytest.fixture
def app() -> Iterator[Flask]:
    """The shell with somebody signed in who may do everything."""
    application = make_app()
    hooks = hooks_of(application)
    hooks.viewer = lambda: Viewer(name="陈海涛", place="文峰分局", roles=("登记民警",))
    hooks.allows = lambda _permission: True
    return application


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without cookies."""
    return app.test_client()


@pytest.fixture(scope="session")
def live_server() -> Iterator[str]:
    """The shell alone behind a real socket: its pages need no database, so its browser tests start at once."""
    application = make_app()
    hooks = hooks_of(application)
    hooks.viewer = lambda: Viewer(name="陈海涛", place="文峰分局", roles=("登记民警",), key="1")
    hooks.home_endpoint = hooks.todo_endpoint = hooks.search_endpoint = "style.show"
    hooks.todo_count = lambda: 7

    @application.post("/slow")
    @csrf.exempt
    def slow() -> str:
        SENT.append(request.form.get("then", ""))
        time.sleep(0.5)
        return "done"

    server = make_server("127.0.0.1", 0, application, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
