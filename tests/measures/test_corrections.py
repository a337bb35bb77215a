"""Orders to correct: the articles as data, service and proof, refusal by two persons, and no fine before it (1.3)."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.accounts.values import Identity, Role
from portal.core.errors import IllegalTransition, Invalid, NotAllowed, NotFound
from portal.core.ids import new_id
from portal.measures.models import CorrectionOrder
from portal.measures.operations import corrections, fines
from portal.measures.queries.corrections import get_correction, refusal_of
from portal.measures.rules.fines import chosen, needs_refusal, thawed, violations_under
from portal.measures.states import FineAction
from portal.measures.values import (
    CorrectionDraft,
    FineAgainst,
    FineDraft,
    FineOutcome,
    Service,
    ServiceMethod,
    Violation,
)
from portal.registry.models import Unit
from portal.registry.rules import rules_for
from portal.regulation.calendar import WorkCalendar
from tests.people import BEIGUAN, NOW, TODAY, World, make_world

FIVE = WorkCalendar()
NOT_FILED = CorrectionDraft(violation="decree-799-2025:not_filed", facts="投入使用逾三十日未备案", demand="限期备案")
SERVICE = Service(on=TODAY, how=ServiceMethod.DIRECT, to="李主任")
LATE = NOW + timedelta(days=40)
FINE = FineDraft(against=FineAgainst.UNIT, amount=5000, reasons="经责令仍不备案")


@pytest.fixture
def world(session: Session) -> World:
    made = make_world(session)
    made.extra["unit"] = unit = made.unit("第一实验小学")
    made.extra["inspector"] = made.person(Role.INSPECTOR)
    made.extra["leader"] = made.person(Role.BUREAU_LEADER)
    made.extra["head"] = made.person(Role.UNIT_SECURITY_HEAD, unit_id=unit.id)
    return made


def who(world: World, name: str) -> Identity:
    found: Identity = world.extra[name]
    return found


def issue(world: World, draft: CorrectionDraft = NOT_FILED) -> CorrectionOrder:
    unit: Unit = world.extra["unit"]
    return corrections.issue_correction(
        world.session, actor=who(world, "inspector"), unit_id=unit.id, draft=draft, now=NOW
    )


def act(world: World, name: str, order: CorrectionOrder, by: str = "inspector", **more: Any) -> Any:
    more.setdefault("now", NOW)
    place = corrections if hasattr(corrections, name) else fines
    done = getattr(place, name)(
        world.session, actor=who(world, by), correction_id=order.id, seen_version=order.version, **more
    )
    world.session.flush()
    return done


def served(world: World, draft: CorrectionDraft = NOT_FILED) -> CorrectionOrder:
    order: CorrectionOrder = act(world, "serve_correction", issue(world, draft), service=SERVICE, calendar=FIVE)
    return order


def refused(world: World) -> CorrectionOrder:
    order = served(world)
    act(world, "find_refusal", order, facts="复查仍未备案", now=LATE)
    fines.decide_refusal(
        world.session, actor=who(world, "leader"), correction_id=order.id, confirmed=True, reason="属实", now=LATE
    )
    return order


def test_the_picker_has_every_violation_of_the_decree_with_its_amounts(world: World) -> None:
    """domain.md 1.3: article, what is ordered, whom it may cost how much, whether refusal comes first."""
    found = {
        one.key: one
        for one in violations_under(rules_for(world.extra["unit"], None, on=TODAY))
        if one.profile == "decree-799-2025"
    }
    unit, person, responsible = FineAgainst.UNIT, FineAgainst.PERSON, FineAgainst.RESPONSIBLE
    amounts: dict[str, tuple[str, bool, bool, dict[FineAgainst, tuple[int, int]]]] = {
        "no_sign": ("13", False, False, {}),
        "unlawful_installation": ("26", True, False, {unit: (0, 20000), responsible: (0, 5000), person: (0, 5000)}),
        "forbidden_interior": ("27 p1", False, False, {unit: (10000, 20000), responsible: (5000, 10000), person: (5000, 10000)}),
        "no_checks_or_report": ("27 p2", True, True, {unit: (10000, 20000), responsible: (5000, 10000), person: (5000, 10000)}),
        "no_secret_unit_consent": ("28", False, False, {unit: (10000, 20000), responsible: (5000, 10000), person: (5000, 10000)}),
        "not_filed": ("29", True, False, {unit: (0, 10000)}),
        "unauthorised_change": ("30", True, True, {unit: (5000, 10000), responsible: (0, 5000), person: (0, 5000)}),
    }  # fmt: skip
    assert {
        key: (one.articles[0], one.only_if_refused, one.or_grave, one.amounts) for key, one in found.items()
    } == amounts


def test_grave_circumstances_count_only_where_the_article_names_them(world: World) -> None:
    offered = violations_under(rules_for(world.extra["unit"], None, on=TODAY))

    def named(key: str) -> Violation:
        found = chosen(offered, f"decree-799-2025:{key}")
        assert found is not None
        return found

    assert needs_refusal(named("not_filed"), "")
    assert needs_refusal(named("not_filed"), "影响恶劣")
    assert needs_refusal(named("unauthorised_change"), " ")
    assert not needs_refusal(named("unauthorised_change"), "拆除后发生案件")
    assert not needs_refusal(named("forbidden_interior"), "")
    with pytest.raises(Invalid):
        issue(world, replace(NOT_FILED, grave_reason="影响恶劣"))


def test_an_order_is_issued_for_what_the_law_names_and_its_limit_runs_from_service(world: World) -> None:
    with pytest.raises(Invalid):
        issue(world, replace(NOT_FILED, violation="decree-799-2025:made_up"))
    order = issue(world)
    assert (order.number, order.needs_refusal) == ("安公文峰责改〔2026〕1号", True)
    assert thawed(order.basis).articles == ("29",)
    with pytest.raises(NotFound):
        get_correction(world.session, who(world, "head"), order.id)
    order = act(world, "serve_correction", order, service=SERVICE, calendar=FIVE)
    assert (order.due_on, order.due_why is not None) == (date(2026, 12, 20), True)
    assert get_correction(world.session, who(world, "head"), order.id).id == order.id
    far = world.person(Role.INSPECTOR, organ=world.branches[BEIGUAN])
    with pytest.raises(NotFound):
        corrections.withdraw_correction(
            world.session, actor=far, correction_id=order.id, seen_version=order.version, reason="误", now=NOW
        )
    school = world.person(Role.SECTOR_SUPERVISOR)
    with pytest.raises(NotAllowed):
        corrections.issue_correction(
            world.session, actor=school, unit_id=world.extra["unit"].id, draft=NOT_FILED, now=NOW
        )


def test_a_correction_is_proved_by_the_unit_and_verified_by_the_organ(world: World) -> None:
    order = served(world)
    corrections.report_correction(
        world.session, actor=who(world, "head"), correction_id=order.id, text="已备案", stored_file_id=None, now=NOW
    )
    act(world, "return_report", order, reason="回执号有误")
    assert (order.status, order.return_note) == ("served", "回执号有误")
    with pytest.raises(Invalid):
        act(world, "extend_correction", order, due_on=TODAY, reason="施工")
    act(world, "extend_correction", order, due_on=TODAY + timedelta(days=60), reason="等待检测")
    done = act(world, "accept_correction", order, reason="回执核对无误")
    assert (done.status, done.corrected_on) == ("corrected", TODAY)


def test_refusal_is_found_after_the_day_and_confirmed_by_another(world: World) -> None:
    order = served(world)
    with pytest.raises(IllegalTransition, match="order_not_overdue"):
        act(world, "find_refusal", order, facts="未备案")
    finding = act(world, "find_refusal", order, facts="复查仍未备案", now=LATE)
    assert (finding.status, finding.confirmed, order.status) == ("found", False, "served")
    with pytest.raises(IllegalTransition):
        act(world, "extend_correction", order, due_on=LATE.date() + timedelta(days=9), reason="再给时间", now=LATE)
    with pytest.raises(NotAllowed):
        fines.decide_refusal(
            world.session,
            actor=who(world, "inspector"),
            correction_id=order.id,
            confirmed=True,
            reason="属实",
            now=LATE,
        )
    finding.found_by = who(world, "leader").person_id
    with pytest.raises(IllegalTransition, match="confirmer_is_finder"):
        fines.decide_refusal(
            world.session, actor=who(world, "leader"), correction_id=order.id, confirmed=True, reason="属实", now=LATE
        )
    finding.found_by = who(world, "inspector").person_id
    fines.decide_refusal(
        world.session,
        actor=who(world, "leader"),
        correction_id=order.id,
        confirmed=False,
        reason="已受理备案",
        now=LATE,
    )
    assert refusal_of(world.session, order.id) is None
    assert order.status == "served"


def test_a_fine_follows_refusal_within_the_article_and_its_outcome_is_recorded(world: World) -> None:
    order = served(world)
    with pytest.raises(IllegalTransition, match="fine_needs_refusal"):
        act(world, "propose_fine", order, draft=FINE, now=LATE)
    act(world, "find_refusal", order, facts="复查仍未备案", now=LATE)
    with pytest.raises(IllegalTransition, match="fine_needs_refusal"):
        act(world, "propose_fine", order, draft=FINE, now=LATE)
    fines.decide_refusal(
        world.session, actor=who(world, "leader"), correction_id=order.id, confirmed=True, reason="属实", now=LATE
    )
    assert order.status == "refused"
    for wrong in (
        replace(FINE, amount=10001),
        replace(FINE, against=FineAgainst.PERSON, person_name="张某", amount=100),
    ):
        with pytest.raises(Invalid):
            act(world, "propose_fine", order, draft=wrong, now=LATE)
    fine = act(world, "propose_fine", order, draft=replace(FINE, amount=10000), now=LATE)
    assert (fine.number, fine.low, fine.high) == ("安公文峰罚建〔2026〕1号", 0, 10000)
    given = FineOutcome(
        number="安公（文）行罚决字〔2026〕88号", organ="安阳市公安局文峰分局", decided_on=LATE.date(), amount=8000
    )
    with pytest.raises(Invalid):
        _outcome(world, order, fine.id, replace(given, amount=10001))
    _outcome(world, order, fine.id, given)
    assert (fine.status, fine.decided_amount) == ("imposed", 8000)


def _outcome(world: World, order: CorrectionOrder, fine_id: Any, outcome: FineOutcome) -> None:
    fines.record_outcome(
        world.session, actor=who(world, "inspector"), correction_id=order.id, fine_id=fine_id,
        action=FineAction.IMPOSE, outcome=outcome, now=LATE,
    )  # fmt: skip


_INSERT = text(
    "insert into fine_proposal (id, number, order_id, needs_refusal, refusal_id, unit_id, district, against, low, high, "
    "amount, reasons, proposed_on, proposed_by_name, version) values (:id, :id, :order, :needs, :refusal, :unit, '410502', "
    "'unit', 0, 10000, :amount, 'x', '2026-12-30', 'x', 1)"
)


def test_the_database_refuses_a_fine_without_a_confirmed_refusal_whoever_writes_it(world: World) -> None:
    """Not by leaving it out, not by saying it is not needed, not with a finding that waits or is of another order."""
    session, order = world.session, served(world)
    finding = act(world, "find_refusal", order, facts="复查仍未备案", now=LATE)
    other = refused(world)
    foreign = refusal_of(session, other.id)
    assert foreign is not None
    given = {"order": order.id, "unit": order.unit_id, "needs": True, "refusal": None, "amount": 1}
    for wrong, constraint in (
        ({}, "refused_first"),
        ({"needs": False}, "fk_fine_proposal_of_order"),
        ({"refusal": finding.id}, "fk_fine_proposal_after_refusal"),
        ({"refusal": foreign.id}, "fk_fine_proposal_after_refusal"),
        ({"order": other.id, "refusal": foreign.id, "amount": 10001}, "within_the_article"),
    ):
        with pytest.raises(IntegrityError, match=constraint), session.begin_nested():
            session.execute(_INSERT, {**given, **wrong, "id": str(new_id())})
    session.execute(_INSERT, {**given, "order": other.id, "refusal": foreign.id, "id": str(new_id())})
    with pytest.raises(IntegrityError, match="fk_fine_proposal_after_refusal"), session.begin_nested():
        session.execute(text("update refusal_finding set status = 'rejected' where id = :id"), {"id": foreign.id})
    with pytest.raises(IntegrityError, match="after_due"), session.begin_nested():
        session.execute(text("update refusal_finding set found_on = due_on where id = :id"), {"id": finding.id})
