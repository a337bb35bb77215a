"""Starting a run, deciding in it, withdrawing it, and letting it lapse.

The workflow knows nothing of what is approved: the feature that owns the subject checks who may see it, calls these
and moves its own state by the answer.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.values import ActingPost, Identity
from portal.audit.operations import record
from portal.audit.values import FieldChange, SubjectRef
from portal.core.crypto import row_context
from portal.core.errors import IllegalTransition, Invalid, NotAllowed, Problem, Stale
from portal.core.ids import new_id
from portal.core.services import services
from portal.regulation.schema import ApprovalChain, Facts
from portal.workflow.models import ApprovalDecision, ApprovalRun, facts_of
from portal.workflow.queries import holder_of, judged, lock_run, waiting_step
from portal.workflow.rules import approvers_of, chain_digest, outcome, step_due
from portal.workflow.states import PASSING, RunAction, RunStatus, Verdict, next_status
from portal.workflow.values import RUN_LAPSE, RUN_START, RUN_WITHDRAW, VERDICT_TAGS, Party, Proof

MAX_COMMENT = 2000


class AlreadyDecided(Stale):
    """Somebody else decided this step first; the page the person looked at is out of date."""


def start_chain(
    session: Session,
    *,
    actor: Identity,
    subject: SubjectRef,
    chain: ApprovalChain,
    facts: Facts,
    party: Party,
    now: datetime,
    confidential: bool = False,
) -> ApprovalRun:
    """Freeze the chain into a new run and open its first step. A chain whose steps all fall away is cleared at once."""
    run = ApprovalRun(
        id=new_id(),
        subject_kind=subject.kind,
        subject_id=subject.id,
        chain_key=chain.key,
        chain=chain.model_dump(mode="json"),
        chain_digest=chain_digest(chain),
        facts={name: value if isinstance(value, str) else list(value) for name, value in facts.items()},
        status=RunStatus.RUNNING,
        confidential=confidential,
        requester_id=party.requester_id,
        excluded_ids=sorted(party.excluded),
        unit_id=party.unit_id,
        requester_organ_id=party.requester_organ_id,
        organ_id=party.organ_id,
        step_since=now,
        started_at=now,
        decisions=[],
    )
    session.add(run)
    _advance(run, outcome(chain, run.facts, []), now=now)
    record(
        session,
        actor=actor.actor,
        tag=RUN_START,
        subject=subject,
        unit_id=party.unit_id,
        changes=[FieldChange(name="chain", new=chain.key), FieldChange(name="chain_digest", new=run.chain_digest)],
        now=now,
    )
    session.flush()
    return run


def decide(
    session: Session,
    *,
    actor: Identity,
    run_id: UUID,
    step_key: str,
    verdict: Verdict,
    comment: str,
    subject: SubjectRef,
    now: datetime,
    proof: Proof | None = None,
) -> ApprovalRun:
    """Give a verdict at the step the person was looking at; `proof` says how they showed again that it was they.

    Raises AlreadyDecided when the run has moved on, IllegalTransition when the step's days are over, NotAllowed with
    every barrier, Invalid when a return or refusal gives no reason.
    """
    run = lock_run(session, run_id)
    if not run.running or run.awaits_step != step_key:
        raise AlreadyDecided("workflow.already_decided", step=step_key, status=run.status)
    if run.step_due_at is not None and now >= run.step_due_at:
        raise IllegalTransition("workflow.step_lapsed", due=run.step_due_at)
    acting = _standing(run, actor, verdict)
    comment = _checked_comment(comment, verdict)
    decision = _new_decision(session, run, actor, verdict=verdict, comment=comment, acting=acting, now=now)
    decision.signed_with = proof
    run.decisions.append(decision)
    _advance(run, outcome(run.frozen_chain, run.facts, facts_of(run.decisions)), now=now)
    record(
        session,
        actor=actor.actor,
        tag=VERDICT_TAGS[verdict],
        subject=subject,
        unit_id=run.unit_id,
        reason=None if run.confidential else (comment or None),
        changes=[
            FieldChange(name="step", old=None, new=step_key),
            FieldChange(name="post", old=None, new=decision.post),
            *([FieldChange(name="on_behalf_of", old=None, new=acting.holder_name)] if acting else []),
            FieldChange(name="status", old=str(RunStatus.RUNNING), new=run.status),
        ],
        now=now,
    )
    session.flush()
    return run


def withdraw_run(
    session: Session, *, actor: Identity, run_id: UUID, subject: SubjectRef, now: datetime, reason: str = ""
) -> ApprovalRun:
    """End a running run because the requester takes the matter back: what was approved in it counts no more.

    Raises AlreadyDecided where the last approver was quicker.
    """
    run = lock_run(session, run_id)
    if not run.running:
        raise AlreadyDecided("workflow.already_decided", status=run.status)
    _end(run, RunAction.WITHDRAW, now=now)
    run.ended_reason = "" if run.confidential else reason.strip()[:400]
    record(session, actor=actor.actor, tag=RUN_WITHDRAW, subject=subject, unit_id=run.unit_id, now=now)
    session.flush()
    return run


def lapse_overdue(session: Session, *, actor: Identity, now: datetime, limit: int = 500) -> Sequence[ApprovalRun]:
    """End the runs whose current step nobody decided in time. Rows another worker holds are left to it."""
    runs = session.scalars(
        select(ApprovalRun)
        .where(ApprovalRun.status == RunStatus.RUNNING, ApprovalRun.step_due_at <= now)
        .order_by(ApprovalRun.step_due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    for run in runs:
        step = run.awaits_step
        _end(run, RunAction.LAPSE, now=now)
        record(
            session,
            actor=actor.actor,
            tag=RUN_LAPSE,
            subject=SubjectRef(run.subject_kind, run.subject_id),
            unit_id=run.unit_id,
            changes=[FieldChange(name="step", old=step, new=None)],
            now=now,
        )
    session.flush()
    return runs


def _standing(run: ApprovalRun, actor: Identity, verdict: Verdict) -> ActingPost | None:
    """In whose stead the actor decides; None in their own right. Raises NotAllowed with every barrier."""
    if actor.person_id is None:
        raise NotAllowed("workflow.no_person")
    found, acting = judged(run, actor, verdict)
    if found:
        raise NotAllowed(f"workflow.barred.{found[0]}", barriers=[str(barrier) for barrier in found])
    return acting


def _checked_comment(comment: str, verdict: Verdict) -> str:
    comment = comment.strip()
    if verdict not in PASSING and not comment:
        raise Invalid([Problem("comment", "workflow.reason_required")])
    if len(comment) > MAX_COMMENT:
        raise Invalid([Problem("comment", "too_long", {"max": MAX_COMMENT})])
    return comment


def _new_decision(
    session: Session,
    run: ApprovalRun,
    actor: Identity,
    *,
    verdict: Verdict,
    comment: str,
    acting: ActingPost | None,
    now: datetime,
) -> ApprovalDecision:
    step = waiting_step(run)
    assert step is not None  # noqa: S101 - checked under the same lock
    assert actor.person_id is not None  # noqa: S101 - a person without one is barred
    decision_id = new_id()
    sealed = None
    if run.confidential and comment:
        context = row_context("approval_decision", "comment", decision_id)
        sealed = services(session).envelope.seal(comment.encode(), context=context)
    return ApprovalDecision(
        id=decision_id,
        run_id=run.id,
        requester_id=run.requester_id,
        seq=len(run.decisions) + 1,
        step_key=step.key,
        slot=len(approvers_of(step, facts_of(run.decisions))) + 1,
        distinct_people=run.frozen_chain.distinct_people,
        person_id=actor.person_id,
        person_name=actor.name,
        post=step.post,
        behalf_id=acting.holder_id if acting else None,
        behalf_name=acting.holder_name if acting else "",
        delegation_id=acting.delegation_id if acting else None,
        verdict=verdict,
        comment=None if sealed or not comment else comment,
        comment_sealed=sealed,
        decided_at=now,
    )


def _advance(run: ApprovalRun, action: RunAction | None, *, now: datetime) -> None:
    if action is not None:
        _end(run, action, now=now)
        return
    step = waiting_step(run)
    assert step is not None  # noqa: S101 - a run that goes on has a step that waits
    if run.awaits_step != step.key:
        unit_id, organ_id = holder_of(step, run.party)
        run.awaits_step, run.awaits_permission, run.awaits_post = step.key, step.permission, step.post
        run.awaits_unit_id, run.awaits_organ_id = unit_id, organ_id
        run.step_since, run.step_due_at = now, step_due(step, since=now)


def _end(run: ApprovalRun, action: RunAction, *, now: datetime) -> None:
    run.status = next_status(RunStatus(run.status), action)
    run.ended_at = now
    run.awaits_step = run.awaits_permission = run.awaits_post = None
    run.awaits_unit_id = run.awaits_organ_id = run.step_due_at = None
