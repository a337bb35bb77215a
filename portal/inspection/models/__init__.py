"""What inspection keeps: acceptances, visits with their inspectors, answers and photos, published results."""

from portal.inspection.models.acceptances import Acceptance, AcceptanceClock, PublishedResult
from portal.inspection.models.visits import Answer, Visit, VisitInspector, VisitPhoto

__all__ = ["Acceptance", "AcceptanceClock", "Answer", "PublishedResult", "Visit", "VisitInspector", "VisitPhoto"]
