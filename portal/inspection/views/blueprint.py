"""The blueprint of inspection, its line in the menu, and the papers it asks for."""

from datetime import date
from typing import Any

from flask import Blueprint, Flask, request
from flask_babel import lazy_gettext as _

from portal.accounts.permissions import Permission
from portal.inspection.rules import papers_for
from portal.inspection.states import AcceptanceKind, ProjectClass
from portal.registry.models import System, Unit
from portal.registry.queries import documents_of
from portal.regulation.effective import RequiredDocument
from portal.web.navigation import NavItem, Section, add_to_navigation
from portal.web.session import db_session

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
        spares=("inspection.findings", "inspection.finding", "inspection.finding_"),
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
    """A day of the address; what is none is not asked for, nor one whose next day no calendar has."""
    try:
        day = date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None
    return day if date.min < day < date.max else None


def papers_asked_for(
    unit: Unit, system: System, kind: AcceptanceKind, project_class: ProjectClass, *, on: date
) -> list[tuple[RequiredDocument, bool]]:
    """Each paper an acceptance of a kind and class asks for, with whether the system has one."""
    present = {document.slot for document in documents_of(db_session(), system.id)}
    wanted = papers_for(unit, system, kind=kind, project_class=project_class, on=on)
    return [(paper, paper.document in present) for paper in wanted]
