"""The blueprint, its lines in the menu, and what several pages say alike."""

from collections.abc import Iterable, Mapping
from datetime import date

from flask import Blueprint
from flask_babel import lazy_gettext as _

from portal.accounts.permissions import Permission
from portal.accounts.queries import divisions
from portal.mandates.models import MandateProvision
from portal.mandates.queries.dictionary import dictionary
from portal.mandates.values import Category, Part
from portal.regulation.labels import language
from portal.web import formats
from portal.web.navigation import NavItem, Section, add_to_navigation
from portal.web.session import db_session

bp = Blueprint("mandates", __name__, template_folder="../templates")

add_to_navigation(
    bp,
    NavItem(
        section=Section.SUPERVISION,
        label=_("Those who must install"),
        endpoint="mandates.gaps",
        permission=Permission.COVERAGE_READ,
        order=20,
        covers=(
            *("mandates.entries", "mandates.entry", "mandates.entry_", "mandates.matches", "mandates.match_"),
            *("mandates.lists", "mandates.list_", "mandates.orders", "mandates.order", "mandates.order_"),
            "mandates.parts_",
        ),
    ),
    NavItem(
        section=Section.SUPERVISION,
        label=_("Public projects"),
        endpoint="mandates.projects",
        permission=Permission.PROJECT_READ,
        order=30,
        covers=("mandates.project_", "mandates.relocation", "mandates.relocation_"),
    ),
    NavItem(
        section=Section.LAW,
        label=_("Dictionary of mandated categories"),
        endpoint="mandates.dictionary_page",
        permission=Permission.RULES_READ,
        order=40,
        covers=("mandates.dictionary_",),
    ),
    NavItem(
        section=Section.EVIDENCE,
        label=_("Uses by the police"),
        endpoint="mandates.my_uses",
        permission=Permission.USES_READ,
        order=60,
        covers=("mandates.uses", "mandates.complaints", "mandates.complaint", "mandates.complaint_"),
    ),
)


def said(thing: Category | MandateProvision | Part) -> str:
    """A name kept in two languages, in the reader's."""
    return thing.in_language(language())


def category_names(categories: Mapping[str, Category]) -> Mapping[str, str]:
    """The names of categories in the reader's language."""
    return {key: said(category) for key, category in categories.items()}


def categories_in_force(on: date) -> Mapping[str, Category]:
    """The dictionary of a day."""
    return dictionary(db_session(), on=on)


def district_choices(codes: Iterable[str] | None = None) -> list[tuple[str, str]]:
    """The city's districts, or those named, as choices."""
    wanted = None if codes is None else set(codes)
    return [
        (row.code, formats.district(row.code))
        for row in divisions(db_session())
        if wanted is None or row.code in wanted
    ]
