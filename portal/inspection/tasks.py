"""Jobs of inspection."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts.operations import notify_people, people_with
from portal.accounts.values import Role
from portal.core.outbox import TaskName
from portal.inspection.models import Acceptance
from portal.inspection.queries import planned_visit
from portal.jobs import job


@job(TaskName.INSPECTION_NOTIFY)
def notify(session: Session, *, now: datetime, acceptance_id: str, **_: object) -> None:
    """Tell the unit and the inspectors of a visit that something awaits them."""
    acceptance = session.get(Acceptance, UUID(acceptance_id))
    if acceptance is None:
        return
    people = people_with(session, (Role.UNIT_FILER, Role.UNIT_SECURITY_HEAD), unit_id=acceptance.unit_id)
    visit = planned_visit(session, acceptance.id)
    if visit is not None:
        people += [place.person_id for place in visit.inspectors]
    notify_people(
        session,
        people=people,
        kind="inspection.acceptance",
        subject_id=acceptance.id,
        occasion=f"{acceptance.status}:{acceptance.version}",
        now=now,
    )
