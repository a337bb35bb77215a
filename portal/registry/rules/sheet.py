"""Reading cameras out of the rows of a sheet: headers by synonym, cells with every fault named at its place."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as default
from datetime import date

from portal.core.geometry import Datum
from portal.registry.rules.filing import camera_problems
from portal.registry.values import CAMERA_TYPE_CODES, CameraParticulars, CameraType

HEADERS: Mapping[str, tuple[str, ...]] = {
    "name": ("设备名称", "摄像机名称", "名称", "点位名称", "camera name", "name"),
    "gb_code": (
        "设备编码",
        "国标编码",
        "国标编号",
        "编码",
        "国标编码(gb/t 28181)",
        "device code (gb/t 28181)",
        "device code",
        "code",
    ),
    "lon": ("经度", "longitude", "lon"),
    "lat": ("纬度", "latitude", "lat"),
    "camera_type": ("摄像机类型", "设备类型", "类型", "camera type", "type"),
    "azimuth": ("方位角", "朝向角度", "方向角", "朝向", "azimuth", "direction"),
    "view_angle": ("视场角", "视角", "水平视场角", "view angle", "angle of view"),
    "range_m": ("可视距离", "监视距离", "距离", "range"),
    "zone": ("监控区域", "区域", "区域、部位", "zone"),
    "address": ("安装地址", "安装位置", "地址", "place of installation", "address"),
    "resolution": ("分辨率", "resolution"),
    "manufacturer": ("设备厂商", "厂商", "品牌", "manufacturer"),
    "model": ("设备型号", "型号", "model"),
    "retention_days": ("录像保存天数", "保存天数", "存储天数", "录像保存期限", "retention days", "footage kept"),
    "installed_on": ("安装时间", "安装日期", "installed on"),
}
REQUIRED = ("name", "lon", "lat")
STAND_IN: Mapping[str, float] = {"lon": 114.0, "lat": 36.0}
HEADER_ROWS = 10  # a title and merged notes may stand above the header

_TYPES: Mapping[str, CameraType] = {
    **{code: kind for kind, code in CAMERA_TYPE_CODES.items()},
    "球机": CameraType.PTZ_DOME,
    "云台球机": CameraType.PTZ_DOME,
    "半球": CameraType.HEMISPHERE,
    "半球机": CameraType.HEMISPHERE,
    "固定枪机": CameraType.FIXED_BULLET,
    "枪机": CameraType.FIXED_BULLET,
    "遥控枪机": CameraType.REMOTE_BULLET,
    "卡口枪机": CameraType.CHECKPOINT_BULLET,
    "未知": CameraType.UNKNOWN,
}
_DATE = re.compile(r"^(\d{4})\s*[-/.年]\s*(\d{1,2})(?:\s*[-/.月]\s*(\d{1,2})\s*日?)?(?:[ T].*)?$")


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One fault: the row and column as the spreadsheet shows them, a code and the data for its sentence."""

    row: int
    column: str
    field: str
    code: str
    data: Mapping[str, str] = default(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Columns:
    """Where each field stands: zero-based column by field; `header_row` as the spreadsheet shows it."""

    header_row: int
    places: Mapping[str, int]

    def letter(self, name: str) -> str:
        """The spreadsheet's letter of a field's column, or nothing when the sheet has none."""
        place = self.places.get(name)
        if place is None:
            return ""
        letters = ""
        place += 1
        while place:
            place, rest = divmod(place - 1, 26)
            letters = chr(65 + rest) + letters
        return letters


@dataclass(frozen=True, kw_only=True)
class ParsedRow:
    """One row: what it says, as far as it could be read, and what is wrong with it."""

    number: int
    read: CameraParticulars
    faults: Sequence[Fault]

    def sound(self, *fields: str) -> bool:
        """Whether these fields, or with none named the whole row, are without a fault."""
        return not any(fault.field in fields or not fields for fault in self.faults)


@dataclass(frozen=True)
class Words:
    """What a sheet's words and numbers mean here: the datum of its positions, the zones by every name they go by."""

    datum: Datum
    zones: Mapping[str, str] = default(default_factory=dict)


def find_header(rows: Sequence[tuple[int, Sequence[str]]]) -> Columns | None:
    """The first row that names what a camera needs; None when no row near the top does."""
    for number, cells in rows[:HEADER_ROWS]:
        places: dict[str, int] = {}
        for place, cell in enumerate(cells):
            word = plain(cell).strip("*＊ ").lower()
            for name, synonyms in HEADERS.items():
                if name not in places and word in synonyms:
                    places[name] = place
        if all(name in places for name in REQUIRED):
            return Columns(header_row=number, places=places)
    return None


def plain(text: str) -> str:
    """Full-width digits and letters as plain ones, outer space gone. For codes and numbers, not for names."""
    return unicodedata.normalize("NFKC", text).strip()


def parse_row(number: int, cells: Sequence[str], columns: Columns, words: Words) -> ParsedRow:
    """Read one row; every fault in it is named, not only the first."""
    reader = _Row(number, cells, columns)
    values = {
        "name": reader.text("name", 120, required=True),
        "gb_code": reader.code(),
        "lon": reader.number("lon", required=True),
        "lat": reader.number("lat", required=True),
        "camera_type": reader.kind(),
        "azimuth": reader.whole("azimuth"),
        "view_angle": reader.whole("view_angle"),
        "range_m": reader.whole("range_m"),
        "zone": reader.zone(words.zones),
        "address": reader.text("address", 200),
        "resolution": reader.text("resolution", 12),
        "manufacturer": reader.text("manufacturer", 40),
        "model": reader.text("model", 60),
        "retention_days": reader.whole("retention_days"),
        "installed_on": reader.day(),
    }
    # A cell that could not be read hides no fault of another: the rest is judged with a harmless number in its place.
    place = {name: STAND_IN[name] for name in STAND_IN if values[name] is None}
    particulars = CameraParticulars(datum=words.datum, **(values | place))  # type: ignore[arg-type]
    seen = {fault.field for fault in reader.faults}
    for problem in camera_problems(particulars):
        if problem.field not in seen and not (place and problem.field in STAND_IN):
            reader.fault(problem.field, problem.code, **{key: str(value) for key, value in problem.data.items()})
    return ParsedRow(number=number, read=particulars, faults=reader.faults)


class _Row:
    """One row's cells by field, collecting faults."""

    def __init__(self, number: int, cells: Sequence[str], columns: Columns) -> None:
        self.line, self.cells, self.columns = number, cells, columns
        self.faults: list[Fault] = []

    def fault(self, name: str, code: str, **data: str) -> None:
        self.faults.append(Fault(row=self.line, column=self.columns.letter(name), field=name, code=code, data=data))

    def raw(self, name: str) -> str:
        place = self.columns.places.get(name)
        return self.cells[place].strip() if place is not None and place < len(self.cells) else ""

    def text(self, name: str, longest: int, *, required: bool = False) -> str:
        found = self.raw(name)
        if required and not found:
            self.fault(name, "sheet_empty")
        if len(found) > longest:
            self.fault(name, "sheet_long", limit=str(longest))
        return found

    def code(self) -> str | None:
        found = plain(self.raw("gb_code")).replace(" ", "")
        if re.fullmatch(r"\d(\.\d+)?[eE]\+?\d+", found):
            # A spreadsheet kept the code as a number: its last digits are gone and must not be guessed.
            self.fault("gb_code", "sheet_code_damaged", text=found)
            return None
        return found or None

    def number(self, name: str, *, required: bool = False) -> float | None:
        found = plain(self.raw(name)).strip("°").replace("东经", "").replace("北纬", "")
        if not found:
            if required:
                self.fault(name, "sheet_empty")
            return None
        try:
            value = float(found)
        except ValueError:
            self.fault(name, "sheet_not_a_number", text=found[:40])
            return None
        if required and value == 0:
            self.fault(name, "sheet_zero")
        return value

    def whole(self, name: str) -> int | None:
        found = re.sub(r"(天|日|度|°|米|m)$", "", plain(self.raw(name)))
        if not found:
            return None
        if not re.fullmatch(r"\d{1,6}(\.0+)?", found):
            self.fault(name, "sheet_not_a_number", text=found[:40])
            return None
        return int(float(found))

    def kind(self) -> CameraType:
        found = plain(self.raw("camera_type")).removesuffix(".0")
        if not found:
            return CameraType.UNKNOWN
        if found not in _TYPES:
            self.fault("camera_type", "sheet_unknown_word", text=found[:40])
            return CameraType.UNKNOWN
        return _TYPES[found]

    def zone(self, zones: Mapping[str, str]) -> str | None:
        # Who must approve a look at the footage hangs on the zone: a name that is nearly right must not slip through.
        found = self.raw("zone")
        if found and found not in zones:
            self.fault("zone", "sheet_unknown_zone", text=found[:40])
        return zones.get(found)

    def day(self) -> date | None:
        found = plain(self.raw("installed_on"))
        if not found:
            return None
        match = _DATE.match(found)
        try:
            if match is None:
                raise ValueError
            return date(int(match[1]), int(match[2]), int(match[3] or 1))
        except ValueError:
            self.fault("installed_on", "sheet_not_a_date", text=found[:40])
            return None
