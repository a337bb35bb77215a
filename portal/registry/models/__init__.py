"""Units, sites, systems, cameras, filings and documents: columns and constraints, no decisions.

`unit_id` and `district` are repeated on every row that row-level security guards, so that a policy is one indexed
comparison and never a join.
"""

from portal.registry.models.cameras import Camera, CameraAccess
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
from portal.registry.models.imports import CameraImport, ImportFault, ImportRow
from portal.registry.models.lists import CameraCount, ListChoice, ListRun, SavedView
from portal.registry.models.operators import Operator
from portal.registry.models.parties import SystemContact, SystemParty
from portal.registry.models.plans import PlanItem, PlanMatch
from portal.registry.models.reviews import PlaceReview, ProtectedSite, TipOff
from portal.registry.models.search import SearchDue, SearchEntry
from portal.registry.models.units import Site, System, Unit
from portal.registry.models.zones import PrivacyMask, Sign, SystemStandard, SystemZone, ZoneCamera

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
    "ImportFault",
    "ImportRow",
    "ListChoice",
    "ListRun",
    "Operator",
    "PlaceReview",
    "PlanItem",
    "PlanMatch",
    "PrivacyMask",
    "ProductCertificate",
    "ProtectedSite",
    "Qualification",
    "QualificationPaper",
    "RowHistory",
    "SavedView",
    "SearchDue",
    "SearchEntry",
    "Sign",
    "Site",
    "System",
    "SystemCompliance",
    "SystemComponent",
    "SystemConnection",
    "SystemContact",
    "SystemParty",
    "SystemStandard",
    "SystemZone",
    "Technician",
    "TipOff",
    "Unit",
    "ZoneCamera",
]
