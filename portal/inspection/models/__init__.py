"""What inspection keeps: acceptances, inspectors, visits with who goes, answers and photos, published results."""

from portal.inspection.models.acceptances import Acceptance, AcceptanceClock, PublishedResult
from portal.inspection.models.assessments import SelfAssessment
from portal.inspection.models.findings import Finding, FindingCure, FindingProof
from portal.inspection.models.overrides import ConclusionOverride
from portal.inspection.models.people import CalendarFeed, InspectorAbsence, InspectorConflict, InspectorProfile
from portal.inspection.models.readiness import ReadinessReport, ReadinessWaiver
from portal.inspection.models.sealing import FieldDevice, SealedEntry
from portal.inspection.models.visits import Answer, Visit, VisitInspector, VisitPhoto

__all__ = [
    "Acceptance",
    "AcceptanceClock",
    "Answer",
    "CalendarFeed",
    "ConclusionOverride",
    "FieldDevice",
    "Finding",
    "FindingCure",
    "FindingProof",
    "InspectorAbsence",
    "InspectorConflict",
    "InspectorProfile",
    "PublishedResult",
    "ReadinessReport",
    "ReadinessWaiver",
    "SealedEntry",
    "SelfAssessment",
    "Visit",
    "VisitInspector",
    "VisitPhoto",
]
