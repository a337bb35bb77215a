"""What a tile or an area search is asked for."""

from dataclasses import dataclass, field
from uuid import UUID

from portal.accounts.values import Visibility
from portal.audit.values import audit_tag
from portal.core.errors import NotFound

MIN_ZOOM = 6
MAX_ZOOM = 19
PYRAMID_ZOOM = 14  # up to here tiles show counted cells, beyond it single cameras
CELL_BITS = 3  # a tile is divided into 8 by 8 cells of 32 pixels: room for a bubble with its count
BASE_LEVEL = 19  # what portal_cell_x() and portal_cell_y() of the database answer
NO_STATE = 9  # stands for "every switch of the legend is off": no camera has it
AREA_LIMIT = 500  # rows of an area search; its count goes on
AREA_SEARCHED = audit_tag("maps:area:search", "Cameras searched by area", sensitive_read=True)
CAMERA_LOOKED_UP = audit_tag("maps:camera:look", "Camera looked up on the map", sensitive_read=True)


@dataclass(frozen=True, kw_only=True)
class Tile:
    """A web-mercator tile. Raises NotFound outside the pyramid of the map."""

    z: int
    x: int
    y: int

    def __post_init__(self) -> None:
        if not (MIN_ZOOM <= self.z <= MAX_ZOOM and 0 <= self.x < 2**self.z and 0 <= self.y < 2**self.z):
            raise NotFound()


@dataclass(frozen=True, kw_only=True)
class Reach:
    """Which cameras a reader's tiles may hold. Tiles of police read the pyramid, tiles of a unit its own rows."""

    everything: bool = False
    districts: tuple[str, ...] = ()
    units: tuple[UUID, ...] = ()
    live: tuple[int, ...] = field(default_factory=tuple)  # empty: every state

    @classmethod
    def of(cls, seen: Visibility, live: tuple[int, ...] = ()) -> "Reach":
        """The reach of a visibility."""
        return cls(
            everything=seen.everything,
            districts=tuple(sorted(seen.districts)),
            units=tuple(sorted(seen.units)),
            live=live,
        )

    @property
    def key(self) -> str:
        """Names the reach in a cache key."""
        units = ",".join(str(unit) for unit in self.units)
        return f"{'*' if self.everything else ','.join(self.districts)}|{units}|{','.join(map(str, self.live))}"
