"""What people draw or type to choose cameras, read with a limit on everything. Pure."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from portal.core.geometry import BadGeometry, Datum, LonLat, area_from_geojson, check_lonlat, circle, to_wgs84
from portal.evidence.rules.breadth import length_m
from portal.evidence.values.breadth import Drawn, Via

MOST_SHAPES = 8
MOST_CORNERS = 200
MOST_ROUTE_M = 100_000.0
BUFFERS = (10, 500)
RADII = (10, 5000)
_PAIR = re.compile(r"(-?\d+(?:\.\d+)?)\s*[,，\s]\s*(-?\d+(?:\.\d+)?)")
_LONGEST = 60_000


def shape_from_text(text: str) -> Drawn:
    """A shape as the form carries it. Raises BadGeometry for anything that is none."""
    held = _parsed(text)
    if held.get("via") == Via.ROUTE:
        rings = held.get("rings")
        line = rings[0] if isinstance(rings, list) and len(rings) == 1 else None
        return route(_pairs(line), _whole(held.get("m")))
    return area_from({"type": "Polygon", "coordinates": held.get("rings")})


def shape_from_map(text: str, *, buffer_m: int) -> Drawn:
    """What was drawn on the map, as GeoJSON: an outline, or a line that is followed at a distance."""
    held = _parsed(text)
    if held.get("type") == "LineString":
        return route(_pairs(held.get("coordinates")), buffer_m)
    return area_from(held)


def area_from(geojson: Mapping[str, Any]) -> Drawn:
    """An outline with its holes."""
    whole = area_from_geojson(geojson)
    if len(whole.geoms) != 1:
        raise BadGeometry("not_an_area")
    outline = whole.geoms[0]
    rings = tuple(_rounded(ring.coords) for ring in (outline.exterior, *outline.interiors))
    if sum(map(len, rings)) > MOST_CORNERS:
        raise BadGeometry("too_many_corners")
    return Drawn(via=Via.AREA, rings=rings)


def round_about(place: LonLat, radius_m: int) -> Drawn:
    """Everything within a radius of a place."""
    check_lonlat(*place)
    if not RADII[0] <= radius_m <= RADII[1]:
        raise BadGeometry("radius_out_of_range")
    ring = list(circle(*place, float(radius_m)).exterior.coords)
    return Drawn(via=Via.AREA, rings=(_rounded(ring),))


def box(corner: LonLat, opposite: LonLat) -> Drawn:
    """The rectangle between two corners."""
    (west, east), (south, north) = sorted((corner[0], opposite[0])), sorted((corner[1], opposite[1]))
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return area_from({"type": "Polygon", "coordinates": [ring]})


def route(line: Iterable[LonLat], buffer_m: int) -> Drawn:
    """A way through the city with the metres to either side."""
    points = _rounded(line)
    if not 2 <= len(points) <= MOST_CORNERS:
        raise BadGeometry("route_needs_points" if len(points) < 2 else "too_many_corners")
    for place in points:
        check_lonlat(*place)
    if not BUFFERS[0] <= buffer_m <= BUFFERS[1]:
        raise BadGeometry("buffer_out_of_range")
    if length_m(points) > MOST_ROUTE_M:
        raise BadGeometry("route_too_long")
    return Drawn(via=Via.ROUTE, rings=(points,), buffer_m=buffer_m)


def typed_line(text: str, datum: Datum = Datum.WGS84) -> list[LonLat]:
    """Positions as typed, one a line or parted by semicolons, longitude before latitude."""
    if len(text) > _LONGEST:
        raise BadGeometry("too_many_corners")
    found: list[LonLat] = []
    for word in re.split(r"[;；\n]+", text):
        if not word.strip():
            continue
        pair = _PAIR.fullmatch(word.strip())
        if pair is None:
            raise BadGeometry("not_a_number")
        lon, lat = float(pair[1]), float(pair[2])
        check_lonlat(lon, lat)
        found.append(to_wgs84(lon, lat, datum))
    return found


def _parsed(text: str) -> Mapping[str, Any]:
    if len(text) > _LONGEST:
        raise BadGeometry("too_many_corners")
    try:
        held = json.loads(text)
    except (ValueError, RecursionError):
        raise BadGeometry("not_an_area") from None
    if not isinstance(held, Mapping):
        raise BadGeometry("not_an_area")
    return held


def _pairs(value: object) -> list[LonLat]:
    if not isinstance(value, list) or len(value) > MOST_CORNERS:
        raise BadGeometry("too_many_corners" if isinstance(value, list) else "not_an_area")
    found = []
    for pair in value:
        if not isinstance(pair, list) or len(pair) < 2 or not all(_is_number(part) for part in pair[:2]):
            raise BadGeometry("not_a_number")
        found.append((float(pair[0]), float(pair[1])))
    return found


def _is_number(part: object) -> bool:
    # A whole number of hundreds of digits is one to JSON and none to anything that measures.
    return isinstance(part, int | float) and not isinstance(part, bool) and -1e6 < part < 1e6


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise BadGeometry("buffer_out_of_range")
    return value


def _rounded(line: Iterable[Iterable[float]]) -> tuple[LonLat, ...]:
    """Positions to the decimetre, so that a shape is the same however often it is sent to and fro."""
    return tuple((round(pair[0], 6), round(pair[1], 6)) for pair in map(tuple, line))
