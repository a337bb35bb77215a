"""Rates of camera files: per district, per unit, per kind of fault. Counted in indexes alone, at a million cameras too."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, literal_column, select, tuple_
from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.policy import visibility
from portal.accounts.values import Identity
from portal.core.paging import PAGE_SIZE, Page, encode_cursor, place_in
from portal.registry.models import Camera, System, Unit
from portal.registry.queries.cameras import cameras_on_ground
from portal.registry.rules import rate
from portal.registry.states import LIVE_CODES, CameraStatus, LiveState

_ONLINE = (LIVE_CODES[LiveState.ONLINE], LIVE_CODES[LiveState.DEGRADED])
_KNOWN = (*_ONLINE, LIVE_CODES[LiveState.OFFLINE], LIVE_CODES[LiveState.UNREACHABLE])


@dataclass(frozen=True, kw_only=True)
class Standing:
    """The three standing indicators of police reports, with what they are counted from."""

    cameras: int = 0
    known: int = 0
    online: int = 0
    networked: int = 0
    passing: int = 0

    @property
    def online_rate(self) -> float | None:
        """Online rate (在线率): of the cameras probed, those that answer."""
        return rate(self.online, self.known)

    @property
    def networking_rate(self) -> float | None:
        """Networking rate (联网率)."""
        return rate(self.networked, self.cameras)

    @property
    def pass_rate(self) -> float | None:
        """Pass rate of files (一机一档合格率)."""
        return rate(self.passing, self.cameras)

    @property
    def failing(self) -> int:
        """Files with a fault, or not judged yet."""
        return self.cameras - self.passing


@dataclass(frozen=True, kw_only=True)
class UnitStanding:
    """A unit and its indicators."""

    id: UUID
    name: str
    unit_type: str
    standing: Standing


@dataclass(frozen=True, kw_only=True)
class DepartmentRow:
    """REG-14: one department of a unit with the systems and cameras that name it."""

    name: str
    systems: int
    cameras: int

    @property
    def unlisted(self) -> bool:
        """Cameras name it, but none of the unit's systems does."""
        return self.systems == 0


def _judged(identity: Identity) -> Select[Camera]:
    return cameras_on_ground(identity).where(Camera.status != CameraStatus.DISMANTLED)


def _counts() -> Sequence[ColumnElement[int]]:
    return (
        func.count().label("cameras"),
        func.count().filter(Camera.live.in_(_KNOWN)).label("known"),
        func.count().filter(Camera.live.in_(_ONLINE)).label("online"),
        func.count().filter(Camera.networked == 1).label("networked"),
        func.count().filter(Camera.passes).label("passing"),
    )


def standing_of(session: Session, identity: Identity, *, district: str = "", unit_id: UUID | None = None) -> Standing:
    """The indicators of a district or a unit, as far as the person sees its cameras."""
    statement = _judged(identity)
    if district:
        statement = statement.where(Camera.district == district)
    if unit_id:
        statement = statement.where(Camera.unit_id == unit_id)
    row = session.execute(statement.with_only_columns(*_counts())).mappings().one()
    return Standing(**row)


def standings_by_district(session: Session, identity: Identity) -> Mapping[str, Standing]:
    """The indicators of each district in the person's reach, by its code."""
    statement = _judged(identity).with_only_columns(Camera.district, *_counts())
    rows = session.execute(statement.group_by(Camera.district).order_by(Camera.district)).mappings()
    return {row["district"]: Standing(**{name: row[name] for name in row if name != "district"}) for row in rows}


def standings_by_unit(
    session: Session, identity: Identity, district: str, *, after: str | None = None
) -> Page[UnitStanding]:
    """The units with cameras in a district, those with the most faulty files first."""
    counted = _judged(identity).where(Camera.district == district)
    units = counted.with_only_columns(Camera.unit_id, *_counts()).group_by(Camera.unit_id).subquery()
    failing = units.c.cameras - units.c.passing
    statement = select(units, Unit.name, Unit.unit_type).join(Unit, Unit.id == units.c.unit_id)
    if after:
        statement = statement.where(tuple_(failing, units.c.unit_id) < place_in(after, int, UUID))
    ordered = statement.order_by(failing.desc(), units.c.unit_id.desc()).limit(PAGE_SIZE + 1)
    rows = session.execute(ordered).mappings().all()
    names = ("cameras", "known", "online", "networked", "passing")
    items = [
        UnitStanding(
            id=row["unit_id"],
            name=row["name"],
            unit_type=row["unit_type"],
            standing=Standing(**{name: row[name] for name in names}),
        )
        for row in rows[:PAGE_SIZE]
    ]
    cursor = encode_cursor([items[-1].standing.failing, str(items[-1].id)]) if len(rows) > PAGE_SIZE else None
    return Page(items=items, next_cursor=cursor)


def faults_by_kind(
    session: Session, identity: Identity, *, district: str = "", unit_id: UUID | None = None, limit: int = 12
) -> Sequence[tuple[str, int]]:
    """The commonest faults of a district or unit, each with its number of files."""
    statement = _judged(identity).where(~Camera.passes)
    if district:
        statement = statement.where(Camera.district == district)
    if unit_id:
        statement = statement.where(Camera.unit_id == unit_id)
    keys = statement.with_only_columns(func.unnest(Camera.fault_keys).label("key")).subquery()
    number = func.count().label("number")
    rows = session.execute(
        select(keys.c.key, number).group_by(keys.c.key).order_by(number.desc(), keys.c.key).limit(limit)
    )
    return [(key, count) for key, count in rows]


def departments_of(session: Session, identity: Identity, unit_id: UUID) -> Sequence[DepartmentRow]:
    """REG-14: the departments of a unit that any of its systems or cameras names, those without a system first."""
    cameras = _judged(identity).where(Camera.unit_id == unit_id, Camera.department != "")
    by_camera: Any = cameras.with_only_columns(
        Camera.department.label("name"), literal_column("0").label("system"), literal_column("1").label("camera")
    )
    by_system: Any = select(
        System.department.label("name"), literal_column("1").label("system"), literal_column("0").label("camera")
    ).where(System.unit_id == unit_id, System.department != "")
    named = by_camera.union_all(by_system).subquery()
    systems, total = func.sum(named.c.system), func.sum(named.c.camera)
    rows = session.execute(
        select(named.c.name, systems, total).group_by(named.c.name).order_by(systems > 0, total.desc(), named.c.name)
    )
    return [DepartmentRow(name=name, systems=int(s), cameras=int(c)) for name, s, c in rows]


def may_see_quality(identity: Identity, district: str) -> bool:
    """Whether a district lies in the reach of the person's quality pages."""
    seen = visibility(identity, Permission.QUALITY_READ)
    return seen.everything or district in seen.districts
