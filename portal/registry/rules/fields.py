"""The fields of one camera's file: the only list of them (domain.md 2.2).

The form, the detail page, the import, the export, the completeness check, the filing's content, the API schema and the
documents walk this table. A field added here, with its column, its label and its place in CameraParticulars, is everywhere.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Any

from portal.core.codes import device_code_problem
from portal.core.errors import Problem
from portal.core.geometry import BadGeometry, Datum, check_lonlat
from portal.registry.rules.interiors import READ, forbidden_problems
from portal.registry.states import CameraStatus
from portal.registry.values import (
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


class Shape(StrEnum):
    """What kind of value a field takes."""

    TEXT = "text"
    LONG = "long"
    CODE = "code"
    WHOLE = "whole"
    DECIMAL = "decimal"
    DEGREES = "degrees"
    DAY = "day"
    ONE = "one"
    MANY = "many"
    FLAG = "flag"
    ZONE = "zone"
    PHONE = "phone"


class Home(StrEnum):
    """Where a field is kept: on the camera, sealed on the camera, with its access data, or derived from the rest."""

    CAMERA = "camera"
    SEALED = "sealed"
    ACCESS = "access"
    DERIVED = "derived"


class Need(StrEnum):
    """When a field is asked for."""

    ALWAYS = "always"
    FILED = "filed"  # wherever a filing is owed; a non-public place owes none
    PUBLIC = "public"  # first- and second-class points: required in some of the observed sheets
    NETWORKED = "networked"
    KEY_POINT = "key_point"  # REG-17: what a point that matters is watched for
    NO = "no"


class Part(StrEnum):
    """The part of the file a field stands in."""

    IDENTITY = "identity"
    PLACE = "place"
    VIEW = "view"
    DEVICE = "device"
    RECORDING = "recording"
    NETWORK = "network"
    MANAGEMENT = "management"
    DUTY = "duty"


@dataclass(frozen=True, kw_only=True)
class CameraField:
    """One field. `key` names the column and the attribute of CameraParticulars; its label stands in labels.CAMERA_FIELD.

    `low` and `high` bound a number, or `longest` a text. `headers` are what sheets call it, lower-case, without stars.
    `filed` fields are frozen with a filing.
    """

    key: str
    part: Part
    shape: Shape
    headers: tuple[str, ...]
    number: str = ""
    abbreviation: str = ""
    need: Need = Need.NO
    home: Home = Home.CAMERA
    kind: type[Enum] | None = None
    longest: int = 0
    low: float = 0
    high: float = 0
    places: int = 0
    unit: str = ""
    filed: bool = False

    @property
    def typed(self) -> bool:
        """Whether a person types it into the camera's form."""
        return self.home in (Home.CAMERA, Home.SEALED)


def _f(key: str, part: Part, shape: Shape, *headers: str, **rest: Any) -> CameraField:
    return CameraField(key=key, part=part, shape=shape, headers=headers, **rest)


_I, _P, _V, _D, _R, _N, _M, _U = Part
_T = Shape.TEXT

CAMERA_FIELDS: Sequence[CameraField] = (
    _f("name", _I, _T, "设备名称", "摄像机名称", "名称", "点位名称", "camera name", "name", number="2", abbreviation="sbmc", need=Need.ALWAYS, longest=120, filed=True),
    _f("gb_code", _I, Shape.CODE, "设备编码", "国标编码", "国标编号", "编码", "device code", "code", "国标编码(gb/t 28181)", "device code (gb/t 28181)", number="1", abbreviation="sbbm", need=Need.FILED, filed=True),
    _f("code_edition", _I, Shape.ONE, "编码标准版本", "国标版本", "code edition", "edition of the code", kind=CodeEdition),
    _f("popular_name", _I, _T, "点位俗称", "俗称", "popular name", "popular name of the point", number="7", abbreviation="dwsc", need=Need.PUBLIC, longest=60),
    _f("camera_type", _I, Shape.ONE, "摄像机类型", "设备类型", "类型", "camera type", "type", number="11", abbreviation="sxjlx", need=Need.ALWAYS, kind=CameraType, filed=True),
    _f("function_types", _I, Shape.MANY, "摄像机功能类型", "功能类型", "function type", "functions", number="12", abbreviation="sxjgnlx", need=Need.FILED, kind=FunctionType),
    _f("point_type", _I, Shape.ONE, "监控点位类型", "点位类型", "point type", "point class", "点位类别", number="5", abbreviation="jkdwlx", need=Need.FILED, kind=PointType, filed=True),
    _f("status", _I, Shape.ONE, "设备状态", "状态", "device status", "status", "申报状态", "declared state", number="26", abbreviation="sbzt", need=Need.ALWAYS, kind=CameraStatus, filed=True),
    _f("district", _P, _T, "行政区域", "行政区划", "district", number="4", abbreviation="xzqy", need=Need.ALWAYS, home=Home.DERIVED),
    _f("address", _P, _T, "安装地址", "安装位置", "地址", "address", "place of installation", number="15", abbreviation="azdz", need=Need.ALWAYS, longest=200, filed=True),
    _f("position_types", _P, Shape.MANY, "摄像机位置类型", "位置类型", "position type", "kind of place watched", number="18", abbreviation="sxjwzlx", need=Need.FILED, kind=PositionType),
    _f("zone", _P, Shape.ZONE, "监控区域", "区域", "zone", "区域、部位", longest=40, filed=True),
    _f("place_type", _P, Shape.ONE, "场所部位类型", "部位类型", "place type", "kind of spot", kind=PlaceType),
    _f("police_organ", _P, _T, "所属辖区公安机关", "辖区公安机关", "competent police", "所属辖区公安机关(12 位代码)", "competent police organ (12 digits)", number="21", abbreviation="ssxqgajg", need=Need.FILED, longest=12),
    _f("police_beat", _P, _T, "警务区", "警格", "网格", "police beat", "警务区(网格)", "police beat or grid", longest=60),
    _f("pole_number", _P, _T, "杆编号", "立杆编号", "pole number", longest=40),
    _f("qr_number", _P, _T, "二维码编号", "qr number", "qr code number", longest=40),
    _f("lon", _V, Shape.DEGREES, "经度", "longitude", "lon", number="16", abbreviation="jd", need=Need.ALWAYS, low=70, high=140, places=12),
    _f("lat", _V, Shape.DEGREES, "纬度", "latitude", "lat", number="17", abbreviation="wd", need=Need.ALWAYS, low=0, high=60, places=12),
    _f("datum", _V, Shape.ONE, "坐标系", "坐标系统", "datum", "coordinate datum", kind=Datum, need=Need.ALWAYS),
    _f("position_method", _V, Shape.ONE, "定位方式", "坐标来源", "position method", "how the position was found", kind=PositionMethod),
    _f("position_accuracy_m", _V, Shape.DECIMAL, "定位精度", "position accuracy", "accuracy of the position", low=0, high=10_000, places=2, unit="m"),
    _f("direction", _V, Shape.ONE, "监视方位", "监控方位", "viewing direction", number="19", abbreviation="jsfw", need=Need.FILED, kind=Direction),
    _f("azimuth", _V, Shape.WHOLE, "方位角", "朝向角度", "方向角", "azimuth", "bearing", "朝向", low=0, high=359, unit="°", filed=True),
    _f("view_angle", _V, Shape.WHOLE, "水平视场角", "视场角", "视角", "view angle", "horizontal angle of view", "angle of view", low=1, high=360, unit="°", filed=True),
    _f("vertical_angle", _V, Shape.WHOLE, "垂直视场角", "vertical view angle", "vertical angle of view", low=1, high=180, unit="°"),
    _f("range_m", _V, Shape.WHOLE, "可视距离", "监视距离", "距离", "range", low=1, high=5000, unit="m", filed=True),
    _f("faces_homes", _V, Shape.FLAG, "视场涉及住宅", "是否涉及住宅", "view into homes", "the view falls into homes"),
    _f("install_height_m", _V, Shape.DECIMAL, "安装高度", "install height", "height above ground", low=0, high=200, places=2, unit="m"),
    _f("maker", _D, Shape.ONE, "设备厂商", "厂商", "manufacturer", "maker", number="3", abbreviation="sbcs", need=Need.FILED, kind=Maker),
    _f("manufacturer", _D, _T, "厂商名称", "品牌", "manufacturer’s name", longest=40),
    _f("model", _D, _T, "设备型号", "型号", "model", number="6", abbreviation="sbxh", need=Need.PUBLIC, longest=60),
    _f("fill_light", _D, Shape.ONE, "补光属性", "补光", "fill light", number="13", abbreviation="bgsx", kind=FillLight),
    _f("resolution", _D, _T, "分辨率", "resolution", longest=12),
    _f("installed_on", _D, Shape.DAY, "安装时间", "安装日期", "installed on", number="22", abbreviation="azsj", need=Need.FILED),
    _f("power_source", _D, Shape.ONE, "供电方式", "取电方式", "power source", "power supply", kind=PowerSource),
    _f("build_phase", _D, _T, "建设期数", "所属项目", "build phase", "建设期数(项目)", "building phase or project", longest=60),
    _f("scene_photo", _D, _T, "场景照片", "实景照片", "scene photo", "场景照片(存放地址)", "scene photo (address)", number="28", abbreviation="sjzp", longest=300),
    _f("encoding", _R, Shape.ONE, "摄像机编码格式", "编码格式", "encoding", "视频编码格式", "video encoding", number="14", abbreviation="sxjbmgs", need=Need.PUBLIC, kind=Encoding),
    _f("retention_days", _R, Shape.WHOLE, "录像保存天数", "保存天数", "存储天数", "retention days", "录像保存期限", "footage kept", number="25", abbreviation="lxbcts", need=Need.ALWAYS, low=0, high=3650, unit="days", filed=True),
    _f("records_audio", _R, Shape.FLAG, "是否录音", "录音", "records sound", "采集声音", "sound is recorded", filed=True),
    _f("audio_pickup", _R, Shape.FLAG, "拾音器", "拾音", "audio pick-up", "装有拾音器", "a microphone is fitted"),
    _f("osd_text", _R, _T, "字符叠加", "osd", "osd text", "字符叠加内容", "text shown in the picture", longest=120),
    _f("storage_channel", _R, Shape.WHOLE, "存储设备通道号", "通道号", "storage channel", "channel on the recorder", low=1, high=9999),
    _f("storage_address", _R, _T, "存储设备ip", "存储设备地址", "storage device address", home=Home.ACCESS, longest=253),
    _f("networked", _N, Shape.ONE, "联网属性", "是否联网", "networked", "networking", number="20", abbreviation="lwsx", need=Need.FILED, kind=Networked),
    _f("host", _N, _T, "ipv4地址", "ip地址", "ip", "ipv4", number="8", abbreviation="ipv4", need=Need.NETWORKED, home=Home.ACCESS, longest=253),
    _f("ipv6", _N, _T, "ipv6地址", "ipv6", number="9", abbreviation="ipv6", home=Home.ACCESS, longest=45),
    _f("mac", _N, _T, "mac地址", "mac", number="10", abbreviation="macdz", home=Home.ACCESS, longest=17),
    _f("network_mode", _N, Shape.ONE, "组网方式", "联网方式", "network mode", "kind of connection", kind=NetworkMode),
    _f("city_platform", _N, Shape.FLAG, "是否接入市级平台", "接入市级平台", "joined city platform", "已接入市级平台", "joined to the city platform"),
    _f("shared_outward", _N, Shape.FLAG, "是否对外共享", "对外共享", "shared outward", "shared with others"),
    _f("managing_unit", _M, _T, "管理单位", "managing unit", number="23", abbreviation="gldw", need=Need.FILED, longest=120),
    _f("managing_phone", _M, Shape.PHONE, "管理单位联系方式", "联系方式", "managing contact", "telephone of the managing unit", number="24", abbreviation="gldwlxfs", need=Need.FILED, home=Home.SEALED),
    _f("sectors", _M, Shape.MANY, "所属部门/行业", "所属行业", "sector", "department or industry", number="27", abbreviation="ssbmhy", kind=Sector),
    _f("department", _M, _T, "所属部门", "使用部门", "department", "department of the unit", longest=80),
    _f("maintenance_unit", _M, _T, "维护单位", "维保单位", "maintenance unit", longest=120),
    _f("maintenance_phone", _M, Shape.PHONE, "维护联系方式", "维护电话", "maintenance contact", "维护单位联系方式", "telephone of the maintenance unit", home=Home.SEALED),
    _f("key_point", _U, Shape.FLAG, "是否重点点位", "重点点位", "key point"),
    _f("coverage", _U, Shape.LONG, "监控范围", "coverage", "what the view covers", need=Need.KEY_POINT, longest=400),
    _f("key_sections", _U, _T, "重点部位", "key sections", need=Need.KEY_POINT, longest=200),
    _f("key_hours", _U, _T, "重点时段", "key hours", need=Need.KEY_POINT, longest=100),
    _f("main_content", _U, _T, "主要监控内容", "main content", "what is watched for", need=Need.KEY_POINT, longest=200),
    _f("patrol_mode", _U, Shape.ONE, "电子巡查方式", "巡查方式", "patrol mode", "electronic patrol", need=Need.KEY_POINT, kind=PatrolMode),
)  # fmt: skip

BY_KEY: Mapping[str, CameraField] = {each.key: each for each in CAMERA_FIELDS}
TYPED: Sequence[CameraField] = tuple(each for each in CAMERA_FIELDS if each.typed)
# Set as they are given; the pair of degrees and what is sealed go their own way.
COLUMNS: Sequence[CameraField] = tuple(
    each for each in TYPED if each.home is Home.CAMERA and each.shape is not Shape.DEGREES
)
# How a camera is reached: kept apart, shown to few.
REACHED: Sequence[CameraField] = tuple(each for each in CAMERA_FIELDS if each.home is Home.ACCESS)
FILED: Sequence[str] = tuple(each.key for each in CAMERA_FIELDS if each.filed)


def in_part(part: Part, fields: Iterable[CameraField] = CAMERA_FIELDS) -> list[CameraField]:
    """The fields of one part, in their order."""
    return [each for each in fields if each.part is part]


def column_value(each: CameraField, value: Any) -> Any:
    """A field's value as its column keeps it: plain numbers and texts, lists of numbers."""
    if each.shape is Shape.MANY:
        return sorted(int(one) for one in value)
    return value.value if isinstance(value, Enum) else value


def camera_problems(particulars: CameraParticulars) -> list[Problem]:
    """Faults of one camera that no registry can take: forbidden ground, code structure, position, bounds, long texts."""
    problems = forbidden_problems({name: getattr(particulars, name) for name in (*READ, "place_type")})
    if particulars.gb_code and (fault := device_code_problem(particulars.gb_code)):
        problems.append(Problem("gb_code", fault.code, fault.data))
    try:
        check_lonlat(float(particulars.lon), float(particulars.lat))
    except BadGeometry as bad:
        problems.append(Problem("lon", bad.code))
    found = (field_problem(each, getattr(particulars, each.key)) for each in COLUMNS)
    return problems + [problem for problem in found if problem is not None]


def field_problem(each: CameraField, value: Any) -> Problem | None:
    """What is wrong with one value by its field's own bounds."""
    if each.high and value is not None and not each.low <= value <= each.high:
        return Problem(each.key, "out_of_range", {"low": each.low, "high": each.high})
    if each.longest and value and len(value) > each.longest:
        return Problem(each.key, "sheet_long", {"limit": each.longest})
    return None
