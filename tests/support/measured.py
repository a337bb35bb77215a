"""What portal.measures keeps, for the matrix (one of each in its states) and for the crowd (n of each)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from portal.accounts.values import MembershipFact, Role, Scope, system_identity
from portal.core.clock import city_day
from portal.measures.models import CorrectionOrder, Draw, FineProposal, Measure
from portal.measures.operations import corrections, draws, fines, ladder, plans
from portal.measures.values import (
    CorrectionDraft,
    DrawDraft,
    DrawKind,
    FineAgainst,
    FineDraft,
    MeasureDraft,
    MeasureKind,
    PlanDraft,
    Service,
    ServiceMethod,
)
from portal.regulation.calendar import WorkCalendar
from tests.evidence.city import EvidenceCity
from tests.support.world import NOW

if TYPE_CHECKING:
    from tests.support.matrix import Thing

HERE = "410502"
SELF = system_identity("tests")
FIVE = WorkCalendar()
LATE = NOW + timedelta(days=60)
SERVED = Service(on=city_day(NOW), how=ServiceMethod.DIRECT, to="保卫处")


def measure(city: EvidenceCity, state: str, *, previous: Measure | None = None) -> Measure:
    """A letter to the college, or the summons that follows one, as far as told."""
    kind = MeasureKind.INTERVIEW if previous else MeasureKind.LETTER
    draft = MeasureDraft(kind=kind, facts="点位离线", demands="修复", place="会议室", meets_at=NOW)
    made = ladder.draft_measure(
        city.session,
        actor=SELF,
        unit_id=city.college.id,
        draft=draft,
        previous_id=previous.id if previous else None,
        now=NOW,
    )
    steps: dict[str, dict[str, Any]] = {"sign_measure": {}, "serve_measure": {"service": SERVED, "calendar": FIVE}}
    for step in list(steps)[: ("drafted", "signed", "served").index(state)]:
        held = {"actor": SELF, "measure_id": made.id, "seen_version": made.version, "now": NOW}
        getattr(ladder, step)(city.session, **held, **steps[step])
        city.session.flush()
    return made


def correction(city: EvidenceCity, state: str) -> CorrectionOrder:
    """An order to the college to file, as far as told: issued, served, found to be refused, refused, fined."""
    session = city.session
    draft = CorrectionDraft(violation="decree-799-2025:not_filed", facts="未备案", demand="备案")
    made = corrections.issue_correction(session, actor=SELF, unit_id=city.college.id, draft=draft, now=NOW)
    if state == "issued":
        return made
    held: dict[str, Any] = {"actor": SELF, "correction_id": made.id}
    corrections.serve_correction(session, **held, seen_version=made.version, service=SERVED, calendar=FIVE, now=NOW)
    if state in ("found", "fined"):
        session.flush()
        fines.find_refusal(session, **held, seen_version=made.version, facts="仍未备案", now=LATE)
    if state == "fined":
        fines.decide_refusal(session, **held, confirmed=True, reason="属实", now=LATE)
        session.flush()
        fine(city, made)
    session.flush()
    return made


def fine(city: EvidenceCity, order: CorrectionOrder) -> FineProposal:
    """A fine proposed for an order that was refused."""
    asked = FineDraft(against=FineAgainst.UNIT, amount=3000, reasons="拒不改正")
    return fines.propose_fine(
        city.session, actor=SELF, correction_id=order.id, seen_version=order.version, draft=asked, now=LATE
    )


def things(city: EvidenceCity) -> "Iterator[Thing]":
    """One of each in its states: what was not served, the college does not know."""
    from tests.support.matrix import Thing

    police: dict[str, Any] = {
        "districts": frozenset({HERE}), "organ_ids": frozenset({city.bureau.id}), "kind": lambda: "college"
    }  # fmt: skip
    inside, told = Scope(**police), Scope(**police, unit_ids=frozenset({city.college.id}))
    for state in ("drafted", "signed", "served"):
        made = measure(city, state)
        scope = told if state == "served" else inside
        yield Thing(kind="measure", state=state, arguments={"measure_id": made.id}, scope=scope)
    kept, organs = supervision(city), Scope(organ_ids=frozenset({city.bureau.id}))
    for state, key in (("committed", kept["waits"]), ("revealed", kept["draw_id"])):
        yield Thing(kind="draw", state=state, arguments={"draw_id": key}, scope=organs)
    yield Thing(kind="plan", state="", arguments={"plan_id": kept["plan_id"]}, scope=organs)
    for state in ("issued", "served", "found", "fined"):
        order = correction(city, state)
        scope = inside if state == "issued" else told
        yield Thing(kind="correction", state=state, arguments={"correction_id": order.id}, scope=scope)


def supervision(city: EvidenceCity) -> dict[str, Any]:
    """A draw that waits, one that was made, and a plan with one visit of the college; all of the branch."""
    leader = replace(
        SELF, organ_id=city.bureau.id, name="李局", memberships=(MembershipFact(role=Role.BUREAU_LEADER, organ_id=city.bureau.id),)
    )  # fmt: skip
    day = timedelta(days=1)
    # Each has its own days: an organ commits to one at a time.
    first = NOW + 10 * day * (city.session.scalar(select(func.count()).select_from(Draw)) or 0)
    draft = DrawDraft(
        kind=DrawKind.UNITS, title="双随机抽查", sample_size=1, period_from=city_day(first) + 2 * day,
        period_to=city_day(first) + 9 * day, entropy_source="开奖号码", entropy_on=city_day(first) + day,
    )  # fmt: skip
    made = draws.commit_draw(city.session, actor=leader, draft=draft, now=NOW)
    draws.reveal_draw(city.session, actor=leader, draw_id=made.id, entropy="8", now=first + 2 * day)
    waits = draws.commit_draw(city.session, actor=leader, draft=draft, now=NOW)
    wanted = PlanDraft(title="冬季检查", starts_on=city_day(NOW), ends_on=city_day(NOW) + 30 * day, by_risk=3)
    plan = plans.make_plan(city.session, actor=leader, draft=wanted, now=NOW)
    city.session.flush()
    return {"waits": waits.id, "draw_id": made.id, "plan_id": plan.id}


def rows(city: EvidenceCity, n: int) -> dict[str, Any]:
    """n of each, and the keys that lead to one page of each."""
    for _ in range(n):
        measure(city, "drafted")
        before = measure(city, "served")
        last = measure(city, "served", previous=before)
        order = correction(city, "fined")
    for _ in range(n):
        key = fine(city, order)
    for _ in range(n):
        kept = supervision(city)
    return {"measure_id": last.id, "correction_id": order.id, "fine_id": key.id, **kept}
