"""The shapes of what the map's own script is answered, for the interface description and its tests."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict


class _Exact(BaseModel):
    model_config = ConfigDict(extra="forbid")


class DistrictProperties(_Exact):
    """Which district an outline is."""

    code: str
    name: str


class DistrictFeature(_Exact):
    """One district as a GeoJSON feature; coordinates are WGS-84 longitude and latitude."""

    type: Literal["Feature"]
    properties: DistrictProperties
    geometry: dict[str, Any]


class DistrictsAnswer(_Exact):
    """The districts of the city as a GeoJSON collection."""

    type: Literal["FeatureCollection"]
    features: list[DistrictFeature]


class GapProperties(_Exact):
    """A place that must have a system and has none, or none that is filed."""

    name: str
    category: str
    missing: bool
    state: "CameraState"
    url: str


class PointGeometry(_Exact):
    """A point; WGS-84 longitude and latitude."""

    type: Literal["Point"]
    coordinates: tuple[float, float]


class GapFeature(_Exact):
    """One such place as a GeoJSON feature."""

    type: Literal["Feature"]
    properties: GapProperties
    geometry: PointGeometry


class GapsAnswer(_Exact):
    """The places of the gap as a GeoJSON collection; `capped` when there are more than are told, `unplaced` counts those
    whose position is not on record."""

    type: Literal["FeatureCollection"]
    features: list[GapFeature]
    capped: bool
    unplaced: int


class CameraState(_Exact):
    """A live state: the kind that chooses shape and colour, and the word in the reader's language."""

    kind: str
    label: str


class CameraAnswer(_Exact):
    """What a click on a camera shows."""

    name: str
    unit: str
    system: str
    code: str
    state: CameraState
    url: str
    position: tuple[float, float]
