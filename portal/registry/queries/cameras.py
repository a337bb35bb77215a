"""Cameras: lists that stay fast at a million rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, joinedload

from portal.accounts.permissions import Permission
from portal.accounts.policy import require, visibility
from portal.accounts.queries import visible
from portal.accounts.values import Identity
from portal.core.errors import NotFound
from portal.core.paging import Page, newest_first
from portal.registry.models import Camera, CameraAccess
from portal.registry.queries.units import camera_scope
from portal.registry.states import LIVE_CODES, LiveState


@dataclass(frozen=True, kw_only=True)
class CameraFilter:
    """What the camera list is narrowed to; empty means all."""

    keyword: str = ""
    district: str = ""
    unit_id: UUID | None = None
    system_id: UUID | None = None
    live: LiveState | None = None
    incomplete: bool = False
    zone: str = ""


def get_camera(session: Session, identity: Identity, camera_id: UUID) -> Camera:
    """A camera with its system and unit, if the person may read it. Raises NotFound."""
    statement = select(Camera).where(Camera.id == camera_id).options(joinedload(Camera.system), joinedload(Camera.unit))
    camera = session.scalars(statement).one_or_none()
    if camera is None:
        raise NotFound()
    require(identity, Permission.CAMERA_READ, camera_scope(camera))
    return camera


def visible_cameras(identity: Identity) -> Select[Camera]:
    """Every camera the person may read. Secret ones show only inside their own unit's reach."""
    seen = visibility(identity, Permission.CAMERA_READ)
    statement = select(Camera).where(visible(seen, unit=Camera.unit_id, district=Camera.district))
    return statement.where(or_(~Camera.secret, Camera.unit_id.in_(seen.units)))


def cameras_of(session: Session, identity: Identity, camera_ids: Sequence[UUID]) -> list[Camera]:
    """Those of the named cameras that the person may read, with unit and system; unknown ones are left out."""
    statement = visible_cameras(identity).where(Camera.id.in_(camera_ids))
    options = (joinedload(Camera.system), joinedload(Camera.unit))
    return list(session.scalars(statement.options(*options).order_by(Camera.id)))


def camera_page(
    session: Session, identity: Identity, wanted: CameraFilter, *, after: str | None = None
) -> Page[Camera]:
    """Cameras, newest first, with their unit and system loaded."""
    statement = _narrow(visible_cameras(identity), wanted)
    return newest_first(
        session, statement, Camera.id, after=after, options=(joinedload(Camera.system), joinedload(Camera.unit))
    )


def camera_tally(session: Session, identity: Identity, wanted: CameraFilter) -> Mapping[LiveState, int]:
    """How many cameras of the filter stand in each live state."""
    narrowed = _narrow(visible_cameras(identity), CameraFilter(**{**wanted.__dict__, "live": None}))
    counted = narrowed.with_only_columns(Camera.live, func.count()).group_by(Camera.live)
    found: dict[int, int] = dict(session.execute(counted).all())
    return {state: found.get(code, 0) for state, code in LIVE_CODES.items()}


def _narrow(statement: Select[Camera], wanted: CameraFilter) -> Select[Camera]:
    if wanted.keyword:
        word = wanted.keyword.strip()
        statement = statement.where(
            Camera.gb_code == word
            if word.isdigit() and len(word) == 20
            else Camera.name.contains(word, autoescape=True)
        )
    if wanted.district:
        statement = statement.where(Camera.district == wanted.district)
    if wanted.unit_id:
        statement = statement.where(Camera.unit_id == wanted.unit_id)
    if wanted.system_id:
        statement = statement.where(Camera.system_id == wanted.system_id)
    if wanted.live is not None:
        statement = statement.where(Camera.live == LIVE_CODES[wanted.live])
    if wanted.incomplete:
        statement = statement.where(or_(Camera.azimuth.is_(None), Camera.zone.is_(None)))
    if wanted.zone:
        statement = statement.where(Camera.zone == wanted.zone)
    return statement


def camera_counts(session: Session, system_ids: Sequence[UUID]) -> Mapping[UUID, int]:
    """How many cameras each of these systems has."""
    rows = session.execute(
        select(Camera.system_id, func.count()).where(Camera.system_id.in_(system_ids)).group_by(Camera.system_id)
    )
    return dict(rows.all())


def access_of(session: Session, camera_id: UUID) -> CameraAccess | None:
    """How a camera is reached, for a caller already let in to it. The credentials stay sealed."""
    return session.get(CameraAccess, camera_id)
