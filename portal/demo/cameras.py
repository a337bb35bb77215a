"""Cameras: those around a unit's buildings, and those the police hang over junctions and along streets.

A million of them must come out in well under a minute, so they are plain tuples drawn one by one, never a list.
"""

import math
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import cache
from itertools import accumulate
from typing import Any, NamedTuple

import shapely

from portal.core.geometry import LonLat
from portal.demo.codes import DeviceCodes
from portal.demo.streets import Road, StreetMap, along_road, house_number
from portal.demo.units import Condition, UnitPlan
from portal.demo.vocabulary import read

_METRES_PER_DEGREE_LAT = 110_960.0
_DIRECTIONS = "北", "东北", "东", "东南", "南", "西南", "西", "西北"
_TYPE_WORDS = {
    "fixed_bullet": "枪机",
    "hemisphere": "半球",
    "ptz_dome": "球机",
    "remote_bullet": "遥控枪机",
    "checkpoint_bullet": "卡口枪机",
}
# type, weight, widest and narrowest view, range: indoors, outdoors, over a street
_INDOORS = (("hemisphere", 68, 80, 110, 8, 25), ("fixed_bullet", 32, 60, 90, 10, 30))
_OUTDOORS = (
    ("fixed_bullet", 66, 45, 95, 25, 80),
    ("ptz_dome", 16, 55, 65, 80, 200),
    ("hemisphere", 10, 85, 110, 10, 30),
    ("remote_bullet", 8, 30, 60, 60, 150),
)
_STREET = (
    ("fixed_bullet", 46, 40, 80, 40, 110),
    ("ptz_dome", 26, 55, 65, 120, 300),
    ("checkpoint_bullet", 20, 25, 40, 25, 45),
    ("remote_bullet", 8, 30, 60, 80, 180),
)
_MAKERS = ("安视通", "中原光电", "洹河智能", "豫达视讯")
_RESOLUTIONS = ("1920x1080", "2560x1440", "3840x2160", "1280x720", "704x576")
_RESOLUTION_SHARES = (52, 82, 92, 98, 100)


class CameraPlan(NamedTuple):
    """One camera. Azimuth clockwise from north."""

    gb_code: str
    name: str
    place: str
    address: str
    lon: float
    lat: float
    camera_type: str
    point_type: int
    zone: str
    azimuth: int
    view_angle: int
    range_m: int
    resolution: str
    manufacturer: str
    model: str
    records_audio: bool
    retention_days: int
    installed_on: date
    status: str


class _Spot(NamedTuple):
    zone: str
    indoors: bool
    places: tuple[str, ...]


class CameraMaker:
    """Draws cameras unit by unit; device codes are unique across everything one maker drew."""

    def __init__(self, seed: int, streets: StreetMap) -> None:
        self.seed = seed
        self.streets = streets
        self.codes = DeviceCodes()

    def of_unit(self, unit: UnitPlan) -> Iterator[CameraPlan]:
        """The cameras on a unit's premises."""
        rng = random.Random(f"cameras:{self.seed}:{unit.number}")
        spots, weights = _spots(unit.kind.spots)
        names: Counter[str] = Counter()
        where = _Surroundings(rng, unit, self.streets)
        district8 = unit.place.quarter.code8
        closed = unit.condition is Condition.DISMANTLED
        for spot in rng.choices(spots, weights, k=unit.cameras):
            kind, view, reach = _drawn(rng, _INDOORS if spot.indoors else _OUTDOORS)
            azimuth = rng.randrange(360)
            lon, lat = where.point()
            place = _filled(rng, rng.choice(spot.places))
            yield CameraPlan(
                gb_code=self.codes.next(division8=district8, industry=unit.kind.industry, kind="132", network="8"),
                place=place,
                name=_unique(names, f"{place}{direction_word(azimuth)}向{_TYPE_WORDS[kind]}"),
                address=f"{unit.place.address}{place}",
                lon=lon,
                lat=lat,
                camera_type=kind,
                point_type=2 if unit.kind.regime == "a7_2" else 3,
                zone=spot.zone,
                azimuth=azimuth,
                view_angle=view,
                range_m=reach,
                resolution=_resolution(rng),
                manufacturer=rng.choice(_MAKERS),
                model=_model(rng),
                records_audio=spot.zone in ("counter", "hall") and rng.random() < 0.12,
                retention_days=unit.retention_days if rng.random() > 0.02 else rng.choice((7, 15, 90, 180)),
                installed_on=unit.in_use_on - timedelta(days=rng.randrange(3, 60)),
                status="dismantled" if closed else _status(rng),
            )

    def of_streets(self, district: str, count: int, today: date, *, days: int = 30) -> Iterator[CameraPlan]:
        """The public cameras of a district: two in five at junctions, the others along the roads."""
        rng = random.Random(f"public:{self.seed}:{district}")
        spots = _StreetSpots(rng, self.streets, district)
        head = self.streets.address_head(district)
        names: Counter[str] = Counter()
        for _ in range(count):
            place, lon, lat, code8 = spots.next()
            kind, view, reach = _drawn(rng, _STREET)
            azimuth = rng.randrange(360)
            industry = "05" if kind == "checkpoint_bullet" else rng.choice(("00", "00", "04"))
            yield CameraPlan(
                gb_code=self.codes.next(division8=code8, industry=industry, kind="132", network="0"),
                place=place,
                name=_unique(names, f"{place}{direction_word(azimuth)}向{_TYPE_WORDS[kind]}"),
                address=f"{head}{place}",
                lon=lon,
                lat=lat,
                camera_type=kind,
                point_type=1,
                zone="street",
                azimuth=azimuth,
                view_angle=view,
                range_m=reach,
                resolution=_resolution(rng),
                manufacturer=rng.choice(_MAKERS),
                model=_model(rng),
                records_audio=False,
                retention_days=days,
                installed_on=today - timedelta(days=rng.randrange(60, 4_000)),
                status=_status(rng),
            )


class _StreetSpots:
    """Places over the streets of a district, each with the code of the quarter it lies in."""

    def __init__(self, rng: random.Random, streets: StreetMap, district: str) -> None:
        self.rng = rng
        self.streets = streets
        self.district = district
        self.roads = streets.roads[district]
        self.cumulative = list(accumulate(road.length_m for road in self.roads))
        self.corners = _junctions(self.roads)
        self.outline = streets.divisions[district].geometry
        self.codes: dict[tuple[int, int], str] = {}

    def next(self) -> tuple[str, float, float, str]:
        """Name, longitude, latitude, eight-digit division."""
        while True:
            if self.corners and self.rng.random() < 0.4:
                place, lon, lat = self._corner()
            else:
                place, lon, lat = self._roadside()
            if shapely.contains_xy(self.outline, lon, lat):
                return place, round(lon, 6), round(lat, 6), self._code8(lon, lat)

    def _corner(self) -> tuple[str, float, float]:
        one, other, at = self.rng.choice(self.corners)
        side = self.rng.randrange(4)
        lon, lat = _moved(at, 45 + 90 * side, self.rng.uniform(9, 24))
        word = _DIRECTIONS[1 + 2 * side]
        return f"{one.in_town or ''}{one.name}与{other.name}交叉口{word}角", lon, lat

    def _roadside(self) -> tuple[str, float, float]:
        road = self.rng.choices(self.roads, cum_weights=self.cumulative)[0]
        along = self.rng.uniform(5, road.length_m - 5)
        middle = along_road(road, along)
        aside = self.rng.choice((-1, 1)) * self.rng.uniform(6, 14)
        lon, lat = _moved(middle, road.azimuth + 90, aside)
        return f"{road.in_town or ''}{road.name}{house_number(along)}号旁", lon, lat

    def _code8(self, lon: float, lat: float) -> str:
        """Looked up once per hundred metres: a police station's border is not surveyed closer than that."""
        cell = (int(lon * 1000), int(lat * 1000))
        if cell not in self.codes:
            self.codes[cell] = self.streets.quarter_at(self.district, lon, lat).code8
        return self.codes[cell]


class _Surroundings:
    """Points on a unit's premises; where these touch a district's border, only points inside count."""

    def __init__(self, rng: random.Random, unit: UnitPlan, streets: StreetMap) -> None:
        self.rng = rng
        self.unit = unit
        self.outline = streets.divisions[unit.place.district].geometry
        here = shapely.Point(unit.place.lon, unit.place.lat)
        reach = unit.radius_m / 85_000
        self.near_border = not self.outline.contains(here.buffer(reach))

    def point(self) -> LonLat:
        place = self.unit.place
        reach = float(self.unit.radius_m)
        while True:
            distance = reach * math.sqrt(self.rng.random())
            lon, lat = _moved((place.lon, place.lat), self.rng.uniform(0, 360), distance)
            if not self.near_border or shapely.contains_xy(self.outline, lon, lat):
                return round(lon, 6), round(lat, 6)
            reach = max(reach * 0.9, 1.0)


def direction_word(azimuth: int) -> str:
    """Where the camera looks, in words."""
    return _DIRECTIONS[round(azimuth / 45) % 8]


@cache
def _spots(key: str) -> tuple[list[_Spot], list[int]]:
    premises: dict[str, Any] = next(row for row in read("spots")["premises"] if row["key"] == key)
    spots = [_Spot(zone, indoors, tuple(places)) for zone, _, indoors, places in premises["zones"]]
    return spots, [weight for _, weight, _, _ in premises["zones"]]


@cache
def _cumulative(choices: tuple[tuple[str, int, int, int, int, int], ...]) -> list[int]:
    return list(accumulate(choice[1] for choice in choices))


def _drawn(rng: random.Random, choices: tuple[tuple[str, int, int, int, int, int], ...]) -> tuple[str, int, int]:
    kind, _, narrow, wide, near, far = rng.choices(choices, cum_weights=_cumulative(choices))[0]
    return kind, rng.randint(narrow, wide), rng.randint(near, far)


def _filled(rng: random.Random, place: str) -> str:
    if "{" not in place:
        return place
    return place.format(b=rng.randint(1, 6), f=rng.randint(1, 5))


def _unique(names: Counter[str], name: str) -> str:
    names[name] += 1
    return name if names[name] == 1 else f"{name}{names[name]}"


def _resolution(rng: random.Random) -> str:
    return rng.choices(_RESOLUTIONS, cum_weights=_RESOLUTION_SHARES)[0]


def _model(rng: random.Random) -> str:
    return f"IPC-{rng.randrange(2, 9)}{rng.randrange(100):02d}"


def _status(rng: random.Random) -> str:
    share = rng.random()
    return "in_use" if share < 0.97 else "repair" if share < 0.992 else "dismantled"


def _moved(at: LonLat, azimuth: float, metres: float) -> LonLat:
    """As geometry.offset, on a plane: exact to centimetres over a building plot, and ten times quicker."""
    radians = math.radians(azimuth)
    lon = at[0] + metres * math.sin(radians) / (_METRES_PER_DEGREE_LAT * math.cos(math.radians(at[1])))
    return lon, at[1] + metres * math.cos(radians) / _METRES_PER_DEGREE_LAT


def _junctions(roads: Sequence[Road]) -> list[tuple[Road, Road, LonLat]]:
    """Where two roads of a district cross."""
    lines = [shapely.LineString([road.start, road.end]) for road in roads]
    tree = shapely.STRtree(lines)
    ones, others = tree.query(lines, predicate="intersects")
    found = []
    for i, j in zip(ones, others, strict=True):
        if i < j:
            crossing = shapely.intersection(lines[i], lines[j])
            if crossing.geom_type == "Point":
                found.append((roads[i], roads[j], (crossing.x, crossing.y)))
    return found
