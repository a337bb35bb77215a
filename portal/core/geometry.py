"""Positions on the map: datums, column types, GeoJSON, circles and fields of view.

Everything stored is WGS-84 (EPSG:4326); CGCS2000, the state datum, differs by centimetres and is taken as equal. Points
picked on an Amap or Tencent map are GCJ-02, on a Baidu map BD-09: both lie about half a kilometre to a kilometre away
at Anyang, so a wrongly labelled camera stands in the wrong street.
"""

import math
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

import shapely
from geoalchemy2 import WKBElement
from geoalchemy2.shape import from_shape, to_shape
from shapely.geometry import MultiPolygon, Point, Polygon, mapping, shape
from shapely.geometry.base import BaseGeometry

SRID: Final = 4326

# Outlines drawn by hand have tens of corners, imported jurisdictions thousands; beyond this a request is an attack.
MAX_VERTICES: Final = 20_000

# A field of view with a slit narrower than any lens data can tell has no valid outline; it is the whole round.
PANORAMA_FROM_DEGREES: Final = 359.9

_KRASOVSKY_A: Final = 6378245.0
_KRASOVSKY_EE: Final = 0.00669342162296594323
_WGS84_A: Final = 6378137.0
_WGS84_EE: Final = 6.69437999014e-3
_BD_PI: Final = math.pi * 3000.0 / 180.0
_INVERSE_ROUNDS: Final = 6

LonLat = tuple[float, float]


class Datum(StrEnum):
    """The datum a pair of coordinates was given in; a number alone does not tell."""

    WGS84 = "wgs84"
    CGCS2000 = "cgcs2000"
    GCJ02 = "gcj02"
    BD09 = "bd09"


class BadGeometry(ValueError):
    """A shape or position that cannot be used; ``code`` says why, for the form that shows it."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


# --- datums ---------------------------------------------------------------------------------------------------------


def wgs84_to_gcj02(lon: float, lat: float) -> LonLat:
    """WGS-84 to GCJ-02. Outside the mainland's box the two are the same by definition."""
    if not (72.004 <= lon <= 137.8347 and 0.8293 <= lat <= 55.8271):
        return lon, lat
    x, y = lon - 105.0, lat - 35.0
    radians = math.radians(lat)
    magic = 1 - _KRASOVSKY_EE * math.sin(radians) ** 2
    root = math.sqrt(magic)
    dlat = math.degrees(_shift_lat(x, y) / (_KRASOVSKY_A * (1 - _KRASOVSKY_EE) / (magic * root)))
    dlon = math.degrees(_shift_lon(x, y) / (_KRASOVSKY_A / root * math.cos(radians)))
    return lon + dlon, lat + dlat


def gcj02_to_wgs84(lon: float, lat: float) -> LonLat:
    """GCJ-02 to WGS-84 by fixed-point iteration: under a millimetre, where the usual single step leaves metres."""
    guess_lon, guess_lat = lon, lat
    for _ in range(_INVERSE_ROUNDS):
        there_lon, there_lat = wgs84_to_gcj02(guess_lon, guess_lat)
        guess_lon += lon - there_lon
        guess_lat += lat - there_lat
    return guess_lon, guess_lat


def gcj02_to_bd09(lon: float, lat: float) -> LonLat:
    """GCJ-02 to BD-09."""
    z = math.hypot(lon, lat) + 0.00002 * math.sin(lat * _BD_PI)
    theta = math.atan2(lat, lon) + 0.000003 * math.cos(lon * _BD_PI)
    return z * math.cos(theta) + 0.0065, z * math.sin(theta) + 0.006


def bd09_to_gcj02(lon: float, lat: float) -> LonLat:
    """BD-09 to GCJ-02, iterated like the other inverse: the published one-step formula is off by decimetres."""
    guess_lon, guess_lat = lon - 0.0065, lat - 0.006
    for _ in range(_INVERSE_ROUNDS):
        there_lon, there_lat = gcj02_to_bd09(guess_lon, guess_lat)
        guess_lon += lon - there_lon
        guess_lat += lat - there_lat
    return guess_lon, guess_lat


def to_wgs84(lon: float, lat: float, datum: Datum) -> LonLat:
    """A position in any of the four datums, as WGS-84."""
    match datum:
        case Datum.GCJ02:
            return gcj02_to_wgs84(lon, lat)
        case Datum.BD09:
            return gcj02_to_wgs84(*bd09_to_gcj02(lon, lat))
        case _:
            return lon, lat


def from_wgs84(lon: float, lat: float, datum: Datum) -> LonLat:
    """A WGS-84 position in any of the four datums."""
    match datum:
        case Datum.GCJ02:
            return wgs84_to_gcj02(lon, lat)
        case Datum.BD09:
            return gcj02_to_bd09(*wgs84_to_gcj02(lon, lat))
        case _:
            return lon, lat


def _shift_lat(x: float, y: float) -> float:
    shift = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x))
    shift += (20.0 * math.sin(6.0 * x * math.pi) + 20.0 * math.sin(2.0 * x * math.pi)) * 2.0 / 3.0
    shift += (20.0 * math.sin(y * math.pi) + 40.0 * math.sin(y / 3.0 * math.pi)) * 2.0 / 3.0
    shift += (160.0 * math.sin(y / 12.0 * math.pi) + 320.0 * math.sin(y * math.pi / 30.0)) * 2.0 / 3.0
    return shift


def _shift_lon(x: float, y: float) -> float:
    shift = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x))
    shift += (20.0 * math.sin(6.0 * x * math.pi) + 20.0 * math.sin(2.0 * x * math.pi)) * 2.0 / 3.0
    shift += (20.0 * math.sin(x * math.pi) + 40.0 * math.sin(x / 3.0 * math.pi)) * 2.0 / 3.0
    shift += (150.0 * math.sin(x / 12.0 * math.pi) + 300.0 * math.sin(x / 30.0 * math.pi)) * 2.0 / 3.0
    return shift


# --- distances and shapes on the ground -------------------------------------------------------------------------------


def offset(lon: float, lat: float, azimuth: float, metres: float) -> LonLat:
    """The point ``metres`` away in the direction ``azimuth`` (degrees clockwise from north).

    Uses the ellipsoid's radii at the middle latitude: within decimetres of the geodesic at 20 km, millimetres at 1 km.
    """
    north = metres * math.cos(math.radians(azimuth))
    east = metres * math.sin(math.radians(azimuth))
    middle = lat
    for _ in range(2):
        meridian, _ = _radii(middle)
        dlat = math.degrees(north / meridian)
        middle = lat + dlat / 2
    _, normal = _radii(middle)
    dlon = math.degrees(east / (normal * math.cos(math.radians(middle))))
    return lon + dlon, lat + dlat


def distance_m(a: LonLat, b: LonLat) -> float:
    """Metres between two WGS-84 positions no more than a city apart."""
    middle = (a[1] + b[1]) / 2
    meridian, normal = _radii(middle)
    north = math.radians(b[1] - a[1]) * meridian
    east = math.radians(b[0] - a[0]) * normal * math.cos(math.radians(middle))
    return math.hypot(north, east)


def circle(lon: float, lat: float, radius_m: float, segments: int = 64) -> Polygon:
    """The polygon of all points within ``radius_m``, its corners on the circle."""
    if not 0 < radius_m < 100_000:
        raise BadGeometry("radius_out_of_range")
    return Polygon([offset(lon, lat, 360.0 * i / segments, radius_m) for i in range(segments)])


def sector(lon: float, lat: float, *, azimuth: float, angle: float, range_m: float, segments: int = 8) -> Polygon:
    """A camera's field of view: ``angle`` degrees wide around ``azimuth``, ``range_m`` deep.

    Buildings are not known, so this is what the camera could see on open ground.
    """
    if not 0 < angle <= 360:
        raise BadGeometry("angle_out_of_range")
    if angle > PANORAMA_FROM_DEGREES:
        return circle(lon, lat, range_m, segments=max(segments * 4, 32))
    if not 0 < range_m < 100_000:
        raise BadGeometry("radius_out_of_range")
    first = azimuth - angle / 2
    arc = [offset(lon, lat, first + angle * i / segments, range_m) for i in range(segments + 1)]
    return Polygon([(lon, lat), *arc])


def _radii(lat: float) -> tuple[float, float]:
    """Radii of curvature of the WGS-84 ellipsoid at a latitude: along the meridian and across it."""
    w = 1 - _WGS84_EE * math.sin(math.radians(lat)) ** 2
    return _WGS84_A * (1 - _WGS84_EE) / w**1.5, _WGS84_A / math.sqrt(w)


# --- to and from the database and the browser -------------------------------------------------------------------------


def point(lon: float, lat: float) -> Point:
    """A checked WGS-84 point. Swapped, empty and non-finite coordinates are the usual defects of a spreadsheet."""
    check_lonlat(lon, lat)
    return Point(lon, lat)


def check_lonlat(lon: float, lat: float) -> None:
    """Refuse what cannot be a position in China, and say whether the pair looks swapped."""
    if not (math.isfinite(lon) and math.isfinite(lat)):
        raise BadGeometry("not_a_number")
    if 72 <= lon <= 138 and 0 < lat <= 56:
        return
    if 72 <= lat <= 138 and 0 < lon <= 56:
        raise BadGeometry("lonlat_swapped")
    raise BadGeometry("outside_china")


def to_element(geometry: BaseGeometry) -> WKBElement:
    """A shapely geometry as the value of a 4326 column."""
    return from_shape(geometry, srid=SRID, extended=True)


def from_element(element: WKBElement) -> BaseGeometry:
    """The shapely geometry of a column's value."""
    return to_shape(element)


def lonlat(element: WKBElement) -> LonLat:
    """Longitude and latitude of a point column's value."""
    value = to_shape(element)
    if not isinstance(value, Point):
        raise BadGeometry("not_a_point")
    return value.x, value.y


def hex_ewkb(geometry: BaseGeometry) -> str:
    """The text COPY takes for a 4326 column."""
    return str(shapely.to_wkb(shapely.set_srid(geometry, SRID), hex=True, include_srid=True))


def to_geojson(geometry: BaseGeometry, decimals: int = 6) -> dict[str, Any]:
    """A GeoJSON geometry object; six decimals are a decimetre."""
    return dict(mapping(shapely.transform(geometry, lambda xy: xy.round(decimals))))


def area_from_geojson(value: object) -> MultiPolygon:
    """An area drawn in the browser or uploaded, checked before it reaches the database.

    Takes a Polygon or MultiPolygon, bare or as the geometry of one Feature. Crossing outlines are refused rather than
    repaired: a repaired area is not the one the person drew.
    """
    if isinstance(value, Mapping) and value.get("type") == "Feature":
        value = value.get("geometry")
    if not isinstance(value, Mapping) or value.get("type") not in ("Polygon", "MultiPolygon"):
        raise BadGeometry("not_an_area")
    _check_rings(value.get("coordinates"), depth=2 if value["type"] == "Polygon" else 3)
    try:
        geometry = shape(value)
    except (
        ValueError,
        TypeError,
        KeyError,
        IndexError,
        AttributeError,
        shapely.errors.ShapelyError,
    ) as error:
        raise BadGeometry("not_an_area") from error
    if geometry.is_empty or geometry.area == 0:
        raise BadGeometry("empty_area")
    if not geometry.is_valid:
        raise BadGeometry("outline_crosses_itself")
    return geometry if isinstance(geometry, MultiPolygon) else MultiPolygon([geometry])


def _check_rings(coordinates: object, depth: int) -> None:
    """Bound the number of corners and check every pair, before any library sees the nested lists."""
    count = 0
    layer: list[object] = [coordinates]
    for _ in range(depth):
        following: list[object] = []
        for item in layer:
            if not isinstance(item, list | tuple) or not item:
                raise BadGeometry("not_an_area")
            count += len(item)
            if count > MAX_VERTICES:
                raise BadGeometry("too_many_corners")
            following.extend(item)
        layer = following
    for pair in layer:
        if not isinstance(pair, list | tuple) or len(pair) < 2:
            raise BadGeometry("not_an_area")
        if any(isinstance(part, bool) or not isinstance(part, int | float) for part in pair):
            raise BadGeometry("not_a_number")
        check_lonlat(_number(pair[0]), _number(pair[1]))


def _number(part: int | float) -> float:
    try:
        return float(part)
    except OverflowError:
        # JSON knows whole numbers of hundreds of digits.
        raise BadGeometry("not_a_number") from None
