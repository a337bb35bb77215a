"""A conclusion set otherwise than the arithmetic gave it, and the re-inspection that follows a conclusion by itself."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.accounts.values import Role
from portal.core.errors import IllegalTransition, Invalid, NotAllowed, NotFound
from portal.inspection import operations, queries
from portal.inspection.rules import FrozenList, judge, other_results, possible_results
from portal.inspection.states import AcceptanceStatus, FindingStatus, Verdict
from portal.inspection.values import ItemAnswer
from portal.registry.states import UseStatus
from tests.inspection.test_acceptance import book, mall_list, scheduled, school_list
from tests.inspection.test_findings import concluded
from tests.people import NOW, World, make_world
from tests.support.visits import full_marks, lost, photograph

LATER = NOW + timedelta(days=3)


@pytest.fixture
def world(session: Session) -> World:
    return make_world(session)


def ask(session: Session, actor, acceptance, result: str, reason: str = "主要出入口盲区风险大"):
    return operations.ask_override(
        session, actor=actor, acceptance_id=acceptance.id, result=result, reason=reason, now=NOW
    )


def decide(session: Session, actor, acceptance, *, approved: bool = True, note: str = "同意"):
    return operations.decide_override(
        session, actor=actor, acceptance_id=acceptance.id, approved=approved, note=note, now=NOW
    )


@pytest.mark.requirement("ACC-05")
@pytest.mark.requirement("SCO-02")
@given(st.decimals(0, 100, places=1))
@settings(max_examples=60, deadline=None)
def test_every_score_has_one_grade_and_the_edges_belong_to_the_band_above(score: Decimal) -> None:
    frozen = school_list()
    left, answers = 100 - score, full_marks(frozen)
    for item in frozen.checklist.items:
        taken = min(left, item.points or Decimal(0))
        if taken:
            answers[item.key] = lost(taken)
        left -= taken
    outcome = judge(frozen, answers)
    assert outcome.score == score
    expected = "grade_1" if score >= 90 else "grade_2" if score >= 80 else "grade_3" if score >= 70 else "fail"
    assert outcome.grade == expected
    assert outcome.conclusion == ("fail" if score < 70 else "pass")


@given(st.integers(0, 5), st.integers(0, 5))
@settings(max_examples=36, deadline=None)
def test_three_rates_at_their_edges(partly: int, missed: int) -> None:
    """Of five construction items: four met of five are 0.8, three are 0.6; what is basically met counts in part."""
    frozen = mall_list()
    keys = [item.key for item in frozen.checklist.items if item.group == "construction"]
    assert len(keys) == 5
    partly = min(partly, 5 - missed)
    verdicts = [Verdict.NOT_MET] * missed + [Verdict.PARTLY] * partly + [Verdict.MET] * (5 - missed - partly)
    answers = full_marks(frozen) | {
        key: ItemAnswer(verdict=verdict, note="不足") for key, verdict in zip(keys, verdicts, strict=True)
    }
    rate = (Decimal(5 - missed - partly) + partly * Decimal("0.6")) / 5
    expected = "pass" if rate >= Decimal("0.8") else "basic" if rate >= Decimal("0.6") else "fail"
    assert judge(frozen, answers).conclusion == expected


def test_what_may_be_asked_for_is_what_the_list_knows() -> None:
    grades = possible_results(school_list())
    assert [(one.key, one.conclusion) for one in grades] == [
        ("grade_1", "pass"), ("grade_2", "pass"), ("grade_3", "pass"), ("fail", "fail"),
    ]  # fmt: skip
    assert [one.key for one in other_results(mall_list(), conclusion="pass", grade=None)] == ["basic", "fail"]


@pytest.mark.requirement("ACC-05")
def test_no_other_result_without_a_reason_and_a_second_person(session: Session, world: World) -> None:
    filer, system, inspectors, acceptance = concluded(session, world, "clock")
    leader = world.person(Role.BUREAU_LEADER)
    assert acceptance.status == AcceptanceStatus.PASSED
    for actor in (filer, world.person(Role.INSPECTOR)):
        with pytest.raises(NotAllowed):
            ask(session, actor, acceptance, "fail")
    with pytest.raises(Invalid, match="reason_needed"):
        ask(session, inspectors[0], acceptance, "fail", reason=" ")
    with pytest.raises(Invalid, match="required"):
        ask(session, inspectors[0], acceptance, "pass")
    row = ask(session, inspectors[0], acceptance, "fail")
    with pytest.raises(IllegalTransition, match="override_pending"):
        ask(session, inspectors[1], acceptance, "basic")
    with pytest.raises(IllegalTransition, match="override_pending"):
        operations.publish_result(session, actor=leader, acceptance_id=acceptance.id, now=NOW)
    for actor in (filer, inspectors[0]):
        with pytest.raises(NotAllowed):
            decide(session, actor, acceptance)
    session.flush()
    with pytest.raises(IntegrityError, match="second_person"), session.begin_nested():
        session.execute(
            text("update conclusion_override set approved = true, decided_at = now(), decided_by = asked_by")
        )
    # Nothing has happened yet; then the pass falls, and the system waits for its acceptance again.
    assert (acceptance.status, system.use_status) == (AcceptanceStatus.PASSED, UseStatus.IN_USE)
    decide(session, leader, acceptance)
    assert (acceptance.status, system.use_status) == (AcceptanceStatus.FAILED, UseStatus.AWAITING_ACCEPTANCE)
    assert (row.from_conclusion, row.to_conclusion, acceptance.result["conclusion"]) == ("pass", "fail", "pass")
    again = queries.open_reinspection_of(session, acceptance.id)
    assert again.attempt == 2
    outsider = world.person(Role.UNIT_FILER, unit_id=world.unit().id)
    with pytest.raises(NotFound):
        decide(session, outsider, acceptance)


def test_an_override_to_a_pass_ends_the_reinspection_and_a_refusal_changes_nothing(
    session: Session, world: World
) -> None:
    _, system, inspectors, acceptance = concluded(session, world, "front_end", "control_room", "cabling")
    leader = world.person(Role.BUREAU_LEADER)
    assert acceptance.status == AcceptanceStatus.FAILED
    again = queries.open_reinspection_of(session, acceptance.id)
    ask(session, inspectors[1], acceptance, "pass")
    with pytest.raises(Invalid, match="reason_needed"):
        decide(session, leader, acceptance, approved=False, note="")
    decide(session, leader, acceptance, approved=False, note="理由不充分")
    assert acceptance.status == AcceptanceStatus.FAILED
    ask(session, inspectors[1], acceptance, "pass", reason="现场已当场改正")
    decide(session, leader, acceptance)
    assert (acceptance.status, system.use_status) == (AcceptanceStatus.PASSED, UseStatus.IN_USE)
    assert again.status == AcceptanceStatus.WITHDRAWN
    assert acceptance.certificate_code
    assert [row.approved for row in queries.overrides_of(session, acceptance.id)] == [True, False]
    operations.publish_result(session, actor=leader, acceptance_id=acceptance.id, now=NOW)
    with pytest.raises(IllegalTransition):
        ask(session, inspectors[0], acceptance, "fail")


@pytest.mark.requirement("ACC-01")
def test_a_reinspection_looks_at_what_fell_short_and_settles_the_findings(session: Session, world: World) -> None:
    missed = ("front_end", "control_room", "cabling")
    _, system, inspectors, acceptance = concluded(session, world, *missed)
    again = queries.open_reinspection_of(session, acceptance.id)
    visit = book(session, inspectors[0], again, inspectors, hours=72)
    carried = queries.answers_of(session, visit.id)
    listed = {item.key for item in FrozenList.from_json(again.checklist).checklist.items}
    lacking = {
        problem.field
        for problem in operations.judging.proofs_missing(session, FrozenList.from_json(again.checklist), visit.id)
    }
    assert not {field for field in lacking if field.rpartition("-")[0] in carried}, (
        "what stands was photographed before"
    )
    assert set(carried) == listed - set(missed)
    answers = {key: ItemAnswer(verdict=Verdict.MET) for key in missed[:2]}
    answers[missed[2]] = ItemAnswer(verdict=Verdict.PARTLY, note="仍有一处未穿管")
    operations.save_answers(session, actor=inspectors[0], acceptance_id=again.id, answers=answers, now=LATER)
    photograph(session, inspectors[0], again, now=LATER)
    operations.conclude(
        session, actor=inspectors[0], acceptance_id=again.id, seen_version=again.version, opinion="", rectification="",
        now=LATER,
    )  # fmt: skip
    assert (again.status, system.use_status) == (AcceptanceStatus.PASSED, UseStatus.IN_USE)
    before = {one.item: one for one in queries.findings_of(session, acceptance.id)}
    (follower,) = queries.findings_of(session, again.id)
    assert {one.status for one in before.values()} == {FindingStatus.CLOSED}
    assert before[missed[2]].followed_by_id == follower.id
    assert before[missed[0]].followed_by_id is None
    assert [one.attempt for one in queries.series_of(session, again)] == [1, 2]


def test_nothing_of_a_secret_system_has_a_code_to_check(session: Session, world: World) -> None:
    _, system, inspectors, acceptance = scheduled(session, world)
    system.secret = True
    answers = full_marks(FrozenList.from_json(acceptance.checklist))
    operations.save_answers(session, actor=inspectors[0], acceptance_id=acceptance.id, answers=answers, now=NOW)
    photograph(session, inspectors[0], acceptance, now=NOW)
    operations.conclude(
        session, actor=inspectors[0], acceptance_id=acceptance.id, seen_version=acceptance.version, opinion="",
        rectification="", now=NOW,
    )  # fmt: skip
    assert acceptance.certificate_code is None
