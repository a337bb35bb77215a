"""The blueprint of the public pages and their own links."""

import re
import unicodedata

from flask import Blueprint, Flask
from flask_babel import lazy_gettext as _

from portal.web.shell import hooks_of

bp = Blueprint("public", __name__, template_folder="../templates", url_prefix="/public")


def init_app(app: Flask) -> None:
    """Show the public pages' own links."""
    hooks_of(app).public += [
        (_("Acceptance results"), "public.results"),
        (_("Check a receipt"), "public.receipts"),
        (_("Check a certificate"), "public.certificates"),
        (_("Report a camera"), "public.tip_new"),
        (_("Random inspection draws"), "public.draws"),
    ]


def as_pasted(text: str) -> str:
    """A code as it comes out of a message, a scan or the address in a square code: blanks, dashes of any kind and
    full-width characters do not make another code."""
    last = unicodedata.normalize("NFKC", text[:200]).strip().rstrip("/").rsplit("/", 1)[-1]
    return re.sub(r"[\W_]", "", last).upper()
