"""Changing many cameras at once: which fields may be, and what becomes of one camera. Pure."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as default
from typing import Any
from uuid import UUID

from portal.core.errors import Problem
from portal.registry.rules.fields import TYPED, CameraField, Home, Shape, column_value, field_problem
from portal.registry.rules.interiors import READ, forbidden_problems

# What belongs to one camera alone, or can only be right of one.
_ONE_ALONE = frozenset({
    "name", "gb_code", "code_edition", "lon", "lat", "datum", "position_accuracy_m", "popular_name",
    "pole_number", "qr_number", "scene_photo", "storage_channel",
})  # fmt: skip
BULK: Sequence[CameraField] = tuple(each for each in TYPED if each.key not in _ONE_ALONE)
BULK_BY_KEY: Mapping[str, CameraField] = {each.key: each for each in BULK}
# A camera always has these: they can be changed, never emptied. A telephone number is not taken off by leaving it out.
NEVER_EMPTY = frozenset(
    {"status", "camera_type", "point_type", "position_method", "managing_phone", "maintenance_phone"}
)


@dataclass(frozen=True, kw_only=True)
class Before:
    """A camera as it stands: the columns that would change, and what decides whether they may."""

    id: UUID
    name: str
    unit_name: str
    version: int
    values: Mapping[str, Any]
    filed: bool
    may_edit: bool
    zones: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Planned:
    """What becomes of one camera: old and new value of each field that changes, or why it is refused."""

    camera: Before
    changes: Mapping[str, tuple[Any, Any]] = default(default_factory=dict)
    refusal: Problem | None = None


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The whole change, as it is shown before it is made."""

    rows: Sequence[Planned]

    @property
    def changed(self) -> list[Planned]:
        """The cameras that become another."""
        return [row for row in self.rows if row.changes and row.refusal is None]

    @property
    def refused(self) -> list[Planned]:
        """The cameras that stand in the way."""
        return [row for row in self.rows if row.refusal is not None]

    @property
    def needs_reason(self) -> bool:
        """Whether a camera of a filed system is among those that change."""
        return any(row.camera.filed for row in self.changed)

    @property
    def seal(self) -> str:
        """What the plan was made of: another one is another change, and is shown first."""
        digest = hashlib.sha256()
        for row in self.rows:
            digest.update(row.camera.id.bytes + row.camera.version.to_bytes(8, "big") + bytes([row.refusal is None]))
        return digest.hexdigest()


def changes_problems(changes: Mapping[str, Any]) -> list[Problem]:
    """What is wrong with a change whatever it is made to."""
    if not changes:
        return [Problem("change", "bulk_nothing_chosen")]
    problems = []
    for key, value in changes.items():
        each = BULK_BY_KEY.get(key)
        if each is None:
            problems.append(Problem("change", "invalid"))
        elif key in NEVER_EMPTY and value in (None, ""):
            problems.append(Problem(key, "required"))
        elif problem := field_problem(each, value):
            problems.append(problem)
    # What no single camera may be said to stand in, many may not.
    return problems + forbidden_problems({key: changes.get(key) for key in (*READ, "place_type")})


def column_of(each: CameraField) -> str:
    """The column that shows a field: a telephone number by its mask."""
    return f"{each.key}_masked" if each.home is Home.SEALED else each.key


def plan(cameras: Sequence[Before], changes: Mapping[str, Any], masked: Mapping[str, str]) -> Plan:
    """What the change would do to each camera. `masked` holds what telephone numbers will show as."""
    return Plan(rows=[_planned(camera, changes, masked) for camera in cameras])


def _planned(camera: Before, changes: Mapping[str, Any], masked: Mapping[str, str]) -> Planned:
    found = {}
    for key, value in changes.items():
        each = BULK_BY_KEY[key]
        new = masked[key] if each.home is Home.SEALED else column_value(each, value)
        old = camera.values[key]
        # Two numbers may wear the same mask: what is sealed is always written.
        if _plain(old) != _plain(new) or each.home is Home.SEALED:
            found[key] = (old, new)
    return Planned(camera=camera, changes=found, refusal=_refusal(camera, found))


def _refusal(camera: Before, found: Mapping[str, tuple[Any, Any]]) -> Problem | None:
    if not camera.may_edit:
        return Problem("", "bulk_not_yours")
    for key, (_old, new) in found.items():
        if BULK_BY_KEY[key].shape is Shape.ZONE and new and new not in camera.zones:
            return Problem(key, "bulk_zone_unknown")
    return None


def _plain(value: Any) -> Any:
    """A value as a comparison takes it: an empty text and no value are the same, numbers by their size."""
    if value in (None, "", []):
        return None
    if isinstance(value, list | tuple):
        return tuple(value)
    return value if isinstance(value, bool | str) or not hasattr(value, "__float__") else float(value)
