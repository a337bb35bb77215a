"""Telling people that an item awaits them, without a word on what it is."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.accounts.operations import notify_people, people_with
from portal.accounts.values import Role
from portal.core.clock import city_day
from portal.core.ids import new_id
from portal.evidence.models import FootageNotice, FootageRequest
from portal.evidence.queries import hold_of
from portal.evidence.queries.people import hold_keepers, who_acts_next
from portal.evidence.states import HoldStatus, RequestStatus
from portal.workflow.models import ApprovalRun


def send_notices(session: Session, *, request_id: UUID, now: datetime) -> int:
    """Write one notice for each person the request now waits for; a repeat of the job adds none."""
    request = session.get(FootageRequest, request_id)
    if request is None:
        return 0
    if request.status == RequestStatus.WITHDRAWN:
        return _tell_of_withdrawal(session, request, now=now)
    run = session.get(ApprovalRun, request.run_id) if request.run_id else None
    cause = f"{request.status}:{run.id}:{run.awaits_step}" if run is not None and run.running else str(request.status)
    told = [(person, cause) for person in who_acts_next(session, request, today=city_day(now))]
    hold = hold_of(session, request.id)
    if hold is not None and hold.status == HoldStatus.PLACED:
        # A hold that was widened is told anew.
        span = f"{hold.span_from.timestamp():.0f}-{hold.span_to.timestamp():.0f}:{request.camera_count}"
        told += [(person, f"hold:{hold.id}:{span}") for person in hold_keepers(session, request, today=city_day(now))]
    if not told:
        return 0
    rows = [
        {"id": new_id(), "request_id": request.id, "person_id": person, "cause": cause, "sent_at": now}
        for person, cause in sorted(told, key=str)
    ]
    done = session.execute(insert(FootageNotice).values(rows).on_conflict_do_nothing().returning(FootageNotice.id))
    return len(done.all())


def _tell_of_withdrawal(session: Session, request: FootageRequest, *, now: datetime) -> int:
    """Those of the unit who had it in hand: from the approval on its security head, and the custodian once named."""
    if request.approved_at is None:
        return 0
    people = set(people_with(session, (Role.UNIT_SECURITY_HEAD,), unit_id=request.unit_id))
    people |= {request.custodian_id} if request.custodian_id else set()
    notify_people(
        session, people=people, kind="evidence.withdrawn", subject_id=request.id, occasion=str(request.status), now=now
    )
    return len(people)
