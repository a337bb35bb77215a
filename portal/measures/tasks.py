"""Jobs of this package."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts.operations import notify_people, people_with
from portal.accounts.values import Role, system_identity
from portal.core.clock import city_day
from portal.core.outbox import TaskName
from portal.jobs import job
from portal.measures.models import CorrectionOrder, Measure
from portal.measures.operations import ladder

UNIT = (Role.UNIT_FILER, Role.UNIT_SECURITY_HEAD)
ORGAN = (Role.INSPECTOR, Role.REGISTRAR, Role.SECTOR_SUPERVISOR)
# What the organ is told; of everything else the unit is.
_FOR_ORGAN = ("replied", "overdue", "reported")
PROPOSER = system_identity("measures")


@job(TaskName.MEASURES_PROPOSE)
def propose_steps(session: Session, *, now: datetime, **_: object) -> None:
    """Propose the next step where a reply is overdue."""
    ladder.propose_steps(session, actor=PROPOSER, today=city_day(now), now=now)


@job(TaskName.MEASURES_NOTIFY)
def notify(session: Session, *, now: datetime, kind: str, subject_id: str, occasion: str, **_: object) -> None:
    """Tell the unit what reached it, and the organ what came back or did not."""
    key = UUID(subject_id)
    paper: Measure | CorrectionOrder | None
    paper = session.get(Measure, key) if kind == "measure" else session.get(CorrectionOrder, key)
    if paper is None:
        return
    if occasion.startswith(_FOR_ORGAN):
        people = people_with(session, ORGAN, organ_id=paper.organ_id)
    else:
        people = people_with(session, UNIT, unit_id=paper.unit_id)
    notify_people(session, people=people, kind=f"measures.{kind}", subject_id=key, occasion=occasion, now=now)
