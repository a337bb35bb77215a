"""Closed vocabularies of the registry (domain.md 1.2, 2.1, 2.2) and the audit tags it uses."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum, StrEnum
from uuid import UUID

from portal.audit.values import audit_tag
from portal.core.geometry import Datum
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


class FilingKind(StrEnum):
    """Why a filing is made; decides its clock."""

    NEW = "new"
    EXISTING = "existing"
    CHANGE = "change"


class CameraType(StrEnum):
    """Field 11 of the one-camera-one-file sheet; CODES give its number there."""

    PTZ_DOME = "ptz_dome"
    HEMISPHERE = "hemisphere"
    FIXED_BULLET = "fixed_bullet"
    REMOTE_BULLET = "remote_bullet"
    CHECKPOINT_BULLET = "checkpoint_bullet"
    UNKNOWN = "unknown"


CAMERA_TYPE_CODES = {
    CameraType.PTZ_DOME: "1",
    CameraType.HEMISPHERE: "2",
    CameraType.FIXED_BULLET: "3",
    CameraType.REMOTE_BULLET: "4",
    CameraType.CHECKPOINT_BULLET: "5",
    CameraType.UNKNOWN: "99",
}


class PointType(IntEnum):
    """Field 5: class of the monitoring point."""

    FIRST = 1
    SECOND = 2
    THIRD = 3
    POLICE_INTERNAL = 4
    OTHER = 9


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
    """What the system form yields. `parties` maps a role to a name."""

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
    secret: bool = False
    parties: Mapping[PartyRole, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class CameraParticulars:
    """What the camera form or one sheet row yields. The pair of coordinates is in the declared datum, degrees."""

    name: str
    lon: float
    lat: float
    datum: Datum = Datum.WGS84
    gb_code: str | None = None
    address: str = ""
    camera_type: CameraType = CameraType.UNKNOWN
    point_type: PointType = PointType.OTHER
    zone: str | None = None
    azimuth: int | None = None
    view_angle: int | None = None
    range_m: int | None = None
    resolution: str = ""
    manufacturer: str = ""
    model: str = ""
    records_audio: bool = False
    retention_days: int | None = None
    installed_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class AccessParticulars:
    """How a camera is reached. An empty password keeps the sealed one, as long as the host stays."""

    host: str
    rtsp_port: int | None = None
    onvif_port: int | None = None
    user: str = ""
    password: str = field(default="", repr=False)


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
CAMERA_CHANGED = audit_tag("registry:camera:change", "Camera changed")
ACCESS_CHANGED = audit_tag("registry:access:change", "Device access changed")
CAMERAS_IMPORTED = audit_tag("registry:import:load", "Cameras imported")
IMPORT_STARTED = audit_tag("registry:import:start", "Camera import started")
IMPORT_CANCELLED = audit_tag("registry:import:cancel", "Camera import cancelled")
FILING_OPENED = audit_tag("registry:filing:open", "Filing opened")
FILING_SUBMITTED = audit_tag("registry:filing:submit", "Filing submitted")
FILING_RETURNED = audit_tag("registry:filing:return", "Filing returned for correction")
FILING_ACCEPTED = audit_tag("registry:filing:accept", "Filing accepted")
FILING_WITHDRAWN = audit_tag("registry:filing:withdraw", "Filing withdrawn")
DOCUMENT_ATTACHED = audit_tag("registry:document:attach", "Document uploaded")
DOCUMENT_READ = audit_tag("registry:document:read", "Document opened", sensitive_read=True)
