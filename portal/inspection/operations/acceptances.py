"""The life of an acceptance: applied for, papers checked, visited, judged, concluded, published."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import Range, insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.accounts.values import Identity
from portal.audit.operations import record
from portal.audit.values import FieldChange, SubjectRef
from portal.core.clock import CITY_TZ, city_day
from portal.core.errors import IllegalTransition, Invalid, Problem
from portal.core.lifecycle import unchanged
from portal.core.outbox import TaskName, enqueue
from portal.inspection import values
from portal.inspection.models import Acceptance, Answer, Visit, VisitInspector
from portal.inspection.queries import (
    acceptance_scope,
    answers_of,
    booked_then,
    inspectors_for,
    latest_acceptance,
    lock_acceptance,
    members_of_unit,
    planned_visit,
)
from portal.inspection.rules import FrozenList, answer_problems, checklist_for, judge
from portal.inspection.states import (
    OPEN,
    AcceptanceAction,
    AcceptanceStatus,
    Verdict,
    VisitAction,
    VisitStatus,
    next_status,
    next_visit_status,
)
from portal.inspection.values import ItemAnswer
from portal.registry.models import System
from portal.registry.operations import record_acceptance_step
from portal.registry.queries import lock_system, system_scope
from portal.registry.rules import rules_for, working_of
from portal.registry.states import UseStatus
from portal.regulation.calendar import WorkCalendar
from portal.regulation.effective import EffectiveRules
from portal.regulation.schema.keys import RuleKey

CONCLUSIONS = {"pass": AcceptanceAction.PASS, "basic": AcceptanceAction.BASIC, "fail": AcceptanceAction.FAIL}


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
        _notify(session, acceptance, "returned")
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


def schedule_visit(
    session: Session,
    *,
    actor: Identity,
    acceptance_id: UUID,
    starts_at: datetime,
    ends_at: datetime,
    inspectors: Sequence[UUID],
    now: datetime,
) -> Visit:
    """Plan the visit and freeze the checklist it will be judged by.

    Raises Invalid: too few inspectors, one without reach or with an interest in the unit, a time that has gone by, and
    `double_booked` when the database refuses an inspector who has another visit then.
    """
    acceptance = lock_acceptance(session, acceptance_id)
    require(actor, Permission.VISIT_SCHEDULE, acceptance_scope(acceptance), read=Permission.ACCEPTANCE_READ)
    status = next_status(AcceptanceStatus(acceptance.status), AcceptanceAction.SCHEDULE)
    today = city_day(now)
    rules = rules_for(acceptance.unit, acceptance.system, on=today)
    names = _fit_inspectors(session, acceptance, rules, inspectors, today=today)
    if starts_at <= now:
        raise Invalid([Problem("starts_at", "in_the_past")])
    if ends_at <= starts_at:
        raise Invalid([Problem("ends_at", "ends_before_start")])
    where = {"unit_id": acceptance.unit_id, "district": acceptance.district}
    visit = Visit(acceptance_id=acceptance.id, starts_at=starts_at, ends_at=ends_at, **where)
    period = Range(starts_at, ends_at, bounds="[)")
    visit.inspectors = [VisitInspector(person_id=key, name=name, period=period, **where) for key, name in names.items()]
    try:
        with session.begin_nested():
            session.add(visit)
    except IntegrityError as clash:
        if "ex_visit_inspector_double" in str(clash.orig):
            raise Invalid([_double_booked(session, list(names), period)]) from clash
        raise
    acceptance.status, acceptance.checklist = status, checklist_for(rules).as_json()
    reason = f"{starts_at.astimezone(CITY_TZ):%Y-%m-%d %H:%M} {'、'.join(names.values())}"
    record_act(session, actor, values.SCHEDULED, acceptance, acceptance.system, reason=reason, now=now)
    _notify(session, acceptance, f"visit:{visit.id}")
    return visit


def _double_booked(session: Session, people: Sequence[UUID], period: Range[datetime]) -> Problem:
    """Who has which other visit then, where this reader may know of it."""
    taken = booked_then(session, people, period)
    if not taken:
        return Problem("inspectors", "double_booked")
    start, end = (moment.astimezone(CITY_TZ) for moment in (taken[0].period.lower, taken[0].period.upper) if moment)
    who = "、".join(dict.fromkeys(place.name for place in taken))
    return Problem("inspectors", "double_booked_by", {"who": who, "when": f"{start:%Y-%m-%d %H:%M}–{end:%H:%M}"})


def _fit_inspectors(
    session: Session, acceptance: Acceptance, rules: EffectiveRules, inspectors: Sequence[UUID], *, today: date
) -> Mapping[UUID, str]:
    possible = {key: name for key, name, _ in inspectors_for(session, acceptance.district, today=today)}
    chosen = {key: possible[key] for key in inspectors if key in possible}
    if len(chosen) != len(set(inspectors)):
        raise Invalid([Problem("inspectors", "inspector_unknown")])
    least = rules.integer(RuleKey.INSPECTION_MIN_INSPECTORS) or 1
    if len(chosen) < least:
        raise Invalid([Problem("inspectors", "too_few_inspectors", {"least": least})])
    if members_of_unit(session, acceptance.unit_id, list(chosen)):
        raise Invalid([Problem("inspectors", "conflict_of_interest")])
    return chosen


def cancel_visit(session: Session, *, actor: Identity, acceptance_id: UUID, reason: str, now: datetime) -> Acceptance:
    """Call the planned visit off; its inspectors are free again."""
    acceptance = lock_acceptance(session, acceptance_id)
    require(actor, Permission.VISIT_SCHEDULE, acceptance_scope(acceptance), read=Permission.ACCEPTANCE_READ)
    if not reason.strip():
        raise Invalid([Problem("reason", "required")])
    visit = planned_of(session, acceptance)
    acceptance.status = next_status(AcceptanceStatus(acceptance.status), AcceptanceAction.UNSCHEDULE)
    visit.status, visit.note = next_visit_status(VisitStatus(visit.status), VisitAction.CANCEL), reason.strip()
    for place in visit.inspectors:
        place.cancelled = True
    record_act(session, actor, values.CANCELLED, acceptance, acceptance.system, reason=reason.strip(), now=now)
    return acceptance


def save_answers(
    session: Session,
    *,
    actor: Identity,
    acceptance_id: UUID,
    answers: Mapping[str, ItemAnswer],
    now: datetime,
) -> Acceptance:
    """Write down judgements of the visit; only its inspectors may, and nothing is half-saved."""
    acceptance = lock_acceptance(session, acceptance_id)
    visit = visit_under_way(session, actor, acceptance, Permission.VISIT_SCORE)
    frozen = FrozenList.from_json(acceptance.checklist or {})
    items = {item.key: item for item in frozen.checklist.items}
    problems = [Problem(key, "unknown_item") for key in answers if key not in items]
    for key, answer in answers.items():
        if key in items:
            problems += answer_problems(items[key], answer)
    if problems:
        raise Invalid(problems)
    for key, answer in answers.items():
        statement = insert(Answer).values(
            visit_id=visit.id,
            item=key,
            unit_id=acceptance.unit_id,
            district=acceptance.district,
            verdict=str(answer.verdict),
            deduction=answer.deduction,
            note=answer.note.strip(),
            answered_by=actor.person_id,
            answered_at=now,
        )
        changed = {
            name: statement.excluded[name] for name in ("verdict", "deduction", "note", "answered_by", "answered_at")
        }
        session.execute(statement.on_conflict_do_update(index_elements=["visit_id", "item"], set_=changed))
    record_change = [FieldChange(name="items", new=tuple(sorted(answers)))]
    record_act(session, actor, values.ANSWERED, acceptance, acceptance.system, changes=record_change, now=now)
    return acceptance


def conclude(
    session: Session,
    *,
    actor: Identity,
    acceptance_id: UUID,
    seen_version: int,
    opinion: str,
    rectification: str,
    now: datetime,
) -> Acceptance:
    """Close the visit with the result the arithmetic gives (no hand-set grade). A pass puts the system into use; any
    other result states what must be put right. Raises Invalid naming the items still open."""
    acceptance = lock_acceptance(session, acceptance_id)
    visit = visit_under_way(session, actor, acceptance, Permission.VISIT_CONCLUDE)
    unchanged(acceptance, seen_version)
    outcome = judge(FrozenList.from_json(acceptance.checklist or {}), given_answers(session, visit.id))
    problems = [Problem(key, "item_open") for key in outcome.unanswered]
    if outcome.conclusion != "pass" and not rectification.strip():
        problems.append(Problem("rectification", "rectification_needed"))
    if problems:
        raise Invalid(problems)
    acceptance.status = next_status(AcceptanceStatus(acceptance.status), CONCLUSIONS[outcome.conclusion])
    acceptance.score, acceptance.grade = outcome.score, outcome.grade
    acceptance.result = {
        "conclusion": outcome.conclusion,
        "groups": [
            {"key": g.key, "points": _text(g.points), "possible": _text(g.possible), "rate": _text(g.rate)}
            for g in outcome.groups
        ],
    }
    acceptance.opinion, acceptance.rectification = opinion.strip(), rectification.strip()
    acceptance.concluded_by, acceptance.concluded_at = actor.person_id, now
    visit.status = next_visit_status(VisitStatus(visit.status), VisitAction.CONCLUDE)
    if outcome.conclusion != "fail":
        record_acceptance_step(
            session, actor=actor, system_id=acceptance.system_id, passed=True, on=city_day(now), now=now
        )
    changes = [
        FieldChange(name="conclusion", new=outcome.conclusion),
        FieldChange(name="score", new=outcome.score),
        FieldChange(name="grade", new=outcome.grade),
    ]
    record_act(session, actor, values.CONCLUDED, acceptance, acceptance.system, changes=changes, now=now)
    _notify(session, acceptance, "concluded")
    return acceptance


def given_answers(session: Session, visit_id: UUID) -> Mapping[str, ItemAnswer]:
    """A visit's answers as values."""
    return {
        key: ItemAnswer(verdict=Verdict(row.verdict), deduction=row.deduction, note=row.note)
        for key, row in answers_of(session, visit_id).items()
    }


def planned_of(session: Session, acceptance: Acceptance) -> Visit:
    """The visit under way. Raises IllegalTransition when none is planned."""
    visit = planned_visit(session, acceptance.id)
    if visit is None:
        raise IllegalTransition("no_visit", status=acceptance.status)
    return visit


def visit_under_way(session: Session, actor: Identity, acceptance: Acceptance, permission: Permission) -> Visit:
    """The planned visit, for the inspectors sent to it alone. Who may not act learns nothing of whether one is planned."""
    visit = planned_visit(session, acceptance.id)
    assigned = [place.person_id for place in visit.inspectors if not place.cancelled] if visit else []
    require(actor, permission, acceptance_scope(acceptance, assigned), read=Permission.ACCEPTANCE_READ)
    if visit is None:
        raise IllegalTransition("no_visit", status=acceptance.status)
    return visit


def _text(number: object) -> str | None:
    return None if number is None else str(number)


def _notify(session: Session, acceptance: Acceptance, what: str) -> None:
    enqueue(
        session,
        TaskName.INSPECTION_NOTIFY,
        dedupe=f"acceptance:{acceptance.id}:{acceptance.version}:{what}",
        acceptance_id=acceptance.id,
    )


def record_act(
    session: Session,
    actor: Identity,
    tag: str,
    acceptance: Acceptance,
    system: System,
    *,
    reason: str | None = None,
    changes: Sequence[FieldChange] | None = None,
    now: datetime,
) -> None:
    """One act of the acceptance's life, in the log."""
    record(
        session,
        actor=actor.actor,
        tag=tag,
        subject=SubjectRef("acceptance", acceptance.id, system.name),
        unit_id=acceptance.unit_id,
        district=acceptance.district,
        reason=reason,
        changes=changes,
        now=now,
    )
