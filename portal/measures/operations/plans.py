"""PEN-13: a plan of routine visits for a period, its visits carried out, closed or called off."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts.models import Organ
from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.accounts.values import Identity
from portal.audit.operations import record
from portal.audit.values import FieldChange, SubjectRef
from portal.core.clock import city_day
from portal.core.errors import IllegalTransition, Invalid, NotAllowed, Problem
from portal.core.lifecycle import unchanged
from portal.measures import values
from portal.measures.models import PlannedVisit, SupervisionPlan
from portal.measures.queries.draws import get_draw, sample_of
from portal.measures.queries.plans import Assessed, assessed_units, lock_planned, visit_scope, weights_for
from portal.measures.states import PlannedAction, PlannedStatus, next_planned_status
from portal.measures.values import PlanDraft, PlannedBy
from portal.registry.operations.recording import about, note

MOST_BY_RISK = 500


def make_plan(session: Session, *, actor: Identity, draft: PlanDraft, now: datetime) -> SupervisionPlan:
    """Plan visits for a period: the units of highest risk with the working of each score, and those a draw named."""
    require(actor, Permission.PLAN_KEEP)
    if actor.organ_id is None:
        raise NotAllowed("permission", permission=str(Permission.PLAN_KEEP))
    today = city_day(now)
    _check(draft, today)
    organ = session.get_one(Organ, actor.organ_id)
    weights = weights_for(today)
    assessed = assessed_units(session, actor, weights, today=today)
    draw = get_draw(session, actor, draft.draw_id) if draft.draw_id else None
    named = {member.unit_id for member in sample_of(session, draw)} if draw else set()
    chosen: dict[UUID, tuple[Assessed, PlannedBy]] = {
        one.unit_id: (one, PlannedBy.DRAW) for one in assessed if one.unit_id in named
    }
    by_risk = [one for one in assessed if one.unit_id not in chosen][: draft.by_risk]
    chosen |= {one.unit_id: (one, PlannedBy.RISK) for one in by_risk}
    plan = SupervisionPlan(
        organ_id=organ.id,
        organ_name=organ.name,
        title=draft.title.strip(),
        starts_on=draft.starts_on,
        ends_on=draft.ends_on,
        assessed=len(assessed),
        weights={str(factor): points for factor, points in weights.points.items()},
        draw_id=draw.id if draw else None,
        made_by_name=actor.name,
        made_at=now,
    )
    session.add(plan)
    session.flush()
    for place, (one, why) in enumerate(sorted(chosen.values(), key=lambda pair: (-pair[0].score, pair[0].unit_id)), 1):
        session.add(_planned(plan, one, why, place))
    session.flush()
    changes = [FieldChange(name="visits", new=len(chosen)), FieldChange(name="assessed", new=len(assessed))]
    subject = SubjectRef("supervision_plan", plan.id, plan.title)
    record(session, actor=actor.actor, tag=values.PLAN_MADE, subject=subject, changes=changes, now=now)
    return plan


def _planned(plan: SupervisionPlan, one: Assessed, why: PlannedBy, place: int) -> PlannedVisit:
    working = [
        {"factor": str(part.factor), "found": part.found, "share": str(part.share), "weight": part.weight, "points": str(part.points)}
        for part in one.parts
    ]  # fmt: skip
    return PlannedVisit(
        plan_id=plan.id,
        organ_id=plan.organ_id,
        unit_id=one.unit_id,
        district=one.district,
        chosen_by=why,
        score=one.score,
        working=working,
        place=place,
        due_on=plan.ends_on,
    )


def _check(draft: PlanDraft, today: date) -> None:
    problems = [] if draft.title.strip() else [Problem("title", "required")]
    if draft.ends_on < max(draft.starts_on, today):
        problems.append(Problem("ends_on", "ends_before_begins"))
    if not 0 <= draft.by_risk <= MOST_BY_RISK:
        problems.append(Problem("by_risk", "too_many_visits", {"most": MOST_BY_RISK}))
    if draft.by_risk == 0 and draft.draw_id is None:
        problems.append(Problem("by_risk", "required"))
    if problems:
        raise Invalid(problems)


def carry_out_visit(
    session: Session,
    *,
    actor: Identity,
    visit_id: UUID,
    seen_version: int,
    done_on: date,
    visited_by: str,
    findings: str,
    now: datetime,
) -> PlannedVisit:
    """Record a routine visit: when, by whom, what was found; two inspectors at least are named by their names."""
    visit = _held(session, actor, visit_id, seen_version)
    status = next_planned_status(PlannedStatus(visit.status), PlannedAction.CARRY_OUT)
    problems = [] if done_on <= city_day(now) else [Problem("done_on", "in_the_future")]
    if not visited_by.strip():
        problems.append(Problem("visited_by", "required"))
    if problems:
        raise Invalid(problems)
    visit.status, visit.done_on = status, done_on
    visit.visited_by, visit.findings = visited_by.strip(), findings.strip()
    note(session, actor, values.PLANNED_DONE, about(visit, visit.unit.name), visit, reason=findings, now=now)
    return visit


def end_visit(
    session: Session,
    *,
    actor: Identity,
    visit_id: UUID,
    seen_version: int,
    action: PlannedAction,
    reason: str,
    now: datetime,
) -> PlannedVisit:
    """Close a visit with what came of its findings, or call a planned one off with the reason."""
    visit = _held(session, actor, visit_id, seen_version)
    if action is PlannedAction.CARRY_OUT:
        raise IllegalTransition("planned_visit", status=str(visit.status), action=str(action))
    if not reason.strip():
        raise Invalid([Problem("reason", "required")])
    visit.status = next_planned_status(PlannedStatus(visit.status), action)
    visit.ended_note = reason.strip()
    tag = values.PLANNED_CLOSED if action is PlannedAction.CLOSE else values.PLANNED_CANCELLED
    note(session, actor, tag, about(visit, visit.unit.name), visit, reason=reason, now=now)
    return visit


def _held(session: Session, actor: Identity, visit_id: UUID, seen_version: int) -> PlannedVisit:
    visit = lock_planned(session, visit_id)
    require(actor, Permission.PLAN_KEEP, visit_scope(visit), read=Permission.PLAN_READ)
    unchanged(visit, seen_version)
    return visit
