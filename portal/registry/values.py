"""Closed vocabularies of the registry (domain.md 1.2, 2.1, 2.2) and the audit tags it uses."""

from enum import IntEnum, StrEnum


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


class LegalRegime(StrEnum):
    """Which duties apply at all (domain.md 1.2)."""

    PUBLIC_GOVERNMENT = "a7_1"
    PUBLIC_UNIT = "a7_2"
    OTHER_PUBLIC = "a9"
    NON_PUBLIC = "a33"
    LOCAL_INTERNAL = "local_internal"


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
