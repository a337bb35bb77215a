"""Who is told of footage owed on notices and of papers owed after calls: both sides, and of a missing paper oversight."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts.operations import notify_people, people_with
from portal.accounts.values import Identity, Role
from portal.core.clock import city_day
from portal.evidence.models import FootageRequest
from portal.evidence.operations.supplying import note_failing
from portal.evidence.queries.asks import late_duties, papers_due, soon_duties, told_ahead
from portal.evidence.values.asks import Failing

UNIT = (Role.UNIT_SECURITY_HEAD, Role.UNIT_CUSTODIAN)
HEADS = (Role.CASE_HEAD, Role.BUREAU_LEADER)


def remind_owed(session: Session, *, actor: Identity, now: datetime) -> None:
    """A word before the day; when it is past both sides are told, a delay is written down, and of a paper that never
    came the inspectorate hears too. Each occasion once, however often the job runs."""
    today = city_day(now)
    for duty, request in soon_duties(session, now=now, until=now + told_ahead(now)):
        _tell(session, request, "evidence.supply", f"soon:{duty.due_at}", now=now)
    for duty, request in late_duties(session, now=now):
        note_failing(session, actor=actor, request=request, kind=Failing.LATE, text="", now=now)
        _tell(session, request, "evidence.supply", f"late:{duty.due_at}", now=now)
    for call, request in papers_due(session, today=today):
        late = call.paper_due_on is not None and call.paper_due_on < today
        occasion = f"{'late' if late else 'due'}:{call.paper_due_on}"
        _tell(session, request, "evidence.call", occasion, now=now, oversight=late)


def _tell(
    session: Session, request: FootageRequest, kind: str, occasion: str, *, now: datetime, oversight: bool = False
) -> None:
    """Both sides of a request; of a secret case only those who have a part in it."""
    people: set[UUID] = {one for one in (request.requester_id, request.custodian_id) if one is not None}
    if request.secret:
        people |= set(people_with(session, (Role.UNIT_SECURITY_HEAD,), unit_id=request.unit_id))
    else:
        people |= set(people_with(session, UNIT, unit_id=request.unit_id))
        if request.requester_organ_id:
            people |= set(people_with(session, HEADS, organ_id=request.requester_organ_id))
        if oversight:
            people |= set(people_with(session, [Role.AUDITOR]))
    notify_people(session, people=people, kind=kind, subject_id=request.id, occasion=occasion, now=now)
