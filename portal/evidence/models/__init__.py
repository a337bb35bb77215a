"""Tables of footage requests: the request and what it names, its execution, and the call register."""

from portal.evidence.models.asks import (
    IdentitySeen,
    IndividualViewing,
    RequestFacts,
    SupplyDuty,
    SupplyFailing,
    UrgentCall,
)
from portal.evidence.models.backups import DutyBackup
from portal.evidence.models.breadth import RequestBreadth
from portal.evidence.models.copies import FootageCopy
from portal.evidence.models.custody import CustodyEntry, FootageItem, FootageManifest, Handover, UnlockSession
from portal.evidence.models.equipment import (
    EquipmentCamera,
    EquipmentDeed,
    EquipmentNumber,
    EquipmentObstruction,
    EquipmentOfficer,
    EquipmentUse,
)
from portal.evidence.models.hold import PreservationHold
from portal.evidence.models.leaks import DeletionDuty, LeakCase, LeakMeasure
from portal.evidence.models.missing import Completeness, MissingFootage
from portal.evidence.models.notice import FootageNotice
from portal.evidence.models.packages import FootagePackage
from portal.evidence.models.receipts import RequestReceipt
from portal.evidence.models.recording import RecordingSetting
from portal.evidence.models.request import (
    FootageRequest,
    RequestCamera,
    RequestDocument,
    RequestNumber,
    RequestOfficer,
    RequestReader,
)
from portal.evidence.models.uploads import FootageUpload, UploadWindow
from portal.evidence.models.watching import OversightQuestion

__all__ = [
    "Completeness",
    "CustodyEntry",
    "DeletionDuty",
    "DutyBackup",
    "EquipmentCamera",
    "EquipmentDeed",
    "EquipmentNumber",
    "EquipmentObstruction",
    "EquipmentOfficer",
    "EquipmentUse",
    "FootageCopy",
    "FootageItem",
    "FootageManifest",
    "FootageNotice",
    "FootagePackage",
    "FootageRequest",
    "FootageUpload",
    "Handover",
    "IdentitySeen",
    "IndividualViewing",
    "LeakCase",
    "LeakMeasure",
    "MissingFootage",
    "OversightQuestion",
    "PreservationHold",
    "RecordingSetting",
    "RequestBreadth",
    "RequestCamera",
    "RequestDocument",
    "RequestFacts",
    "RequestNumber",
    "RequestOfficer",
    "RequestReader",
    "RequestReceipt",
    "SupplyDuty",
    "SupplyFailing",
    "UnlockSession",
    "UploadWindow",
    "UrgentCall",
]
