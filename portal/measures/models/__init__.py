"""Tables of this package."""

from portal.measures.models.corrections import CorrectionOrder, FineProposal, RefusalFinding
from portal.measures.models.draws import Draw, DrawMember, PlannedVisit, PlannedVisitPhoto, SupervisionPlan
from portal.measures.models.ladder import Measure, MeasureNumber

__all__ = [
    "CorrectionOrder",
    "Draw",
    "DrawMember",
    "FineProposal",
    "Measure",
    "MeasureNumber",
    "PlannedVisit",
    "PlannedVisitPhoto",
    "RefusalFinding",
    "SupervisionPlan",
]
