"""Cameras: lists that stay fast at a million rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Select, SmallInteger, Uuid, cast, func, or_, select, union_all
from sqlalchemy.orm import Session, joinedload

from portal.accounts.permissions import Permission
from portal.accounts.policy import require, visibility
from portal.accounts.queries import visible
from portal.accounts.values import Identity
from portal.core.errors import NotFound
from portal.core.paging import PAGE_SIZE, Page, last_seen, newest_first
from portal.registry.models import Camera, CameraAccess, System
from portal.registry.queries.units import camera_scope
from portal.registry.states import LIVE_CODES, CameraStatus, LiveState


@dataclass(frozen=True, kw_only=True)
class CameraFilter:
    """What the camera list is narrowed to; empty means all."""

    keyword: str = ""
    district: str = ""
    unit_id: UUID | None = None
    system_id: UUID | None = None
    live: LiveState | None = None
    incomplete: bool = False
    failing: bool = False
    fault: str = ""
    department: str = ""
    zone: str = ""


def get_camera(session: Session, identity: Identity, camera_id: UUID) -> Camera:
    """A camera with its system and unit, if the person may read it. Raises NotFound."""
    statement = select(Camera).where(Camera.id == camera_id).options(joinedload(Camera.system), joinedload(Camera.unit))
    camera = session.scalars(statement).one_or_none()
    if camera is None:
        raise NotFound()
    require(identity, Permission.CAMERA_READ, camera_scope(camera))
    return camera


def lock_camera(session: Session, camera_id: UUID) -> Camera:
    """A camera held for change, with its system and unit. Raises NotFound."""
    statement = (
        select(Camera)
        .where(Camera.id == camera_id)
        .options(joinedload(Camera.system).joinedload(System.unit))
        .with_for_update(of=Camera)
    )
    camera = session.scalars(statement).one_or_none()
    if camera is None:
        raise NotFound()
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


Tally = Mapping[LiveState, int]


def camera_page(
    session: Session, identity: Identity, wanted: CameraFilter, *, after: str | None = None
) -> tuple[Page[Camera], Tally]:
    """Cameras, newest first, with their unit and system loaded; and how many of each live state there are."""
    options = (joinedload(Camera.system), joinedload(Camera.unit))
    statement = _narrow(visible_cameras(identity), wanted)
    if wanted.keyword:
        keys, tally = _found_by_name(session, identity, wanted, after)
        statement = select(Camera).where(Camera.id.in_(keys))
    else:
        tally = camera_tally(session, identity, wanted)
    total = sum(tally.values()) if wanted.live is None else tally[wanted.live]
    return newest_first(session, statement, Camera.id, after=after, options=options, total=total), tally


def camera_tally(session: Session, identity: Identity, wanted: CameraFilter) -> Tally:
    """How many cameras of the filter stand in each live state."""
    narrowed = _narrow(visible_cameras(identity), replace(wanted, live=None))
    counted = narrowed.with_only_columns(Camera.live, func.count()).group_by(Camera.live)
    return _tally(dict(session.execute(counted).all()))


def _tally(found: Mapping[int, int]) -> Tally:
    return {state: found.get(code, 0) for state, code in LIVE_CODES.items()}


def _found_by_name(
    session: Session, identity: Identity, wanted: CameraFilter, after: str | None
) -> tuple[list[UUID], Tally]:
    """The ids of one page and the tally from one reading of the table.

    A short word has no index to go by, so every further question would read a million rows again; and for a rare one
    a list in the order of ids would read all of them in that order.
    """
    found = (
        _narrow(visible_cameras(identity), replace(wanted, live=None)).with_only_columns(Camera.id, Camera.live).cte()
    )
    nothing = cast(None, SmallInteger).label("live"), cast(None, BigInteger).label("count")
    newest = select(*nothing, found.c.id).order_by(found.c.id.desc()).limit(PAGE_SIZE + 1)
    if wanted.live is not None:
        newest = newest.where(found.c.live == LIVE_CODES[wanted.live])
    if after:
        newest = newest.where(found.c.id < last_seen(after))
    counted = select(found.c.live, func.count(), cast(None, Uuid)).group_by(found.c.live)
    keys, counts = [], {}
    for live, count, key in session.execute(union_all(counted, newest.subquery().select())):
        if key is None:
            counts[live] = count
        else:
            keys.append(key)
    return keys, _tally(counts)


def camera_named(word: str) -> ColumnElement[bool]:
    """Cameras whose name holds a word, or whose device code it is.

    The database's own function finds the name by the index of searched words, within the session's scope. A word of two
    characters may be that of half a million cameras, of which a list counts every one: there the table is read.
    """
    if word.isdigit() and len(word) == 20:
        return Camera.gb_code == word
    if len(word) < 3:
        return Camera.name.contains(word, autoescape=True)
    return Camera.id.in_(select(func.portal_cameras_named(word)))


def _narrow(statement: Select[Camera], wanted: CameraFilter) -> Select[Camera]:
    equal = {
        Camera.district: wanted.district,
        Camera.unit_id: wanted.unit_id,
        Camera.system_id: wanted.system_id,
        Camera.zone: wanted.zone,
        Camera.department: wanted.department,
        Camera.live: None if wanted.live is None else LIVE_CODES[wanted.live],
    }
    statement = statement.where(*(column == value for column, value in equal.items() if value not in ("", None)))
    if wanted.keyword:
        statement = statement.where(camera_named(wanted.keyword.strip()))
    if wanted.incomplete:
        statement = statement.where(or_(Camera.azimuth.is_(None), Camera.zone.is_(None)))
    if wanted.failing or wanted.fault:
        statement = statement.where(~Camera.passes, Camera.status != CameraStatus.DISMANTLED)
    if wanted.fault:
        statement = statement.where(Camera.fault_keys.contains([wanted.fault]))
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
