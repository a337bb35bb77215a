"""Tables of footage requests: the request and what it names, its execution, and the call register."""

from portal.evidence.models.custody import CustodyEntry, FootageItem, FootageManifest, Handover, UnlockSession
from portal.evidence.models.hold import PreservationHold
from portal.evidence.models.notice import FootageNotice
from portal.evidence.models.request import (
    FootageRequest,
    RequestCamera,
    RequestDocument,
    RequestNumber,
    RequestOfficer,
    RequestReader,
)

__all__ = [
    "CustodyEntry",
    "FootageItem",
    "FootageManifest",
    "FootageNotice",
    "FootageRequest",
    "Handover",
    "PreservationHold",
    "RequestCamera",
    "RequestDocument",
    "RequestNumber",
    "RequestOfficer",
    "RequestReader",
    "UnlockSession",
]
