"""PEN-08: a letter, an interview, a circular: drafted, signed by a second person, served, replied to, closed or followed."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts.models import Organ
from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.accounts.queries import signing_organ
from portal.accounts.values import Identity
from portal.audit.values import FieldChange
from portal.core.clock import city_day
from portal.core.db import told_apart
from portal.core.errors import IllegalTransition, Invalid, NotFound, Problem
from portal.core.lifecycle import unchanged
from portal.inspection.models import Acceptance
from portal.measures import values
from portal.measures.models import Measure
from portal.measures.operations.issuing import faults_of_service, take_number, tell
from portal.measures.queries.following import strange_findings
from portal.measures.queries.ladder import lock_measure, measure_scope, overdue_replies
from portal.measures.rules.ladder import faults_of, next_kind
from portal.measures.states import STANDING, MeasureAction, MeasureStatus, next_measure_status
from portal.measures.values import MeasureDraft, MeasureKind, Meeting, NumberKind, Service
from portal.registry.models import Unit
from portal.registry.operations.recording import about, note
from portal.registry.queries import unit_scope
from portal.registry.rules import rules_for, working_of
from portal.regulation.calendar import WorkCalendar
from portal.regulation.effective import EffectiveRules
from portal.regulation.schema.keys import RuleKey

FOLLOWED_ALREADY = {"uq_measure_previous_id": Problem("", "step_taken")}


def draft_measure(
    session: Session,
    *,
    actor: Identity,
    unit_id: UUID,
    draft: MeasureDraft,
    previous_id: UUID | None = None,
    now: datetime,
) -> Measure:
    """Draft a step against a unit; `previous_id` names the step it follows. Raises Invalid, by field, for what is
    missing, for a step passed over without a reason and for a second answer to one step."""
    unit = session.get(Unit, unit_id)
    if unit is None:
        raise NotFound()
    require(actor, Permission.MEASURE_DRAFT, unit_scope(unit), read=Permission.UNIT_READ)
    previous = _standing(session, actor, previous_id, unit.id) if previous_id else None
    _check(session, draft, unit, previous, city_day(now))
    organ = signing_organ(session, actor, Permission.MEASURE_DRAFT, unit.district)
    measure = Measure(
        kind=draft.kind,
        unit_id=unit.id,
        district=unit.district,
        organ_id=organ.id,
        organ_name=organ.name,
        addressee=unit.name,
        previous_id=previous.id if previous else None,
        skip_reason=draft.skip_reason.strip(),
        acceptance_id=draft.acceptance_id,
        finding_ids=list(dict.fromkeys(draft.finding_ids)),
        basis=_basis(rules_for(unit, None, on=city_day(now)), draft.kind),
        facts=draft.facts.strip(),
        demands=draft.demands.strip(),
        due_set=draft.due_set,
        place=draft.place.strip() if draft.kind is MeasureKind.INTERVIEW else "",
        meets_at=draft.meets_at if draft.kind is MeasureKind.INTERVIEW else None,
        recipients=[one.strip()[:120] for one in draft.recipients if one.strip()] if draft.kind is MeasureKind.CIRCULAR else [],
        drafted_by=actor.person_id,
        drafted_by_name=actor.name,
        drafted_at=now,
    )  # fmt: skip
    with told_apart(session, FOLLOWED_ALREADY):
        session.add(measure)
    note(
        session, actor, values.MEASURE_DRAFTED, about(measure, measure.addressee), measure,
        reason=draft.skip_reason, changes=[FieldChange(name="kind", new=str(draft.kind))], now=now,
    )  # fmt: skip
    return measure


def _check(session: Session, draft: MeasureDraft, unit: Unit, previous: Measure | None, today: date) -> None:
    problems = faults_of(draft, MeasureKind(previous.kind) if previous else None)
    if draft.due_set is not None and draft.due_set <= today:
        problems.append(Problem("due_set", "in_the_past"))
    if draft.acceptance_id and not _is_of(session, draft.acceptance_id, unit.id):
        problems.append(Problem("acceptance_id", "acceptance_of_another"))
    if strange_findings(session, draft.finding_ids, unit.id):
        problems.append(Problem("findings", "finding_of_another"))
    if problems:
        raise Invalid(problems)


def _standing(session: Session, actor: Identity, measure_id: UUID, unit_id: UUID) -> Measure:
    """The step that is to be followed: served, not ended, of the same unit and the actor's own organ."""
    found = lock_measure(session, measure_id)
    if found.unit_id != unit_id:
        raise NotFound()
    require(actor, Permission.MEASURE_HANDLE, measure_scope(found), read=Permission.MEASURE_READ)
    if found.status not in STANDING:
        raise IllegalTransition("measure", status=str(found.status), action=str(MeasureAction.ESCALATE))
    return found


def _is_of(session: Session, acceptance_id: UUID, unit_id: UUID) -> bool:
    acceptance = session.get(Acceptance, acceptance_id)
    return acceptance is not None and acceptance.unit_id == unit_id


def _basis(rules: EffectiveRules, kind: MeasureKind) -> list[list[str]]:
    """The text that names the step where one governs the unit; else the duty to supervise."""
    named = str(kind) in rules.terms(RuleKey.GRADE_MEASURES)
    key = RuleKey.GRADE_MEASURES if named else RuleKey.INSPECTION_SUPERVISED
    return [[citation.instrument, citation.article] for citation in rules.citations(key)]


def sign_measure(session: Session, *, actor: Identity, measure_id: UUID, seen_version: int, now: datetime) -> Measure:
    """A leader signs what another drafted: it gets its number. The step it follows ends with it."""
    measure = _held(session, actor, measure_id, seen_version, Permission.MEASURE_SIGN)
    if measure.drafted_by is not None and measure.drafted_by == actor.person_id:
        raise IllegalTransition("signer_is_drafter")
    status, today = next_measure_status(MeasureStatus(measure.status), MeasureAction.SIGN), city_day(now)
    organ = session.get_one(Organ, measure.organ_id)
    number = take_number(session, NumberKind(str(measure.kind)), organ, today.year)
    measure.status, measure.number = status, number
    measure.signed_by, measure.signed_by_name, measure.signed_on = actor.person_id, actor.name, today
    note(session, actor, values.MEASURE_SIGNED, about(measure, measure.number), measure, now=now)
    if measure.previous_id:
        before = lock_measure(session, measure.previous_id)
        before.status = next_measure_status(MeasureStatus(before.status), MeasureAction.ESCALATE)
        before.proposed_on = None
        changes = [FieldChange(name="to", new=measure.number)]
        note(session, actor, values.MEASURE_ESCALATED, about(before, before.number), before, changes=changes, now=now)
    return measure


def serve_measure(
    session: Session,
    *,
    actor: Identity,
    measure_id: UUID,
    seen_version: int,
    service: Service,
    calendar: WorkCalendar,
    now: datetime,
) -> Measure:
    """Record that the paper reached the unit, which reads it from then on; its limit for a reply runs."""
    measure = _held(session, actor, measure_id, seen_version, Permission.MEASURE_HANDLE)
    status = next_measure_status(MeasureStatus(measure.status), MeasureAction.SERVE)
    problems = faults_of_service(service, since=measure.signed_on or service.on, today=city_day(now))
    if problems:
        raise Invalid(problems)
    measure.status = status
    measure.served_on, measure.served_how, measure.served_to = service.on, service.how, service.to.strip()
    unit = session.get_one(Unit, measure.unit_id)
    counted = rules_for(unit, None, on=service.on).deadline(
        RuleKey.MEASURE_REPLY_WITHIN, start=service.on, calendar=calendar
    )
    measure.due_on = measure.due_set or (counted.due if counted else None)
    measure.due_why = None if measure.due_set else working_of(counted)
    changes = [FieldChange(name="served_on", new=service.on), FieldChange(name="due_on", new=measure.due_on)]
    note(session, actor, values.MEASURE_SERVED, about(measure, measure.number), measure, changes=changes, now=now)
    tell(session, "measure", measure.id, f"served:{measure.version}")
    return measure


def hold_interview(
    session: Session, *, actor: Identity, measure_id: UUID, seen_version: int, meeting: Meeting, now: datetime
) -> Measure:
    """Record an interview as it was held. Raises Invalid without minutes or attendance, or for a time to come."""
    measure = _held(session, actor, measure_id, seen_version, Permission.MEASURE_HANDLE)
    if measure.kind != MeasureKind.INTERVIEW:
        raise IllegalTransition("measure", status=str(measure.status), action=str(MeasureAction.HOLD))
    status = next_measure_status(MeasureStatus(measure.status), MeasureAction.HOLD)
    problems = [] if meeting.held_at <= now else [Problem("held_at", "in_the_future")]
    if not meeting.minutes.strip():
        problems.append(Problem("minutes", "required"))
    if not meeting.attendance:
        problems.append(Problem("attendance", "required"))
    if problems:
        raise Invalid(problems)
    measure.status, measure.held_at = status, meeting.held_at
    measure.attendance = [[name, capacity] for name, capacity in meeting.attendance]
    measure.minutes = meeting.minutes.strip()
    note(session, actor, values.MEASURE_HELD, about(measure, measure.number), measure, now=now)
    return measure


def reply_to_measure(
    session: Session, *, actor: Identity, measure_id: UUID, text: str, stored_file_id: UUID | None, now: datetime
) -> Measure:
    """The unit says what it has done, with a paper if it has one. The limit for the reply ends with it."""
    measure = lock_measure(session, measure_id)
    require(actor, Permission.MEASURE_REPLY, measure_scope(measure), read=Permission.MEASURE_READ)
    if not text.strip():
        raise Invalid([Problem("reply", "required")])
    measure.status = next_measure_status(MeasureStatus(measure.status), MeasureAction.REPLY)
    measure.reply, measure.replied_by_name, measure.replied_at = text.strip(), actor.name, now
    measure.reply_file_id = stored_file_id or measure.reply_file_id
    measure.proposed_on = None
    note(session, actor, values.MEASURE_REPLIED, about(measure, measure.number), measure, now=now)
    tell(session, "measure", measure.id, f"replied:{measure.version}")
    return measure


def close_measure(
    session: Session, *, actor: Identity, measure_id: UUID, seen_version: int, reason: str, now: datetime
) -> Measure:
    """End a step with what was found. An interview is held first."""
    measure = _held(session, actor, measure_id, seen_version, Permission.MEASURE_HANDLE)
    if not reason.strip():
        raise Invalid([Problem("reason", "required")])
    if measure.kind == MeasureKind.INTERVIEW and measure.held_at is None:
        raise IllegalTransition("interview_not_held")
    measure.status = next_measure_status(MeasureStatus(measure.status), MeasureAction.CLOSE)
    measure.closed_on, measure.ended_note, measure.proposed_on = city_day(now), reason.strip(), None
    note(session, actor, values.MEASURE_CLOSED, about(measure, measure.number), measure, reason=reason, now=now)
    tell(session, "measure", measure.id, f"closed:{measure.version}")
    return measure


def withdraw_measure(
    session: Session, *, actor: Identity, measure_id: UUID, seen_version: int, reason: str, now: datetime
) -> Measure:
    """Take a paper back that was not served: it should not go out."""
    measure = _held(session, actor, measure_id, seen_version, Permission.MEASURE_HANDLE)
    if not reason.strip():
        raise Invalid([Problem("reason", "required")])
    measure.status = next_measure_status(MeasureStatus(measure.status), MeasureAction.WITHDRAW)
    measure.ended_note = reason.strip()
    label = measure.number or measure.addressee
    note(session, actor, values.MEASURE_WITHDRAWN, about(measure, label), measure, reason=reason, now=now)
    return measure


def propose_steps(session: Session, *, actor: Identity, today: date, now: datetime) -> int:
    """Propose the next step for every reply that is overdue; how many were new. A second run proposes nothing twice."""
    found = overdue_replies(session, today=today)
    for measure in found:
        measure.proposed_on = today
        changes = [FieldChange(name="next", new=str(next_kind(MeasureKind(measure.kind)) or "correction"))]
        note(session, actor, values.STEP_PROPOSED, about(measure, measure.number), measure, changes=changes, now=now)
        tell(session, "measure", measure.id, f"overdue:{today.isoformat()}")
    return len(found)


def dismiss_step(
    session: Session,
    *,
    actor: Identity,
    measure_id: UUID,
    seen_version: int,
    due_on: date,
    reason: str,
    now: datetime,
) -> Measure:
    """The unit gets more time instead of the next step: until when, and why."""
    measure = _held(session, actor, measure_id, seen_version, Permission.MEASURE_HANDLE)
    if measure.proposed_on is None:
        raise IllegalTransition("step_not_proposed")
    problems = [] if due_on > city_day(now) else [Problem("due_on", "in_the_past")]
    if not reason.strip():
        problems.append(Problem("reason", "required"))
    if problems:
        raise Invalid(problems)
    changes = [FieldChange(name="due_on", old=measure.due_on, new=due_on)]
    measure.proposed_on, measure.due_on, measure.due_why = None, due_on, None
    note(
        session, actor, values.STEP_DISMISSED, about(measure, measure.number), measure,
        reason=reason, changes=changes, now=now,
    )  # fmt: skip
    tell(session, "measure", measure.id, f"extended:{measure.version}")
    return measure


def _held(session: Session, actor: Identity, measure_id: UUID, seen_version: int, permission: Permission) -> Measure:
    measure = lock_measure(session, measure_id)
    require(actor, permission, measure_scope(measure), read=Permission.MEASURE_READ)
    unchanged(measure, seen_version)
    return measure
