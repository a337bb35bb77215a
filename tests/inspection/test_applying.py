"""Who may apply for which kind of acceptance, and the time limits that run for the organ."""

from datetime import date, datetime, timedelta
from itertools import product

import pytest
from sqlalchemy.orm import Session

from portal.accounts.values import Role
from portal.core.clock import CITY_TZ, city_day
from portal.core.errors import IllegalTransition, Invalid
from portal.inspection import operations, queries
from portal.inspection.models import Acceptance
from portal.inspection.rules import FrozenList, Standing, has_standard, kinds_open_to, papers_for, refusal_of
from portal.inspection.states import AcceptanceKind, AcceptanceStatus, ClockKind, ProjectClass
from portal.registry.models import Unit
from portal.registry.states import UseStatus
from portal.regulation.calendar import WorkCalendar
from tests.inspection.test_acceptance import apply, conclude, scheduled, setting
from tests.people import NOW, World, make_world
from tests.regulation.contexts import HANDAN, rules
from tests.support.visits import full_marks

CALENDAR = WorkCalendar()
NEW, CHANGE, STANDARD = AcceptanceKind.NEW, AcceptanceKind.CHANGE, AcceptanceKind.STANDARD


@pytest.fixture
def world(session: Session) -> World:
    return make_world(session)


@pytest.mark.requirement("ACC-01")
@pytest.mark.parametrize(
    ("use", "accepted", "open_kinds"),
    [
        (UseStatus.PLANNED, False, {NEW}),
        (UseStatus.TRIAL, False, {NEW}),
        (UseStatus.AWAITING_ACCEPTANCE, False, {NEW}),
        # It ran before anyone asked: its first acceptance is still owed, and a change of it is judged as one.
        (UseStatus.IN_USE, False, {NEW, CHANGE, STANDARD}),
        (UseStatus.IN_USE, True, {CHANGE, STANDARD}),
        (UseStatus.SUSPENDED, True, set()),
        (UseStatus.DISMANTLED, True, set()),
    ],
)
def test_what_can_be_asked_for_follows_from_use_and_earlier_acceptance(
    use: UseStatus, accepted: bool, open_kinds: set[AcceptanceKind]
) -> None:
    assert set(kinds_open_to(Standing(use_status=use, accepted=accepted, has_standard=True))) == open_kinds


@pytest.mark.requirement("ACC-11")
def test_standard_creation_is_for_every_school_where_the_standard_was_adopted() -> None:
    adopted = {kind: has_standard(rules(unit_type=kind)) for kind in ("school", "kindergarten", "mall", "hospital")}
    assert adopted == {"school": True, "kindergarten": True, "mall": False, "hospital": False}
    assert not has_standard(rules(unit_type="school", division_code=HANDAN))
    for use, accepted in product(UseStatus, (False, True)):
        assert refusal_of(STANDARD, Standing(use_status=use, accepted=accepted, has_standard=False)) is not None


def test_a_standard_creation_runs_beside_an_acceptance_and_nothing_runs_twice() -> None:
    under_way = {
        kind: Standing(use_status=UseStatus.IN_USE, accepted=True, open_kinds={kind}, has_standard=True)
        for kind in AcceptanceKind
    }
    assert refusal_of(CHANGE, under_way[STANDARD]) is None
    assert refusal_of(STANDARD, under_way[CHANGE]) is None
    assert {refusal_of(NEW, under_way[CHANGE]), refusal_of(CHANGE, under_way[NEW])} == {"acceptance_open"}
    assert refusal_of(STANDARD, under_way[STANDARD]) == "acceptance_open"


def at(day: date, hour: int = 10) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=CITY_TZ)


def limits(session: Session, acceptance: Acceptance) -> list[tuple[str, date, date | None, date | None, int]]:
    session.flush()
    return [
        (row.kind, row.started_on, row.due_on, row.ended_on, row.late_days)
        for row in queries.clocks_of(session, acceptance.id)
    ]


@pytest.mark.requirement("ACC-01")
def test_each_limit_of_the_organ_runs_by_itself_and_the_units_time_is_nobodys(session: Session, world: World) -> None:
    """Henan 2016 articles 12 and 13: 15 working days to review, 15 to decide, over the days off of May 2026."""
    filer, system = setting(session, world)
    inspector = world.person(Role.INSPECTOR)
    begun, returned, again, complete = date(2026, 4, 20), date(2026, 4, 24), date(2026, 4, 29), date(2026, 5, 25)
    asked = apply(session, filer, system, now=at(begun))

    def check(complete: bool, day: date) -> None:
        operations.check_documents(
            session,
            actor=inspector,
            acceptance_id=asked.id,
            complete=complete,
            note="缺图",
            missing=(),
            calendar=CALENDAR,
            now=at(day),
        )

    assert limits(session, asked) == [("review", begun, date(2026, 5, 13), None, 0)]
    assert asked.due_on == date(2026, 5, 13)
    check(False, returned)
    assert asked.due_on is None
    operations.resubmit(session, actor=filer, acceptance_id=asked.id, calendar=CALENDAR, now=at(again))
    check(True, complete)
    assert limits(session, asked) == [
        ("review", begun, date(2026, 5, 13), returned, 0),
        ("review", again, date(2026, 5, 22), complete, 3),
        ("decision", complete, date(2026, 6, 15), None, 0),
    ]
    assert asked.due_on == date(2026, 6, 15)
    running = queries.clocks_of(session, asked.id)[-1]
    assert running.why is not None
    assert running.why["citations"] == [["henan-2016", "13"]]


def test_a_conclusion_and_a_withdrawal_end_the_limit(session: Session, world: World) -> None:
    filer, system, inspectors, acceptance = scheduled(session, world)
    operations.save_answers(
        session,
        actor=inspectors[0],
        acceptance_id=acceptance.id,
        answers=full_marks(FrozenList.from_json(acceptance.checklist)),
        now=NOW,
    )
    conclude(session, inspectors[0], acceptance)
    assert [row[3] for row in limits(session, acceptance)] == [city_day(NOW)] * 2
    with pytest.raises(IllegalTransition, match="accepted_already"):
        apply(session, filer, system)
    with pytest.raises(Invalid) as empty:
        apply(session, filer, system, CHANGE, statement=" ")
    assert [problem.field for problem in empty.value.problems] == ["statement"]
    later = apply(session, filer, system, CHANGE, now=NOW + timedelta(days=30))
    assert (later.kind, later.previous_id) == (CHANGE, None)
    operations.withdraw(session, actor=filer, acceptance_id=later.id, now=NOW + timedelta(days=31))
    assert [row[0] for row in limits(session, later) if row[3] is None] == []
    assert later.status == AcceptanceStatus.WITHDRAWN
    assert [row.kind for row in queries.clocks_of(session, later.id)] == [ClockKind.REVIEW]


def test_the_papers_follow_the_class_of_the_project(session: Session, world: World) -> None:
    """GA 308: a third-class project may be simplified; what it still needs it needs."""
    _, system = setting(session, world)
    unit = session.get_one(Unit, system.unit_id)

    def required(project_class: ProjectClass) -> set[str]:
        papers = papers_for(unit, system, kind=NEW, project_class=project_class, on=city_day(NOW))
        return {paper.document for paper in papers if paper.required}

    full, simple = required(ProjectClass.SECOND), required(ProjectClass.THIRD)
    assert required(ProjectClass.FIRST) == full
    assert full - simple == {"preliminary_design", "design_rectification", "preliminary_acceptance"}
    assert simple >= {"formal_design", "test_report", "trial_run_report"}
