"""What stands in the city's camera files: filled in as units fill them in, and spoilt as units spoil them.

Every kind of fault the registry knows comes up early, so that a small city shows them all; beyond that each unit has its
own care. A file is judged by the registry's own rule while it is written: nothing waits to be checked after a load.
"""

import random
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate, count
from typing import Any

from portal.demo.cameras import CameraPlan
from portal.demo.equipment import Connection
from portal.registry.rules import Around, direction_of, faults_of
from portal.registry.values import (
    Direction,
    Encoding,
    FillLight,
    FunctionType,
    Maker,
    PointType,
    PositionType,
    Sector,
)

Row = dict[str, Any]
Spoilt = Row | None

# How many files of a hundred have a fault, by class of point: the police's own are checked every month.
_FAULTY = {PointType.FIRST: 0.04, PointType.SECOND: 0.09, PointType.THIRD: 0.17}
_CARE = (0.25, 0.5, 0.8, 1.0, 1.0, 1.3, 2.6)
_DIRECTIONS = tuple(int(direction_of(bearing)) for bearing in range(360))
_INDOORS = frozenset(
    ("teaching", "dormitory_entrance", "canteen", "laboratory", "valuables", "plant", "control_room", "office", "hall")
) | {"corridor", "pharmacy", "garage", "counter", "atm"}
_KEY_ZONES: Mapping[str, tuple[str, str]] = {
    "gate": ("07:00-08:30、16:30-18:00", "进出人员、车辆及滞留情况"),
    "valuables": ("全天", "贵重物品存放部位进出情况"),
    "counter": ("营业时间", "现金收付及柜面秩序"),
    "pharmacy": ("全天", "麻精药品领取及库门开闭"),
    "atm": ("22:00-次日06:00", "尾随、滞留及加装设备"),
    "street": ("18:00-23:00", "人员聚集、交通秩序及可疑车辆"),
}
_WATCHED: Mapping[str, tuple[PositionType, Sector | None]] = {
    "school": (PositionType.CAMPUS, Sector.EDUCATION),
    "kindergarten": (PositionType.CAMPUS, Sector.EDUCATION),
    "college": (PositionType.CAMPUS, Sector.EDUCATION),
    "hospital": (PositionType.HOSPITAL, Sector.MEDICAL),
    "bank": (PositionType.FINANCE, Sector.FINANCE),
    "transport": (PositionType.STATION, Sector.TRANSPORT),
    "government": (PositionType.GOVERNMENT, None),
    "museum": (PositionType.EXHIBITION, Sector.CULTURE),
    "park": (PositionType.TOURISM, Sector.TOURISM),
    "fuel": (PositionType.DANGEROUS_GOODS, Sector.WORK_SAFETY),
    "depot": (PositionType.DANGEROUS_GOODS, Sector.WORK_SAFETY),
    "utility": (PositionType.DANGEROUS_GOODS, Sector.WATER),
    "shop": (PositionType.COMMERCE, None),
    "mall": (PositionType.COMMERCE, None),
    "media": (PositionType.COMPLEX_ORDER, Sector.PRESS),
    "police": (PositionType.ARTERY, Sector.POLICE),
}
_PATROLS = ("continuous", "timed", "timed", "on_alarm")
_METHODS = (("gps", 5), ("map_pick", 10), ("survey", "0.5"))
# Plain numbers and tuples made once: enumerations cost a second in every twenty thousand cameras.
_WATCHED_BY = {kind: ((int(place),), (int(sector),) if sector else ()) for kind, (place, sector) in _WATCHED.items()}
_ELSEWHERE: tuple[tuple[int, ...], tuple[int, ...]] = ((int(PositionType.COMPLEX_ORDER),), ())
_OTHER_MAKER, _H264, _H265 = int(Maker.OTHER), int(Encoding.H264), int(Encoding.H265)
_NO_LIGHT, _INFRARED, _WHITE, _LASER = map(int, (FillLight.NONE, FillLight.INFRARED, FillLight.WHITE, FillLight.LASER))
_CHECKPOINT, _ORDINARY = (int(FunctionType.VEHICLE_CHECKPOINT),), (int(FunctionType.ORDINARY),)
_FEATURE, _LOOKOUT = (int(FunctionType.FEATURE), *_ORDINARY), (int(FunctionType.LOOKOUT),)


@dataclass(frozen=True, kw_only=True)
class Shelf:
    """What all cameras of one system share, and what they are judged against."""

    key: str
    around: Around
    organ_code: str
    unit_name: str
    department: str
    maintainer: str
    phase: str
    networked: bool

    @property
    def public(self) -> bool:
        """Whether it is one of the police's own."""
        return self.around.system_kind == "public"


class FileClerk:
    """Fills in the files of one city; what it has shown already it need not show again."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._due = deque(range(len(LAPSES)))
        self._wrong_serials = count(900_000)  # where the city's own numbering never comes

    def fill(
        self, rows: Sequence[Row], plans: Sequence[CameraPlan], shelf: Shelf, links: Sequence[Connection] = ()
    ) -> None:
        """Add the whole file to each row of one system; those with a link answer on a device."""
        rng = random.Random(f"files:{self.seed}:{shelf.key}")
        care = rng.choice(_CARE)
        for i, (row, plan) in enumerate(zip(rows, plans, strict=True)):
            link = links[i] if i < len(links) else None
            row.update(_filled(rng, i, plan, shelf, link))
            found: Sequence[str] = _judged(row, shelf, link)
            if not found and rng.random() < _FAULTY[PointType(plan.point_type)] * care:
                found = self._spoil(rng, rows, i, shelf, links)
            row["fault_keys"] = tuple(found)

    def _spoil(
        self, rng: random.Random, rows: Sequence[Row], i: int, shelf: Shelf, links: Sequence[Connection]
    ) -> Sequence[str]:
        """Make one mistake in a good file, of a kind not seen yet if one fits; the faults that follow from it."""
        before = rows[i - 1] if i else None
        link = links[i] if i < len(links) else None
        drawn = rng.choices(range(len(LAPSES)), cum_weights=_CUMULATIVE, k=3)
        for number in (*self._due, *drawn):
            lapse = LAPSES[number]
            if lapse.key in _TWINS:
                found = _twinned(lapse.key, rows[i], before, i, links)
            else:
                found = self._tried(lapse, rows[i], shelf, link)
            if found:
                if number in self._due:
                    self._due.remove(number)
                return found
        return ()

    def _tried(self, lapse: "Lapse", row: Row, shelf: Shelf, link: Connection | None) -> Sequence[str]:
        changes = lapse.made(row, shelf)
        if changes is None or (link is not None and lapse.key == "host:missing"):
            return ()
        if changes.get("gb_code"):
            changes = {**changes, "gb_code": f"{changes['gb_code']}{next(self._wrong_serials)}"}
        found = _judged(row | changes, shelf, link)
        if lapse.key not in found:
            return ()
        row.update((name, value) for name, value in changes.items() if name in row)
        return found


def _judged(row: Row, shelf: Shelf, link: Connection | None) -> list[str]:
    if row["status"] == "dismantled":
        return []
    # A networked camera that answers on no device has a MAC address at least, given with the rows of its access.
    address = {"host": link.device.address if link else "", "ipv6": "", "mac": "-", "managing_phone_masked": None}
    return faults_of(address | row, shelf.around)


def _filled(rng: random.Random, i: int, plan: CameraPlan, shelf: Shelf, link: Connection | None) -> Row:
    indoors = plan.zone in _INDOORS
    public = shelf.public
    key_point = _KEY_ZONES.get(plan.zone) if rng.random() < 0.3 else None
    method, accuracy = _METHODS[0 if public else 1 if rng.random() < 0.7 else 2]
    watched, sectors = _WATCHED_BY.get(shelf.around.unit_type, _ELSEWHERE)
    networked = public or shelf.networked or link is not None
    height = rng.uniform(2.6, 3.4) if indoors else rng.uniform(5.5, 8.0) if public else rng.uniform(3.0, 5.5)
    return {
        "code_edition": "2022" if plan.installed_on.year > 2022 else "2016",
        "datum": "wgs84",
        "popular_name": plan.place[:60],
        "function_types": _functions(rng, plan),
        "position_types": watched,
        "police_organ": shelf.organ_code,
        "police_beat": f"第{int(plan.gb_code[6:8])}警务区",
        "pole_number": f"AY{plan.gb_code[2:8]}-{i + 1:04d}" if public else "",
        "qr_number": f"ZD{plan.gb_code[4:8]}{plan.gb_code[14:]}" if public else "",
        "position_method": method,
        "position_accuracy_m": accuracy,
        "direction": _DIRECTIONS[plan.azimuth],
        "vertical_angle": max(plan.view_angle * 9 // 16, 1),
        "install_height_m": f"{height:.1f}",
        "maker": _OTHER_MAKER,
        "fill_light": _light(rng, plan, indoors),
        "encoding": _H265 if plan.installed_on.year > 2018 else _H264,
        "osd_text": plan.name,
        "audio_pickup": plan.records_audio,
        "storage_channel": link.channel if link else None if public else i + 1,
        "resolution": link.device.registered_resolution if link else plan.resolution,
        "networked": 1 if networked else 0,
        "network_mode": ("fibre" if public else "cable") if networked else None,
        "city_platform": public,
        "shared_outward": public and rng.random() < 0.2,
        "power_source": "poe" if indoors else "mains",
        "build_phase": shelf.phase,
        "scene_photo": f"场景照片/{plan.gb_code[:6]}/{plan.gb_code}.jpg" if public and rng.random() < 0.4 else "",
        "managing_unit": shelf.unit_name,
        "maintenance_unit": shelf.maintainer,
        "department": shelf.department,
        "sectors": sectors,
        "key_point": key_point is not None,
        "coverage": f"{plan.place}及周边{plan.range_m}米" if key_point else "",
        "key_sections": plan.place[:200] if key_point else "",
        "key_hours": key_point[0] if key_point else "",
        "main_content": key_point[1] if key_point else "",
        "patrol_mode": rng.choice(_PATROLS) if key_point else None,
        "fault_keys": (),
    }


def _functions(rng: random.Random, plan: CameraPlan) -> tuple[int, ...]:
    if plan.camera_type == "checkpoint_bullet":
        return _CHECKPOINT
    if plan.zone == "street" and rng.random() < 0.15:
        return _FEATURE
    return _LOOKOUT if plan.camera_type == "ptz_dome" and plan.range_m > 250 else _ORDINARY


def _light(rng: random.Random, plan: CameraPlan, indoors: bool) -> int:
    if plan.camera_type == "remote_bullet" and plan.installed_on.year > 2022:
        return _LASER
    if indoors:
        return _NO_LIGHT if rng.random() < 0.5 else _INFRARED
    return _WHITE if plan.camera_type == "checkpoint_bullet" else _INFRARED


# -- mistakes --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Lapse:
    """One mistake: the fault it leads to, how common it is, and what it does to a good row (nothing where it does
    not fit)."""

    key: str
    weight: int
    made: Callable[[Row, Shelf], Spoilt]


def _left_out(key: str, weight: int, value: object = "") -> Lapse:
    return Lapse(f"{key}:missing", weight, lambda _row, _shelf: {key: value})


def _code_part(first: int, last: int, digits: str) -> Callable[[Row, Shelf], Spoilt]:
    """Digits `first` to `last` of the code, counted from one, replaced; the clerk adds a serial that nobody has."""
    return lambda row, _shelf: {"gb_code": f"{row['gb_code'][: first - 1]}{digits}{row['gb_code'][last:14]}"}


def _neighbour_division(row: Row, _shelf: Shelf) -> Spoilt:
    other = "410503" if row["district"] != "410503" else "410502"
    return {"gb_code": f"{other}{row['gb_code'][6:14]}"}


def _coarse(row: Row, _shelf: Shelf) -> Spoilt:
    """Read off a paper map: the position is what the paper says."""
    lon, lat = f"{float(row['declared_lon']):.4f}", f"{float(row['declared_lat']):.4f}"
    return {"declared_lon": lon, "declared_lat": lat, "position": f"SRID=4326;POINT({lon} {lat})"}


def _round(row: Row, _shelf: Shelf) -> Spoilt:
    return {"direction": int(Direction.ROUND)} if row["camera_type"] == "ptz_dome" else None


def _future(_row: Row, shelf: Shelf) -> Spoilt:
    return {"installed_on": shelf.around.today + timedelta(days=40)}


def _key_point(_row: Row, _shelf: Shelf) -> Spoilt:
    """Ticked, and nothing written beside it."""
    blank = dict.fromkeys(("coverage", "key_sections", "key_hours", "main_content"), "")
    return {"key_point": True, "patrol_mode": None, **blank}


def _key_point_but(key: str) -> Callable[[Row, Shelf], Spoilt]:
    return lambda row, _shelf: {key: None if key == "patrol_mode" else ""} if row["key_point"] else None


def _opposite(row: Row, _shelf: Shelf) -> Spoilt:
    return {"direction": _DIRECTIONS[(row["azimuth"] + 180) % 360]}


LAPSES: Sequence[Lapse] = (
    _left_out("gb_code", 60, None),
    Lapse("gb_code:malformed", 20, _code_part(11, 13, "999")),
    Lapse("gb_code:division", 40, _neighbour_division),
    Lapse("gb_code:type", 25, _code_part(11, 13, "118")),
    Lapse("gb_code:industry", 25, _code_part(9, 10, "40")),
    Lapse("gb_code:network", 15, _code_part(14, 14, "9")),
    _left_out("popular_name", 40),
    _left_out("camera_type", 20, "unknown"),
    _left_out("function_types", 60, ()),
    _left_out("address", 30),
    _left_out("position_types", 70, ()),
    _left_out("police_organ", 25),
    Lapse("police_organ:malformed", 20, lambda row, _shelf: {"police_organ": row["police_organ"][:8]}),
    Lapse("lon:coarse", 70, _coarse),
    Lapse("lon:duplicate", 15, lambda _row, _shelf: {}),
    _left_out("direction", 60, None),
    Lapse("direction:azimuth", 30, _opposite),
    Lapse("direction:view_angle", 15, _round),
    _left_out("maker", 40, None),
    Lapse("manufacturer:missing", 30, lambda _row, _shelf: {"manufacturer": ""}),
    _left_out("model", 50),
    Lapse("fill_light:edition", 8, lambda _row, _shelf: {"fill_light": _LASER}),
    _left_out("installed_on", 50, None),
    Lapse("installed_on:future", 8, _future),
    _left_out("encoding", 30, None),
    _left_out("retention_days", 40, None),
    Lapse("records_audio:undeclared", 8, lambda _row, _shelf: {"audio_pickup": True}),
    Lapse("records_audio:system", 8, lambda _row, _shelf: {"records_audio": True}),
    _left_out("networked", 50, None),
    Lapse("host:missing", 45, lambda _row, _shelf: {"mac": "", "host": ""}),
    Lapse("host:duplicate", 15, lambda _row, _shelf: {}),
    _left_out("managing_unit", 20),
    Lapse("coverage:missing", 20, _key_point),
    *(Lapse(f"{key}:missing", 6, _key_point_but(key)) for key in ("key_sections", "key_hours")),
    *(Lapse(f"{key}:missing", 6, _key_point_but(key)) for key in ("main_content", "patrol_mode")),
    Lapse("function_types:camera_type", 10, lambda _row, _shelf: {"function_types": _ORDINARY}),
    Lapse("point_type:system_kind", 10, lambda _row, _shelf: {"point_type": int(PointType.FIRST)}),
    Lapse("point_type:unit_type", 8, lambda _row, _shelf: {"point_type": int(PointType.POLICE_INTERNAL)}),
)
_CUMULATIVE = list(accumulate(lapse.weight for lapse in LAPSES))
_TWINS = frozenset({"lon:duplicate", "host:duplicate"})


def _twinned(key: str, row: Row, before: Row | None, i: int, links: Sequence[Connection]) -> Sequence[str]:
    """Copied from the camera entered before and not corrected; both files are at fault then."""
    if before is None or before["fault_keys"] or "dismantled" in (row["status"], before["status"]):
        return ()
    same: tuple[str, ...]
    if key == "lon:duplicate":
        same = "position", "declared_lon", "declared_lat", "azimuth", "direction"
    else:
        if i >= len(links) or links[i - 1].device.index != links[i].device.index:
            return ()
        same = ("storage_channel",)
    row |= {name: before[name] for name in same}
    before["fault_keys"] = (key,)
    return (key,)


def shelf_of(
    *,
    key: str,
    today: date,
    kind: str,
    regime: str,
    records_audio: bool,
    unit_type: str,
    unit_has_phone: bool,
    organ_code: str,
    unit_name: str,
    department: str,
    maintainer: str,
    phase: str,
    networked: bool,
) -> Shelf:
    """The shelf of one system."""
    around = Around(
        regime=regime,
        system_kind=kind,
        system_records_audio=records_audio,
        unit_type=unit_type,
        unit_has_phone=unit_has_phone,
        today=today,
    )
    return Shelf(
        key=key,
        around=around,
        organ_code=organ_code,
        unit_name=unit_name[:120],
        department=department[:80],
        maintainer=maintainer,
        phase=phase,
        networked=networked,
    )
