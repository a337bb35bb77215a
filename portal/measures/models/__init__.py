"""Tables of this package."""

from portal.measures.models.corrections import CorrectionOrder, FineProposal, RefusalFinding
from portal.measures.models.ladder import Measure, MeasureNumber

__all__ = ["CorrectionOrder", "FineProposal", "Measure", "MeasureNumber", "RefusalFinding"]
