"""Plans of supervision: lists, one with its visits, and the risk of every unit in an organ's reach."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, exists, func, select
from sqlalchemy.orm import Session, aliased, joinedload

from portal.accounts.permissions import Permission
from portal.accounts.policy import require, visibility
from portal.accounts.queries import visible
from portal.accounts.values import Identity, Scope
from portal.core.citytime import city_date
from portal.core.clock import city_day
from portal.core.db import lock_row
from portal.core.errors import NotFound
from portal.core.paging import Page, newest_first
from portal.inspection.models import Acceptance, Finding, Visit
from portal.inspection.states import OWED, PASSED, UNSETTLED, AcceptanceKind, AcceptanceStatus, VisitStatus
from portal.measures.models import CorrectionOrder, Draw, Measure, PlannedVisit, SupervisionPlan
from portal.measures.queries.ladder import is_overdue
from portal.measures.rules.risk import DAYS_A_MONTH, Factor, Facts, Part, Weights, assess
from portal.measures.states import RUNNING, TO_VISIT, PlannedStatus
from portal.measures.values import PlannedBy
from portal.registry.models import Camera, Filing, PlaceReview, Unit
from portal.registry.queries import units_visible_to
from portal.registry.states import DOWN, LIVE_CODES, NUMBERED, STANDING
from portal.regulation.engine import city_rules


@dataclass(frozen=True, kw_only=True)
class Assessed:
    """A unit with its score and every part of it. `filed_on`: a system filed then was not looked at since."""

    unit_id: UUID
    district: str
    filed_on: date | None
    score: Decimal
    parts: Sequence[Part]


def weights_for(on: date) -> Weights:
    """What the rules of a day make of each factor."""
    return Weights.under(city_rules(on))


def plan_scope(plan: SupervisionPlan) -> Scope:
    """Where a plan stands: with the organ that made it."""
    return Scope(organ_ids=frozenset({plan.organ_id}))


def visit_scope(visit: PlannedVisit) -> Scope:
    """Where a planned visit stands: with its plan, never with the unit it is about."""
    return Scope(organ_ids=frozenset({visit.organ_id}))


def plans_visible_to(identity: Identity) -> Select[SupervisionPlan]:
    """Every plan the person may read."""
    seen = visibility(identity, Permission.PLAN_READ)
    return select(SupervisionPlan).where(visible(seen, organ=SupervisionPlan.organ_id))


def plan_page(session: Session, identity: Identity, *, after: str | None = None) -> Page[SupervisionPlan]:
    """Plans, newest first."""
    return newest_first(session, plans_visible_to(identity), SupervisionPlan.id, after=after)


def get_plan(session: Session, identity: Identity, plan_id: UUID) -> SupervisionPlan:
    """A plan, if the person may read it. Raises NotFound."""
    plan = session.get(SupervisionPlan, plan_id)
    if plan is None:
        raise NotFound()
    require(identity, Permission.PLAN_READ, plan_scope(plan))
    return plan


def visits_of_plan(session: Session, plan_id: UUID) -> Sequence[PlannedVisit]:
    """The visits of a plan, highest risk first."""
    return session.scalars(
        select(PlannedVisit)
        .where(PlannedVisit.plan_id == plan_id)
        .options(joinedload(PlannedVisit.unit))
        .order_by(PlannedVisit.place)
    ).all()


def left_out(session: Session, plan: SupervisionPlan, visits: Sequence[PlannedVisit]) -> int:
    """How many of the units that the plan's draw named it does not hold: they were out of the organ's reach by then."""
    draw = session.get(Draw, plan.draw_id) if plan.draw_id else None
    return len(draw.sample or ()) - sum(one.chosen_by == PlannedBy.DRAW for one in visits) if draw else 0


def progress_of(session: Session, plan_ids: Iterable[UUID], *, today: date) -> Mapping[UUID, tuple[int, int, int]]:
    """For each plan: visits, those carried out, those overdue."""
    late = PlannedVisit.status.in_(TO_VISIT) & (PlannedVisit.due_on < today)
    done = PlannedVisit.status.in_((PlannedStatus.DONE, PlannedStatus.CLOSED))
    rows = session.execute(
        select(PlannedVisit.plan_id, func.count(), func.count(case((done, 1))), func.count(case((late, 1))))
        .where(PlannedVisit.plan_id.in_(list(plan_ids)))
        .group_by(PlannedVisit.plan_id)
    )
    return {key: (whole, carried, overdue) for key, whole, carried, overdue in rows}


def get_planned(session: Session, identity: Identity, visit_id: UUID) -> PlannedVisit:
    """A planned visit with its unit, if the person may read its plan. Raises NotFound."""
    visit = session.scalars(
        select(PlannedVisit).where(PlannedVisit.id == visit_id).options(joinedload(PlannedVisit.unit))
    ).one_or_none()
    if visit is None:
        raise NotFound()
    require(identity, Permission.PLAN_READ, visit_scope(visit))
    return visit


def lock_planned(session: Session, visit_id: UUID) -> PlannedVisit:
    """A planned visit with its unit, held for change. Raises NotFound."""
    return lock_row(session, PlannedVisit, visit_id, joinedload(PlannedVisit.unit))


def assessed_units(session: Session, identity: Identity, weights: Weights, *, today: date) -> Sequence[Assessed]:
    """Every unit in reach with its risk, the highest first. One question for each factor, however many units."""
    units = session.execute(
        units_visible_to(identity).with_only_columns(Unit.id, Unit.district, Unit.counter_terror_target)
    ).all()
    counts: Mapping[UUID, dict[Factor, float]] = defaultdict(dict)
    for factor, statement in _counted(today, weights.visit_months * DAYS_A_MONTH).items():
        for unit_id, value in session.execute(statement):
            counts[unit_id][factor] = float(value)
    last, filed = _last_visits(session), _filings(session)
    found = []
    for unit_id, district, key_unit in units:
        known = {**counts.get(unit_id, {}), Factor.KEY_UNIT: 1.0 if key_unit else 0.0}
        seen = last.get(unit_id)
        filed_on = min((day for day in filed.get(unit_id, ()) if seen is None or day > seen), default=None)
        facts = Facts(last_visit=seen, filed_on=filed_on, counts=known)
        score, parts = assess(facts, weights, today=today)
        found.append(Assessed(unit_id=unit_id, district=district, filed_on=filed_on, score=score, parts=parts))
    return sorted(found, key=lambda one: (-one.score, one.unit_id))


def _counted(today: date, days: int) -> Mapping[Factor, Select[Any]]:
    """For each factor, units with how often or how far it holds."""
    down = case((Camera.live.in_([LIVE_CODES[state] for state in DOWN]), 1.0), else_=0.0)
    return {
        Factor.OVERDUE_FINDINGS: _per_unit(Finding).where(Finding.status.in_(OWED), Finding.due_on < today),
        Factor.OPEN_FINDINGS: _per_unit(Finding).where(Finding.status.in_(UNSETTLED)),
        Factor.FAILED_ACCEPTANCE: _per_unit(Acceptance).where(failed_since()),
        Factor.OFFLINE_SHARE: select(Camera.unit_id, func.avg(down)).group_by(Camera.unit_id),
        Factor.TIP_OFFS: _per_unit(PlaceReview).where(
            PlaceReview.tip_off_id.is_not(None),
            PlaceReview.unit_id.is_not(None),
            PlaceReview.opened_at >= today - timedelta(days=days),
        ),
        Factor.OVERDUE_PAPERS: select(_late_papers(today).c.unit_id, func.count()).group_by(
            _late_papers(today).c.unit_id
        ),
    }


def failed_since(*, until: date | None = None) -> ColumnElement[bool]:
    """An acceptance failed, and the system was not passed since (or `until` a day) in one of its kind; that another was
    asked for, or was opened by itself, changes nothing yet."""
    later = aliased(Acceptance)
    alike = (later.kind == AcceptanceKind.STANDARD) == (Acceptance.kind == AcceptanceKind.STANDARD)
    passed = exists().where(
        later.system_id == Acceptance.system_id, alike, later.id > Acceptance.id, later.status.in_(PASSED)
    )
    if until is not None:
        passed = passed.where(city_date(later.concluded_at) <= until)
    return (Acceptance.status == AcceptanceStatus.FAILED) & ~passed


def _per_unit(model: Any) -> Select[Any]:
    return select(model.unit_id, func.count()).group_by(model.unit_id)


def _late_papers(today: date) -> Any:
    orders = select(CorrectionOrder.unit_id).where(CorrectionOrder.status.in_(RUNNING), CorrectionOrder.due_on < today)
    return orders.union_all(select(Measure.unit_id).where(is_overdue(today))).subquery("late")


def _filings(session: Session) -> Mapping[UUID, Sequence[date]]:
    """For each unit, the days on which its systems were filed for the first time; those filed no more are left out."""
    rows = session.execute(
        select(Filing.unit_id, func.min(Filing.decided_at))
        .where(Filing.status.in_(NUMBERED), Filing.decided_at.is_not(None))
        .group_by(Filing.unit_id, Filing.system_id)
        .having(func.bool_or(Filing.status.in_(STANDING)))
    )
    found: Mapping[UUID, list[date]] = defaultdict(list)
    for unit_id, at in rows:
        if at is not None:
            found[unit_id].append(city_day(at))
    return found


def _last_visits(session: Session) -> Mapping[UUID, date]:
    """The last look on site at each unit: an acceptance's or a plan's."""
    found: dict[UUID, date] = {}
    accepted = select(Visit.unit_id, func.max(Visit.ends_at)).where(Visit.status == VisitStatus.DONE)
    for unit_id, at in session.execute(accepted.group_by(Visit.unit_id)):
        found[unit_id] = city_day(at)
    routine = select(PlannedVisit.unit_id, func.max(PlannedVisit.done_on)).where(PlannedVisit.done_on.is_not(None))
    for unit_id, on in session.execute(routine.group_by(PlannedVisit.unit_id)):
        if on is not None:
            found[unit_id] = max(on, found.get(unit_id, on))
    return found
