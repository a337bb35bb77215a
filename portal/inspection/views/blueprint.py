"""The blueprint of inspection, its line in the menu, and the papers it asks for."""

from collections.abc import Set
from datetime import date
from typing import Any

from flask import Blueprint, Flask, request
from flask_babel import lazy_gettext as _

from portal.accounts.permissions import Permission
from portal.inspection.rules import PAPERS_OF
from portal.inspection.states import AcceptanceKind
from portal.registry.rules import PRINTED_HERE
from portal.regulation.effective import EffectiveRules, RequiredDocument
from portal.web.navigation import NavItem, Section, add_to_navigation

bp = Blueprint("inspection", __name__, template_folder="../templates")

add_to_navigation(
    bp,
    NavItem(
        section=Section.SUPERVISION,
        label=_("Acceptance"),
        endpoint="inspection.acceptances",
        permission=Permission.ACCEPTANCE_READ,
        order=10,
        covers=("inspection.",),
    ),
)

add_to_navigation(
    bp,
    NavItem(
        section=Section.SUPERVISION,
        label=_("Inspection in the field"),
        endpoint="inspection.field",
        permission=Permission.VISIT_SCORE,
        order=11,
    ),
)


# Where papers are checked, as the portal's settings say.
setting: dict[str, Any] = {"base_url": ""}


def init_app(app: Flask) -> None:
    """Take over the address under which the portal is known."""
    setting["base_url"] = app.extensions["portal_settings"].base_url.rstrip("/")


def asked_day(name: str) -> date | None:
    """A day of the address; what is none is not asked for."""
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None


def papers_asked_for(
    rules: EffectiveRules, kind: AcceptanceKind, present: Set[str]
) -> list[tuple[RequiredDocument, bool]]:
    """Each paper an acceptance of a kind asks for, with whether the system has one."""
    wanted = rules.documents(PAPERS_OF[kind])
    return [(paper, paper.document in present) for paper in wanted if paper.document not in PRINTED_HERE]
