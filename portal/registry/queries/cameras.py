"""Cameras: lists that stay fast at a million rows."""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Uuid, cast, func, or_, select
from sqlalchemy.orm import Session, joinedload

from portal.accounts.permissions import Permission
from portal.accounts.policy import require, visibility
from portal.accounts.queries import visible
from portal.accounts.values import Identity
from portal.core.errors import NotFound
from portal.registry.models import Camera, CameraAccess, CameraCount, System
from portal.registry.queries.units import camera_scope
from portal.registry.states import LIVE_CODES, LiveState


def get_camera(session: Session, identity: Identity, camera_id: UUID) -> Camera:
    """A camera with its system and unit, if the person may read it. Raises NotFound."""
    options = (joinedload(Camera.system).joinedload(System.unit), joinedload(Camera.unit))
    statement = select(Camera).where(Camera.id == camera_id).options(*options)
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
    within = visible(seen, unit=Camera.unit_id, district=Camera.district, filed=Camera.filed_district)
    return select(Camera).where(within, or_(~Camera.secret, Camera.unit_id.in_(seen.units)))


def cameras_on_ground(identity: Identity) -> Select[Camera]:
    """The same by where a camera hangs alone: what rates a district, or is done in it, counts each camera once."""
    seen = visibility(identity, Permission.CAMERA_READ)
    within = visible(seen, unit=Camera.unit_id, district=Camera.district)
    return select(Camera).where(within, or_(~Camera.secret, Camera.unit_id.in_(seen.units)))


def cameras_of(session: Session, identity: Identity, camera_ids: Sequence[UUID]) -> list[Camera]:
    """Those of the named cameras that the person may read, with unit and system; unknown ones are left out."""
    statement = visible_cameras(identity).where(Camera.id.in_(camera_ids))
    options = (joinedload(Camera.system), joinedload(Camera.unit))
    return list(session.scalars(statement.options(*options).order_by(Camera.id)))


def withheld_cameras(session: Session, identity: Identity, system_id: UUID) -> frozenset[str]:
    """The secret cameras of a system that the person may not read, by key: to be left out of what was frozen of them."""
    secret = select(Camera.id).where(Camera.system_id == system_id, Camera.secret)
    readable = visible_cameras(identity).where(Camera.system_id == system_id).with_only_columns(Camera.id)
    return frozenset(str(key) for key in session.scalars(secret.where(Camera.id.not_in(readable))))


Tally = Mapping[LiveState, int]


def live_tally(session: Session, identity: Identity) -> Tally:
    """How many of the cameras a person may read stand in each live state; over whole districts from the kept sums."""
    seen = visibility(identity, Permission.CAMERA_READ)
    if seen.units:
        counted = visible_cameras(identity).with_only_columns(Camera.live, func.count()).group_by(Camera.live)
    else:
        within = visible(seen, district=CameraCount.district, filed=CameraCount.filed_district)
        counted = select(CameraCount.live, func.sum(CameraCount.n)).where(within).group_by(CameraCount.live)
    return _tally(session, counted)


def live_of_system(session: Session, identity: Identity, system_id: UUID) -> Tally:
    """The same of one system."""
    own = visible_cameras(identity).where(Camera.system_id == system_id)
    return _tally(session, own.with_only_columns(Camera.live, func.count()).group_by(Camera.live))


def _tally(session: Session, counted: Any) -> Tally:
    found = {code: int(count) for code, count in session.execute(counted)}
    return {state: found.get(code, 0) for state, code in LIVE_CODES.items()}


_SIX_DIGITS = re.compile(r"[0-9]{6,19}")
# How codes begin: with a division, of which very many bear the same.
_PLACE = re.compile(r"[1-6][0-9]{5}")


def camera_named(word: str, *, by_index: bool | None = None) -> ColumnElement[bool]:
    """Cameras whose name holds a word, or whose device code it is, or holds where it is six digits or more.

    The database's own function finds the name by the index of searched words, within the session's scope; who walks a
    few rows compares each as the index would. A Chinese word of two characters may be that of half a million cameras, of
    which a list counts the first: there the names are read as they stand, unless the caller knows better.
    """
    if word.isdigit() and len(word) == 20:
        return Camera.gb_code == word
    run = _SIX_DIGITS.fullmatch(word) is not None
    if len(word) < 2 or by_index is False:
        named = func.strpos(func.portal_search_fold(Camera.name), func.portal_search_fold(word)) > 0
        return or_(named, func.strpos(Camera.gb_code, word) > 0) if run else named
    if by_index is None and _PLACE.fullmatch(word):
        return or_(Camera.name.contains(word), Camera.gb_code.contains(word))
    if by_index is None and len(word) == 2 and not word.isascii():
        return Camera.name.contains(word, autoescape=True)
    return Camera.id.in_(select(func.portal_cameras_named(word)))


def first_named(word: str, by: str, beyond: tuple[Any, UUID] | None, upwards: bool, most: int) -> Select[Any] | None:
    """The keys of the first cameras that bear a word, in the order of a column (`id`, `name`, `updated_at`) and then the
    id, within the session's scope only. Nothing for digits, which codes bear as well, and for less than two characters."""
    if len(word) < 2 or _SIX_DIGITS.fullmatch(word):
        return None
    key, last = (str(beyond[0]), beyond[1]) if beyond else (None, None)
    return select(func.portal_cameras_first(word, by, key, cast(last, Uuid), upwards, most))


def camera_counts(session: Session, system_ids: Sequence[UUID]) -> Mapping[UUID, int]:
    """How many cameras each of these systems has."""
    rows = session.execute(
        select(Camera.system_id, func.count()).where(Camera.system_id.in_(system_ids)).group_by(Camera.system_id)
    )
    return dict(rows.all())


def access_of(session: Session, camera_id: UUID) -> CameraAccess | None:
    """How a camera is reached, for a caller already let in to it. The credentials stay sealed."""
    return session.get(CameraAccess, camera_id)
