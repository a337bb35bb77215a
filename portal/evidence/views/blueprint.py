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
        label=_("Owed on requests"),
        endpoint="evidence.owed",
        permission=Permission.REQUEST_READ,
        order=12,
        covers=("evidence.owed",),
    ),
    NavItem(
        section=Section.EVIDENCE,
        label=_("Use of equipment on site"),
        endpoint="evidence.equipment",
        permission=Permission.EQUIPMENT_READ,
        order=15,
        covers=("evidence.use", "evidence.use_"),
    ),
    NavItem(
        section=Section.EVIDENCE,
        label=_("Call register"),
        endpoint="evidence.ledger",
        permission=Permission.LEDGER_READ,
        order=20,
        covers=("evidence.ledger",),
    ),
    NavItem(
        section=Section.EVIDENCE,
        label=_("Copies and media"),
        endpoint="evidence.copies",
        permission=Permission.REQUEST_READ,
        order=30,
        covers=("evidence.copy_",),
    ),
    NavItem(
        section=Section.EVIDENCE,
        label=_("Oversight of requests"),
        endpoint="evidence.watch",
        permission=Permission.WATCH_READ,
        order=50,
        covers=("evidence.watch", "evidence.question", "evidence.statistics"),
    ),
    NavItem(
        section=Section.EVIDENCE,
        label=_("Leaks of footage"),
        endpoint="evidence.leaks",
        permission=Permission.LEAK_REPORT,
        order=40,
        covers=("evidence.leak", "evidence.leak_"),
    ),
    NavItem(
        section=Section.EVIDENCE,
        label=_("Missing footage"),
        endpoint="evidence.missing",
        permission=Permission.REQUEST_READ,
        order=45,
        covers=("evidence.missing_",),
    ),
)
