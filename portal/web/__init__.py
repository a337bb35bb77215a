"""The shared shell: pages, forms, languages, protections. It knows no feature."""

from flask import Flask

from portal.config import Settings
from portal.web import errors, i18n, panels, security, shell, static_files


def init_app(app: Flask, settings: Settings) -> None:
    """Wire the shell into an application: protections first, so that nothing answers without them."""
    security.init_app(app, settings)
    i18n.init_app(app)
    shell.init_app(app, settings)
    panels.init_app(app)
    errors.init_app(app)
    static_files.init_app(app)
