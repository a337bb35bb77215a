"""PEN-13: a plan by risk with its working and its overdue visits; who is not to be commended, and until when."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.orm import Session

from portal.accounts.values import Role
from portal.core.errors import IllegalTransition, Invalid, NotFound
from portal.measures.models import CorrectionOrder, Measure
from portal.measures.operations import plans
from portal.measures.queries.bars import bar_of, barred_units
from portal.measures.queries.plans import plan_page, progress_of, visits_of_plan, weights_for
from portal.measures.rules.risk import Factor, Facts, assess
from portal.measures.states import PlannedAction
from portal.measures.values import PlanDraft
from portal.registry.models import Unit
from tests.people import BEIGUAN, NOW, TODAY, World, make_world

DAY = timedelta(days=1)
DRAFT = PlanDraft(title="四季度日常监督检查", starts_on=TODAY, ends_on=TODAY + 30 * DAY, by_risk=2)


@pytest.fixture
def world(session: Session) -> World:
    made = make_world(session)
    made.extra["inspector"] = made.person(Role.INSPECTOR)
    return made


def order(world: World, unit: Unit, **columns: Any) -> CorrectionOrder:
    made = CorrectionOrder(
        **{
            "number": f"责改{unit.name}", "unit_id": unit.id, "district": unit.district, "organ_id": world.branches[unit.district].id,
            "organ_name": "文峰分局", "addressee": unit.name, "basis": {}, "needs_refusal": True, "facts": "x", "demand": "y",
            "issued_on": TODAY, "issued_by_name": "王", "status": "served", "served_on": TODAY - 9 * DAY, "due_on": TODAY - DAY,
            **columns,
        }
    )  # fmt: skip
    world.session.add(made)
    world.session.flush()
    return made


def test_a_score_is_the_sum_of_its_parts_each_with_its_working() -> None:
    weights = weights_for(TODAY)
    assert sum(weights.points.values()) == 100
    never, parts = assess(Facts(counts={}), weights, today=TODAY)
    assert never == weights.points[Factor.SINCE_VISIT]
    assert sum((part.points for part in parts), Decimal(0)) == never
    half = TODAY - timedelta(days=weights.visit_months * 15)
    _score, parts = assess(Facts(last_visit=half, counts={Factor.OFFLINE_SHARE: 0.5}), weights, today=TODAY)
    assert {part.factor: part.points for part in parts if part.points} == {
        Factor.SINCE_VISIT: Decimal(weights.points[Factor.SINCE_VISIT]) / 2,
        Factor.OFFLINE_SHARE: Decimal(weights.points[Factor.OFFLINE_SHARE]) / 2,
    }
    every = dict.fromkeys(Factor, 99.0)
    assert assess(Facts(counts=every), weights, today=TODAY)[0] == 100


@pytest.mark.requirement("PEN-13")
def test_a_plan_takes_the_highest_risk_and_shows_what_is_overdue(world: World, session: Session) -> None:
    """Visits are planned by data, carried out with findings, closed; one that is not made in time shows as overdue."""
    calm, late, key = world.unit("甲"), world.unit("乙"), world.unit("丙", counter_terror_target=True)
    world.unit("丁", district=BEIGUAN, counter_terror_target=True)
    for _ in range(2):
        order(world, late, number=f"责改{_}")
    inspector = world.extra["inspector"]
    with pytest.raises(Invalid):
        plans.make_plan(
            session,
            actor=inspector,
            draft=PlanDraft(title="x", starts_on=TODAY, ends_on=TODAY - DAY, by_risk=1),
            now=NOW,
        )
    plan = plans.make_plan(session, actor=inspector, draft=DRAFT, now=NOW)
    visits = visits_of_plan(session, plan.id)
    assert {one.unit_id for one in visits} == {late.id, key.id}
    assert calm.id not in {one.unit_id for one in visits}
    assert plan.assessed == 3
    for one in visits:
        assert sum(Decimal(part["points"]) for part in one.working) == one.score
    first, second = visits
    held = {"actor": inspector, "visit_id": first.id, "now": NOW}
    with pytest.raises(Invalid):
        plans.carry_out_visit(session, **held, seen_version=1, done_on=TODAY + DAY, visited_by="王、李", findings="")
    plans.carry_out_visit(session, **held, seen_version=1, done_on=TODAY, visited_by="王、李", findings="标识缺失")
    session.flush()
    with pytest.raises(IllegalTransition):
        plans.end_visit(session, **held, seen_version=2, action=PlannedAction.CANCEL, reason="不去了")
    plans.end_visit(session, **held, seen_version=2, action=PlannedAction.CLOSE, reason="已补设标识")
    session.flush()
    assert progress_of(session, [plan.id], today=TODAY)[plan.id] == (2, 1, 0)
    assert progress_of(session, [plan.id], today=TODAY + 31 * DAY)[plan.id] == (2, 1, 1)
    stranger = world.person(Role.INSPECTOR, organ=world.branches[BEIGUAN])
    assert plan_page(session, stranger).items == []
    with pytest.raises(NotFound):
        plans.end_visit(
            session,
            actor=stranger,
            visit_id=second.id,
            seen_version=1,
            action=PlannedAction.CANCEL,
            reason="x",
            now=NOW,
        )


def circular(world: World, unit: Unit, **columns: Any) -> Measure:
    made = Measure(
        **{
            "number": f"通{unit.name}", "kind": "circular", "status": "served", "unit_id": unit.id, "district": unit.district,
            "organ_id": world.branches[unit.district].id, "organ_name": "文峰分局", "addressee": unit.name, "skip_reason": "x",
            "basis": [], "facts": "x", "demands": "y", "drafted_by_name": "王", "drafted_at": NOW, "signed_by_name": "李",
            "signed_on": TODAY - 9 * DAY, "served_on": TODAY - 9 * DAY, "due_on": TODAY, **columns,
        }
    )  # fmt: skip
    world.session.add(made)
    world.session.flush()
    return made


def test_a_bar_stands_with_its_reason_and_ends_by_itself(world: World, session: Session) -> None:
    good, bad, far = world.unit("甲"), world.unit("乙"), world.unit("丙", district=BEIGUAN)
    order(world, bad)
    paper = circular(world, bad)
    order(world, far)
    assert bar_of(session, good, TODAY) == []
    assert [(one.reason, one.until) for one in bar_of(session, bad, TODAY)] == [
        ("open_circular", None), ("overdue_correction", None),
    ]  # fmt: skip
    assert [unit.id for unit in barred_units(session, world.extra["inspector"], on=TODAY).items] == [bad.id]
    paper.status, paper.closed_on, paper.ended_note = "closed", TODAY, "已整改"
    session.flush()
    (_, recent) = sorted(bar_of(session, bad, TODAY), key=lambda one: one.reason)
    assert (recent.reason, recent.until) == ("recent_circular", TODAY.replace(year=TODAY.year + 1))
    assert recent.until is not None
    assert [one.reason for one in bar_of(session, bad, recent.until)] == ["overdue_correction"]
    assert bar_of(session, bad, TODAY - 20 * DAY) == [] or "open_circular" not in {
        one.reason for one in bar_of(session, bad, TODAY - 20 * DAY)
    }
