"""The blueprint and its line in the menu."""

from flask import Blueprint
from flask_babel import lazy_gettext as _

from portal.accounts.permissions import Permission
from portal.web.navigation import NavItem, Section, add_to_navigation

bp = Blueprint("upkeep", __name__, template_folder="../templates")

add_to_navigation(
    bp,
    NavItem(
        section=Section.RECORDS,
        label=_("Books of the unit"),
        endpoint="upkeep.custodies",
        permission=Permission.BOOK_READ,
        order=60,
        covers=("upkeep.",),
    ),
)
