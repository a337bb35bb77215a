"""Closed vocabularies of the registry (domain.md 1.2, 2.1, 2.2) and the audit tags it uses."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from uuid import UUID

from portal.audit.values import audit_tag
from portal.registry.values.archive import FundingSource
from portal.registry.values.camera import (
    CAMERA_TYPE_CODES,
    AccessParticulars,
    CameraParticulars,
    CameraType,
    CodeEdition,
    Direction,
    Encoding,
    FillLight,
    FunctionType,
    Maker,
    Networked,
    NetworkMode,
    PatrolMode,
    PlaceType,
    PointType,
    PositionMethod,
    PositionType,
    PowerSource,
    Sector,
)
from portal.registry.values.filing import (
    DECLARATION_VERSION,
    ClockKind,
    ComponentPart,
    ComponentParticulars,
    FilingKind,
    FindingBasis,
    Handler,
)
from portal.regulation.schema.base import Citation
from portal.regulation.schema.vocabulary import Regime


class UnitType(StrEnum):
    """What kind of place a unit runs; decides zones, categories and chains."""

    SCHOOL = "school"
    KINDERGARTEN = "kindergarten"
    COLLEGE = "college"
    HOSPITAL = "hospital"
    BANK = "bank"
    MALL = "mall"
    HOTEL = "hotel"
    ENTERTAINMENT = "entertainment"
    TRANSPORT = "transport"
    GOVERNMENT = "government"
    MUSEUM = "museum"
    UTILITY = "utility"
    FUEL = "fuel"
    TELECOM = "telecom"
    MEDIA = "media"
    INDUSTRY = "industry"
    DEPOT = "depot"
    PARK = "park"
    COMMUNITY = "community"
    POLICE = "police"
    SHOP = "shop"
    OTHER = "other"


class SystemKind(StrEnum):
    """REG-01: the two kinds of Anyang 2007 art. 2."""

    PUBLIC = "public"
    UNIT_INTERNAL = "unit_internal"


class StorageKind(StrEnum):
    """Where recordings are kept."""

    NVR = "nvr"
    DVR = "dvr"
    PLATFORM = "platform"
    CLOUD = "cloud"
    CAMERA = "camera"


class HistoryKind(StrEnum):
    """Whose past versions are kept."""

    CAMERA = "camera"
    SYSTEM = "system"
    UNIT = "unit"


class PartyRole(StrEnum):
    """REG-05: who invests, builds, uses, manages."""

    INVESTOR = "investor"
    BUILDER = "builder"
    USER = "user"
    MANAGER = "manager"


@dataclass(frozen=True, kw_only=True)
class UnitParticulars:
    """What the unit form yields. Phones are plain here and sealed by the operation."""

    name: str
    unit_type: UnitType
    district: str
    address: str
    uscc: str | None = None
    category: str | None = None
    counter_terror_target: bool = False
    lon: float | None = None
    lat: float | None = None
    principal_name: str = ""
    security_head_name: str = ""
    contact_name: str = ""
    contact_phone: str = ""
    duty_phone: str = ""
    house_profiles: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SystemParticulars:
    """What the system form yields. `parties` maps a role to who holds it now; roles left out stay as they are."""

    name: str
    kind: SystemKind
    regime: Regime
    district: str
    address: str
    regime_answers: Mapping[str, str] = field(default_factory=dict)
    site_id: UUID | None = None
    purpose: str = ""
    department: str = ""
    in_use_on: date | None = None
    retention_days: int | None = None
    storage_kind: StorageKind | None = None
    records_audio: bool = False
    has_analytics: bool = False
    networked: bool = False
    software: str = ""
    funding: FundingSource | None = None
    secret: bool = False
    parties: Mapping[PartyRole, str] = field(default_factory=dict)
    lon: float | None = None
    lat: float | None = None
    declared_devices: Mapping[str, int] = field(default_factory=dict)
    construction_began_on: date | None = None
    construction_finished_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class Shortfall:
    """Something a filing still lacks, and the text that asks for it. `where` names the form or slot to go to."""

    code: str
    where: str
    data: Mapping[str, object] = field(default_factory=dict)
    citations: tuple[Citation, ...] = ()
    blocking: bool = True


UNIT_CREATED = audit_tag("registry:unit:create", "Unit entered")
UNIT_CHANGED = audit_tag("registry:unit:change", "Unit changed")
CONTACT_REVEALED = audit_tag("registry:contact:reveal", "Telephone number shown", sensitive_read=True)
SYSTEM_CREATED = audit_tag("registry:system:create", "System entered")
SYSTEM_CHANGED = audit_tag("registry:system:change", "System changed")
SYSTEM_USE_CHANGED = audit_tag("registry:system:use", "Use of system changed")
CAMERA_CREATED = audit_tag("registry:camera:create", "Camera entered")
CODE_REFUSED = audit_tag("registry:camera:code_refused", "Device code refused as taken")
CAMERA_CHANGED = audit_tag("registry:camera:change", "Camera changed")
ACCESS_CHANGED = audit_tag("registry:access:change", "Device access changed")
CODE_ASSIGNED = audit_tag("registry:camera:assign_code", "Device code assigned")
SCENE_KEPT = audit_tag("registry:scene:keep", "Scene photo kept")
SCENE_REMOVED = audit_tag("registry:scene:remove", "Scene photo taken off")
SCENE_READ = audit_tag("registry:scene:read", "Scene photo looked at", sensitive_read=True)
HISTORY_READ = audit_tag("registry:history:read", "History of a secret record read", sensitive_read=True)
CAMERAS_CHANGED = audit_tag("registry:camera:change_many", "Many cameras changed at once")
LIST_EXPORTED = audit_tag("registry:list:export", "List taken out as a file", sensitive_read=True)
LIST_FILE_FETCHED = audit_tag("registry:list:fetch", "File of a list fetched", sensitive_read=True)
CAMERAS_IMPORTED = audit_tag("registry:import:load", "Cameras imported")
IMPORT_STARTED = audit_tag("registry:import:start", "Camera import started")
IMPORT_CONFIRMED = audit_tag("registry:import:confirm", "Camera import confirmed")
IMPORT_FAULTS_DECIDED = audit_tag("registry:import:decide", "Faults of a camera import decided")
IMPORT_PARKED_TAKEN = audit_tag("registry:import:parked", "Parked rows of a camera import downloaded")
IMPORT_UNDO_ASKED = audit_tag("registry:import:undo", "Undoing of a camera import asked for")
IMPORT_UNDONE = audit_tag("registry:import:take_out", "Imported cameras taken out again")
IMPORT_CANCELLED = audit_tag("registry:import:cancel", "Camera import cancelled")
FILING_OPENED = audit_tag("registry:filing:open", "Filing opened")
FILING_SUBMITTED = audit_tag("registry:filing:submit", "Filing submitted")
FILING_RETURNED = audit_tag("registry:filing:return", "Filing returned for correction")
FILING_ACCEPTED = audit_tag("registry:filing:accept", "Filing accepted")
FILING_WITHDRAWN = audit_tag("registry:filing:withdraw", "Filing withdrawn")
FILING_LAPSED = audit_tag("registry:filing:lapse", "Yearly confirmation lapsed")
FILING_CONFIRMED = audit_tag("registry:filing:confirm", "Filing confirmed as still true")
FILING_SUSPENDED = audit_tag("registry:filing:suspend", "Filing suspended")
FILING_RESUMED = audit_tag("registry:filing:resume", "Filing in force again")
FILING_MOVED = audit_tag("registry:filing:move", "System moved; filing ended here")
FILING_CANCELLED = audit_tag("registry:filing:cancel", "Filing cancelled")
FILING_REMOVED = audit_tag("registry:filing:remove", "Registration removed on request")
FILING_EXTENDED = audit_tag("registry:filing:extend", "Time limit extended")
FILING_EXPORTED = audit_tag("registry:filing:export", "Filing printed or exported", sensitive_read=True)
NATIONAL_RECORDED = audit_tag("registry:filing:national", "National filing number recorded")
FINDING_RAISED = audit_tag("registry:finding:raise", "Falsehood noted")
FINDING_UPHELD = audit_tag("registry:finding:uphold", "Falsehood upheld")
FINDING_DISMISSED = audit_tag("registry:finding:dismiss", "Falsehood dismissed")
FINDING_CORRECTED = audit_tag("registry:finding:correct", "Falsehood corrected")
COMPONENT_CHANGED = audit_tag("registry:component:change", "Equipment or software of a system changed")
DOCUMENT_ATTACHED = audit_tag("registry:document:attach", "Document uploaded")
DOCUMENT_READ = audit_tag("registry:document:read", "Document opened", sensitive_read=True)

__all__ = [
    "ACCESS_CHANGED",
    "CAMERAS_CHANGED",
    "CAMERAS_IMPORTED",
    "CAMERA_CHANGED",
    "CAMERA_CREATED",
    "CAMERA_TYPE_CODES",
    "CODE_ASSIGNED",
    "CODE_REFUSED",
    "COMPONENT_CHANGED",
    "CONTACT_REVEALED",
    "DECLARATION_VERSION",
    "DOCUMENT_ATTACHED",
    "DOCUMENT_READ",
    "FILING_ACCEPTED",
    "FILING_CANCELLED",
    "FILING_CONFIRMED",
    "FILING_EXPORTED",
    "FILING_EXTENDED",
    "FILING_LAPSED",
    "FILING_MOVED",
    "FILING_OPENED",
    "FILING_REMOVED",
    "FILING_RESUMED",
    "FILING_RETURNED",
    "FILING_SUBMITTED",
    "FILING_SUSPENDED",
    "FILING_WITHDRAWN",
    "FINDING_CORRECTED",
    "FINDING_DISMISSED",
    "FINDING_RAISED",
    "FINDING_UPHELD",
    "HISTORY_READ",
    "IMPORT_CANCELLED",
    "IMPORT_CONFIRMED",
    "IMPORT_FAULTS_DECIDED",
    "IMPORT_PARKED_TAKEN",
    "IMPORT_STARTED",
    "IMPORT_UNDONE",
    "IMPORT_UNDO_ASKED",
    "LIST_EXPORTED",
    "LIST_FILE_FETCHED",
    "NATIONAL_RECORDED",
    "SCENE_KEPT",
    "SCENE_READ",
    "SCENE_REMOVED",
    "SYSTEM_CHANGED",
    "SYSTEM_CREATED",
    "SYSTEM_USE_CHANGED",
    "UNIT_CHANGED",
    "UNIT_CREATED",
    "AccessParticulars",
    "CameraParticulars",
    "CameraType",
    "ClockKind",
    "CodeEdition",
    "ComponentPart",
    "ComponentParticulars",
    "Direction",
    "Encoding",
    "FilingKind",
    "FillLight",
    "FindingBasis",
    "FunctionType",
    "Handler",
    "HistoryKind",
    "Maker",
    "NetworkMode",
    "Networked",
    "PartyRole",
    "PatrolMode",
    "PlaceType",
    "PointType",
    "PositionMethod",
    "PositionType",
    "PowerSource",
    "Sector",
    "Shortfall",
    "StorageKind",
    "SystemKind",
    "SystemParticulars",
    "UnitParticulars",
    "UnitType",
]
