"""What an official tries at a draw and a plan, and what a unit is not to learn of papers that never reached it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from portal.accounts.values import Role
from portal.core.clock import city_day, utcnow
from portal.core.db import narrow
from portal.core.errors import IllegalTransition, Invalid
from portal.core.outbox import OutboxRow
from portal.core.scope import EVERYTHING
from portal.measures.operations import corrections, draws, fines, plans
from portal.measures.queries.draws import sample_of
from portal.measures.queries.plans import left_out, visits_of_plan
from portal.measures.values import CorrectionDraft, PlanDraft, Service, ServiceMethod
from portal.regulation.calendar import WorkCalendar
from tests.measures.test_draws import DAY, DRAFT, LATER, NUMBER
from tests.people import BEIGUAN, NOW, World, make_world, sign_in


@pytest.fixture
def world(session: Session) -> World:
    made = make_world(session)
    made.extra["leader"] = made.person(Role.BUREAU_LEADER)
    made.extra["units"] = [made.unit(f"第{number}中学") for number in range(6)]
    return made


def test_nobody_commits_to_several_draws_and_follows_the_one_that_pleases(session: Session, world: World) -> None:
    leader = world.extra["leader"]
    first = draws.commit_draw(session, actor=leader, draft=DRAFT, now=NOW)
    with pytest.raises(Invalid) as refused:
        draws.commit_draw(session, actor=leader, draft=replace(DRAFT, title="另一次", sample_size=1), now=NOW)
    assert [problem.code for problem in refused.value.problems] == ["draw_waits"]
    other_days = replace(DRAFT, period_from=DRAFT.period_to + DAY, period_to=DRAFT.period_to + 9 * DAY)
    draws.commit_draw(session, actor=leader, draft=other_days, now=NOW)
    draws.reveal_draw(session, actor=leader, draw_id=first.id, entropy=NUMBER, now=LATER)
    session.flush()
    again = replace(DRAFT, entropy_on=DRAFT.entropy_on + 2 * DAY, period_from=DRAFT.entropy_on + 2 * DAY)
    draws.commit_draw(session, actor=leader, draft=again, now=LATER)


def test_a_drawn_unit_that_moves_out_of_reach_is_missed(client: FlaskClient, session: Session, world: World) -> None:
    """A unit's clerk may change its district: the plan then says that somebody drawn is not in it."""
    leader, now = world.extra["leader"], utcnow()
    today = city_day(now)
    draft = replace(DRAFT, entropy_on=today, period_from=today, period_to=today + 30 * DAY)
    draw = draws.commit_draw(session, actor=leader, draft=draft, now=now - 3 * DAY)
    draws.reveal_draw(session, actor=leader, draw_id=draw.id, entropy=NUMBER, now=now)
    session.flush()
    moved = sample_of(session, draw)[0].unit_id
    session.execute(text("update unit set district = :to where id = :id"), {"to": BEIGUAN, "id": moved})
    session.expire_all()
    wanted = PlanDraft(title="计划", starts_on=today, ends_on=today + 9 * DAY, by_risk=0, draw_id=draw.id)
    narrow(session, leader.data_scope)
    plan = plans.make_plan(session, actor=leader, draft=wanted, now=now)
    visits = visits_of_plan(session, plan.id)
    assert (len(visits), left_out(session, plan, visits)) == (2, 1)
    narrow(session, EVERYTHING)
    session.commit()
    sign_in(client, world.login_of(leader))
    assert "抽中但未列入" in client.get(f"/supervision/{plan.id}").text
    page = client.get(f"/draws/{draw.id}")
    assert (page.status_code, page.text.count("已不在本机关管辖范围内")) == (200, 1)


def test_a_unit_hears_nothing_of_an_order_that_never_reached_it(session: Session, world: World) -> None:
    police = world.person(Role.INSPECTOR)
    draft = CorrectionDraft(violation="decree-799-2025:not_filed", facts="未备案", demand="限期备案")
    order = corrections.issue_correction(
        session, actor=police, unit_id=world.extra["units"][0].id, draft=draft, now=NOW
    )
    session.flush()
    corrections.withdraw_correction(
        session,
        actor=police,
        correction_id=order.id,
        seen_version=order.version,
        reason="误",
        now=NOW + timedelta(hours=1),
    )
    session.flush()
    assert session.scalars(select(OutboxRow)).all() == []


def test_nobody_takes_an_order_back_under_the_second_persons_eyes(session: Session, world: World) -> None:
    """Whoever found the refusal alone could otherwise end the matter alone."""
    police, then = world.person(Role.INSPECTOR), NOW - 90 * DAY
    draft = CorrectionDraft(violation="decree-799-2025:not_filed", facts="未备案", demand="限期备案")
    order = corrections.issue_correction(
        session, actor=police, unit_id=world.extra["units"][0].id, draft=draft, now=then
    )
    session.flush()
    held = {"actor": police, "correction_id": order.id}
    service = Service(on=city_day(then), how=ServiceMethod.DIRECT, to="李主任")
    corrections.serve_correction(
        session, **held, seen_version=order.version, service=service, calendar=WorkCalendar(), now=then
    )
    session.flush()
    fines.find_refusal(session, **held, seen_version=order.version, facts="仍未备案", now=NOW)
    session.flush()
    with pytest.raises(IllegalTransition, match="refusal_waits"):
        corrections.withdraw_correction(session, **held, seen_version=order.version, reason="误", now=NOW)
