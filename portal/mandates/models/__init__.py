"""Tables of this package."""

from portal.mandates.models.complaint import OwnerComplaint
from portal.mandates.models.project import (
    ProjectCamera,
    PublicMove,
    PublicProject,
    RelocationCamera,
    RelocationOrder,
)
from portal.mandates.models.register import (
    InstallOrder,
    MandatedUnit,
    MandateMatch,
    MandateNumber,
    MandateProvision,
    MandateSource,
    PartCover,
)

__all__ = [
    "InstallOrder",
    "MandateMatch",
    "MandateNumber",
    "MandateProvision",
    "MandateSource",
    "MandatedUnit",
    "OwnerComplaint",
    "PartCover",
    "ProjectCamera",
    "PublicMove",
    "PublicProject",
    "RelocationCamera",
    "RelocationOrder",
]
