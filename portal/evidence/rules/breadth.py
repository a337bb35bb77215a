"""What an ask comes to on the ground and in time, and whether that is beyond the limits of its class. Pure.

Areas are taken in Lambert's cylindrical equal-area projection of the WGS-84 ellipsoid around the middle of what is asked
for: an area there is the area on the ground, exactly, and a circle of R metres has the area of one.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from uuid import UUID

import shapely
from shapely.geometry import Point, Polygon
from shapely.geometry.base import BaseGeometry

from portal.core.errors import Problem
from portal.core.geometry import distance_m
from portal.evidence.values import ORGANS, Purpose, RequesterKind, RequestParticulars
from portal.evidence.values.breadth import Breadth, CaseClass, Drawn, Judged, Line, LonLat, Measure, Part, Via

GRAVE_OPEN = frozenset(
    {
        RequesterKind.POLICE_CRIMINAL,
        RequesterKind.PROCURATORATE,
        RequesterKind.COURT,
        RequesterKind.STATE_SECURITY,
    }
)
_SEMI_MAJOR = 6378137.0
_ECCENTRICITY = math.sqrt(6.69437999014e-3)
_HECTARE = 10_000.0


def class_of(kind: RequesterKind, purpose: Purpose, *, grave: bool) -> CaseClass:
    """The class whose limits count: it follows from who asks for what; only «grave» is said besides."""
    if kind is RequesterKind.INDIVIDUAL:
        return CaseClass.INDIVIDUAL
    if kind not in ORGANS:
        return CaseClass.INTERNAL
    if grave and kind in GRAVE_OPEN:
        return CaseClass.GRAVE_CRIME
    of_purpose = {Purpose.EMERGENCY: CaseClass.EMERGENCY, Purpose.TRAFFIC: CaseClass.TRAFFIC}
    if purpose in of_purpose:
        return of_purpose[purpose]
    if kind in {RequesterKind.PROCURATORATE, RequesterKind.COURT}:
        return CaseClass.JUDICIAL
    return CaseClass.CRIME if kind in GRAVE_OPEN else CaseClass.ADMINISTRATIVE


def breadth_of(parts: Sequence[Part], *, reach_m: int, now: datetime) -> Breadth:
    """What the parts come to together: ground, cameras and minutes count once, however often they are asked for."""
    cameras: dict[UUID, LonLat | None] = {}
    drawn: dict[str, Drawn] = {}
    for part in parts:
        cameras |= part.cameras
        drawn |= {one.as_text(): one for one in part.drawn}
    oldest = min((part.span_from for part in parts), default=now)
    return Breadth(
        area_ha=area_m2([place for place in cameras.values() if place], list(drawn.values()), reach_m=reach_m)
        / _HECTARE,
        route_m=sum(length_m(one.rings[0]) for one in drawn.values() if one.via is Via.ROUTE),
        cameras=len(cameras),
        hours=_footage(parts) / timedelta(hours=1),
        days_back=max(0, math.ceil((now - oldest) / timedelta(days=1))),
    )


def area_m2(places: Sequence[LonLat], drawn: Sequence[Drawn], *, reach_m: int) -> float:
    """Square metres of the ground within reach of a camera, with what was drawn; overlaps once."""
    corners = [*places, *(pair for one in drawn for ring in one.rings for pair in ring)]
    if not corners:
        return 0.0
    plane = _Plane(sum(lat for _lon, lat in corners) / len(corners))
    shapes: list[BaseGeometry] = [Point(plane.at(place)).buffer(reach_m, quad_segs=32) for place in places]
    shapes += [_on(plane, one) for one in drawn]
    return float(shapely.union_all(shapes).area)


def length_m(line: Iterable[LonLat]) -> float:
    """Metres along a line of positions no leg of which leaves the city."""
    return sum(distance_m(one, other) for one, other in pairwise(line))


def judged(breadth: Breadth, case_class: CaseClass, limits: Mapping[Measure, int | None], *, parts: int) -> Judged:
    """Each measure against its limit."""
    lines = tuple(Line(measure, breadth.of(measure), limits.get(measure)) for measure in Measure)
    return Judged(case_class=case_class, parts=parts, lines=lines)


def breadth_problems(asked: RequestParticulars, beyond: Sequence[Line]) -> list[Problem]:
    """Beyond the limits the necessity is stated; and «grave» is open to those who prosecute crimes."""
    found = []
    if asked.grave and asked.requester_kind not in GRAVE_OPEN:
        found.append(Problem("grave", "evidence.grave_not_open"))
    if beyond and not asked.content.necessity.strip():
        found.append(Problem("necessity", "evidence.necessity_needed"))
    return found


class _Plane:
    """Lambert's cylindrical equal-area projection with its true parallel in the middle of what is measured."""

    def __init__(self, middle: float) -> None:
        sine = math.sin(math.radians(middle))
        self.scale = math.cos(math.radians(middle)) / math.sqrt(1 - (_ECCENTRICITY * sine) ** 2)

    def at(self, place: LonLat) -> LonLat:
        """A position in metres."""
        lon, lat = place
        sine = math.sin(math.radians(lat))
        bent = _ECCENTRICITY * sine
        authalic = (1 - _ECCENTRICITY**2) * (
            sine / (1 - bent**2) - math.log((1 - bent) / (1 + bent)) / (2 * _ECCENTRICITY)
        )
        return _SEMI_MAJOR * self.scale * math.radians(lon), _SEMI_MAJOR * authalic / (2 * self.scale)


def _on(plane: _Plane, drawn: Drawn) -> BaseGeometry:
    """A drawn shape in metres. A line too short to be one is the round about its place."""
    rings = [[plane.at(pair) for pair in ring] for ring in drawn.rings]
    if drawn.via is Via.ROUTE:
        line = shapely.LineString(rings[0]) if len(set(rings[0])) > 1 else Point(rings[0][0])
        return line.buffer(drawn.buffer_m, quad_segs=32)
    return Polygon(rings[0], rings[1:]).buffer(0)


def _footage(parts: Sequence[Part]) -> timedelta:
    """The footage of all cameras laid end to end; what two parts ask of one camera counts once."""
    spans: dict[UUID, list[tuple[datetime, datetime]]] = {}
    for part in parts:
        for camera in part.cameras:
            spans.setdefault(camera, []).append((part.span_from, part.span_to))
    return sum((_covered(one) for one in spans.values()), timedelta())


def _covered(spans: list[tuple[datetime, datetime]]) -> timedelta:
    total, reached = timedelta(), None
    for begins, ends in sorted(spans):
        first = begins if reached is None else max(begins, reached)
        if ends > first:
            total, reached = total + (ends - first), ends
    return total
