"""The blueprint of footage requests and its lines in the menu."""

from flask import Blueprint
from flask_babel import lazy_gettext as _

from portal.accounts.guards import viewer
from portal.accounts.permissions import Permission
from portal.evidence.queries import count_todo
from portal.web.navigation import NavItem, Section, add_to_navigation
from portal.web.session import db_session

bp = Blueprint("evidence", __name__, template_folder="../templates")


def waiting() -> int | None:
    """How many requests wait for the reader."""
    identity = viewer()
    return count_todo(db_session(), identity) if identity is not None else None


add_to_navigation(
    bp,
    NavItem(
        section=Section.EVIDENCE,
        label=_("Footage requests"),
        endpoint="evidence.requests",
        permission=Permission.REQUEST_READ,
        order=10,
        badge=waiting,
        covers=("evidence.request", "evidence.request_"),
    ),
    NavItem(
        section=Section.EVIDENCE,
        label=_("Call register"),
        endpoint="evidence.ledger",
        permission=Permission.LEDGER_READ,
        order=20,
        covers=("evidence.ledger",),
    ),
)
