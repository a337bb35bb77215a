"""Whether a camera's file is complete and at one with itself: the measure of the pass rate (合格率).

A fault is `field:what`. A file without a fault passes; a dismantled camera is not judged.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from portal.core.codes import device_code_problem
from portal.registry.rules.codes import contradictions
from portal.registry.rules.fields import CAMERA_FIELDS, Need
from portal.registry.states import CameraStatus
from portal.registry.values import (
    CameraType,
    CodeEdition,
    Direction,
    FillLight,
    FunctionType,
    Maker,
    Networked,
    PointType,
    SystemKind,
    UnitType,
)
from portal.regulation.schema.vocabulary import Regime

MISSING = "missing"
DECIMALS = 6  # a coarser pair is not a position but a neighbourhood
# Fields whose absence shows elsewhere than in a column of their name; the others are read plainly, a million at a time.
_OWN_WAY = frozenset({"lon", "lat", "managing_phone", "host", "camera_type"})
# Faults that only a look at other cameras finds; `quality` leaves them as they are.
DUPLICATES = frozenset({"lon:duplicate", "host:duplicate"})
_BEARINGS = {
    Direction.NORTH: 0,
    Direction.NORTHEAST: 45,
    Direction.EAST: 90,
    Direction.SOUTHEAST: 135,
    Direction.SOUTH: 180,
    Direction.SOUTHWEST: 225,
    Direction.WEST: 270,
    Direction.NORTHWEST: 315,
}
_LEEWAY = 45  # degrees between the word for a direction and its bearing
_CHECKPOINTS = {FunctionType.VEHICLE_CHECKPOINT, FunctionType.PERSON_CHECKPOINT, FunctionType.MICRO_CHECKPOINT}


@dataclass(frozen=True, kw_only=True)
class Around:
    """What stands around a camera and its file is measured against."""

    regime: str
    system_kind: str
    system_records_audio: bool
    unit_type: str
    unit_has_phone: bool
    today: date


def direction_of(azimuth: int) -> Direction:
    """The word for a bearing."""
    return min(_BEARINGS, key=lambda word: abs((_BEARINGS[word] - azimuth + 180) % 360 - 180))


@lru_cache(maxsize=256)
def asked(*, regime: str, point_type: int, networked: int | None, key_point: bool) -> tuple[str, ...]:
    """The fields that a camera's file must hold, in their order."""
    in_force = {
        Need.ALWAYS: True,
        Need.FILED: regime != Regime.NON_PUBLIC,
        Need.PUBLIC: point_type in (PointType.FIRST, PointType.SECOND),
        Need.NETWORKED: networked == Networked.YES,
        Need.KEY_POINT: key_point,
        Need.NO: False,
    }
    return tuple(each.key for each in CAMERA_FIELDS if in_force[each.need])


def faults_of(camera: Mapping[str, Any], around: Around) -> list[str]:
    """Every fault of one camera's file. `camera` maps columns of the camera and of its access data to values."""
    if camera["status"] == CameraStatus.DISMANTLED:
        return []
    wanted = asked(
        regime=around.regime,
        point_type=camera["point_type"],
        networked=camera["networked"],
        key_point=camera["key_point"],
    )
    found = []
    for key in wanted:
        if key in _OWN_WAY:
            missing = _is_missing(key, camera, around)
        else:
            value = camera[key]
            missing = not value and value != 0
        if missing:
            found.append(f"{key}:{MISSING}")
    found += _code(camera, around)
    found += _position(camera)
    found += _device(camera, around)
    return found


def _is_missing(key: str, camera: Mapping[str, Any], around: Around) -> bool:
    match key:
        case "lon" | "lat":
            return not camera[f"declared_{key}"]
        case "managing_phone":
            # A camera without a number of its own is reached through its unit.
            return not camera["managing_phone_masked"] and not around.unit_has_phone
        case "host":
            return not (camera["host"] or camera["ipv6"] or camera["mac"])
        case _:
            return bool(camera["camera_type"] == CameraType.UNKNOWN)


def _code(camera: Mapping[str, Any], around: Around) -> list[str]:
    code = camera["gb_code"]
    if not code:
        return []
    fault = device_code_problem(code)
    if fault is not None:
        return ["gb_code:malformed"]
    clashes = contradictions(
        code,
        edition=camera["code_edition"],
        district=camera["district"],
        camera_type=camera["camera_type"],
        unit_type=around.unit_type,
    )
    return [f"gb_code:{clash}" for clash in clashes]


def _position(camera: Mapping[str, Any]) -> list[str]:
    found = []
    for key in ("lon", "lat"):
        declared = camera[f"declared_{key}"]
        if declared and len(declared.partition(".")[2]) < DECIMALS:
            found.append(f"{key}:coarse")
    direction, azimuth = camera["direction"], camera["azimuth"]
    if direction is not None and azimuth is not None and direction in _BEARINGS:
        apart = abs((_BEARINGS[direction] - azimuth + 180) % 360 - 180)
        if apart > _LEEWAY:
            found.append("direction:azimuth")
    if direction == Direction.ROUND and camera["view_angle"] is not None and camera["view_angle"] < 180:
        found.append("direction:view_angle")
    return found


def _device(camera: Mapping[str, Any], around: Around) -> list[str]:
    kind, functions, organ = camera["camera_type"], camera["function_types"], camera["police_organ"]
    told = {
        f"manufacturer:{MISSING}": camera["maker"] == Maker.OTHER and not camera["manufacturer"],
        "fill_light:edition": camera["fill_light"] == FillLight.LASER and camera["code_edition"] == CodeEdition.Y2016,
        "function_types:camera_type": kind == CameraType.CHECKPOINT_BULLET
        and functions
        and not _CHECKPOINTS.intersection(functions),
        "installed_on:future": camera["installed_on"] is not None and camera["installed_on"] > around.today,
        "police_organ:malformed": organ and not (len(organ) == 12 and organ.isascii() and organ.isdigit()),
        "point_type:system_kind": camera["point_type"] == PointType.FIRST and around.system_kind != SystemKind.PUBLIC,
        "point_type:unit_type": camera["point_type"] == PointType.POLICE_INTERNAL
        and around.unit_type != UnitType.POLICE,
        # REG-12: a system hears as well as sees only if it says so, at the camera and as a whole.
        "records_audio:undeclared": camera["audio_pickup"] and not camera["records_audio"],
        "records_audio:system": camera["records_audio"] and not around.system_records_audio,
    }
    return [key for key, wrong in told.items() if wrong]


def rate(part: int, whole: int) -> float | None:
    """A share, rounded down to tenths of a per cent so that nothing but all reads 100; None of nothing."""
    return math.floor(1000 * part / whole) / 1000 if whole else None
