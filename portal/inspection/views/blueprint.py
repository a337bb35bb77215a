"""The blueprint of inspection, its line in the menu, and the papers it asks for."""

from collections.abc import Set

from flask import Blueprint
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


def papers_asked_for(
    rules: EffectiveRules, kind: AcceptanceKind, present: Set[str]
) -> list[tuple[RequiredDocument, bool]]:
    """Each paper an acceptance of a kind asks for, with whether the system has one."""
    wanted = rules.documents(PAPERS_OF[kind])
    return [(paper, paper.document in present) for paper in wanted if paper.document not in PRINTED_HERE]
