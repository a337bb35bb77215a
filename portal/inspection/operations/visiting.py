"""Visits planned, called off, and who is on one."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.values import Identity
from portal.core.clock import CITY_TZ, city_day
from portal.core.errors import IllegalTransition, Invalid, Problem
from portal.inspection import values
from portal.inspection.models import Acceptance, Visit, VisitInspector
from portal.inspection.operations.carrying import carry_over, list_to_judge_by
from portal.inspection.operations.diary import BARRED, objections_to
from portal.inspection.operations.recording import notify, record_act
from portal.inspection.queries import (
    bar_to_visit,
    booked_then,
    inspectors_for,
    lock_acceptance,
    planned_visit,
    require_handling,
)
from portal.inspection.states import (
    AcceptanceAction,
    AcceptanceStatus,
    VisitAction,
    VisitStatus,
    next_status,
    next_visit_status,
)
from portal.registry.rules import rules_for
from portal.regulation.effective import EffectiveRules
from portal.regulation.schema.keys import RuleKey


def schedule_visit(
    session: Session,
    *,
    actor: Identity,
    acceptance_id: UUID,
    starts_at: datetime,
    ends_at: datetime,
    inspectors: Sequence[UUID],
    override: str = "",
    now: datetime,
) -> Visit:
    """Plan the visit and freeze the checklist it will be judged by.

    Raises Invalid: too few inspectors, one without reach or with an interest in the unit, a time that has gone by, and
    `double_booked` when the database refuses an inspector who has another visit then. Whatever else speaks against it
    the organ may go on in spite of, with a reason that is kept with the visit.
    """
    acceptance = lock_acceptance(session, acceptance_id)
    require_handling(actor, Permission.VISIT_SCHEDULE, acceptance)
    status = next_status(AcceptanceStatus(acceptance.status), AcceptanceAction.SCHEDULE)
    today = city_day(now)
    rules = rules_for(acceptance.unit, acceptance.system, on=today)
    names = _fit_inspectors(session, acceptance, rules, inspectors, today=today)
    if starts_at <= now:
        raise Invalid([Problem("starts_at", "in_the_past")])
    if ends_at <= starts_at:
        raise Invalid([Problem("ends_at", "ends_before_start")])
    objections = _overridable(session, acceptance, names, starts_at, ends_at, rules=rules)
    if objections and not override.strip():
        raise Invalid([*objections, Problem("override", "override_needed")])
    where = {"unit_id": acceptance.unit_id, "district": acceptance.district}
    visit = Visit(acceptance_id=acceptance.id, starts_at=starts_at, ends_at=ends_at, **where)
    if objections:
        visit.overridden, visit.override_reason = sorted({one.code for one in objections}), override.strip()
    period = Range(starts_at, ends_at, bounds="[)")
    visit.inspectors = [VisitInspector(person_id=key, name=name, period=period, **where) for key, name in names.items()]
    try:
        with session.begin_nested():
            session.add(visit)
    except IntegrityError as clash:
        if "ex_visit_inspector_double" in str(clash.orig):
            raise Invalid([_double_booked(session, list(names), period)]) from clash
        raise
    acceptance.status, acceptance.checklist = status, list_to_judge_by(acceptance, rules)
    carry_over(session, acceptance, visit)
    reason = f"{starts_at.astimezone(CITY_TZ):%Y-%m-%d %H:%M} {'、'.join(names.values())}"
    reason += f"；{visit.override_reason}" if visit.override_reason else ""
    record_act(session, actor, values.SCHEDULED, acceptance, acceptance.system, reason=reason, now=now)
    notify(session, acceptance, f"visit:{visit.id}")
    return visit


def _overridable(
    session: Session,
    acceptance: Acceptance,
    names: Mapping[UUID, str],
    starts_at: datetime,
    ends_at: datetime,
    *,
    rules: EffectiveRules,
) -> list[Problem]:
    """What speaks against a visit and may be overridden. Raises Invalid for what may not: an interest in the unit, two
    visits at once."""
    found = objections_to(session, acceptance, names, starts_at, ends_at, rules=rules)
    if found and found[0].code == BARRED:
        raise Invalid(found[:1])
    if any(one.code == "double_booked" for one in found):
        raise Invalid([_double_booked(session, list(names), Range(starts_at, ends_at, bounds="[)"))])
    bar = bar_to_visit(session, acceptance.id)
    if bar is not None and bar.code == "readiness_fails":
        found.append(bar)
    return found


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
    possible = {key: name for key, name, _ in inspectors_for(session, acceptance, today=today)}
    chosen = {key: possible[key] for key in inspectors if key in possible}
    if len(chosen) != len(set(inspectors)):
        raise Invalid([Problem("inspectors", "inspector_unknown")])
    least = rules.integer(RuleKey.INSPECTION_MIN_INSPECTORS) or 1
    if len(chosen) < least:
        raise Invalid([Problem("inspectors", "too_few_inspectors", {"least": least})])
    return chosen


def cancel_visit(session: Session, *, actor: Identity, acceptance_id: UUID, reason: str, now: datetime) -> Acceptance:
    """Call the planned visit off; its inspectors are free again."""
    acceptance = lock_acceptance(session, acceptance_id)
    require_handling(actor, Permission.VISIT_SCHEDULE, acceptance)
    if not reason.strip():
        raise Invalid([Problem("reason", "required")])
    call_off(session, actor, acceptance, planned_of(session, acceptance), reason=reason, now=now)
    return acceptance


def call_off(
    session: Session, actor: Identity, acceptance: Acceptance, visit: Visit, *, reason: str, now: datetime
) -> None:
    """Free the inspectors of a planned visit, whoever calls it off; another time can then be found."""
    acceptance.status = next_status(AcceptanceStatus(acceptance.status), AcceptanceAction.UNSCHEDULE)
    visit.status, visit.note = next_visit_status(VisitStatus(visit.status), VisitAction.CANCEL), reason.strip()
    visit.sequence += 1
    for place in visit.inspectors:
        place.cancelled = True
    record_act(session, actor, values.CANCELLED, acceptance, acceptance.system, reason=reason, now=now)


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
    require_handling(actor, permission, acceptance, assigned)
    if visit is None:
        raise IllegalTransition("no_visit", status=acceptance.status)
    return visit
