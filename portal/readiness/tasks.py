"""Jobs of the advance checks: one application, and every night all that are open."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core.clock import city_day
from portal.core.outbox import TaskName, enqueue
from portal.inspection.models import Acceptance
from portal.inspection.states import OPEN, ReadinessCause
from portal.jobs import job
from portal.readiness import operations


@job(TaskName.READINESS_RUN)
def run(session: Session, *, now: datetime, acceptance_id: str, cause: str, **_: object) -> None:
    """Check one acceptance that is still open."""
    acceptance = session.get(Acceptance, UUID(acceptance_id))
    if acceptance is not None and acceptance.status in OPEN:
        operations.run_checks(session, acceptance_id=acceptance.id, cause=ReadinessCause(cause), now=now)


@job(TaskName.READINESS_NIGHT)
def run_open(session: Session, *, now: datetime, **_: object) -> None:
    """Have every open acceptance checked again, each by itself: one that cannot be read holds no other up."""
    for key in session.scalars(select(Acceptance.id).where(Acceptance.status.in_(OPEN)).order_by(Acceptance.id)):
        enqueue(
            session,
            TaskName.READINESS_RUN,
            dedupe=f"readiness:{key}:{city_day(now).isoformat()}",
            acceptance_id=key,
            cause=str(ReadinessCause.NIGHT),
        )
