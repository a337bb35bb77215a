"""How broad an ask is: what is counted, of which class the case is, and what was drawn to choose the cameras."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from portal.audit.values import audit_tag

LonLat = tuple[float, float]
CAMERAS_SOUGHT = audit_tag("evidence:cameras:find", "Cameras searched for a footage request", sensitive_read=True)


class CaseClass(StrEnum):
    """The class of the case, as the regulation's vocabulary names it; the limits differ by it."""

    GRAVE_CRIME = "grave_crime"
    CRIME = "crime"
    ADMINISTRATIVE = "administrative"
    TRAFFIC = "traffic"
    JUDICIAL = "judicial"
    EMERGENCY = "emergency"
    INTERNAL = "internal"
    INDIVIDUAL = "individual"


class Measure(StrEnum):
    """One way in which an ask can be broad."""

    AREA = "area"
    ROUTE = "route"
    CAMERAS = "cameras"
    HOURS = "hours"
    DAYS_BACK = "days_back"


class Via(StrEnum):
    """By what a shape chooses cameras."""

    AREA = "area"
    ROUTE = "route"


@dataclass(frozen=True, slots=True)
class Drawn:
    """One shape that chose cameras: rings of an outline, or a line with the metres to either side."""

    via: Via
    rings: tuple[tuple[LonLat, ...], ...]
    buffer_m: int = 0

    def as_json(self) -> dict[str, Any]:
        """The shape as it is stored and as the form carries it."""
        return {
            "via": str(self.via),
            "rings": [[list(pair) for pair in ring] for ring in self.rings],
            "m": self.buffer_m,
        }

    def as_text(self) -> str:
        """The same as one line."""
        return json.dumps(self.as_json(), separators=(",", ":"))

    @classmethod
    def from_json(cls, held: Mapping[str, Any]) -> "Drawn":
        """The shape as it was stored."""
        rings = tuple(tuple((float(lon), float(lat)) for lon, lat in ring) for ring in held["rings"])
        return cls(via=Via(held["via"]), rings=rings, buffer_m=int(held["m"]))


@dataclass(frozen=True, slots=True)
class Part:
    """One request of a series as it counts: where its cameras stand, which time, what was drawn."""

    cameras: Mapping[UUID, LonLat | None]
    span_from: datetime
    span_to: datetime
    drawn: Sequence[Drawn] = ()


@dataclass(frozen=True, slots=True)
class Breadth:
    """What a series of requests comes to, all together."""

    area_ha: float
    route_m: float
    cameras: int
    hours: float
    days_back: int

    def of(self, measure: Measure) -> float:
        """One of its measures, in the unit of its limit."""
        return {
            Measure.AREA: self.area_ha,
            Measure.ROUTE: self.route_m,
            Measure.CAMERAS: self.cameras,
            Measure.HOURS: self.hours,
            Measure.DAYS_BACK: self.days_back,
        }[measure]


@dataclass(frozen=True, slots=True)
class Line:
    """One measure against its limit; without a limit nothing is beyond it."""

    measure: Measure
    yours: float
    limit: int | None

    @property
    def beyond(self) -> bool:
        """Whether the limit is passed; what meets it is within."""
        return self.limit is not None and self.yours > self.limit


@dataclass(frozen=True, slots=True)
class Judged:
    """A series measured against the limits of its class."""

    case_class: CaseClass
    parts: int
    lines: tuple[Line, ...]

    @property
    def beyond(self) -> tuple[Line, ...]:
        """The lines over their limit; any of them asks for the second approver."""
        return tuple(line for line in self.lines if line.beyond)

    def as_json(self) -> dict[str, Any]:
        """As it is frozen when a request is submitted."""
        lines = {str(line.measure): {"yours": round(line.yours, 2), "limit": line.limit} for line in self.lines}
        return {"class": str(self.case_class), "parts": self.parts, "lines": lines}

    @classmethod
    def from_json(cls, held: Mapping[str, Any]) -> "Judged":
        """As it was frozen."""
        lines = tuple(
            Line(measure, held["lines"][measure]["yours"], held["lines"][measure]["limit"])
            for measure in Measure
            if str(measure) in held["lines"]
        )
        return cls(case_class=CaseClass(held["class"]), parts=held["parts"], lines=lines)
