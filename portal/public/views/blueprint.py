"""The blueprint of the public pages and their own links."""

from flask import Blueprint, Flask
from flask_babel import lazy_gettext as _

from portal.web.shell import hooks_of

bp = Blueprint("public", __name__, template_folder="../templates", url_prefix="/public")


def init_app(app: Flask) -> None:
    """Show the public pages' own links."""
    hooks_of(app).public += [
        (_("Acceptance results"), "public.results"),
        (_("Check a receipt"), "public.receipts"),
        (_("Report a camera"), "public.tip_new"),
    ]
