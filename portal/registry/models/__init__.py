"""Units, sites, systems, cameras, filings and documents: columns and constraints, no decisions.

`unit_id` and `district` are repeated on every row that row-level security guards, so that a policy is one indexed
comparison and never a join.
"""

from portal.registry.models.cameras import Camera, CameraAccess, CameraImport
from portal.registry.models.compliance import ProductCertificate, SystemCompliance, SystemConnection
from portal.registry.models.contractors import (
    Contractor,
    Engagement,
    EngagementTechnician,
    Qualification,
    QualificationPaper,
    Technician,
)
from portal.registry.models.duties import FilingClock, FilingConfirmation, FilingFinding, SystemComponent
from portal.registry.models.filings import Document, Filing, FilingNumber, FilingRevision
from portal.registry.models.history import RowHistory
from portal.registry.models.lists import CameraCount, ListChoice, ListRun, SavedView
from portal.registry.models.parties import SystemContact, SystemParty
from portal.registry.models.plans import PlanItem, PlanMatch
from portal.registry.models.search import SearchEntry
from portal.registry.models.units import Site, System, Unit

__all__ = [
    "Camera",
    "CameraAccess",
    "CameraCount",
    "CameraImport",
    "Contractor",
    "Document",
    "Engagement",
    "EngagementTechnician",
    "Filing",
    "FilingClock",
    "FilingConfirmation",
    "FilingFinding",
    "FilingNumber",
    "FilingRevision",
    "ListChoice",
    "ListRun",
    "PlanItem",
    "PlanMatch",
    "ProductCertificate",
    "Qualification",
    "QualificationPaper",
    "RowHistory",
    "SavedView",
    "SearchEntry",
    "Site",
    "System",
    "SystemCompliance",
    "SystemComponent",
    "SystemConnection",
    "SystemContact",
    "SystemParty",
    "Technician",
    "Unit",
]
