"""Orders to correct: issued on an article, served, reported and verified, extended, or taken back."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.accounts.queries import signing_organ
from portal.accounts.values import Identity
from portal.audit.values import FieldChange
from portal.core.clock import city_day
from portal.core.errors import IllegalTransition, Invalid, NotFound, Problem
from portal.core.lifecycle import unchanged
from portal.measures import values
from portal.measures.models import CorrectionOrder
from portal.measures.operations.issuing import faults_of_service, take_number, tell
from portal.measures.queries.corrections import correction_scope, lock_correction, refusal_of
from portal.measures.queries.following import strange_findings
from portal.measures.rules.fines import chosen, frozen, needs_refusal, violations_under
from portal.measures.states import CorrectionAction, CorrectionStatus, next_correction_status
from portal.measures.values import CorrectionDraft, NumberKind, Service, Violation
from portal.registry.models import System, Unit
from portal.registry.operations.recording import about, note
from portal.registry.queries import unit_scope
from portal.registry.rules import rules_for, working_of
from portal.regulation.calendar import WorkCalendar
from portal.regulation.deadlines import deadline
from portal.regulation.schema.keys import RuleKey


def issue_correction(
    session: Session, *, actor: Identity, unit_id: UUID, draft: CorrectionDraft, now: datetime
) -> CorrectionOrder:
    """Order a unit to correct a violation that a text governing it names. Raises Invalid for anything else."""
    unit = session.get(Unit, unit_id)
    if unit is None:
        raise NotFound()
    require(actor, Permission.CORRECTION_ISSUE, unit_scope(unit), read=Permission.UNIT_READ)
    today = city_day(now)
    violation = chosen(violations_under(rules_for(unit, None, on=today)), draft.violation)
    problems = _faults_of(session, unit, draft, violation, today)
    if violation is None or problems:
        raise Invalid(problems)
    organ = signing_organ(session, actor, Permission.CORRECTION_ISSUE, unit.district)
    order = CorrectionOrder(
        number=take_number(session, NumberKind.CORRECTION, organ, today.year),
        unit_id=unit.id,
        district=unit.district,
        organ_id=organ.id,
        organ_name=organ.name,
        addressee=unit.name,
        system_id=draft.system_id,
        finding_ids=list(dict.fromkeys(draft.finding_ids)),
        basis=frozen(violation),
        needs_refusal=needs_refusal(violation, draft.grave_reason),
        grave_reason=draft.grave_reason.strip() if violation.or_grave else "",
        facts=draft.facts.strip(),
        demand=draft.demand.strip(),
        issued_on=today,
        issued_by=actor.person_id,
        issued_by_name=actor.name,
        due_set=draft.due_set,
    )
    session.add(order)
    changes = [FieldChange(name="violation", new=violation.code)]
    note(session, actor, values.ORDER_ISSUED, about(order, order.number), order, changes=changes, now=now)
    return order


def _faults_of(
    session: Session, unit: Unit, draft: CorrectionDraft, violation: Violation | None, today: date
) -> list[Problem]:
    problems = [Problem(name, "required") for name in ("facts", "demand") if not getattr(draft, name).strip()]
    if violation is None:
        problems.append(Problem("violation", "violation_unknown"))
    elif draft.grave_reason.strip() and not violation.or_grave:
        problems.append(Problem("grave_reason", "grave_not_named"))
    if draft.due_set is not None and draft.due_set <= today:
        problems.append(Problem("due_set", "in_the_past"))
    if draft.system_id is not None:
        system = session.get(System, draft.system_id)
        if system is None or system.unit_id != unit.id:
            problems.append(Problem("system_id", "system_of_another"))
    if strange_findings(session, draft.finding_ids, unit.id):
        problems.append(Problem("findings", "finding_of_another"))
    return problems


def serve_correction(
    session: Session,
    *,
    actor: Identity,
    correction_id: UUID,
    seen_version: int,
    service: Service,
    calendar: WorkCalendar,
    now: datetime,
) -> CorrectionOrder:
    """Record that the order reached the unit: from that day its limit runs, by the rule or as the order set it."""
    order = held(session, actor, correction_id, seen_version)
    status = next_correction_status(CorrectionStatus(order.status), CorrectionAction.SERVE)
    problems = faults_of_service(service, since=order.issued_on, today=city_day(now))
    if order.due_set is not None and order.due_set <= service.on:
        problems.append(Problem("served_on", "served_after_due"))
    if problems:
        raise Invalid(problems)
    unit = session.get_one(Unit, order.unit_id)
    rules = rules_for(unit, None, on=service.on)
    period = rules.period(RuleKey.CORRECTION_WITHIN)
    if order.due_set is None and (period is None or period.days is None):
        raise Invalid([Problem("", "no_limit_for_correction")])
    order.status = status
    order.served_on, order.served_how, order.served_to = service.on, service.how, service.to.strip()
    order.due_on = order.due_set
    if order.due_on is None and period is not None:
        cited = rules.citations(RuleKey.CORRECTION_WITHIN)
        counted = deadline(period, start=service.on, calendar=calendar, citations=cited)
        order.due_on, order.due_why = counted.due, working_of(counted)
    changes = [FieldChange(name="served_on", new=service.on), FieldChange(name="due_on", new=order.due_on)]
    note(session, actor, values.ORDER_SERVED, about(order, order.number), order, changes=changes, now=now)
    tell(session, "correction", order.id, f"served:{order.version}")
    return order


def report_correction(
    session: Session, *, actor: Identity, correction_id: UUID, text: str, stored_file_id: UUID | None, now: datetime
) -> CorrectionOrder:
    """The unit reports that it has corrected, with proof. The limit runs on until the organ has verified it."""
    order = lock_correction(session, correction_id)
    require(actor, Permission.MEASURE_REPLY, correction_scope(order), read=Permission.MEASURE_READ)
    if not text.strip():
        raise Invalid([Problem("reply", "required")])
    order.status = next_correction_status(CorrectionStatus(order.status), CorrectionAction.REPORT)
    order.report, order.reported_by_name, order.reported_at = text.strip(), actor.name, now
    order.report_file_id = stored_file_id or order.report_file_id
    note(session, actor, values.ORDER_REPORTED, about(order, order.number), order, now=now)
    tell(session, "correction", order.id, f"reported:{order.version}")
    return order


def return_report(
    session: Session, *, actor: Identity, correction_id: UUID, seen_version: int, reason: str, now: datetime
) -> CorrectionOrder:
    """What the unit reported does not prove the correction: why."""
    order = held(session, actor, correction_id, seen_version)
    if not reason.strip():
        raise Invalid([Problem("reason", "required")])
    order.status = next_correction_status(CorrectionStatus(order.status), CorrectionAction.RETURN)
    order.return_note = reason.strip()
    note(session, actor, values.ORDER_RETURNED, about(order, order.number), order, reason=reason, now=now)
    tell(session, "correction", order.id, f"returned:{order.version}")
    return order


def accept_correction(
    session: Session, *, actor: Identity, correction_id: UUID, seen_version: int, reason: str, now: datetime
) -> CorrectionOrder:
    """The correction is verified: how it was seen. A refusal that was confirmed before stays on record."""
    order = held(session, actor, correction_id, seen_version)
    if not reason.strip():
        raise Invalid([Problem("reason", "required")])
    waiting = refusal_of(session, order.id)
    if waiting is not None and not waiting.confirmed:
        raise IllegalTransition("refusal_waits")
    order.status = next_correction_status(CorrectionStatus(order.status), CorrectionAction.ACCEPT)
    order.corrected_on, order.ended_note = city_day(now), reason.strip()
    note(session, actor, values.ORDER_CORRECTED, about(order, order.number), order, reason=reason, now=now)
    tell(session, "correction", order.id, f"corrected:{order.version}")
    return order


def extend_correction(
    session: Session,
    *,
    actor: Identity,
    correction_id: UUID,
    seen_version: int,
    due_on: date,
    reason: str,
    now: datetime,
) -> CorrectionOrder:
    """Give the unit more time: until when, and why. Not while a finding of refusal waits."""
    order = held(session, actor, correction_id, seen_version)
    if refusal_of(session, order.id) is not None:
        raise IllegalTransition("refusal_waits")
    problems = [] if reason.strip() else [Problem("reason", "required")]
    if due_on <= city_day(now) or (order.due_on is not None and due_on <= order.due_on):
        problems.append(Problem("due_on", "not_later"))
    if problems:
        raise Invalid(problems)
    order.status = next_correction_status(CorrectionStatus(order.status), CorrectionAction.EXTEND)
    changes = [FieldChange(name="due_on", old=order.due_on, new=due_on)]
    order.due_on, order.due_why, order.extended_reason = due_on, None, reason.strip()
    note(
        session, actor, values.ORDER_EXTENDED, about(order, order.number), order,
        reason=reason, changes=changes, now=now,
    )  # fmt: skip
    tell(session, "correction", order.id, f"extended:{order.version}")
    return order


def withdraw_correction(
    session: Session, *, actor: Identity, correction_id: UUID, seen_version: int, reason: str, now: datetime
) -> CorrectionOrder:
    """Take an order back: it should not have been given. Not while a finding of refusal waits for its second person."""
    order = held(session, actor, correction_id, seen_version)
    if refusal_of(session, order.id) is not None:
        raise IllegalTransition("refusal_waits")
    if not reason.strip():
        raise Invalid([Problem("reason", "required")])
    order.status = next_correction_status(CorrectionStatus(order.status), CorrectionAction.WITHDRAW)
    order.ended_note = reason.strip()
    note(session, actor, values.ORDER_WITHDRAWN, about(order, order.number), order, reason=reason, now=now)
    # Of an order that never reached it the unit is told nothing, not even that it is gone.
    if order.served_on is not None:
        tell(session, "correction", order.id, f"withdrawn:{order.version}")
    return order


def held(session: Session, actor: Identity, correction_id: UUID, seen_version: int) -> CorrectionOrder:
    """An order held for change by the police that handle it, as it was seen."""
    order = lock_correction(session, correction_id)
    require(actor, Permission.CORRECTION_ISSUE, correction_scope(order), read=Permission.MEASURE_READ)
    unchanged(order, seen_version)
    return order
