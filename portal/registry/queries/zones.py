"""Zones of a system with what covers them; the matrix page by page; gaps of a city by district and kind of unit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    and_,
    case,
    exists,
    func,
    or_,
    select,
    union,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session, joinedload

from portal.accounts.permissions import Permission
from portal.accounts.policy import visibility
from portal.accounts.queries import visible
from portal.accounts.values import Identity
from portal.core.errors import NotFound
from portal.core.paging import Page, newest_first
from portal.registry.models import (
    Camera,
    PlaceReview,
    PrivacyMask,
    Sign,
    System,
    SystemStandard,
    SystemZone,
    Unit,
    ZoneCamera,
)
from portal.registry.queries.cameras import visible_cameras
from portal.registry.states import LIVE_CODES, CameraStatus, LiveState, ReviewStatus
from portal.registry.values.zones import ZoneFacts

MUTE = (LIVE_CODES[LiveState.OFFLINE], LIVE_CODES[LiveState.UNREACHABLE])
MATRIX_ROWS = 100


@dataclass(frozen=True)
class CoveredZone:
    """A zone with the facts its state follows from."""

    row: SystemZone
    facts: ZoneFacts


@dataclass(frozen=True, kw_only=True)
class MatrixRow:
    """One camera of the matrix and the keys of the zones it covers, its principal one apart."""

    camera: Camera
    principal: str | None
    further: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class GapRow:
    """Zones asked for in one district and kind of unit, and how they are covered."""

    district: str
    unit_type: str
    systems: int
    asked: int
    covered: int
    dark: int
    gaps: int
    systems_short: int


@dataclass(frozen=True, kw_only=True)
class ShortSystem:
    """A system with zones that lack something."""

    system: System
    asked: int
    covered: int
    short: Sequence[tuple[str, str, str]] = field(default=())  # key, name, profile


def get_zone(session: Session, system_id: UUID, zone_id: UUID) -> SystemZone:
    """A zone of a system the caller has been let in to. Raises NotFound."""
    zone = session.get(SystemZone, zone_id)
    if zone is None or zone.system_id != system_id:
        raise NotFound()
    return zone


def zones_of(session: Session, system_id: UUID) -> list[CoveredZone]:
    """Every zone of a system in order, with how many cameras cover it and how many of them work: one question."""
    counted = _cover(SystemZone.system_id == system_id)
    rows = session.execute(
        select(SystemZone, counted.c.cameras, counted.c.working)
        .outerjoin(counted, counted.c.zone_id == SystemZone.id)
        .where(SystemZone.system_id == system_id)
        .order_by(SystemZone.profile == "", SystemZone.required.desc(), SystemZone.number, SystemZone.created_at)
    )
    return [CoveredZone(zone, facts_of(zone, cameras or 0, working or 0)) for zone, cameras, working in rows]


def facts_of(zone: SystemZone, cameras: int, working: int) -> ZoneFacts:
    """A zone's row as the rules judge it."""
    return ZoneFacts(
        key=zone.key,
        required=zone.required,
        full=zone.full_coverage,
        absent=zone.absent,
        blind_spots=zone.blind_spots,
        cameras=cameras,
        working=working,
    )


def _cover(within: ColumnElement[bool]) -> Subquery:
    """For each zone: cameras that cover it as principal or further zone, and those of them in use that answer."""
    alive = Camera.status != CameraStatus.DISMANTLED
    principal = (
        select(SystemZone.id.label("zone_id"), Camera.id, Camera.status, Camera.live)
        .join(Camera, and_(Camera.system_id == SystemZone.system_id, Camera.zone == SystemZone.key))
        .where(within, alive)
    )
    further = (
        select(ZoneCamera.zone_id, Camera.id, Camera.status, Camera.live)
        .join(SystemZone, SystemZone.id == ZoneCamera.zone_id)
        .join(Camera, Camera.id == ZoneCamera.camera_id)
        .where(within, alive)
    )
    both = union(principal, further).subquery()
    works = and_(both.c.status == CameraStatus.IN_USE, both.c.live.notin_(MUTE))
    return (
        select(both.c.zone_id, func.count().label("cameras"), func.count().filter(works).label("working"))
        .group_by(both.c.zone_id)
        .subquery()
    )


def matrix_page(
    session: Session,
    identity: Identity,
    system_id: UUID,
    *,
    zone: SystemZone | None = None,
    only: str = "",
    keyword: str = "",
    after: str | None = None,
) -> Page[MatrixRow]:
    """Cameras of a system with the zones they cover, in the order of entry; `only` is "none", "this" or nothing."""
    statement = visible_cameras(identity).where(Camera.system_id == system_id, Camera.status != CameraStatus.DISMANTLED)
    here = exists().where(ZoneCamera.camera_id == Camera.id)
    if only == "none":
        statement = statement.where(Camera.zone.is_(None), ~here)
    elif only == "this" and zone is not None:
        statement = statement.where(or_(Camera.zone == zone.key, here.where(ZoneCamera.zone_id == zone.id)))
    if keyword.strip():
        statement = statement.where(Camera.name.contains(keyword.strip(), autoescape=True))
    page = newest_first(session, statement, Camera.id, after=after, size=MATRIX_ROWS)
    found: dict[UUID, set[str]] = {}
    keys = [camera.id for camera in page.items]
    for camera_id, key in session.execute(
        select(ZoneCamera.camera_id, SystemZone.key)
        .join(SystemZone, SystemZone.id == ZoneCamera.zone_id)
        .where(ZoneCamera.camera_id.in_(keys))
    ):
        found.setdefault(camera_id, set()).add(key)
    rows = [
        MatrixRow(camera=each, principal=each.zone, further=frozenset(found.get(each.id, ()))) for each in page.items
    ]
    return Page(items=rows, next_cursor=page.next_cursor, total=page.total, total_capped=page.total_capped)


def further_zones(session: Session, camera_ids: Sequence[UUID]) -> Mapping[UUID, list[str]]:
    """The keys of the zones these cameras cover besides their principal ones."""
    found: dict[UUID, list[str]] = {}
    for camera_id, key in session.execute(
        select(ZoneCamera.camera_id, SystemZone.key)
        .join(SystemZone, SystemZone.id == ZoneCamera.zone_id)
        .where(ZoneCamera.camera_id.in_(camera_ids))
        .order_by(SystemZone.created_at, SystemZone.key)
    ):
        found.setdefault(camera_id, []).append(key)
    return found


def own_zone_names(session: Session, system_id: UUID) -> list[tuple[str, str]]:
    """Key and name of a system's own zones, beside those its rules name."""
    rows = session.execute(
        select(SystemZone.key, SystemZone.name)
        .where(SystemZone.system_id == system_id, SystemZone.profile == "", ~SystemZone.absent)
        .order_by(SystemZone.created_at)
    )
    return [(key, name) for key, name in rows]


def gaps(session: Session, identity: Identity) -> list[GapRow]:
    """Coverage by district and kind of unit, over every system within the reader's reach whose zones are laid."""
    zones = _judged(identity)
    short = func.count(func.distinct(zones.c.system_id)).filter(zones.c.short)
    rows = session.execute(
        select(
            zones.c.district,
            Unit.unit_type,
            func.count(func.distinct(zones.c.system_id)),
            func.count(),
            func.count().filter(zones.c.covered),
            func.count().filter(zones.c.dark),
            func.count().filter(zones.c.gap),
            short,
        )
        .join(Unit, Unit.id == zones.c.unit_id)
        .group_by(zones.c.district, Unit.unit_type)
        .order_by(zones.c.district, Unit.unit_type)
    )
    return [
        GapRow(
            district=district,
            unit_type=unit_type,
            systems=systems,
            asked=asked,
            covered=covered,
            dark=dark,
            gaps=gap,
            systems_short=lacking,
        )
        for district, unit_type, systems, asked, covered, dark, gap, lacking in rows
    ]


def short_systems(
    session: Session, identity: Identity, *, district: str = "", unit_type: str = "", after: str | None = None
) -> Page[ShortSystem]:
    """Systems with zones that lack something, newest first, each with the zones it is short of."""
    zones = _judged(identity)
    lacking = select(zones.c.system_id).where(zones.c.short)
    statement = select(System).where(System.id.in_(lacking))
    if district:
        statement = statement.where(System.district == district)
    if unit_type:
        statement = statement.where(System.unit_id.in_(select(Unit.id).where(Unit.unit_type == unit_type)))
    page = newest_first(session, statement, System.id, after=after, options=(joinedload(System.unit),))
    keys = [system.id for system in page.items]
    told = session.execute(
        select(
            zones.c.system_id,
            func.count(),
            func.count().filter(zones.c.covered),
            *(
                func.array_agg(aggregate_order_by(column, zones.c.number, zones.c.key)).filter(zones.c.short)
                for column in (zones.c.key, zones.c.profile, zones.c.name)
            ),
        )
        .where(zones.c.system_id.in_(keys))
        .group_by(zones.c.system_id)
    ).all()
    by_system = {row[0]: row for row in told}
    items = [_short_system(system, by_system[system.id]) for system in page.items]
    return Page(items=items, next_cursor=page.next_cursor, total=page.total, total_capped=page.total_capped)


def _short_system(system: System, row: Any) -> ShortSystem:
    _, asked, covered, keys, profiles, names = row
    short = tuple(zip(keys, names, profiles, strict=True))
    return ShortSystem(system=system, asked=asked, covered=covered, short=short)


def _judged(identity: Identity) -> Subquery:
    """Every zone asked for and present, with its verdict, as the rules say it (rules.zones.state_of)."""
    seen = visibility(identity, Permission.COVERAGE_READ)
    within = and_(
        visible(seen, unit=SystemZone.unit_id, district=SystemZone.district), SystemZone.required, ~SystemZone.absent
    )
    counted = _cover(within)
    cameras, working = func.coalesce(counted.c.cameras, 0), func.coalesce(counted.c.working, 0)
    blind = and_(SystemZone.full_coverage, SystemZone.blind_spots != "")
    verdict = case((cameras == 0, "gap"), (working == 0, "dark"), (blind, "partial"), else_="covered")
    zone: Select[SystemZone] = select(
        SystemZone.id,
        SystemZone.system_id,
        SystemZone.unit_id,
        SystemZone.district,
        SystemZone.key,
        SystemZone.number,
        SystemZone.profile,
        SystemZone.name,
        verdict.label("verdict"),
    )
    told = zone.outerjoin(counted, counted.c.zone_id == SystemZone.id).where(within).subquery()
    # Dismantled systems have no zones to cover any more.
    running = select(System.id).where(System.use_status != "dismantled")
    return (
        select(
            told,
            (told.c.verdict == "covered").label("covered"),
            (told.c.verdict == "dark").label("dark"),
            (told.c.verdict == "gap").label("gap"),
            (told.c.verdict != "covered").label("short"),
        )
        .where(told.c.system_id.in_(running))
        .subquery()
    )


def standards_of(session: Session, system_id: UUID) -> list[str]:
    """The keys of the standards a system is built to."""
    statement = select(SystemStandard.key).where(SystemStandard.system_id == system_id).order_by(SystemStandard.key)
    return list(session.scalars(statement))


def signs_of(session: Session, system_id: UUID) -> list[Sign]:
    """Signs of a system, those that hang first, newest first."""
    statement = select(Sign).where(Sign.system_id == system_id).order_by(Sign.removed_on.is_not(None), Sign.id.desc())
    return list(session.scalars(statement))


def hanging_signs(session: Session, system_id: UUID) -> set[str]:
    """The zone keys at which a sign hangs; an empty text for a sign at no zone."""
    return set(session.scalars(select(Sign.zone_key).where(Sign.system_id == system_id, Sign.removed_on.is_(None))))


def masks_of(session: Session, camera_id: UUID) -> list[PrivacyMask]:
    """Masks of a camera's view, those in force first."""
    statement = (
        select(PrivacyMask)
        .where(PrivacyMask.camera_id == camera_id)
        .order_by(PrivacyMask.removed_at.is_not(None), PrivacyMask.id.desc())
    )
    return list(session.scalars(statement))


def cameras_facing_homes(session: Session, identity: Identity, system_id: UUID) -> list[tuple[Camera, bool]]:
    """Cameras whose view falls into homes, by their own file or a verdict, each with whether a mask is on record."""
    asked = select(PlaceReview.camera_id).where(
        PlaceReview.system_id == system_id, PlaceReview.status == ReviewStatus.MASK_ASKED
    )
    masked = exists().where(PrivacyMask.camera_id == Camera.id, PrivacyMask.removed_at.is_(None))
    statement = (
        visible_cameras(identity)
        .where(Camera.system_id == system_id, Camera.status != CameraStatus.DISMANTLED)
        .where(or_(Camera.faces_homes, Camera.id.in_(asked)))
        .add_columns(masked)
        .order_by(masked, Camera.id)
        .limit(200)
    )
    return [(camera, bool(has)) for camera, has in session.execute(statement)]
