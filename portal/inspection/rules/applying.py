"""Who may ask for which kind of acceptance, and of which papers and which list it is judged by. Pure."""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from portal.inspection.states import AcceptanceKind, ProjectClass
from portal.registry.rules import PRINTED_HERE, rules_for
from portal.registry.states import UseStatus
from portal.regulation.effective import EffectiveRules, RequiredDocument
from portal.regulation.schema.checklist import ChecklistKind
from portal.regulation.schema.keys import RuleKey

if TYPE_CHECKING:
    from portal.registry.models import System, Unit

# The act under which a profile names the papers to hand in.
PAPERS_OF: Mapping[AcceptanceKind, str] = {
    AcceptanceKind.NEW: "acceptance",
    AcceptanceKind.CHANGE: "acceptance",
    AcceptanceKind.STANDARD: "standard",
}
LIST_OF: Mapping[AcceptanceKind, ChecklistKind] = {
    AcceptanceKind.NEW: ChecklistKind.RATED,
    AcceptanceKind.CHANGE: ChecklistKind.RATED,
    AcceptanceKind.STANDARD: ChecklistKind.SCORED,
}
_OVER = frozenset({UseStatus.SUSPENDED, UseStatus.DISMANTLED})


def papers_for(
    unit: "Unit", system: "System", *, kind: AcceptanceKind, project_class: ProjectClass, on: date
) -> tuple[RequiredDocument, ...]:
    """The papers to hand in for a kind of acceptance of a project of this class; what the portal prints itself is none."""
    rules = rules_for(unit, system, on=on, facts={"project_class": str(project_class)})
    return tuple(paper for paper in rules.documents(PAPERS_OF[kind]) if paper.document not in PRINTED_HERE)


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What counts when a unit asks for an acceptance of one of its systems."""

    use_status: UseStatus
    accepted: bool
    open_kinds: Set[AcceptanceKind] = frozenset()
    has_standard: bool = False


def refusal_of(kind: AcceptanceKind, standing: Standing) -> str | None:
    """Why a kind cannot be asked for now, as an error code; None when it can.

    A new system is accepted once, before use (Anyang 2007 art. 10); what is altered afterwards is accepted again. A
    system that has run for years without any acceptance may still ask for its first.
    """
    if standing.use_status in _OVER:
        return "use_over"
    standard = kind is AcceptanceKind.STANDARD
    if any((other is AcceptanceKind.STANDARD) is standard for other in standing.open_kinds):
        return "acceptance_open"
    if standard:
        if not standing.has_standard:
            return "no_standard"
        return None if standing.use_status is UseStatus.IN_USE else "standard_before_use"
    if kind is AcceptanceKind.NEW:
        return "accepted_already" if standing.accepted else None
    return None if standing.accepted or standing.use_status is UseStatus.IN_USE else "nothing_accepted_yet"


def kinds_open_to(standing: Standing) -> tuple[AcceptanceKind, ...]:
    """The kinds that can be asked for now."""
    return tuple(kind for kind in AcceptanceKind if refusal_of(kind, standing) is None)


def has_standard(rules: EffectiveRules) -> bool:
    """Whether a scored standard with grades governs this unit (003 annex: the schools of the county)."""
    return rules.bands(RuleKey.GRADE_BANDS) is not None and bool(rules.checklists(ChecklistKind.SCORED))
