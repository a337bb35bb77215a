"""Making a result public: what the public may read and nothing else."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts.models import Organ
from portal.accounts.permissions import Permission
from portal.accounts.values import Identity
from portal.core.clock import city_day
from portal.core.errors import IllegalTransition, NotAllowed, NotFound
from portal.inspection import values
from portal.inspection.models import PublishedResult
from portal.inspection.operations.recording import record_act
from portal.inspection.queries import lock_acceptance, pending_override, require_handling
from portal.inspection.rules import FrozenList


def publish_result(session: Session, *, actor: Identity, acceptance_id: UUID, now: datetime) -> PublishedResult:
    """Publish result and grade (ACC-02): unit, project, result, grade, day; never positions, never a secret system."""
    acceptance = lock_acceptance(session, acceptance_id)
    require_handling(actor, Permission.RESULT_PUBLISH, acceptance)
    if acceptance.concluded_at is None or acceptance.published_at is not None:
        raise IllegalTransition("publication", status=acceptance.status)
    if pending_override(session, acceptance.id) is not None:
        raise IllegalTransition("override_pending", status=acceptance.status)
    if acceptance.system.secret:
        raise NotAllowed("secret_system")
    organ = session.get(Organ, acceptance.organ_id)
    if organ is None:
        raise NotFound()
    frozen = FrozenList.from_json(acceptance.checklist or {})
    band = next((b for b in frozen.bands.bands if b.key == acceptance.grade), None) if frozen.bands else None
    today = city_day(now)
    row = PublishedResult(
        acceptance_id=acceptance.id,
        number=f"{organ.code[:6]}-YS-{today:%Y}-{acceptance.id.hex[-8:].upper()}",
        unit_name=acceptance.unit.name,
        project_name=acceptance.system.name,
        district=acceptance.district,
        organ_name=organ.name,
        result=acceptance.status,
        grade=acceptance.grade,
        grade_zh=band.title.zh if band else "",
        grade_en=band.title.en if band else "",
        published_on=today,
    )
    session.add(row)
    acceptance.published_at = now
    session.flush()
    record_act(session, actor, values.PUBLISHED, acceptance, acceptance.system, now=now)
    return row
