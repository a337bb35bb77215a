"""The blueprint and its line in the menu."""

from flask import Blueprint
from flask_babel import lazy_gettext as _

from portal.accounts.permissions import Permission
from portal.web.navigation import NavItem, Section, add_to_navigation

bp = Blueprint("connections", __name__, template_folder="../templates")

add_to_navigation(
    bp,
    NavItem(
        section=Section.EVIDENCE,
        label=_("Direct connections"),
        endpoint="connections.orders",
        permission=Permission.CONNECTION_ORDER_READ,
        order=40,
        covers=("connections.",),
    ),
)
