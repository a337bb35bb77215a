"""A unit's plan, the cameras that fulfil it, and those nobody planned."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session, joinedload

from portal.accounts.values import Identity
from portal.core.errors import NotFound
from portal.registry.models import Camera, PlanItem, PlanMatch
from portal.registry.queries.cameras import visible_cameras
from portal.registry.states import CameraStatus

MOST_CANDIDATES = 200


def plan_of(session: Session, unit_id: UUID) -> Sequence[PlanItem]:
    """The plan items of a unit, by phase and the day they are due."""
    return session.scalars(
        select(PlanItem)
        .where(PlanItem.unit_id == unit_id)
        .options(joinedload(PlanItem.site))
        .order_by(PlanItem.phase, PlanItem.due_on.nulls_last(), PlanItem.id)
    ).all()


def plan_item(session: Session, unit_id: UUID, item_id: UUID) -> PlanItem:
    """One plan item of a unit. Raises NotFound."""
    item = session.get(PlanItem, item_id)
    if item is None or item.unit_id != unit_id:
        raise NotFound()
    return item


def matched_in(session: Session, identity: Identity, unit_id: UUID) -> Mapping[UUID, Sequence[tuple[str, str]]]:
    """By plan item, the kind and status of each camera that fulfils it."""
    cameras = (
        visible_cameras(identity).where(Camera.unit_id == unit_id).join(PlanMatch, PlanMatch.camera_id == Camera.id)
    )
    rows = session.execute(cameras.with_only_columns(PlanMatch.plan_item_id, Camera.camera_type, Camera.status))
    found: dict[UUID, list[tuple[str, str]]] = defaultdict(list)
    for item, kind, status in rows:
        found[item].append((kind, status))
    return found


def unplanned_cameras(
    session: Session, identity: Identity, unit_id: UUID, *, limit: int = MOST_CANDIDATES
) -> tuple[Sequence[Camera], int]:
    """Cameras of a unit that fulfil nothing planned, by name, and how many there are."""
    statement = _standing(identity, unit_id).where(~exists().where(PlanMatch.camera_id == Camera.id))
    counted = session.scalar(select(func.count()).select_from(statement.subquery())) or 0
    return session.scalars(statement.order_by(Camera.name, Camera.id).limit(limit)).all(), counted


def candidates(session: Session, identity: Identity, item: PlanItem, *, keyword: str = "") -> Sequence[Camera]:
    """Cameras that fulfil the item, and those that are free to."""
    elsewhere = exists().where(PlanMatch.camera_id == Camera.id, PlanMatch.plan_item_id != item.id)
    own = exists().where(PlanMatch.camera_id == Camera.id, PlanMatch.plan_item_id == item.id)
    statement = _standing(identity, item.unit_id).where(~elsewhere)
    if keyword:
        statement = statement.where(own | Camera.name.contains(keyword, autoescape=True))
    return session.scalars(statement.order_by(own.desc(), Camera.name, Camera.id).limit(MOST_CANDIDATES)).all()


def matched_to(session: Session, item_id: UUID) -> frozenset[UUID]:
    """The cameras that fulfil an item."""
    return frozenset(session.scalars(select(PlanMatch.camera_id).where(PlanMatch.plan_item_id == item_id)))


def _standing(identity: Identity, unit_id: UUID) -> Select[Camera]:
    return visible_cameras(identity).where(Camera.unit_id == unit_id, Camera.status != CameraStatus.DISMANTLED)
