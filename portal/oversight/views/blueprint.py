"""The readers' blueprint and its lines in the menu."""

from flask import Blueprint
from flask_babel import lazy_gettext as _

from portal.accounts.permissions import Permission
from portal.web.navigation import NavItem, Section, add_to_navigation

bp = Blueprint("oversight", __name__, template_folder="../templates")

add_to_navigation(
    bp,
    NavItem(
        section=Section.SYSTEM,
        label=_("Audit log"),
        endpoint="oversight.audit_log",
        permission=Permission.AUDIT_READ,
        order=10,
        covers=("oversight.audit_record", "oversight.audit_export"),
    ),
    NavItem(
        section=Section.SYSTEM,
        label=_("Verification of the log"),
        endpoint="oversight.audit_verification",
        permission=Permission.AUDIT_VERIFY,
        order=11,
        covers=("oversight.audit_run",),
    ),
)
