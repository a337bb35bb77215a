"""The synthetic street map: roads with plausible names clipped to the real districts, quarters, house numbers.

A building stands beside a road, on the even or the odd side, numbered by the distance from the road's beginning; a
point is only given out when it truly lies inside its district.
"""

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import shapely
from shapely.geometry import LineString, MultiPolygon, Point
from shapely.geometry.base import BaseGeometry

from portal.core.divisions import DivisionShape, load_divisions
from portal.core.geometry import LonLat, distance_m, offset
from portal.demo.vocabulary import read

_METRES_PER_NUMBER = 12.0
_SHORTEST_ROAD_M = 150.0
_TOWN_REACH_M = 700.0
_CORE_REACH_M = 2_600.0


@dataclass(frozen=True, kw_only=True)
class Quarter:
    """A sub-district or town: the area of one police station and of digits 7 and 8 of a device code."""

    district: str
    number: int
    name: str
    centre: LonLat
    area: MultiPolygon
    is_town: bool

    @property
    def code8(self) -> str:
        """GB/T 2260 division with the grass-roots unit."""
        return f"{self.district}{self.number:02d}"


@dataclass(frozen=True, kw_only=True)
class Road:
    """A straight piece of road inside one district."""

    name: str
    district: str
    start: LonLat
    end: LonLat
    length_m: float
    azimuth: float
    in_town: str | None


@dataclass(frozen=True, kw_only=True)
class Place:
    """A spot with an address."""

    district: str
    quarter: Quarter
    road: Road
    number: int
    lon: float
    lat: float
    address: str


class StreetMap:
    """Roads and quarters of every district, and places on them."""

    def __init__(self, seed: int) -> None:
        rng = random.Random(f"streets:{seed}")
        self.divisions: dict[str, DivisionShape] = {d.code: d for d in load_divisions("4105")}
        self.settings: dict[str, dict[str, Any]] = {d["code"]: d for d in read("places")["district"]}
        self.quarters: dict[str, list[Quarter]] = {}
        self.roads: dict[str, list[Road]] = {}
        lattice = _city_lattice()
        for code, division in self.divisions.items():
            shapely.prepare(division.geometry)
            settings = self.settings[code]
            self.quarters[code] = _quarters(rng, division, settings)
            self.roads[code] = list(self._lay_roads(code, settings, lattice))
        self._weights = {
            code: [road.length_m * (0.35 if road.in_town else 1.0) for road in roads]
            for code, roads in self.roads.items()
        }

    def place(self, rng: random.Random, district: str) -> Place:
        """A building plot beside a random road of the district."""
        outline = self.divisions[district].geometry
        while True:
            road = rng.choices(self.roads[district], self._weights[district])[0]
            along = rng.uniform(20, road.length_m - 20)
            side = rng.choice((-1, 1))
            lon, lat = beside(road, along, side * rng.uniform(28, 60))
            if not shapely.contains_xy(outline, lon, lat):
                continue
            return self._place_at(road, along, side, lon, lat)

    def quarter_at(self, district: str, lon: float, lat: float) -> Quarter:
        """The quarter a point of the district belongs to: the one whose centre is nearest, as the areas were cut."""
        return min(
            self.quarters[district],
            key=lambda quarter: distance_m(quarter.centre, (lon, lat)),
        )

    def district_name(self, code: str) -> str:
        """The district's name."""
        return self.divisions[code].name

    def address_head(self, code: str) -> str:
        """How an address in the district begins; a county-level city is written without the prefecture."""
        name = self.district_name(code)
        return f"河南省{name}" if name.endswith("市") else f"河南省安阳市{name}"

    def area_name(self, code: str) -> str:
        """The district as a unit's name carries it: urban districts after the city's name, counties alone."""
        name = self.district_name(code)
        return f"安阳市{name}" if name.endswith("区") else name

    def _place_at(self, road: Road, along: float, side: int, lon: float, lat: float) -> Place:
        quarter = self.quarter_at(road.district, lon, lat)
        number = house_number(along) - (1 if side > 0 else 0)
        town = road.in_town or (quarter.name if quarter.is_town else "")
        address = f"{self.address_head(road.district)}{town}{road.name}{number}号"
        return Place(
            district=road.district,
            quarter=quarter,
            road=road,
            number=number,
            lon=round(lon, 6),
            lat=round(lat, 6),
            address=address,
        )

    def _lay_roads(
        self, code: str, settings: dict[str, Any], lattice: Sequence[tuple[str, LineString]]
    ) -> Iterator[Road]:
        outline = self.divisions[code].geometry
        if code in read("places")["city"]["districts"]:
            for name, line in lattice:
                yield from _clip(name, line, outline, code)
        else:
            for name, line in _cross(settings, settings["centre"], _CORE_REACH_M):
                yield from _clip(name, line, outline, code)
        for quarter in self.quarters[code]:
            if quarter.is_town:
                for name, line in _cross(read("places")["town"], quarter.centre, _TOWN_REACH_M):
                    yield from _clip(name, line, outline, code, in_town=quarter.name)


@lru_cache(maxsize=4)
def street_map(seed: int) -> StreetMap:
    """The street map of a seed."""
    return StreetMap(seed)


def house_number(metres: float) -> int:
    """The even number at this distance from the road's beginning."""
    return max(1, int(metres / _METRES_PER_NUMBER)) * 2


def along_road(road: Road, metres: float) -> LonLat:
    """The point of the centre line this far from the road's beginning."""
    share = metres / road.length_m
    return (
        road.start[0] + (road.end[0] - road.start[0]) * share,
        road.start[1] + (road.end[1] - road.start[1]) * share,
    )


def beside(road: Road, metres: float, aside: float) -> LonLat:
    """The point ``aside`` metres to the right of the road (negative: left), ``metres`` along it."""
    lon, lat = along_road(road, metres)
    return offset(lon, lat, road.azimuth + 90, aside)


def _quarters(rng: random.Random, division: DivisionShape, settings: dict[str, Any]) -> list[Quarter]:
    """Scatter the quarters' centres and cut the district between them (every point to its nearest centre)."""
    names = [*settings["quarters"], *settings["towns"]]
    centres = _centres(rng, division, settings)
    cells = shapely.voronoi_polygons(
        shapely.multipoints([_stretched(c) for c in centres]),
        extend_to=shapely.transform(division.geometry.envelope.buffer(0.5), _stretch_array),
    ).geoms
    areas = [
        shapely.transform(next(cell for cell in cells if cell.intersects(Point(_stretched(c)))), _shrink_array)
        for c in centres
    ]
    return [
        Quarter(
            district=division.code,
            number=number,
            name=name,
            centre=centre,
            area=_as_multi(shapely.intersection(area, division.geometry)),
            is_town=number > len(settings["quarters"]),
        )
        for number, (name, centre, area) in enumerate(zip(names, centres, areas, strict=True), start=1)
    ]


def _centres(rng: random.Random, division: DivisionShape, settings: dict[str, Any]) -> list[LonLat]:
    """Quarters around the centre, towns far from it and from one another, all inside the outline."""
    core: LonLat = (settings["centre"][0], settings["centre"][1])
    centres: list[LonLat] = [core]
    inner = division.geometry.buffer(-0.004)
    while len(centres) < len(settings["quarters"]):
        drawn = [offset(*core, rng.uniform(0, 360), rng.uniform(600, 3_200)) for _ in range(12)]
        centres.append(_farthest(drawn, centres, inner))
    west, south, east, north = division.geometry.bounds
    for _ in settings["towns"]:
        drawn = [(rng.uniform(west, east), rng.uniform(south, north)) for _ in range(60)]
        far = [point for point in drawn if distance_m(point, core) > 3_000]
        centres.append(_farthest(far, centres, inner))
    return centres


def _farthest(drawn: Sequence[LonLat], taken: Sequence[LonLat], area: BaseGeometry) -> LonLat:
    inside = [point for point in drawn if area.contains(Point(point))] or [
        (area.representative_point().x, area.representative_point().y)
    ]
    return max(inside, key=lambda point: min(distance_m(point, other) for other in taken))


def _city_lattice() -> list[tuple[str, LineString]]:
    """The roads of the city proper; a slight tilt keeps them from looking ruled."""
    city = read("places")["city"]
    lines = []
    west, east, south, north = city["west"], city["east"], city["south"], city["north"]
    for i, name in enumerate(city["east_west"]):
        lat = south + (north - south) * (i + 0.5) / len(city["east_west"])
        lines.append((name, LineString([(west, lat - 0.0006), (east, lat + 0.0006)])))
    for i, name in enumerate(city["north_south"]):
        lon = west + (east - west) * (i + 0.5) / len(city["north_south"])
        lines.append((name, LineString([(lon + 0.0007, south), (lon - 0.0007, north)])))
    return lines


def _cross(settings: dict[str, Any], centre: Sequence[float], reach: float) -> Iterator[tuple[str, LineString]]:
    """Parallel roads both ways around a centre."""
    lon, lat = centre[0], centre[1]
    names = settings["east_west"]
    for i, name in enumerate(names):
        y = offset(lon, lat, 0, reach * (2 * (i + 0.5) / len(names) - 1))[1]
        yield (
            name,
            LineString([(offset(lon, lat, 270, reach)[0], y), (offset(lon, lat, 90, reach)[0], y)]),
        )
    names = settings["north_south"]
    for i, name in enumerate(names):
        x = offset(lon, lat, 90, reach * (2 * (i + 0.5) / len(names) - 1))[0]
        yield (
            name,
            LineString([(x, offset(lon, lat, 180, reach)[1]), (x, offset(lon, lat, 0, reach)[1])]),
        )


def _clip(
    name: str, line: LineString, outline: BaseGeometry, district: str, in_town: str | None = None
) -> Iterator[Road]:
    """The pieces of a road inside a district, leaving out stumps."""
    pieces = shapely.get_parts(shapely.intersection(line, outline))
    for piece in pieces:
        if not isinstance(piece, LineString) or piece.is_empty:
            continue
        start, end = piece.coords[0], piece.coords[-1]
        length = distance_m(start, end)
        if length >= _SHORTEST_ROAD_M:
            yield Road(
                name=name,
                district=district,
                start=start,
                end=end,
                length_m=length,
                azimuth=_azimuth(start, end),
                in_town=in_town,
            )


def _azimuth(start: LonLat, end: LonLat) -> float:
    east = (end[0] - start[0]) * math.cos(math.radians(start[1]))
    return math.degrees(math.atan2(east, end[1] - start[1])) % 360


def _as_multi(geometry: BaseGeometry) -> MultiPolygon:
    polygons = [part for part in shapely.get_parts(geometry) if part.geom_type == "Polygon"]
    return MultiPolygon(polygons)


# Nearest centres are judged in metres, and a degree of longitude is a fifth shorter here than one of latitude.
_STRETCH = math.cos(math.radians(36.0))


def _stretched(point: LonLat) -> LonLat:
    return point[0] * _STRETCH, point[1]


def _stretch_array(xy: Any) -> Any:
    return xy * [_STRETCH, 1.0]


def _shrink_array(xy: Any) -> Any:
    return xy / [_STRETCH, 1.0]
