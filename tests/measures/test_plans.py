"""PEN-13: a plan by risk with its working and its overdue visits; who is not to be commended, and until when."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.orm import Session

from portal.accounts.models import Notice
from portal.accounts.values import Identity, Role
from portal.core.db import narrow
from portal.core.errors import IllegalTransition, Invalid, NotAllowed, NotFound
from portal.core.scope import EVERYTHING
from portal.desk.queries import subjects_of
from portal.inspection.operations import cure_finding, decide_cure
from portal.inspection.queries import FindingFilter, finding_page
from portal.inspection.states import Verdict
from portal.inspection.values import ItemAnswer
from portal.measures.models import CorrectionOrder, FineProposal, Measure, PlannedVisit, RefusalFinding
from portal.measures.operations import plans, routine
from portal.measures.queries.bars import CommendationFilter, bar_of, bars_of, commendation_page
from portal.measures.queries.plans import plan_page, progress_of, visits_of_plan, weights_for
from portal.measures.queries.routine import findings_of_visit, photos_of_planned
from portal.measures.rules.risk import Factor, Facts, assess
from portal.measures.states import PlannedAction
from portal.measures.values import PlanDraft
from portal.registry.models import Filing, System, Unit
from portal.regulation.schema.vocabulary import Regime
from portal.vault.models import StoredFile
from tests.people import BEIGUAN, NOW, TODAY, World, make_world
from tests.support.visits import full_marks

DAY = timedelta(days=1)
DRAFT = PlanDraft(title="四季度日常监督检查", starts_on=TODAY, ends_on=TODAY + 30 * DAY, by_risk=2)


@pytest.fixture
def world(session: Session) -> World:
    world = make_world(session)
    world.extra["inspector"], world.extra["second"] = world.person(Role.INSPECTOR), world.person(Role.INSPECTOR)
    return world


def order(world: World, unit: Unit, **columns: Any) -> CorrectionOrder:
    made_out = CorrectionOrder(
        **{
            "number": f"责改{unit.name}", "unit_id": unit.id, "district": unit.district, "organ_id": world.branches[unit.district].id,
            "organ_name": "文峰分局", "addressee": unit.name, "basis": {}, "needs_refusal": True, "facts": "x", "demand": "y",
            "issued_on": TODAY, "issued_by_name": "王", "status": "served", "served_on": TODAY - 9 * DAY, "due_on": TODAY - DAY,
            **columns,
        }
    )  # fmt: skip
    world.session.add(made_out)
    world.session.flush()
    return made_out


def made(world: World, visit: PlannedVisit, answers: dict[str, ItemAnswer] | None = None) -> PlannedVisit:
    """A visit begun by two of the branch, its list filled, photographed and judged; everything in order unless told."""
    session, inspector = world.session, world.extra["inspector"]
    held = {"actor": inspector, "visit_id": visit.id, "now": NOW}
    pair = [inspector.person_id, world.extra["second"].person_id]
    routine.begin_visit(session, **held, seen_version=visit.version, inspectors=pair)
    given = full_marks(routine.frozen_of(visit)) | (answers or {})
    routine.answer_list(session, **held, answers=given)
    for item in routine.frozen_of(visit).checklist.items:
        if item.proof == "photo":
            stored = session.get_one(StoredFile, world.stored_file())
            routine.attach_photo(session, actor=inspector, visit=visit, item=item.key, stored=stored, now=NOW)
            world.count += 1
    session.flush()
    done = routine.carry_out_visit(session, **held, seen_version=visit.version, done_on=TODAY, remark="已告知")
    session.flush()
    return done


def plan_one(world: World, unit: Unit) -> PlannedVisit:
    """A plan that takes the one unit there is."""
    plan = plans.make_plan(world.session, actor=world.extra["inspector"], draft=DRAFT, now=NOW)
    return next(one for one in visits_of_plan(world.session, plan.id) if one.unit_id == unit.id)


def filed(world: World, unit: Unit, name: str, days_ago: int, *, status: str = "accepted") -> None:
    """A system of the unit whose filing was decided so many days ago."""
    organ = world.branches[unit.district].id
    system = System(
        name=name, unit_id=unit.id, district=unit.district, organ_id=organ, kind="unit_internal", regime=Regime.PUBLIC_UNIT,
        address="文峰大道1号", created_at=NOW, updated_at=NOW,
    )  # fmt: skip
    world.session.add(system)
    world.session.flush()
    world.session.add(
        Filing(
            system_id=system.id, unit_id=unit.id, district=unit.district, organ_id=organ, kind="new", status=status,
            decided_at=NOW - days_ago * DAY, created_at=NOW,
            number=f"备{name}" if status == "accepted" else None,
        )
    )  # fmt: skip
    world.session.flush()


@pytest.mark.requirement("ACC-03")
def test_a_system_newly_filed_enters_the_plan_and_waits_the_longer_the_more(world: World, session: Session) -> None:
    """After its filing a system is looked at: the longest filed first, by a day reckoned from the filing, until it was."""
    quiet, new, old = world.unit("甲"), world.unit("乙"), world.unit("丙", counter_terror_target=True)
    filed(world, new, "新系统", 10)
    filed(world, old, "旧系统", 100)
    filed(world, quiet, "未备案系统", 50, status="submitted")
    days = weights_for(TODAY).first_visit_days
    draft = replace(DRAFT, by_risk=0, by_filing=1, ends_on=TODAY + 400 * DAY)
    plan = plans.make_plan(session, actor=world.extra["inspector"], draft=draft, now=NOW)
    (visit,) = visits_of_plan(session, plan.id)
    assert (visit.unit_id, visit.chosen_by, visit.due_on) == (old.id, "filing", TODAY + (days - 100) * DAY)
    weight = {part["factor"]: part for part in visit.working}["newly_filed"]
    assert weight["found"] == (TODAY - 100 * DAY).isoformat()
    assert weight["share"] == str(Decimal(str(round(100 / days, 3))))
    made(world, visit)
    plan = plans.make_plan(session, actor=world.extra["inspector"], draft=replace(draft, by_filing=5), now=NOW)
    assert [one.unit_id for one in visits_of_plan(session, plan.id)] == [new.id], "what was visited since waits no more"
    filed(world, old, "再备案系统", -1)
    later = plans.make_plan(
        session, actor=world.extra["inspector"], draft=replace(draft, by_filing=5), now=NOW + 2 * DAY
    )
    assert {one.unit_id for one in visits_of_plan(session, later.id)} == {new.id, old.id}


def test_a_planned_visit_is_done_by_its_list_and_its_shortfalls_become_findings(world: World, session: Session) -> None:
    """Two inspectors, an item that an answer raises, photos where the list asks proof, a verdict by rule."""
    unit, inspector = world.unit("甲"), world.extra["inspector"]
    visit = plan_one(world, unit)
    held: dict[str, Any] = {"actor": inspector, "visit_id": visit.id, "now": NOW}
    with pytest.raises(IllegalTransition):
        routine.answer_list(session, **held, answers={})
    with pytest.raises(Invalid) as few:
        routine.begin_visit(session, **held, seen_version=1, inspectors=[inspector.person_id])
    assert few.value.problems[0].code == "too_few_inspectors"
    stranger = world.person(Role.INSPECTOR, organ=world.branches[BEIGUAN])
    with pytest.raises(Invalid):
        routine.begin_visit(session, **held, seen_version=1, inspectors=[inspector.person_id, stranger.person_id])
    with pytest.raises(NotFound):
        routine.begin_visit(session, **{**held, "actor": stranger}, seen_version=1, inspectors=[])
    pair = [inspector.person_id, world.extra["second"].person_id]
    routine.begin_visit(session, **held, seen_version=1, inspectors=pair)
    frozen = routine.frozen_of(visit)
    assert frozen.checklist.key == "routine-supervision"
    with pytest.raises(Invalid):
        routine.answer_list(session, **held, answers={"sign": ItemAnswer(verdict=Verdict.NOT_MET)})
    sign = ItemAnswer(verdict=Verdict.NOT_MET, note="西门无标识")
    routine.answer_list(session, **held, answers={**full_marks(frozen), "sign": sign})
    with pytest.raises(Invalid) as bare:
        routine.carry_out_visit(session, **held, seen_version=visit.version, done_on=TODAY, remark="")
    lacking = {problem.field for problem in bare.value.problems}
    assert lacking == {f"{key}-photo" for key in ("sign", "sign_places", "interiors", "unmoved", "retention")}
    for key in ("sign", "sign_places", "interiors", "unmoved", "retention"):
        stored = session.get_one(StoredFile, world.stored_file())
        world.count += 1
        routine.attach_photo(session, actor=inspector, visit=visit, item=key, stored=stored, now=NOW)
    session.flush()
    photo = photos_of_planned(session, visit.id)["sign"][0]
    seen = {"visit_id": visit.id, "photo_id": photo.id, "now": NOW}
    assert routine.photo_to_show(session, actor=inspector, **seen) == photo.stored_file_id
    with pytest.raises(NotAllowed):  # who watches over the organ's plans sees no picture from within a place
        routine.photo_to_show(session, actor=world.person(Role.AUDITOR, organ=world.city), **seen)
    routine.carry_out_visit(session, **held, seen_version=visit.version, done_on=TODAY, remark="已当场告知")
    session.flush()
    (finding,) = findings_of_visit(session, visit)
    assert (visit.status, visit.result) == ("done", "fail")
    assert (finding.item, finding.found, finding.severity, finding.unit_id) == ("sign", "西门无标识", "major", unit.id)
    assert finding.acceptance_id is None
    assert finding.due_on is not None
    for word in (unit.name, "无标识"):
        assert finding_page(session, inspector, FindingFilter(keyword=word)).items == [finding]
    told = Notice(
        person_id=inspector.person_id, kind="inspection.finding", subject_id=finding.id, occasion="x", created_at=NOW
    )
    due = Notice(
        person_id=inspector.person_id, kind="inspection.routine", subject_id=unit.id, occasion="x", created_at=NOW
    )
    assert subjects_of(session, [told, due]) == {finding.id: unit.name, unit.id: unit.name}
    ending = {**held, "action": PlannedAction.CLOSE, "reason": "已补设"}
    with pytest.raises(IllegalTransition, match="findings_open"):
        plans.end_visit(session, **ending, seen_version=visit.version)
    head = world.person(Role.UNIT_SECURITY_HEAD, unit_id=unit.id)
    proof = session.get_one(StoredFile, world.stored_file())
    cure_finding(
        session,
        actor=head,
        finding_id=finding.id,
        seen_version=finding.version,
        words="已补设",
        proofs=[proof],
        now=NOW,
    )
    session.flush()
    bureau = world.person(Role.SECTOR_SUPERVISOR)
    decision: dict[str, Any] = {"finding_id": finding.id, "accepted": True, "reason": "", "now": NOW}
    with pytest.raises(NotAllowed):
        decide_cure(session, actor=bureau, seen_version=finding.version, **decision)
    decide_cure(session, actor=inspector, seen_version=finding.version, **decision)
    session.flush()
    assert finding.status == "closed", "no acceptance looks at it again"
    plans.end_visit(session, **ending, seen_version=visit.version)
    assert visit.status == "closed"


def test_a_visit_that_finds_nothing_is_closed_with_it(world: World, session: Session) -> None:
    visit = made(world, plan_one(world, world.unit("甲")))
    assert (visit.status, visit.result, visit.finding_ids) == ("closed", "pass", [])
    assert visit.visited_by


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
    long_ago = TODAY - timedelta(days=999)
    assert assess(Facts(filed_on=long_ago, counts=every), weights, today=TODAY)[0] == 100


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
    made(world, first)
    with pytest.raises(IllegalTransition):
        plans.end_visit(
            session,
            actor=inspector,
            visit_id=first.id,
            seen_version=first.version,
            action=PlannedAction.CANCEL,
            reason="不去了",
            now=NOW,
        )
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
    barred = CommendationFilter(year=TODAY.year, barred=True)
    assert [unit.id for unit in commendation_page(session, world.extra["inspector"], barred, today=TODAY).items] == [
        bad.id
    ]
    paper.status, paper.closed_on, paper.ended_note = "closed", TODAY, "已整改"
    session.flush()
    (_, recent) = sorted(bar_of(session, bad, TODAY), key=lambda one: one.reason)
    assert (recent.reason, recent.until) == ("recent_circular", TODAY.replace(year=TODAY.year + 1))
    assert recent.until is not None
    assert [one.reason for one in bar_of(session, bad, recent.until)] == ["overdue_correction"]
    assert [one.reason for one in bar_of(session, bad, TODAY - 3 * DAY)] == ["open_circular"], "as it stood that day"
    assert bar_of(session, bad, TODAY - 20 * DAY) == []


def test_who_may_be_commended_in_a_year_is_told_as_of_its_last_day(world: World, session: Session) -> None:
    good, bad, cured = world.unit("甲"), world.unit("乙"), world.unit("丙")
    world.unit("丁", district=BEIGUAN)
    order(world, bad)
    last_year = TODAY.replace(year=TODAY.year - 1, month=12, day=1)
    order(world, cured, status="corrected", served_on=last_year, due_on=last_year, corrected_on=TODAY - DAY)
    inspector = world.extra["inspector"]

    def units(year: int, *, barred: bool, who: Identity = inspector) -> set[str]:
        wanted = CommendationFilter(year=year, barred=barred)
        return {unit.name for unit in commendation_page(session, who, wanted, today=TODAY).items}

    assert units(TODAY.year, barred=True) == {"乙"}
    assert units(TODAY.year, barred=False) == {"甲", "丙"}
    assert units(TODAY.year - 1, barred=True) == {"丙"}, "its order was overdue when that year ended"
    bureau = world.person(Role.SECTOR_SUPERVISOR)
    hotel = world.unit("文峰大酒店", unit_type="hotel")
    assert hotel.name in units(TODAY.year, barred=False)
    assert units(TODAY.year, barred=False, who=bureau) == {good.name, cured.name}


def test_the_bureau_that_commends_hears_of_a_refusal_and_of_a_fine(world: World, session: Session) -> None:
    """Under its own scope: what the police found and decided bars a school in the bureau's list as it does in theirs."""
    refused, fined = (world.unit(name) for name in ("甲", "乙"))
    for unit in (refused, fined):
        given = order(world, unit, status="refused")
        whole = {"order_id": given.id, "unit_id": unit.id, "district": unit.district}
        found = RefusalFinding(
            **whole,
            status="confirmed",
            facts="x",
            due_on=given.due_on,
            found_on=TODAY,
            found_by_name="王",
            decided_at=NOW,
        )
        session.add(found)
        session.flush()
        if unit is fined:
            found.decided_at = NOW - 800 * DAY
            session.add(
                FineProposal(
                    **whole, number="罚1", status="imposed", needs_refusal=True, refusal_id=found.id, against="unit", reasons="x",
                    low=1, high=9, amount=5, proposed_on=TODAY, proposed_by_name="王", decided_amount=5, decided_on=TODAY,
                )
            )  # fmt: skip
    session.flush()
    bureau = world.person(Role.SECTOR_SUPERVISOR)
    barred = CommendationFilter(year=TODAY.year, barred=True)
    session.flush()
    narrow(session, bureau.data_scope)
    try:
        page = commendation_page(session, bureau, barred, today=TODAY)
        reasons = bars_of(session, [refused.id, fined.id], on=TODAY)
    finally:
        narrow(session, EVERYTHING)
    assert {unit.id for unit in page.items} == {refused.id, fined.id}
    assert {key: [bar.reason for bar in found] for key, found in reasons.items()} == {
        refused.id: ["refusal"],
        fined.id: ["fine"],
    }
