"""The life of an acceptance: score, conclusion, grade, publication, and the bookings that cannot clash."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from portal.accounts.values import Role
from portal.core.errors import IllegalTransition, Invalid, NotAllowed, NotFound
from portal.inspection import operations, queries
from portal.inspection.models import Acceptance, PublishedResult
from portal.inspection.rules import FrozenList, checklist_for, judge
from portal.inspection.states import AcceptanceKind, AcceptanceStatus, Verdict
from portal.inspection.values import Deduction, ItemAnswer
from portal.registry.models import System
from portal.registry.operations import change_use
from portal.registry.states import UseAction, UseStatus
from portal.registry.values import SystemKind
from portal.regulation.calendar import WorkCalendar
from portal.regulation.engine import effective_rules
from portal.regulation.schema.vocabulary import Regime
from portal.regulation.values import RuleContext
from tests.people import NOW, TODAY, WENFENG, World, make_world
from tests.support.visits import full_marks, lost, photograph

CALENDAR = WorkCalendar()
TAKEN = st.builds(Deduction, points=st.decimals(0, 20, places=1), reason=st.just("x"))


@pytest.fixture
def world(session: Session) -> World:
    return make_world(session)


def school_list() -> FrozenList:
    """The scored standard of Guannan's schools, as a house text adopted by a school of Anyang."""
    context = RuleContext(
        on=TODAY,
        division_code=WENFENG,
        unit_type="school",
        regime=Regime.PUBLIC_UNIT,
    )
    return checklist_for(effective_rules(context), AcceptanceKind.STANDARD)


def mall_list() -> FrozenList:
    return checklist_for(
        effective_rules(RuleContext(on=TODAY, division_code=WENFENG, unit_type="mall", regime=Regime.PUBLIC_UNIT)),
        AcceptanceKind.NEW,
    )


def setting(session: Session, world: World):
    unit = world.unit()
    filer = world.person(Role.UNIT_FILER, unit_id=unit.id)
    system = System(
        unit_id=unit.id,
        district=WENFENG,
        organ_id=world.branches[WENFENG].id,
        name="教学区视频监控系统",
        kind=SystemKind.UNIT_INTERNAL,
        regime=Regime.PUBLIC_UNIT,
        address="文峰大道1号",
        created_at=NOW,
        updated_at=NOW,
    )
    session.add(system)
    session.flush()
    return filer, system


def scheduled(session: Session, world: World):
    filer, system = setting(session, world)
    inspectors = [world.person(Role.INSPECTOR), world.person(Role.INSPECTOR)]
    acceptance = apply(session, filer, system)
    operations.check_documents(
        session,
        actor=inspectors[0],
        acceptance_id=acceptance.id,
        complete=True,
        note="",
        missing=(),
        calendar=CALENDAR,
        now=NOW,
    )
    book(session, inspectors[0], acceptance, inspectors)
    return filer, system, inspectors, acceptance


def apply(session: Session, filer, system, kind: AcceptanceKind = AcceptanceKind.NEW, **more):
    return operations.request_acceptance(
        session,
        actor=filer,
        system_id=system.id,
        kind=kind,
        calendar=CALENDAR,
        **({"statement": "请予验收", "now": NOW} | more),
    )


def book(session: Session, actor, acceptance, inspectors, *, hours: int = 24):
    return operations.schedule_visit(
        session,
        actor=actor,
        acceptance_id=acceptance.id,
        starts_at=NOW + timedelta(hours=hours),
        ends_at=NOW + timedelta(hours=hours + 2),
        inspectors=[person.person_id for person in inspectors],
        override="已与单位商定",
        now=NOW,
    )


@pytest.mark.requirement("ACC-01")
def test_no_use_before_acceptance_and_use_after_a_pass(session: Session, world: World) -> None:
    filer, system = setting(session, world)
    with pytest.raises(IllegalTransition, match="acceptance_first"):
        change_use(session, actor=filer, system_id=system.id, action=UseAction.START_USE, on=TODAY, now=NOW)
    filer, system, inspectors, acceptance = scheduled(session, world)
    assert system.use_status == UseStatus.AWAITING_ACCEPTANCE
    frozen = FrozenList.from_json(acceptance.checklist)
    with pytest.raises(Invalid) as still_open:
        conclude(session, inspectors[0], acceptance)
    assert {problem.code for problem in still_open.value.problems} >= {"item_open"}
    operations.save_answers(
        session, actor=inspectors[0], acceptance_id=acceptance.id, answers=full_marks(frozen), now=NOW
    )
    conclude(session, inspectors[1], acceptance)
    assert acceptance.status == AcceptanceStatus.PASSED
    assert system.use_status == UseStatus.IN_USE


def conclude(session: Session, actor, acceptance, **more):
    photograph(session, actor, acceptance, now=NOW)
    return operations.conclude(
        session,
        actor=actor,
        acceptance_id=acceptance.id,
        seen_version=acceptance.version,
        opinion="符合要求",
        rectification=more.get("rectification", ""),
        now=NOW,
    )


def test_only_assigned_inspectors_judge(session: Session, world: World) -> None:
    filer, _, _inspectors, acceptance = scheduled(session, world)
    frozen = FrozenList.from_json(acceptance.checklist)
    other = world.person(Role.INSPECTOR)
    for stranger in (other, filer):
        with pytest.raises(NotAllowed):
            operations.save_answers(
                session, actor=stranger, acceptance_id=acceptance.id, answers=full_marks(frozen), now=NOW
            )
    outsider = world.person(Role.UNIT_FILER, unit_id=world.unit().id)
    with pytest.raises(NotFound):
        queries.get_acceptance(session, outsider, acceptance.id)


def test_an_inspector_is_in_one_place_at_a_time(session: Session, world: World) -> None:
    _, _, inspectors, _ = scheduled(session, world)
    filer, system = setting(session, world)
    second = apply(session, filer, system)
    operations.check_documents(
        session,
        actor=inspectors[0],
        acceptance_id=second.id,
        complete=True,
        note="",
        missing=(),
        calendar=CALENDAR,
        now=NOW,
    )
    with pytest.raises(Invalid, match="double_booked"):
        book(session, inspectors[0], second, inspectors, hours=25)
    session.refresh(second)
    assert second.status == AcceptanceStatus.CHECKED
    book(session, inspectors[0], second, inspectors, hours=26)
    operations.cancel_visit(session, actor=inspectors[0], acceptance_id=second.id, reason="停电", now=NOW)
    book(session, inspectors[0], second, inspectors, hours=26)


def test_one_inspector_is_not_enough_and_members_of_the_unit_are_excluded(session: Session, world: World) -> None:
    filer, system = setting(session, world)
    inspectors = [world.person(Role.INSPECTOR), world.person(Role.INSPECTOR)]
    acceptance = apply(session, filer, system)
    operations.check_documents(
        session,
        actor=inspectors[0],
        acceptance_id=acceptance.id,
        complete=True,
        note="",
        missing=(),
        calendar=CALENDAR,
        now=NOW,
    )
    with pytest.raises(Invalid, match="too_few_inspectors"):
        book(session, inspectors[0], acceptance, inspectors[:1])


@pytest.mark.requirement("ACC-01")
def test_a_fail_states_what_must_be_put_right_and_opens_a_series(session: Session, world: World) -> None:
    filer, system, inspectors, acceptance = scheduled(session, world)
    frozen = FrozenList.from_json(acceptance.checklist)
    answers = {item.key: ItemAnswer(verdict=Verdict.NOT_MET, note="不符合") for item in frozen.checklist.items}
    operations.save_answers(session, actor=inspectors[0], acceptance_id=acceptance.id, answers=answers, now=NOW)
    with pytest.raises(Invalid, match="rectification_needed"):
        conclude(session, inspectors[0], acceptance)
    conclude(session, inspectors[0], acceptance, rectification="补齐监控覆盖")
    assert acceptance.status == AcceptanceStatus.FAILED
    assert system.use_status == UseStatus.AWAITING_ACCEPTANCE
    with pytest.raises(IllegalTransition, match="acceptance_open"):
        apply(session, filer, system)
    again = queries.open_reinspection_of(session, acceptance.id)
    assert (again.series_id, again.attempt, again.status) == (acceptance.id, 2, AcceptanceStatus.CHECKED)
    assert again.due_on == TODAY + timedelta(days=60)
    with pytest.raises(IllegalTransition, match="reinspection_stays"):
        operations.withdraw(session, actor=filer, acceptance_id=again.id, now=NOW)


@pytest.mark.requirement("ACC-02")
def test_publication_holds_no_position_and_no_secret_system(session: Session, world: World) -> None:
    _, system, inspectors, acceptance = scheduled(session, world)
    frozen = FrozenList.from_json(acceptance.checklist)
    operations.save_answers(
        session, actor=inspectors[0], acceptance_id=acceptance.id, answers=full_marks(frozen), now=NOW
    )
    conclude(session, inspectors[0], acceptance)
    leader = world.person(Role.BUREAU_LEADER)
    with pytest.raises(NotAllowed):
        operations.publish_result(session, actor=inspectors[0], acceptance_id=acceptance.id, now=NOW)
    system.secret = True
    with pytest.raises(NotAllowed):
        operations.publish_result(session, actor=leader, acceptance_id=acceptance.id, now=NOW)
    system.secret = False
    row = operations.publish_result(session, actor=leader, acceptance_id=acceptance.id, now=NOW)
    told = {column.name for column in type(row).__table__.columns}
    assert not told & {"address", "position", "lon", "lat", "system_id", "unit_id", "cameras"}
    with pytest.raises(IllegalTransition):
        operations.publish_result(session, actor=leader, acceptance_id=acceptance.id, now=NOW)


def test_the_public_reads_results_by_the_day_they_were_published(session: Session, world: World) -> None:
    """Rows taken over from elsewhere come in any order; page after page shows the newest day first, none twice."""
    days = [TODAY - timedelta(days=(n * 7) % 30) for n in range(30)]
    for n, day in enumerate(days):
        _, system = setting(session, world)
        acceptance = Acceptance(
            system_id=system.id, unit_id=system.unit_id, district=WENFENG, organ_id=system.organ_id,
            status="passed", requested_at=NOW, concluded_at=NOW, published_at=NOW,
        )  # fmt: skip
        session.add(acceptance)
        session.flush()
        session.add(
            PublishedResult(
                acceptance_id=acceptance.id,
                number=f"顺序-{n}",
                unit_name="顺序单位",
                project_name=system.name,
                district=WENFENG,
                organ_name="局",
                result="passed",
                published_on=day,
            )
        )
    session.flush()
    first = queries.published_page(session, keyword="顺序单位")
    second = queries.published_page(session, keyword="顺序单位", after=first.next_cursor)
    assert [row.published_on for row in (*first.items, *second.items)] == sorted(days, reverse=True)
    assert second.next_cursor is None


@pytest.mark.requirement("SCO-01", "SCO-03")
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a busy machine is no fault of the rule
@given(data=st.data())
def test_scores_never_fall_below_nothing_nor_rise_above_the_points(data: st.DataObject) -> None:
    frozen = school_list()
    assert len(frozen.checklist.items) == 15
    answers = {
        item.key: ItemAnswer(verdict=Verdict.PARTLY, deductions=tuple(data.draw(st.lists(TAKEN, max_size=6))))
        for item in frozen.checklist.items
    }
    outcome = judge(frozen, answers)
    assert outcome.possible == 100
    for item in frozen.checklist.items:
        assert outcome.items[item.key] == max(0, item.points - answers[item.key].deducted)
    assert outcome.score == sum(outcome.items.values())


@pytest.mark.requirement("ACC-05", "SCO-02")
@pytest.mark.parametrize(
    ("score", "grade", "conclusion"),
    [
        ("100", "grade_1", "pass"),
        ("90", "grade_1", "pass"),
        ("89.9", "grade_2", "pass"),
        ("80", "grade_2", "pass"),
        ("79.5", "grade_3", "pass"),
        ("70", "grade_3", "pass"),
        ("69.9", "fail", "fail"),
        ("0", "fail", "fail"),
    ],
)
def test_grades_follow_half_open_bands(score: str, grade: str, conclusion: str) -> None:
    frozen = school_list()
    left = Decimal(100) - Decimal(score)
    answers = {}
    for item in frozen.checklist.items:
        cut = min(left, item.points)
        left -= cut
        answers[item.key] = lost(cut, verdict=Verdict.MET)
    outcome = judge(frozen, answers)
    assert (outcome.score, outcome.grade, outcome.conclusion) == (Decimal(score), grade, conclusion)


def test_three_rates_decide_by_the_lowest(world: World) -> None:
    frozen = mall_list()
    assert judge(frozen, full_marks(frozen)).conclusion == "pass"
    partly = {key: ItemAnswer(verdict=Verdict.PARTLY, note="x") for key in full_marks(frozen)}
    assert judge(frozen, partly).conclusion == "basic"
    group = frozen.checklist.groups[0].key
    bad = full_marks(frozen) | {
        item.key: ItemAnswer(verdict=Verdict.NOT_MET, note="x")
        for item in frozen.checklist.items
        if item.group == group
    }
    assert judge(frozen, bad).conclusion == "fail"
