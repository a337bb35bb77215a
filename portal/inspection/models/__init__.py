"""What inspection keeps: acceptances, visits with their inspectors, answers and photos, published results."""

from portal.inspection.models.acceptances import Acceptance, PublishedResult
from portal.inspection.models.visits import Answer, Visit, VisitInspector, VisitPhoto

__all__ = ["Acceptance", "Answer", "PublishedResult", "Visit", "VisitInspector", "VisitPhoto"]
