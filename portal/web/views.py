"""The shell's own blueprint: it carries the shared templates, what machines ask, and the style guide where wanted."""

from flask import Blueprint, Flask

from portal.config import Settings
from portal.web import health, openapi, style

bp = Blueprint("web", __name__, template_folder="templates")


def init_app(app: Flask) -> None:
    """The style guide is for those who build and check, not for a production portal."""
    settings: Settings = app.extensions["portal_settings"]
    health.init_app(app, settings)
    openapi.init_app(app, settings)
    if settings.profile in ("demo", "check"):
        style.init_app(app)
