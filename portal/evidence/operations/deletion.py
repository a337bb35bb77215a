"""Once the purpose is met every copy goes, and each holder says so (Decree 799 art. 17; PIPL art. 47)."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.policy import allows
from portal.accounts.values import Identity
from portal.audit.operations import record
from portal.audit.values import FieldChange, SubjectRef
from portal.core.clock import city_day
from portal.core.errors import IllegalTransition, Invalid, NotAllowed, Problem
from portal.core.outbox import TaskName, enqueue
from portal.evidence import values
from portal.evidence.models import DeletionDuty, FootageRequest
from portal.evidence.operations.custody import book
from portal.evidence.operations.holds import scope_of
from portal.evidence.queries import lock_request
from portal.evidence.queries.copies import copies_of
from portal.evidence.queries.execution import items_of
from portal.evidence.queries.leaks import deletion_of
from portal.evidence.rules.copies import to_be_deleted
from portal.evidence.states import STILL_THERE, RequestStatus
from portal.evidence.values import CustodyAct
from portal.evidence.values.copies import DELETION_DONE, PURPOSE_MET
from portal.registry.rules import rules_for, working_of
from portal.regulation.calendar import WorkCalendar
from portal.regulation.schema.keys import RuleKey
from portal.vault.operations import erase_file

HANDED = frozenset({RequestStatus.HANDED_OVER, RequestStatus.RECEIVED, RequestStatus.CLOSED})


def may_state(actor: Identity, request: FootageRequest) -> bool:
    """Whose purpose it was: the requester, who receives for the organ; for a requester without an account the unit."""
    if actor.person_id == request.requester_id:
        return True
    scope = scope_of(request)
    needed = Permission.HANDOVER_RECEIVE if request.requester_organ_id else Permission.REQUEST_ACKNOWLEDGE
    return allows(actor, needed, scope)


def state_purpose_met(
    session: Session, *, actor: Identity, request_id: UUID, met_on: date, now: datetime
) -> DeletionDuty:
    """Say that the footage has served its purpose: from here every copy outside a case file has a day to go by."""
    request = lock_request(session, actor, request_id)
    if not may_state(actor, request) or actor.person_id is None:
        raise NotAllowed("evidence.not_yours")
    if RequestStatus(request.status) not in HANDED or deletion_of(session, request.id) is not None:
        raise IllegalTransition("evidence.request.illegal", status=request.status, action="purpose_met")
    if met_on > city_day(now) or met_on < city_day(request.approved_at or now):
        raise Invalid([Problem("met_on", "evidence.day_out_of_range")])
    counted = rules_for(request.unit, None, on=met_on).deadline(
        RuleKey.EVIDENCE_DELETE_WITHIN, start=met_on, calendar=WorkCalendar()
    )
    duty = DeletionDuty(
        request_id=request.id,
        met_on=met_on,
        due_on=counted.due if counted else None,
        due_why=working_of(counted),
        stated_by=actor.person_id,
        stated_name=actor.name,
        stated_at=now,
    )
    session.add(duty)
    book(session, actor=actor, request=request, act=CustodyAct.PURPOSE_MET, now=now)
    _note(session, actor, request, PURPOSE_MET, now=now, due=duty.due_on)
    enqueue(session, TaskName.EVIDENCE_REMIND, dedupe=f"deletion:{request.id}")
    settle_deletion(session, actor=actor, request=request, now=now)
    return duty


def settle_deletion(session: Session, *, actor: Identity, request: FootageRequest, now: datetime) -> None:
    """The duty is met with the last copy that had to go; it stands again for a master that is archived no longer. To be
    called after every change of a copy."""
    session.flush()
    duty = deletion_of(session, request.id)
    if duty is None:
        return
    held = copies_of(session, request.id)
    owed = to_be_deleted((one.role, one.status, one.archive_reason) for one in held)
    if owed:
        duty.done_at = None
    elif duty.done_at is None:
        duty.done_at = now
        _note(session, actor, request, DELETION_DONE, now=now)
    if not any(one.status in STILL_THERE for one in held):
        _erase_files(session, actor, request, now=now)


def _erase_files(session: Session, actor: Identity, request: FootageRequest, *, now: datetime) -> None:
    """What was uploaded is a copy, too: with the last medium outside a case file it goes from the portal's own store."""
    for item in items_of(session, request.id):
        if item.stored_file_id is not None:
            erase_file(session, actor=actor.actor, file_id=item.stored_file_id, reason="purpose met", now=now)


def _note(
    session: Session,
    actor: Identity,
    request: FootageRequest,
    tag: str,
    *,
    now: datetime,
    due: date | None = None,
) -> None:
    session.flush()
    record(
        session,
        actor=actor.actor,
        tag=tag,
        subject=SubjectRef(values.SUBJECT, request.id, request.called),
        unit_id=request.unit_id,
        changes=[FieldChange(name="due_on", new=due)] if due else None,
        now=now,
    )
