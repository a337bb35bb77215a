"""Jobs of inspection."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.operations import News, notify_people, notify_units, people_with
from portal.accounts.values import Role
from portal.core.clock import city_day
from portal.core.outbox import TaskName
from portal.inspection import labels  # noqa: F401 - the words of its lists, for files that a worker writes
from portal.inspection.models import Acceptance, Finding, VisitInspector
from portal.inspection.queries import owed_by_days, planned_visit
from portal.inspection.states import FindingStatus
from portal.jobs import job

FILERS = (Role.UNIT_FILER, Role.UNIT_SECURITY_HEAD)
VISITORS = (Role.INSPECTOR, Role.SECTOR_SUPERVISOR)
# Days before the last one on which the unit hears of what it owes; the day after it, too.
REMIND_BEFORE = (3, 1, -1)


@job(TaskName.INSPECTION_NOTIFY)
def notify(session: Session, *, now: datetime, acceptance_id: str, **_: object) -> None:
    """Tell the unit and the inspectors of a visit that something awaits them."""
    acceptance = session.get(Acceptance, UUID(acceptance_id))
    if acceptance is None:
        return
    people = people_with(session, FILERS, unit_id=acceptance.unit_id)
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


@job(TaskName.INSPECTION_NOTIFY_FINDING)
def notify_finding(session: Session, *, now: datetime, finding_id: str, **_: object) -> None:
    """Tell the inspectors of the visit that a cure was reported, of a routine visit those of its organ, and the unit
    what they decided on it."""
    finding = session.get(Finding, UUID(finding_id))
    if finding is None:
        return
    if finding.status == FindingStatus.CURED and finding.visit_id is None:
        people = people_with(session, VISITORS, organ_id=finding.organ_id)
    elif finding.status == FindingStatus.CURED:
        people = list(
            session.scalars(
                select(VisitInspector.person_id).where(
                    VisitInspector.visit_id == finding.visit_id, ~VisitInspector.cancelled
                )
            )
        )
    else:
        people = people_with(session, FILERS, unit_id=finding.unit_id)
    notify_people(
        session,
        people=people,
        kind="inspection.finding",
        subject_id=finding.id,
        occasion=f"{finding.status}:{finding.version}",
        now=now,
    )


@job(TaskName.INSPECTION_REMIND)
def remind(session: Session, *, now: datetime, **_: object) -> None:
    """Remind units of findings that fall due, and of those that were not cured in time: one line an acceptance and day,
    however many items it has and however often the job runs; what routine visits found, one line a unit."""
    today = city_day(now)
    days = {today + timedelta(days=before): before for before in REMIND_BEFORE}
    news = [
        News(
            unit_id=unit_id,
            kind="inspection.findings" if acceptance_id else "inspection.routine",
            subject_id=acceptance_id or unit_id,
            occasion=f"due:{due_on}:{days[due_on]}",
        )
        for unit_id, acceptance_id, due_on in owed_by_days(session, list(days))
    ]
    notify_units(session, FILERS, news, now=now)
