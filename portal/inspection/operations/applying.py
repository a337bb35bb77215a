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
from portal.inspection.models import Acceptance
from portal.inspection.operations.recording import notify, record_act
from portal.inspection.queries import (
    acceptance_scope,
    latest_acceptance,
    lock_acceptance,
)
from portal.inspection.states import (
    OPEN,
    AcceptanceAction,
    AcceptanceStatus,
    next_status,
)
from portal.registry.operations import record_acceptance_step
from portal.registry.queries import lock_system, system_scope
from portal.registry.rules import rules_for, working_of
from portal.registry.states import UseStatus
from portal.regulation.calendar import WorkCalendar
from portal.regulation.effective import EffectiveRules
from portal.regulation.schema.keys import RuleKey


def request_acceptance(
    session: Session,
    *,
    actor: Identity,
    system_id: UUID,
    statement: str,
    self_score: Any = None,
    calendar: WorkCalendar,
    now: datetime,
) -> Acceptance:
    """Apply for acceptance of a system (ACC-01). A self-assessment below the pass mark cannot apply where the rules
    ask for one first (ACC-07)."""
    system = lock_system(session, system_id)
    require(actor, Permission.ACCEPTANCE_APPLY, system_scope(system), read=Permission.SYSTEM_READ)
    if system.use_status in {UseStatus.DISMANTLED, UseStatus.SUSPENDED}:
        raise IllegalTransition("acceptance", status=system.use_status)
    before = latest_acceptance(session, system.id)
    if before is not None and before.status in OPEN:
        raise IllegalTransition("acceptance_open")
    today = city_day(now)
    rules = rules_for(system.unit, system, on=today)
    _check_self_score(rules, self_score)
    acceptance = Acceptance(
        system_id=system.id,
        unit_id=system.unit_id,
        district=system.district,
        organ_id=system.organ_id,
        previous_id=before.id if before else None,
        requested_by=actor.person_id,
        requested_at=now,
        statement=statement.strip(),
        self_score=self_score,
    )
    _set_clock(acceptance, rules, start=today, calendar=calendar)
    session.add(acceptance)
    record_acceptance_step(session, actor=actor, system_id=system.id, passed=False, on=today, now=now)
    session.flush()
    record_act(session, actor, values.REQUESTED, acceptance, system, now=now)
    return acceptance


def _check_self_score(rules: EffectiveRules, self_score: Any) -> None:
    bands = rules.bands(RuleKey.GRADE_BANDS)
    if bands is None or not rules.flag(RuleKey.GRADE_SELF_ASSESSMENT_FIRST):
        return
    if self_score is None:
        raise Invalid([Problem("self_score", "required")])
    if self_score < bands.lowest_pass:
        raise Invalid([Problem("self_score", "self_score_low", {"least": bands.lowest_pass})])


def _set_clock(acceptance: Acceptance, rules: EffectiveRules, *, start: date, calendar: WorkCalendar) -> None:
    counted = rules.deadline(RuleKey.ACCEPTANCE_DECIDE_WORKING_DAYS, start=start, calendar=calendar)
    acceptance.due_on = counted.due if counted else None
    acceptance.due_why = working_of(counted)


def check_documents(
    session: Session,
    *,
    actor: Identity,
    acceptance_id: UUID,
    complete: bool,
    note: str,
    missing: Sequence[str],
    now: datetime,
) -> Acceptance:
    """The inspector's look at the papers: complete, or returned with what is missing. Going on although a required
    paper is missing needs a reason."""
    acceptance = lock_acceptance(session, acceptance_id)
    require(actor, Permission.ACCEPTANCE_CHECK, acceptance_scope(acceptance), read=Permission.ACCEPTANCE_READ)
    if (missing or not complete) and not note.strip():
        raise Invalid([Problem("note", "reason_needed")])
    action = AcceptanceAction.CHECK if complete else AcceptanceAction.RETURN
    acceptance.status = next_status(AcceptanceStatus(acceptance.status), action)
    acceptance.check_note = note.strip()
    tag = values.CHECKED if complete else values.RETURNED
    record_act(session, actor, tag, acceptance, acceptance.system, reason=note.strip() or None, now=now)
    if not complete:
        notify(session, acceptance, "returned")
    return acceptance


def resubmit(session: Session, *, actor: Identity, acceptance_id: UUID, now: datetime) -> Acceptance:
    """The unit has put its papers right."""
    acceptance = lock_acceptance(session, acceptance_id)
    require(actor, Permission.ACCEPTANCE_APPLY, acceptance_scope(acceptance), read=Permission.ACCEPTANCE_READ)
    acceptance.status = next_status(AcceptanceStatus(acceptance.status), AcceptanceAction.RESUBMIT)
    record_act(session, actor, values.RESUBMITTED, acceptance, acceptance.system, now=now)
    return acceptance


def withdraw(session: Session, *, actor: Identity, acceptance_id: UUID, now: datetime) -> Acceptance:
    """The unit takes its application back."""
    acceptance = lock_acceptance(session, acceptance_id)
    require(actor, Permission.ACCEPTANCE_APPLY, acceptance_scope(acceptance), read=Permission.ACCEPTANCE_READ)
    acceptance.status = next_status(AcceptanceStatus(acceptance.status), AcceptanceAction.WITHDRAW)
    record_act(session, actor, values.WITHDRAWN, acceptance, acceptance.system, now=now)
    return acceptance
