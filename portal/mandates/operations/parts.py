"""CAT-02: which cameras cover the important parts of a place."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.accounts.values import Identity
from portal.audit.values import FieldChange
from portal.core.clock import city_day
from portal.core.errors import IllegalTransition, Invalid, Problem
from portal.mandates import values
from portal.mandates.models import PartCover
from portal.mandates.queries.dictionary import dictionary
from portal.mandates.queries.register import entry_scope, lock_entry
from portal.mandates.values import MOST_CAMERAS
from portal.registry.models import Camera
from portal.registry.operations.recording import about, note


def save_part(
    session: Session,
    *,
    actor: Identity,
    mandated_id: UUID,
    part: str,
    camera_ids: Sequence[UUID],
    absent_reason: str = "",
    now: datetime,
) -> None:
    """Say which cameras cover a part, or why the place has no such part. Raises Invalid for both at once, for a camera
    of another unit, for too many."""
    entry = lock_entry(session, mandated_id)
    require(actor, Permission.PARTS_EDIT, entry_scope(entry), read=Permission.MANDATE_READ)
    if entry.unit_id is None or entry.struck_at is not None:
        raise IllegalTransition("part_without_unit")
    category = dictionary(session, on=city_day(now)).get(entry.category)
    if category is None or part not in {one.key for one in category.parts}:
        raise Invalid([Problem("part", "part_unknown")])
    chosen = list(dict.fromkeys(camera_ids))
    if chosen and absent_reason.strip():
        raise Invalid([Problem("absent_reason", "part_covered_or_absent")])
    if len(chosen) > MOST_CAMERAS:
        raise Invalid([Problem("cameras", "too_many_cameras", {"most": MOST_CAMERAS})])
    names = dict(
        session.execute(
            select(Camera.id, Camera.name).where(Camera.id.in_(chosen), Camera.unit_id == entry.unit_id)
        ).all()
    )
    if len(names) != len(chosen):
        raise Invalid([Problem("cameras", "camera_of_another")])
    session.execute(delete(PartCover).where(PartCover.mandated_id == entry.id, PartCover.part == part))
    place = {"mandated_id": entry.id, "unit_id": entry.unit_id, "district": entry.district, "part": part}
    said = {"said_by_name": actor.name, "said_at": now}
    if absent_reason.strip():
        session.add(PartCover(**place, **said, absent_reason=absent_reason.strip()[:200]))
    session.add_all([PartCover(**place, **said, camera_id=key) for key in chosen])
    session.flush()
    changes = [FieldChange(name="part", new=part), FieldChange(name="cameras", new=tuple(names.values()))]
    note(
        session, actor, values.PARTS_SAVED, about(entry, entry.name), entry,
        reason=absent_reason, changes=changes, now=now,
    )  # fmt: skip
