"""Approval: one call decides in the chain and moves the request; withdrawal; requests whose chain has lapsed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.accounts.values import Identity
from portal.audit.operations import record
from portal.audit.values import SubjectRef
from portal.core.errors import IllegalTransition, Invalid, NotAllowed, Problem
from portal.core.outbox import TaskName, enqueue
from portal.evidence import values
from portal.evidence.models import FootageRequest
from portal.evidence.operations.receipts import issue_receipt
from portal.evidence.operations.supplying import acknowledge_notice, serve_notice
from portal.evidence.queries import lock_request
from portal.evidence.states import RequestAction, RequestStatus, next_status
from portal.evidence.values.receipts import Stage
from portal.workflow.models import ApprovalRun
from portal.workflow.operations import decide, withdraw_run
from portal.workflow.states import RunStatus, Verdict
from portal.workflow.values import Proof

AFTER_RUN = {
    RunStatus.CLEARED: RequestAction.CLEAR,
    RunStatus.RETURNED: RequestAction.RETURN,
    RunStatus.REFUSED: RequestAction.REFUSE,
    RunStatus.LAPSED: RequestAction.LAPSE,
}


def decide_request(
    session: Session,
    *,
    actor: Identity,
    request_id: UUID,
    step_key: str,
    verdict: Verdict,
    comment: str,
    now: datetime,
    proof: Proof | None = None,
) -> FootageRequest:
    """Give a verdict at the step the person was looking at; the request follows its run."""
    require(actor, Permission.REQUEST_DECIDE)
    request = lock_request(session, actor, request_id)
    if request.status != RequestStatus.IN_APPROVAL or request.run_id is None:
        raise IllegalTransition("evidence.request.illegal", status=request.status, action="decide")
    run = decide(
        session,
        actor=actor,
        run_id=request.run_id,
        step_key=step_key,
        verdict=verdict,
        comment=comment,
        subject=SubjectRef(values.SUBJECT, request.id, request.called),
        now=now,
        proof=proof,
    )
    action = AFTER_RUN.get(RunStatus(run.status))
    if action is not None:
        request.status = next_status(RequestStatus(request.status), action)
    if action is RequestAction.CLEAR:
        request.approved_at = now
        issue_receipt(session, request, Stage.CLEARED, now=now)
    serve_notice(session, actor=actor, request=request, now=now)
    if verdict is Verdict.ACKNOWLEDGE:
        acknowledge_notice(session, actor=actor, request=request, now=now)
    request.updated_at = now
    enqueue(
        session,
        TaskName.EVIDENCE_NOTIFY_NEXT,
        dedupe=f"notice:{run.id}:{run.awaits_step or run.status}:{len(run.decisions)}",
        request_id=request.id,
    )
    session.flush()
    return request


def withdraw_request(
    session: Session, *, actor: Identity, request_id: UUID, reason: str, now: datetime
) -> FootageRequest:
    """The requester takes the request back, at any moment before the recordings were opened."""
    request = lock_request(session, actor, request_id)
    if request.requester_id != actor.person_id:
        raise NotAllowed("evidence.not_yours")
    was = RequestStatus(request.status)
    status = next_status(was, RequestAction.WITHDRAW)
    subject = SubjectRef(values.SUBJECT, request.id, request.called)
    if was is RequestStatus.IN_APPROVAL and request.run_id is not None:
        withdraw_run(session, actor=actor, run_id=request.run_id, subject=subject, now=now, reason=reason)
    request.status, request.updated_at = status, now
    record(
        session,
        actor=actor.actor,
        tag=values.REQUEST_WITHDRAWN,
        subject=subject,
        unit_id=request.unit_id,
        reason=reason.strip() or None,
        secret=request.secret,
        now=now,
    )
    enqueue(session, TaskName.EVIDENCE_NOTIFY_NEXT, dedupe=f"withdrawn:{request.id}", request_id=request.id)
    session.flush()
    return request


def recall_request(
    session: Session, *, actor: Identity, request_id: UUID, reason: str, now: datetime
) -> FootageRequest:
    """The requester takes the request back to change it: every approval given so far is void and must be given again."""
    request = lock_request(session, actor, request_id)
    if request.requester_id != actor.person_id:
        raise NotAllowed("evidence.not_yours")
    status = next_status(RequestStatus(request.status), RequestAction.RECALL)
    if not reason.strip():
        raise Invalid([Problem("reason", "required")])
    subject = SubjectRef(values.SUBJECT, request.id, request.called)
    if request.run_id is not None:
        withdraw_run(session, actor=actor, run_id=request.run_id, subject=subject, now=now, reason=reason)
    request.status, request.updated_at = status, now
    record(
        session,
        actor=actor.actor,
        tag=values.REQUEST_RECALLED,
        subject=subject,
        unit_id=request.unit_id,
        reason=None if request.secret else reason.strip(),
        now=now,
    )
    session.flush()
    return request


def expire_lapsed(session: Session, *, actor: Identity, now: datetime, limit: int = 500) -> int:
    """Move the requests whose chain ran out of time. The workflow ended the runs; their subjects are pulled here."""
    requests = session.scalars(
        select(FootageRequest)
        .join(ApprovalRun, ApprovalRun.id == FootageRequest.run_id)
        .where(FootageRequest.status == RequestStatus.IN_APPROVAL, ApprovalRun.status == RunStatus.LAPSED)
        .limit(limit)
        .with_for_update(of=FootageRequest, skip_locked=True)
    ).all()
    for request in requests:
        request.status = next_status(RequestStatus(request.status), RequestAction.LAPSE)
        request.updated_at = now
        record(
            session,
            actor=actor.actor,
            tag=values.REQUEST_LAPSED,
            subject=SubjectRef(values.SUBJECT, request.id, request.called),
            unit_id=request.unit_id,
            now=now,
        )
        enqueue(session, TaskName.EVIDENCE_NOTIFY_NEXT, dedupe=f"notice:{request.run_id}:lapsed", request_id=request.id)
    session.flush()
    return len(requests)
