"""A system leaves its place or the register: its cameras leave the register of those that stand, and keep their history.

Maps, rates, probing and searches for footage leave out what is taken down; putting one up again is an edit of its file.
"""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.audit.operations import record, speak_for
from portal.audit.values import Actor, FieldChange, SubjectRef
from portal.registry import values
from portal.registry.models import Camera, System
from portal.registry.operations.quality import ask_recheck
from portal.registry.states import CameraStatus


def take_down_cameras(session: Session, *, actor: Actor, system: System, reason: str, now: datetime) -> int:
    """Mark the cameras of a system (held for change) as taken down, with the reason in each one's history. How many."""
    session.flush()
    speak_for(session, actor, reason)
    standing = select(Camera.id).where(Camera.system_id == system.id, Camera.status != CameraStatus.DISMANTLED)
    keys = session.scalars(standing.order_by(Camera.id).with_for_update()).all()
    if not keys:
        return 0
    session.execute(
        update(Camera)
        .where(Camera.id.in_(keys))
        .values(status=CameraStatus.DISMANTLED, live=0, updated_at=now, version=Camera.version + 1),
        execution_options={"synchronize_session": False},
    )
    for camera in [row for row in session.identity_map.values() if isinstance(row, Camera)]:
        session.expire(camera)
    # Faults of files, gaps of zones and open questions about points go with them.
    ask_recheck(session, occasion=f"down:{system.id}:{now.isoformat()}", system_id=system.id)
    record(
        session,
        actor=actor,
        tag=values.CAMERAS_CHANGED,
        subject=SubjectRef("system", system.id, system.name),
        unit_id=system.unit_id,
        district=system.district,
        changes=[FieldChange(name="cameras", new=len(keys)), FieldChange(name="status", new=CameraStatus.DISMANTLED)],
        reason=reason or None,
        now=now,
    )
    return len(keys)
