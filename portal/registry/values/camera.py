"""What one camera's file can say: the closed vocabularies of domain.md 2.1 and 2.2, and the value a form or row yields.

The numbers are those of the police sheets and of GB/T 28181; they are stored as they are exchanged.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import IntEnum, StrEnum

from portal.core.geometry import Datum
from portal.registry.states import CameraStatus


class CameraType(StrEnum):
    """Field 11 (sxjlx); CAMERA_TYPE_CODES give its number there."""

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
    """Field 5 (jkdwlx): class of the monitoring point."""

    FIRST = 1
    SECOND = 2
    THIRD = 3
    POLICE_INTERNAL = 4
    OTHER = 9


class CodeEdition(StrEnum):
    """The edition of GB/T 28181 a device code was made by: its network digit means something else in each."""

    Y2016 = "2016"
    Y2022 = "2022"


class Maker(IntEnum):
    """Field 3 (sbcs): manufacturer."""

    HIKVISION = 1
    DAHUA = 2
    TIANDY = 3
    KEDACOM = 4
    AXIS = 5
    BOSCH = 6
    YAAN = 7
    INFINOVA = 8
    UNIVIEW = 9
    HISENSE = 10
    VIMICRO = 11
    MINGJING = 12
    LENOVO = 13
    ZTE = 14
    HUAWEI = 15
    OTHER = 99


class FunctionType(IntEnum):
    """Field 12 (sxjgnlx): what a camera is for; several may hold."""

    VEHICLE_CHECKPOINT = 1
    PERSON_CHECKPOINT = 2
    MICRO_CHECKPOINT = 3
    FEATURE = 4
    ORDINARY = 5
    LOOKOUT = 6
    OTHER = 99


class FillLight(IntEnum):
    """Field 13 (bgsx). Laser came with the 2022 edition of GB/T 28181."""

    NONE = 1
    INFRARED = 2
    WHITE = 3
    LASER = 4
    OTHER = 9


class Encoding(IntEnum):
    """Field 14 (sxjbmgs): video encoding."""

    MPEG4 = 1
    H264 = 2
    SVAC = 3
    H265 = 4


class PositionType(IntEnum):
    """Field 18 (sxjwzlx): what kind of place a camera watches; several may hold."""

    PROVINCE_CHECKPOINT = 1
    GOVERNMENT = 2
    STATION = 3
    SQUARE = 4
    STADIUM = 5
    COMMERCE = 6
    RELIGION = 7
    CAMPUS = 8
    COMPLEX_ORDER = 9
    ARTERY = 10
    HOSPITAL = 11
    FINANCE = 12
    DANGEROUS_GOODS = 13
    EXHIBITION = 14
    WATERS = 15
    CITY_CHECKPOINT = 96
    FOREIGN = 97
    BORDER = 98
    TOURISM = 99


class Direction(IntEnum):
    """Field 19 (jsfw): where a camera looks to. 1 is looking from west to east."""

    EAST = 1
    WEST = 2
    SOUTH = 3
    NORTH = 4
    SOUTHEAST = 5
    NORTHEAST = 6
    SOUTHWEST = 7
    NORTHWEST = 8
    ROUND = 9


class Networked(IntEnum):
    """Field 20 (lwsx)."""

    NO = 0
    YES = 1


class Sector(IntEnum):
    """Field 27 (ssbmhy): department or industry a camera belongs to; several may hold."""

    POLICE = 1
    ENVIRONMENT = 2
    CULTURE = 3
    MEDICAL = 4
    TOURISM = 5
    PRESS = 6
    FOOD_DRUG = 7
    EDUCATION = 8
    PROCURATORATE = 9
    COURT = 10
    FINANCE = 11
    TRANSPORT = 12
    HOUSING = 13
    WATER = 14
    FORESTRY = 15
    WORK_SAFETY = 16
    CITY_APPEARANCE = 17
    LAND = 18


class PlaceType(StrEnum):
    """The spot a camera stands at (CAT-07). The second group is forbidden ground: the keys of interiors.toml."""

    OUTDOORS = "outdoors"
    ENTRANCE = "entrance"
    PASSAGE = "passage"
    HALL = "hall"
    COUNTER = "counter"
    WORKPLACE = "workplace"
    CLASSROOM = "classroom"
    PLANT = "plant"
    STORE = "store"
    PARKING = "parking"
    VEHICLE = "vehicle"
    OTHER = "other"
    GUEST_ROOM = "guest_room"
    PRIVATE_ROOM = "private_room"
    DORMITORY_ROOM = "dormitory_room"
    REST_ROOM = "rest_room"
    BATHROOM = "bathroom"
    TOILET = "toilet"
    CHANGING_ROOM = "changing_room"
    NURSING_ROOM = "nursing_room"
    FITTING_ROOM = "fitting_room"
    MEDICAL_PRIVATE = "medical_private"


class PositionMethod(StrEnum):
    """How a position was found."""

    GPS = "gps"
    MAP_PICK = "map_pick"
    GEOCODE = "geocode"
    SURVEY = "survey"
    UNKNOWN = "unknown"


class PowerSource(StrEnum):
    """What feeds a camera."""

    MAINS = "mains"
    POE = "poe"
    SOLAR = "solar"
    BATTERY = "battery"
    OTHER = "other"


class NetworkMode(StrEnum):
    """How a camera is connected."""

    FIBRE = "fibre"
    CABLE = "cable"
    MOBILE = "mobile"
    RADIO = "radio"
    OTHER = "other"


class PatrolMode(StrEnum):
    """REG-17: how the duty room goes over a point."""

    CONTINUOUS = "continuous"
    TIMED = "timed"
    RANDOM = "random"
    ON_ALARM = "on_alarm"
    AFTERWARDS = "afterwards"


@dataclass(frozen=True, kw_only=True)
class CameraParticulars:
    """What the camera form or one sheet row yields. The pair of coordinates is in the declared datum, degrees.

    Each name is the key of an entry in rules.fields.CAMERA_FIELDS. Telephones are plain here and sealed by the
    operation; left empty, the number on record stays.
    """

    name: str
    lon: float | Decimal
    lat: float | Decimal
    datum: Datum = Datum.WGS84
    position_method: PositionMethod = PositionMethod.UNKNOWN
    position_accuracy_m: float | Decimal | None = None
    gb_code: str | None = None
    code_edition: CodeEdition = CodeEdition.Y2022
    popular_name: str = ""
    address: str = ""
    camera_type: CameraType = CameraType.UNKNOWN
    function_types: tuple[FunctionType, ...] = ()
    point_type: PointType = PointType.OTHER
    status: CameraStatus = CameraStatus.IN_USE
    position_types: tuple[PositionType, ...] = ()
    police_organ: str = ""
    zone: str | None = None
    place_type: PlaceType | None = None
    faces_homes: bool = False
    direction: Direction | None = None
    azimuth: int | None = None
    view_angle: int | None = None
    vertical_angle: int | None = None
    range_m: int | None = None
    install_height_m: float | Decimal | None = None
    maker: Maker | None = None
    manufacturer: str = ""
    model: str = ""
    fill_light: FillLight | None = None
    encoding: Encoding | None = None
    resolution: str = ""
    osd_text: str = ""
    records_audio: bool = False
    audio_pickup: bool = False
    retention_days: int | None = None
    storage_channel: int | None = None
    networked: Networked | None = None
    network_mode: NetworkMode | None = None
    city_platform: bool = False
    shared_outward: bool = False
    power_source: PowerSource | None = None
    pole_number: str = ""
    build_phase: str = ""
    qr_number: str = ""
    police_beat: str = ""
    scene_photo: str = ""
    installed_on: date | None = None
    managing_unit: str = ""
    managing_phone: str = field(default="", repr=False)
    maintenance_unit: str = ""
    maintenance_phone: str = field(default="", repr=False)
    department: str = ""
    sectors: tuple[Sector, ...] = ()
    key_point: bool = False
    coverage: str = ""
    key_sections: str = ""
    key_hours: str = ""
    main_content: str = ""
    patrol_mode: PatrolMode | None = None


@dataclass(frozen=True, kw_only=True)
class AccessParticulars:
    """How a camera is reached. An empty password keeps the sealed one, as long as the host stays; an empty
    recorder address keeps the one on record."""

    host: str
    ipv6: str = ""
    mac: str = ""
    rtsp_port: int | None = None
    onvif_port: int | None = None
    user: str = ""
    password: str = field(default="", repr=False)
    storage_address: str = field(default="", repr=False)
