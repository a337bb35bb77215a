"""A notice is a duty: served, acknowledged, supplied item by item with a statement that is reckoned, not asserted.

A refusal or a delay is written down as what it is. Nobody decides on it here.
"""

from datetime import datetime, time
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.accounts.values import Identity
from portal.audit.operations import record
from portal.audit.values import AuditTag, FieldChange, SubjectRef
from portal.core.clock import CITY_TZ, city_day
from portal.core.errors import IllegalTransition, Invalid, Problem
from portal.evidence import values
from portal.evidence.models import FootageRequest, SupplyDuty, SupplyFailing
from portal.evidence.operations.holds import scope_of
from portal.evidence.operations.reckoning import gaps_in, supplied_of
from portal.evidence.queries import lock_request
from portal.evidence.queries.asks import supply_of
from portal.evidence.queries.execution import items_of
from portal.evidence.rules.asks import completeness, is_duty
from portal.evidence.states import RequestStatus
from portal.evidence.values import STATUTORY, InstrumentKind
from portal.evidence.values.asks import (
    SUPPLY_ACKNOWLEDGED,
    SUPPLY_EXPLAINED,
    SUPPLY_FAILED,
    SUPPLY_SERVED,
    SUPPLY_STATED,
    Failing,
)
from portal.registry.rules import rules_for, working_of
from portal.regulation.calendar import WorkCalendar
from portal.regulation.schema.keys import RuleKey
from portal.workflow.models import ApprovalRun

WITH_THE_UNIT = frozenset({RequestStatus.APPROVED, RequestStatus.ASSIGNED, RequestStatus.EXECUTING})


def serve_notice(session: Session, *, actor: Identity, request: FootageRequest, now: datetime) -> None:
    """The notice has reached the unit: from here on time runs. To be called after every step of the chain."""
    statutory = InstrumentKind(request.instrument_kind) in STATUTORY
    if not is_duty(statutory=statutory, rules_used=request.rules_used) or supply_of(session, request.id) is not None:
        return
    run = session.get(ApprovalRun, request.run_id) if request.run_id else None
    reached = run is not None and run.running and run.awaits_unit_id == request.unit_id
    if not reached and RequestStatus(request.status) not in WITH_THE_UNIT:
        return
    duty = SupplyDuty(request_id=request.id, served_at=now, due_at=request.supply_due, gaps=[])
    if request.supply_due is None:
        facts = {"urgent": "yes" if request.urgent_by_phone else "no"}
        rules = rules_for(request.unit, None, on=city_day(now), facts=facts)
        counted = rules.deadline(RuleKey.EVIDENCE_SUPPLY_WITHIN, start=city_day(now), calendar=WorkCalendar())
        if counted is not None and counted.due is not None:
            duty.due_at = datetime.combine(counted.due, time(23, 59, 59), tzinfo=CITY_TZ)
            duty.due_why = working_of(counted)
    session.add(duty)
    note(session, actor, request, SUPPLY_SERVED, now=now, due=str(duty.due_at or ""))


def acknowledge_notice(session: Session, *, actor: Identity, request: FootageRequest, now: datetime) -> None:
    """Who of the unit took the notice, and when."""
    duty = supply_of(session, request.id)
    if duty is None or duty.acknowledged_at is not None:
        return
    duty.acknowledged_by, duty.acknowledged_name, duty.acknowledged_at = actor.person_id, actor.name, now
    note(session, actor, request, SUPPLY_ACKNOWLEDGED, now=now)


def state_supply(session: Session, *, actor: Identity, request: FootageRequest, now: datetime) -> None:
    """State how complete the supply is, from the outcomes and the files alone: it cannot say more than there is."""
    duty = supply_of(session, request.id)
    if duty is None:
        return
    cameras = supplied_of(request, items_of(session, request.id))
    gaps = gaps_in(request, cameras)
    found = completeness(cameras, gaps)
    duty.completeness, duty.gaps = found, [gap.as_json() for gap in gaps]
    duty.stated_by, duty.stated_name, duty.stated_at = actor.person_id, actor.name, now
    note(session, actor, request, SUPPLY_STATED, now=now, completeness=str(found), gaps=str(len(gaps)))


def mark_supplied(session: Session, *, actor: Identity, request: FootageRequest, now: datetime) -> None:
    """The footage, or the word that there is none, has reached who asked. Later than due is written down."""
    duty = supply_of(session, request.id)
    if duty is None or duty.supplied_at is not None:
        return
    if duty.stated_at is None:
        state_supply(session, actor=actor, request=request, now=now)
    duty.supplied_at = now
    if duty.due_at is not None and now > duty.due_at:
        note_failing(session, actor=actor, request=request, kind=Failing.LATE, text="", now=now)


def note_failing(
    session: Session, *, actor: Identity, request: FootageRequest, kind: Failing, text: str, now: datetime
) -> bool:
    """Write down that the unit was late or refused, once each; whether it was not known before."""
    if supply_of(session, request.id) is None:
        return False
    known = select(SupplyFailing.id).where(SupplyFailing.request_id == request.id, SupplyFailing.kind == kind)
    if session.scalar(known) is not None:
        return False
    session.add(
        SupplyFailing(
            request_id=request.id,
            kind=kind,
            note="" if request.secret else text.strip()[:400],
            recorded_name=actor.name,
            at=now,
        )
    )
    note(session, actor, request, SUPPLY_FAILED, now=now, failing=str(kind))
    return True


def explain_supply(
    session: Session, *, actor: Identity, request_id: UUID, explanation: str, now: datetime
) -> SupplyDuty:
    """The unit explains what is missing from its supply; the reckoning itself stays."""
    request = lock_request(session, actor, request_id)
    require(actor, Permission.REQUEST_ACKNOWLEDGE, scope_of(request), read=Permission.REQUEST_READ)
    duty = supply_of(session, request.id)
    if duty is None or duty.stated_at is None or duty.completeness == "whole" or duty.explanation:
        raise IllegalTransition("evidence.nothing_to_explain", status=request.status)
    if not explanation.strip():
        raise Invalid([Problem("explanation", "required")])
    duty.explanation = explanation.strip()[:800]
    note(session, actor, request, SUPPLY_EXPLAINED, now=now)
    return duty


def note(
    session: Session,
    actor: Identity,
    request: FootageRequest,
    tag: AuditTag,
    *,
    now: datetime,
    sealed: str | None = None,
    **new: str,
) -> None:
    """One act beside a request, in the log; `sealed` is what of a secret case is written down nowhere else."""
    session.flush()
    record(
        session,
        actor=actor.actor,
        tag=tag,
        subject=SubjectRef(values.SUBJECT, request.id, request.called),
        unit_id=request.unit_id,
        changes=[FieldChange(name=name, new=value) for name, value in new.items()] or None,
        reason=sealed,
        secret=sealed is not None,
        now=now,
    )
