"""The composition root: builds the application from its settings, in order, without logic of its own."""

import importlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Flask
from flask.typing import ResponseReturnValue
from werkzeug.middleware.proxy_fix import ProxyFix

from portal import web
from portal.accounts import guards
from portal.audit.queries.rollback import check_at_start
from portal.config import Settings, load_settings
from portal.core import clock, crash
from portal.core.db import Database, open_database
from portal.jobs import make_celery, waker
from portal.web.security import PortalRequest
from portal.web.session import UnitOfWork
from portal.web.session import init_app as init_session

FEATURES = (
    "web",
    "audit",
    "vault",
    "accounts",
    "regulation",
    "workflow",
    "registry",
    "inspection",
    "reachability",
    "evidence",
    "connections",
    "upkeep",
    "readiness",
    "mandates",
    "campaigns",
    "measures",
    "maps",
    "oversight",
    "desk",
    "public",
    "api",
    "webhooks",
)


class PortalApp(Flask):
    """Flask whose dispatch is one unit of work: commit on success, roll back otherwise."""

    request_class = PortalRequest
    unit_of_work: UnitOfWork

    def dispatch_request(self) -> ResponseReturnValue:
        """Run the view inside the unit of work, so that a fault at commit still becomes a page."""
        dispatch: Callable[[], Any] = super().dispatch_request
        return self.unit_of_work.run(dispatch)


def build_database(settings: Settings) -> Database:
    """The database with its keys and places, for web, worker and commands alike."""
    return open_database(settings)


def create_app(settings: Settings | None = None, database: Database | None = None) -> PortalApp:
    """Build the web application. Raises when a setting is missing or an endpoint declares no permission."""
    settings = settings or load_settings()
    if settings.profile == "check":
        clock.install_shift(settings.clock)
        if settings.crash:
            crash.arm(settings.crash)
    app = PortalApp("portal", static_folder=None, template_folder=None)
    app.config.update(PERMANENT_SESSION_LIFETIME=timedelta(hours=settings.session_hours))
    app.extensions["portal_settings"] = settings
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    database = database or build_database(settings)
    app.extensions["portal_database"] = database
    app.unit_of_work = init_session(app, database)
    guards.init_app(app, settings)
    web.init_app(app, settings)
    _register(app)
    guards.verify_routes(app)
    return app


def _register(app: Flask) -> None:
    """Each feature's blueprint is `bp` in its views; a feature may do more in `init_app`."""
    for feature in FEATURES:
        try:
            views = importlib.import_module(f"portal.{feature}.views")
        except ModuleNotFoundError as missing:
            if missing.name not in (f"portal.{feature}.views", f"portal.{feature}"):
                raise
            continue
        app.register_blueprint(views.bp)
        if hasattr(views, "init_app"):
            views.init_app(app)


def serve() -> PortalApp:
    """The application as gunicorn runs it: wake-ups go to the broker."""
    settings = load_settings()
    app = create_app(settings)
    check_at_start(app.extensions["portal_database"])
    app.extensions["portal_database"].on_commit_wake = waker(make_celery(settings.redis_url))
    return app
