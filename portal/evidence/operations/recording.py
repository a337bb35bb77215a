"""Recording what is set on a recorder, as somebody read it there."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.accounts.values import Identity
from portal.audit.operations import record
from portal.audit.values import FieldChange, SubjectRef
from portal.core.errors import Invalid
from portal.evidence.models import RecordingSetting
from portal.evidence.queries.recording import cameras_of_system, settings_of
from portal.evidence.values.recording import SETTING_READ, RecordingMode
from portal.registry.queries import camera_scope, get_camera


def set_recording(
    session: Session,
    *,
    actor: Identity,
    camera_id: UUID,
    mode: RecordingMode,
    retention_days: int | None,
    hours: str,
    whole_system: bool,
    now: datetime,
) -> int:
    """Put down how a camera is recorded, or every camera of its system; answers how many. Found the same is an act, too."""
    camera = get_camera(session, actor, camera_id)
    require(actor, Permission.CAMERA_EDIT, camera_scope(camera), read=Permission.CAMERA_READ)
    if (person := actor.person_id) is None:
        raise Invalid("evidence.no_person")
    meant = list(cameras_of_system(session, actor, camera.system_id)) if whole_system else [camera]
    known = settings_of(session, [one.id for one in meant])
    for one in meant:
        row = known.get(one.id)
        before = (row.mode, row.retention_days) if row else (None, None)
        if row is None:
            row = RecordingSetting(camera_id=one.id, unit_id=one.unit_id, district=one.district)
            session.add(row)
        row.mode, row.retention_days, row.hours = mode, retention_days, hours.strip()[:120]
        row.read_at, row.read_by, row.read_name = now, person, actor.name
        pairs = zip(("mode", "retention_days"), before, (str(mode), retention_days), strict=True)
        changes = [FieldChange(name=name, old=was, new=now_is) for name, was, now_is in pairs if was != now_is]
        if changes:
            subject = SubjectRef("camera", one.id, one.name)
            record(
                session,
                actor=actor.actor,
                tag=SETTING_READ,
                subject=subject,
                unit_id=one.unit_id,
                changes=changes,
                now=now,
            )
    record(
        session,
        actor=actor.actor,
        tag=SETTING_READ,
        subject=SubjectRef("system", camera.system_id, camera.system.name),
        unit_id=camera.unit_id,
        changes=[FieldChange(name="cameras", new=len(meant))],
        now=now,
    )
    session.flush()
    return len(meant)
