"""PEN-13: a plan of routine visits for a period, its visits closed or called off; how they are made: routine.py."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
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
from portal.measures.operations.routine import held
from portal.measures.queries.draws import get_draw, sample_of
from portal.measures.queries.plans import Assessed, assessed_units, weights_for
from portal.measures.queries.routine import unsettled_of_visit
from portal.measures.states import PlannedAction, PlannedStatus, next_planned_status
from portal.measures.values import PlanDraft, PlannedBy
from portal.registry.operations.recording import about, note

MOST_BY_RISK = 500


def make_plan(session: Session, *, actor: Identity, draft: PlanDraft, now: datetime) -> SupervisionPlan:
    """Plan visits for a period: the units of highest risk with the working of each score, those not visited since they
    filed, and those a draw named."""
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
    chosen |= {one.unit_id: (one, PlannedBy.FILING) for one in _longest_filed(assessed, chosen, draft.by_filing)}
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
        due_on = _due_on(plan, one, why, weights.first_visit_days)
        session.add(_planned(plan, one, why, place, due_on))
    session.flush()
    changes = [FieldChange(name="visits", new=len(chosen)), FieldChange(name="assessed", new=len(assessed))]
    if left := len(named - chosen.keys()):
        changes.append(FieldChange(name="left_out", new=left))
    subject = SubjectRef("supervision_plan", plan.id, plan.title)
    record(session, actor=actor.actor, tag=values.PLAN_MADE, subject=subject, changes=changes, now=now)
    return plan


def _longest_filed(assessed: Sequence[Assessed], chosen: Collection[UUID], count: int) -> Sequence[Assessed]:
    """Units that nobody visited since they filed, the longest filed first (004 arts. 10, 13)."""
    waiting = [(one.filed_on, one) for one in assessed if one.filed_on is not None and one.unit_id not in chosen]
    return [one for _on, one in sorted(waiting, key=lambda pair: (pair[0], pair[1].unit_id))[:count]]


def _due_on(plan: SupervisionPlan, one: Assessed, why: PlannedBy, first_visit_days: int) -> date:
    """The plan's last day; after a filing, the day by which the first visit is due, where that comes before."""
    if why is not PlannedBy.FILING or one.filed_on is None:
        return plan.ends_on
    return min(plan.ends_on, max(plan.starts_on, one.filed_on + timedelta(days=first_visit_days)))


def _planned(plan: SupervisionPlan, one: Assessed, why: PlannedBy, place: int, due_on: date) -> PlannedVisit:
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
        due_on=due_on,
    )


def _check(draft: PlanDraft, today: date) -> None:
    problems = [] if draft.title.strip() else [Problem("title", "required")]
    if draft.ends_on < max(draft.starts_on, today):
        problems.append(Problem("ends_on", "ends_before_begins"))
    problems += [
        Problem(name, "too_many_visits", {"most": MOST_BY_RISK})
        for name in ("by_risk", "by_filing")
        if not 0 <= getattr(draft, name) <= MOST_BY_RISK
    ]
    if draft.by_risk == draft.by_filing == 0 and draft.draw_id is None:
        problems.append(Problem("by_risk", "required"))
    if problems:
        raise Invalid(problems)


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
    """Close a visit once its findings are settled, saying what came of them; or call one off with the reason."""
    visit = held(session, actor, visit_id)
    unchanged(visit, seen_version)
    if action not in (PlannedAction.CLOSE, PlannedAction.CANCEL):
        raise IllegalTransition("planned_visit", status=str(visit.status), action=str(action))
    if not reason.strip():
        raise Invalid([Problem("reason", "required")])
    status = next_planned_status(PlannedStatus(visit.status), action)
    if action is PlannedAction.CLOSE and unsettled_of_visit(session, visit):
        raise IllegalTransition("findings_open")
    visit.status = status
    visit.ended_note = reason.strip()
    tag = values.PLANNED_CLOSED if action is PlannedAction.CLOSE else values.PLANNED_CANCELLED
    note(session, actor, tag, about(visit, visit.unit.name), visit, reason=reason, now=now)
    return visit
