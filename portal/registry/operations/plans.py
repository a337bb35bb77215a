"""What a unit means to build: plan items entered and changed, cameras matched with them."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.accounts.values import Identity
from portal.audit.values import FieldChange, SubjectRef
from portal.core.errors import Invalid, NotFound, Problem
from portal.core.lifecycle import unchanged
from portal.registry.models import Camera, PlanItem, PlanMatch, Site, Unit
from portal.registry.operations.acts import placed, put
from portal.registry.operations.recording import note
from portal.registry.queries import lock_unit, unit_scope
from portal.registry.values import archive
from portal.registry.values.archive import PlanParticulars

FIELDS = ("place", "count", "camera_type", "phase", "due_on", "status", "site_id", "note")


def save_plan_item(
    session: Session,
    *,
    actor: Identity,
    unit_id: UUID,
    item_id: UUID | None = None,
    seen_version: int = 0,
    particulars: PlanParticulars,
    now: datetime,
) -> PlanItem:
    """Enter a plan item of a unit, or change one. Raises Stale, Invalid or NotFound."""
    unit = _unit(session, actor, unit_id)
    if item_id is None:
        item = PlanItem(created_at=now, **placed(unit))
    else:
        item = _item(session, unit, item_id)
        unchanged(item, seen_version)
    site = session.get(Site, particulars.site_id) if particulars.site_id else None
    if particulars.site_id and (site is None or site.unit_id != unit.id):
        raise Invalid([Problem("site_id", "site_of_another_unit")])
    changes = put(item, particulars, FIELDS)
    session.add(item)
    session.flush()
    note(session, actor, archive.PLAN_SET, _subject(item), unit, changes=changes, now=now)
    return item


def match_cameras(
    session: Session, *, actor: Identity, unit_id: UUID, item_id: UUID, camera_ids: Collection[UUID], now: datetime
) -> int:
    """Let exactly these of the unit's cameras fulfil a plan item; those left out fulfil none. Gives how many do.

    Raises Invalid for a camera that another item has, or that is not the unit's.
    """
    unit = _unit(session, actor, unit_id)
    item = _item(session, unit, item_id)
    own = set(session.scalars(select(Camera.id).where(Camera.unit_id == unit.id, Camera.id.in_(camera_ids))))
    elsewhere = select(PlanMatch.camera_id).where(PlanMatch.camera_id.in_(own), PlanMatch.plan_item_id != item.id)
    if own != set(camera_ids) or session.scalar(elsewhere.limit(1)) is not None:
        raise Invalid([Problem("cameras", "camera_not_free")])
    before = set(session.scalars(select(PlanMatch.camera_id).where(PlanMatch.plan_item_id == item.id)))
    gone = before - own
    if gone:
        session.execute(delete(PlanMatch).where(PlanMatch.camera_id.in_(gone)))
    session.add_all(
        PlanMatch(camera_id=key, plan_item_id=item.id, matched_at=now, **placed(unit)) for key in own - before
    )
    changes = [FieldChange(name="cameras", old=len(before), new=len(own))]
    note(session, actor, archive.PLAN_MATCHED, _subject(item), unit, changes=changes, now=now)
    return len(own)


def _unit(session: Session, actor: Identity, unit_id: UUID) -> Unit:
    unit = lock_unit(session, unit_id)
    require(actor, Permission.SYSTEM_EDIT, unit_scope(unit), read=Permission.UNIT_READ)
    return unit


def _item(session: Session, unit: Unit, item_id: UUID) -> PlanItem:
    item = session.get(PlanItem, item_id, with_for_update=True)
    if item is None or item.unit_id != unit.id:
        raise NotFound()
    return item


def _subject(item: PlanItem) -> SubjectRef:
    return SubjectRef("plan_item", item.id, item.place)
