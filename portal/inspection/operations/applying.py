"""From the unit's application to complete papers."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.accounts.values import Identity
from portal.core.clock import city_day
from portal.core.errors import IllegalTransition, Invalid, Problem
from portal.inspection import values
from portal.inspection.models import Acceptance, SelfAssessment
from portal.inspection.operations.clocks import end_clock, start_clock
from portal.inspection.operations.diary import refuse_interested
from portal.inspection.operations.recording import ask_readiness, notify, record_act
from portal.inspection.queries import (
    acceptance_scope,
    assessment_to_apply_with,
    latest_acceptance,
    lock_acceptance,
    require_handling,
    standing_of,
    supervisor_of,
)
from portal.inspection.rules import refusal_of
from portal.inspection.states import (
    GOES_ON,
    AcceptanceAction,
    AcceptanceKind,
    AcceptanceStatus,
    ClockKind,
    ProjectClass,
    next_status,
)
from portal.registry.models import System
from portal.registry.operations import record_acceptance_step
from portal.registry.queries import lock_system, system_scope
from portal.registry.rules import rules_for
from portal.regulation.calendar import WorkCalendar
from portal.regulation.effective import EffectiveRules
from portal.regulation.schema.keys import RuleKey


def request_acceptance(
    session: Session,
    *,
    actor: Identity,
    system_id: UUID,
    kind: AcceptanceKind,
    project_class: ProjectClass = ProjectClass.SECOND,
    statement: str,
    calendar: WorkCalendar,
    now: datetime,
) -> Acceptance:
    """Apply for acceptance of a system (ACC-01), at the police of its place; for a school's standard creation at the
    organ that supervises schools there, with the newest self-assessment it has signed: below the pass mark nobody
    applies (ACC-07). Raises IllegalTransition with the reason when this kind cannot be asked for now."""
    system = lock_system(session, system_id)
    require(actor, Permission.ACCEPTANCE_APPLY, system_scope(system), read=Permission.SYSTEM_READ)
    today = city_day(now)
    rules = rules_for(system.unit, system, on=today)
    if (refusal := refusal_of(kind, standing_of(session, system, rules))) is not None:
        raise IllegalTransition(refusal, status=system.use_status)
    if kind is AcceptanceKind.CHANGE and not statement.strip():
        raise Invalid([Problem("statement", "required")])
    organ_id, assessment = system.organ_id, None
    if kind is AcceptanceKind.STANDARD:
        assessment = _assessed(session, system, rules)
        if (supervisor := supervisor_of(session, system.unit, system.district)) is None:
            raise IllegalTransition("no_supervisor", status=system.use_status)
        organ_id = supervisor
    before = latest_acceptance(session, system.id, kind)
    acceptance = Acceptance(
        system_id=system.id,
        unit_id=system.unit_id,
        district=system.district,
        organ_id=organ_id,
        kind=kind,
        project_class=project_class,
        **_series_after(before),
        requested_by=actor.person_id,
        requested_at=now,
        statement=statement.strip(),
        self_assessment_id=assessment.id if assessment else None,
        self_score=assessment.score if assessment else None,
    )
    session.add(acceptance)
    session.flush()
    _begin_review(session, acceptance, rules, on=today, calendar=calendar)
    if kind is not AcceptanceKind.STANDARD:
        record_acceptance_step(session, actor=actor, system_id=system.id, passed=False, on=today, now=now)
    record_act(session, actor, values.REQUESTED, acceptance, system, now=now)
    return acceptance


def _begin_review(
    session: Session, acceptance: Acceptance, rules: EffectiveRules, *, on: date, calendar: WorkCalendar
) -> None:
    """The organ's time to look at the papers runs, and the portal looks at what it can."""
    start_clock(session, acceptance, ClockKind.REVIEW, rules=rules, on=on, calendar=calendar)
    ask_readiness(session, acceptance)


def _series_after(before: Acceptance | None) -> dict[str, Any]:
    """Where a further application stands: it goes on with a series that has not simply passed, or begins its own."""
    if before is None:
        return {}
    goes_on = before.status in GOES_ON
    series = {"series_id": before.series_id or before.id, "attempt": before.attempt + 1} if goes_on else {}
    return {"previous_id": before.id, **series}


def _assessed(session: Session, system: System, rules: EffectiveRules) -> SelfAssessment | None:
    """The self-assessment to apply with, good enough; None where the rules ask for none."""
    bands = rules.bands(RuleKey.GRADE_BANDS)
    if bands is None or not rules.flag(RuleKey.GRADE_SELF_ASSESSMENT_FIRST):
        return None
    assessment = assessment_to_apply_with(session, system.id)
    if assessment is None:
        raise Invalid([Problem("kind", "assessment_first")])
    if assessment.score is None or assessment.score < bands.lowest_pass:
        raise Invalid([Problem("kind", "self_score_low", {"least": bands.lowest_pass, "score": assessment.score})])
    return assessment


def check_documents(
    session: Session,
    *,
    actor: Identity,
    acceptance_id: UUID,
    complete: bool,
    note: str,
    missing: Sequence[str],
    calendar: WorkCalendar,
    now: datetime,
) -> Acceptance:
    """The organ's look at papers and design: complete, or returned with what is missing. Going on although a required
    paper is missing needs a reason. Complete papers end the review and begin the time to decide (Henan 2016 art. 12
    and 13); a return ends the review until they are handed in again."""
    acceptance = lock_acceptance(session, acceptance_id)
    require_handling(actor, Permission.ACCEPTANCE_CHECK, acceptance)
    refuse_interested(session, actor, acceptance.unit_id, on=city_day(now))
    if (missing or not complete) and not note.strip():
        raise Invalid([Problem("note", "reason_needed")])
    action = AcceptanceAction.CHECK if complete else AcceptanceAction.RETURN
    acceptance.status = next_status(AcceptanceStatus(acceptance.status), action)
    acceptance.check_note = note.strip()
    today = city_day(now)
    end_clock(session, acceptance, on=today)
    if complete:
        rules = rules_for(acceptance.unit, acceptance.system, on=today)
        start_clock(session, acceptance, ClockKind.DECISION, rules=rules, on=today, calendar=calendar)
    tag = values.CHECKED if complete else values.RETURNED
    record_act(session, actor, tag, acceptance, acceptance.system, reason=note.strip() or None, now=now)
    if not complete:
        notify(session, acceptance, "returned")
    return acceptance


def resubmit(
    session: Session, *, actor: Identity, acceptance_id: UUID, calendar: WorkCalendar, now: datetime
) -> Acceptance:
    """The unit has put its papers right; the review begins anew."""
    acceptance = lock_acceptance(session, acceptance_id)
    require(actor, Permission.ACCEPTANCE_APPLY, acceptance_scope(acceptance), read=Permission.ACCEPTANCE_READ)
    acceptance.status = next_status(AcceptanceStatus(acceptance.status), AcceptanceAction.RESUBMIT)
    today = city_day(now)
    rules = rules_for(acceptance.unit, acceptance.system, on=today)
    _begin_review(session, acceptance, rules, on=today, calendar=calendar)
    record_act(session, actor, values.RESUBMITTED, acceptance, acceptance.system, now=now)
    return acceptance


def withdraw(session: Session, *, actor: Identity, acceptance_id: UUID, now: datetime) -> Acceptance:
    """The unit takes its application back."""
    acceptance = lock_acceptance(session, acceptance_id)
    require(actor, Permission.ACCEPTANCE_APPLY, acceptance_scope(acceptance), read=Permission.ACCEPTANCE_READ)
    if acceptance.reinspection:
        raise IllegalTransition("reinspection_stays", status=acceptance.status)
    acceptance.status = next_status(AcceptanceStatus(acceptance.status), AcceptanceAction.WITHDRAW)
    end_clock(session, acceptance, on=city_day(now))
    record_act(session, actor, values.WITHDRAWN, acceptance, acceptance.system, now=now)
    return acceptance
