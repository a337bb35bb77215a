"""Units, sites, systems, cameras, filings and documents: columns and constraints, no decisions.

`unit_id` and `district` are repeated on every row that row-level security guards, so that a policy is one indexed
comparison and never a join.
"""

from portal.registry.models.cameras import Camera, CameraAccess, CameraImport
from portal.registry.models.filings import Document, Filing, FilingNumber, FilingRevision
from portal.registry.models.history import RowHistory
from portal.registry.models.lists import CameraCount, ListChoice, ListRun, SavedView
from portal.registry.models.search import SearchEntry
from portal.registry.models.units import Site, System, SystemParty, Unit

__all__ = [
    "Camera",
    "CameraAccess",
    "CameraCount",
    "CameraImport",
    "Document",
    "Filing",
    "FilingNumber",
    "FilingRevision",
    "ListChoice",
    "ListRun",
    "RowHistory",
    "SavedView",
    "SearchEntry",
    "Site",
    "System",
    "SystemParty",
    "Unit",
]
