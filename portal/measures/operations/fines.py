"""After the day of an order: the finding that it was refused, by two persons, and only then the proposal of a fine."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts.models import Organ
from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.accounts.values import Identity
from portal.audit.values import FieldChange
from portal.core.clock import city_day
from portal.core.db import told_apart
from portal.core.errors import IllegalTransition, Invalid, Problem
from portal.measures import values
from portal.measures.models import FineProposal, RefusalFinding
from portal.measures.operations.corrections import held
from portal.measures.operations.issuing import take_number, tell
from portal.measures.queries.corrections import correction_scope, lock_correction, lock_fine, lock_refusal, refusal_of
from portal.measures.rules.fines import faults_of_fine, thawed
from portal.measures.states import (
    RUNNING,
    CorrectionAction,
    CorrectionStatus,
    FineAction,
    FineStatus,
    RefusalAction,
    RefusalStatus,
    next_correction_status,
    next_fine_status,
    next_refusal_status,
)
from portal.measures.values import FineDraft, FineOutcome, NumberKind
from portal.registry.operations.recording import about, note

FOUND_ALREADY = {"uq_refusal_finding_order_id": Problem("", "refusal_waits")}
NOT_CLOSED_OFF = (CorrectionStatus.WITHDRAWN, CorrectionStatus.ISSUED)


def find_refusal(
    session: Session, *, actor: Identity, correction_id: UUID, seen_version: int, facts: str, now: datetime
) -> RefusalFinding:
    """Find, once its day is past, that an order was not obeyed: what was seen. A second person confirms it."""
    order = held(session, actor, correction_id, seen_version)
    today = city_day(now)
    if order.status not in RUNNING:
        raise IllegalTransition("correction_order", status=str(order.status), action=str(CorrectionAction.REFUSE))
    if order.due_on is None or today <= order.due_on:
        raise IllegalTransition("order_not_overdue")
    if not facts.strip():
        raise Invalid([Problem("facts", "required")])
    finding = RefusalFinding(
        order_id=order.id, unit_id=order.unit_id, district=order.district, facts=facts.strip(), due_on=order.due_on,
        found_on=today, found_by=actor.person_id, found_by_name=actor.name,
    )  # fmt: skip
    with told_apart(session, FOUND_ALREADY):
        session.add(finding)
    note(session, actor, values.REFUSAL_FOUND, about(order, order.number), order, reason=facts, now=now)
    return finding


def decide_refusal(
    session: Session, *, actor: Identity, correction_id: UUID, confirmed: bool, reason: str, now: datetime
) -> RefusalFinding:
    """A second person confirms or rejects the finding. Confirmed, the order counts as refused."""
    order = lock_correction(session, correction_id)
    require(actor, Permission.REFUSAL_CONFIRM, correction_scope(order), read=Permission.MEASURE_READ)
    finding = lock_refusal(session, order.id)
    if finding.found_by is not None and finding.found_by == actor.person_id:
        raise IllegalTransition("confirmer_is_finder")
    if not reason.strip():
        raise Invalid([Problem("reason", "required")])
    action = RefusalAction.CONFIRM if confirmed else RefusalAction.REJECT
    finding.status = next_refusal_status(RefusalStatus(finding.status), action)
    finding.decided_by, finding.decided_by_name, finding.decided_at = actor.person_id, actor.name, now
    finding.decided_note = reason.strip()
    tag = values.REFUSAL_REJECTED
    if confirmed:
        tag = values.REFUSAL_CONFIRMED
        organ = session.get_one(Organ, order.organ_id)
        finding.number = take_number(session, NumberKind.REFUSAL, organ, city_day(now).year)
        order.status = next_correction_status(CorrectionStatus(order.status), CorrectionAction.REFUSE)
        tell(session, "correction", order.id, f"refused:{order.version}")
    note(session, actor, tag, about(order, order.number), order, reason=reason, now=now)
    return finding


def propose_fine(
    session: Session, *, actor: Identity, correction_id: UUID, seen_version: int, draft: FineDraft, now: datetime
) -> FineProposal:
    """Propose a fine within what the article threatens. Where it orders correction first, a confirmed finding of refusal
    comes before; the database holds to that, too."""
    order = held(session, actor, correction_id, seen_version)
    refusal = refusal_of(session, order.id)
    if order.status in NOT_CLOSED_OFF:
        raise IllegalTransition("correction_order", status=str(order.status), action="fine")
    if order.needs_refusal and (refusal is None or refusal.status != RefusalStatus.CONFIRMED):
        raise IllegalTransition("fine_needs_refusal")
    violation = thawed(order.basis)
    problems = faults_of_fine(violation, draft)
    if problems:
        raise Invalid(problems)
    low, high = violation.amounts[draft.against]
    today = city_day(now)
    organ = session.get_one(Organ, order.organ_id)
    counted = refusal is not None and refusal.status == RefusalStatus.CONFIRMED
    fine = FineProposal(
        number=take_number(session, NumberKind.FINE, organ, today.year),
        order_id=order.id,
        needs_refusal=order.needs_refusal,
        refusal_id=refusal.id if refusal is not None and counted else None,
        unit_id=order.unit_id,
        district=order.district,
        against=draft.against,
        person_name=draft.person_name.strip(),
        low=low,
        high=high,
        amount=draft.amount,
        reasons=draft.reasons.strip(),
        proposed_on=today,
        proposed_by=actor.person_id,
        proposed_by_name=actor.name,
    )
    session.add(fine)
    _note_fine(session, actor, fine, tag=values.FINE_PROPOSED, reason=draft.reasons, now=now)
    return fine


def record_outcome(
    session: Session,
    *,
    actor: Identity,
    correction_id: UUID,
    fine_id: UUID,
    action: FineAction,
    outcome: FineOutcome,
    now: datetime,
) -> FineProposal:
    """Record what was decided outside the portal: which organ, by which paper, when, how much; or that nothing came."""
    order = lock_correction(session, correction_id)
    require(actor, Permission.CORRECTION_ISSUE, correction_scope(order), read=Permission.MEASURE_READ)
    fine = lock_fine(session, order.id, fine_id)
    status = next_fine_status(FineStatus(fine.status), action)
    _check_outcome(fine, action, outcome, now)
    fine.status = status
    fine.decided_on, fine.outcome_note = outcome.decided_on, outcome.note.strip()
    fine.decision_number, fine.deciding_organ = outcome.number.strip(), outcome.organ.strip()
    fine.decided_amount = outcome.amount if action is FineAction.IMPOSE else None
    _note_fine(session, actor, fine, tag=values.FINE_ENDED, reason=outcome.note, now=now)
    return fine


def _check_outcome(fine: FineProposal, action: FineAction, outcome: FineOutcome, now: datetime) -> None:
    problems = (
        [] if fine.proposed_on <= outcome.decided_on <= city_day(now) else [Problem("decided_on", "decided_when")]
    )
    if action is FineAction.IMPOSE:
        named = {"decision_number": outcome.number, "deciding_organ": outcome.organ}
        problems += [Problem(name, "required") for name, text in named.items() if not text.strip()]
        if outcome.amount is None:
            problems.append(Problem("decided_amount", "required"))
        elif not fine.low <= outcome.amount <= fine.high:
            problems.append(Problem("decided_amount", "fine_out_of_bounds", {"low": fine.low, "high": fine.high}))
    elif not outcome.note.strip():
        problems.append(Problem("outcome_note", "required"))
    if problems:
        raise Invalid(problems)


def _note_fine(session: Session, actor: Identity, fine: FineProposal, *, tag: str, reason: str, now: datetime) -> None:
    changes = [
        FieldChange(name="status", new=str(fine.status)),
        FieldChange(name="amount", new=fine.decided_amount or fine.amount),
    ]
    note(session, actor, tag, about(fine, fine.number), fine, reason=reason, changes=changes, now=now)
