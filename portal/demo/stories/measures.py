"""What followed findings: letters, an interview, a circular, orders to correct as far as a fine, a draw, a plan."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from portal.accounts.values import Identity
from portal.core.clock import city_day
from portal.demo.pictures import CORRIDOR
from portal.demo.stage import Stage
from portal.demo.timeline import Story
from portal.inspection.states import Verdict
from portal.inspection.values import ItemAnswer
from portal.measures.models import CorrectionOrder, Measure, PlannedVisit
from portal.measures.operations import corrections, draws, fines, ladder, plans, routine
from portal.measures.queries.plans import visits_of_plan
from portal.measures.states import FineAction
from portal.measures.values import (
    CorrectionDraft,
    DrawDraft,
    DrawKind,
    FineAgainst,
    FineDraft,
    FineOutcome,
    MeasureDraft,
    MeasureKind,
    Meeting,
    PlanDraft,
    Service,
    ServiceMethod,
)

LETTER = MeasureDraft(
    kind=MeasureKind.LETTER,
    facts="日常检查发现，三处出入口点位连续离线超过三十日，图像信息保存期限不足三十日，提示标识缺失两处。",
    demands="十五个工作日内修复离线点位、补足存储、补设标识，并将整改情况书面回复。",
)
INTERVIEW = replace(LETTER, kind=MeasureKind.INTERVIEW, place="文峰分局二楼会议室")
CIRCULAR = replace(LETTER, kind=MeasureKind.CIRCULAR, recipients=("文峰区各重点单位", "各相关行业主管部门"))
NOT_FILED = "decree-799-2025:not_filed"
CHANGED = "decree-799-2025:unauthorised_change"


def stories(stage: Stage) -> list[Story]:
    """One of every kind in every state the pages tell apart."""
    return [
        _letter(stage, "securityhead", 3, steps=0),
        _letter(stage, "shopkeeper", 6, steps=1),
        _letter(stage, "securityhead", 8, steps=2),
        _letter(stage, "securityhead", 9, steps=3),
        _ladder(stage, "shopkeeper"),
        _order(stage, "securityhead", 20, NOT_FILED),
        _order(stage, "securityhead", 70, CHANGED, reported=True),
        _order(stage, "shopkeeper", 120, NOT_FILED, refused=True),
        _supervision(stage),
    ]


def _unit(stage: Stage, login: str, now: datetime) -> UUID:
    return next(iter(stage.who(login, now).unit_ids))


def _by(stage: Stage, login: str, paper: Measure | CorrectionOrder, now: datetime) -> dict[str, Any]:
    named = "measure_id" if isinstance(paper, Measure) else "correction_id"
    return {"actor": stage.who(login, now), named: paper.id, "seen_version": paper.version, "now": now}


def _service(now: datetime) -> Service:
    return Service(on=city_day(now), how=ServiceMethod.DIRECT, to="安全保卫负责人")


def _draft(stage: Stage, login: str, what: MeasureDraft, now: datetime, previous: Measure | None = None) -> Measure:
    made = ladder.draft_measure(
        stage.session,
        actor=stage.who("inspector", now),
        unit_id=_unit(stage, login, now),
        draft=what,
        previous_id=previous.id if previous else None,
        now=now,
    )
    stage.session.flush()
    return made


def _issue(stage: Stage, measure: Measure, now: datetime) -> None:
    ladder.sign_measure(stage.session, **_by(stage, "leader", measure, now))
    stage.session.flush()
    ladder.serve_measure(
        stage.session, **_by(stage, "inspector", measure, now), service=_service(now), calendar=stage.calendar
    )
    stage.session.flush()


def _letter(stage: Stage, login: str, days: int, *, steps: int) -> Story:
    """A letter that is drafted (0), signed (1), served (2) or replied to (3)."""
    yield (now := stage.ago(days, 16, 0))
    made = _draft(stage, login, LETTER, now)
    if steps == 1:
        yield (now := stage.ago(days - 1, 9, 0))
        ladder.sign_measure(stage.session, **_by(stage, "leader", made, now))
    if steps >= 2:
        yield (now := stage.ago(days - 1, 9, 0))
        _issue(stage, made, now)
    if steps == 3:
        yield (now := stage.ago(days - 5, 9, 0))
        ladder.reply_to_measure(
            stage.session, actor=stage.who(login, now), measure_id=made.id,
            text="三处离线点位已修复，硬盘已扩容，标识已补设，附现场照片。", stored_file_id=None, now=now,
        )  # fmt: skip


def _ladder(stage: Stage, login: str) -> Story:
    """A unit that answered neither letter nor interview: all three steps, each after its proposal."""
    session = stage.session
    yield (now := stage.ago(150, 10, 0))
    letter = _draft(stage, login, LETTER, now)
    yield (now := stage.ago(148, 10, 0))
    _issue(stage, letter, now)
    yield (now := stage.ago(110, 10, 0))
    ladder.propose_steps(session, actor=stage.who("inspector", now), today=city_day(now), now=now)
    interview = _draft(stage, login, replace(INTERVIEW, meets_at=now + timedelta(days=3)), now, letter)
    yield (now := stage.ago(109, 10, 0))
    _issue(stage, interview, now)
    yield (now := stage.ago(106, 16, 0))
    attendance: Sequence[tuple[str, str]] = (
        ("赵永强", "总经理"),
        ("孙丽", "安全部经理"),
        ("周建国", "文峰分局检查人员"),
    )
    meeting = Meeting(
        held_at=now, attendance=attendance, minutes="单位承认整改迟缓，承诺半个月内修复全部离线点位并建立巡检制度。"
    )
    ladder.hold_interview(session, **_by(stage, "inspector", interview, now), meeting=meeting)
    yield (now := stage.ago(70, 10, 0))
    ladder.propose_steps(session, actor=stage.who("inspector", now), today=city_day(now), now=now)
    circular = _draft(stage, login, CIRCULAR, now, interview)
    yield (now := stage.ago(69, 10, 0))
    _issue(stage, circular, now)


def _order(
    stage: Stage, login: str, days: int, violation: str, *, reported: bool = False, refused: bool = False
) -> Story:
    """An order that runs, one reported as obeyed, one refused as far as the fine that was decided."""
    session = stage.session
    yield (now := stage.ago(days, 10, 0))
    draft = CorrectionDraft(
        violation=violation, facts="检查发现，该单位存在所列违法情形，有现场照片和询问笔录为证。", demand="立即改正，并提交证明材料。"
    )  # fmt: skip
    order = corrections.issue_correction(
        session, actor=stage.who("inspector", now), unit_id=_unit(stage, login, now), draft=draft, now=now
    )
    yield (now := stage.ago(days - 1, 10, 0))
    corrections.serve_correction(
        session, **_by(stage, "inspector", order, now), service=_service(now), calendar=stage.calendar
    )
    if reported:
        yield (now := stage.ago(days - 20, 10, 0))
        corrections.report_correction(
            session, actor=stage.who(login, now), correction_id=order.id, text="已恢复原位置，附照片。", stored_file_id=None, now=now
        )  # fmt: skip
    if refused:
        yield from _refusal(stage, order, days)


def _refusal(stage: Stage, order: CorrectionOrder, days: int) -> Story:
    session = stage.session
    yield (now := stage.ago(days - 40, 16, 0))
    fines.find_refusal(
        session, **_by(stage, "inspector", order, now), facts="期限届满后复查，仍未提交备案，亦无正当理由。"
    )
    yield (now := stage.ago(days - 41, 10, 0))
    fines.decide_refusal(
        session, actor=stage.who("leader", now), correction_id=order.id, confirmed=True, reason="情况属实，同意认定。", now=now
    )  # fmt: skip
    session.flush()
    yield (now := stage.ago(days - 45, 10, 0))
    draft = FineDraft(against=FineAgainst.UNIT, amount=5000, reasons="逾期四十日，经函告、约谈仍不改正，无从轻情节。")
    fine = fines.propose_fine(session, **_by(stage, "inspector", order, now), draft=draft)
    yield (now := stage.ago(days - 60, 10, 0))
    outcome = FineOutcome(
        number="安公（文）行罚决字〔2026〕118号", organ="安阳市公安局文峰分局", decided_on=city_day(now), amount=5000
    )
    fines.record_outcome(
        session, actor=stage.who("inspector", now), correction_id=order.id, fine_id=fine.id,
        action=FineAction.IMPOSE, outcome=outcome, now=now,
    )  # fmt: skip


def _supervision(stage: Stage) -> Story:
    """A draw that was made and one that waits; a plan with a visit made, one closed, the others to come."""
    session = stage.session
    yield (now := stage.ago(40, 9, 0))
    day, leader = timedelta(days=1), stage.who("leader", now)
    made = draws.commit_draw(
        session, actor=leader, draft=_drawn("第四季度双随机抽查", now, 10 * day, 60 * day), now=now
    )
    yield (now := stage.ago(29, 9, 0))
    draws.reveal_draw(session, actor=leader, draw_id=made.id, entropy="03 08 15 17 22 30 + 09", now=now)
    session.flush()
    today = city_day(now)
    draft = PlanDraft(
        title="第四季度日常监督检查计划",
        starts_on=today,
        ends_on=today + 45 * day,
        by_risk=9,
        by_filing=3,
        draw_id=made.id,
    )
    inspector = stage.who("inspector", now)
    plan = plans.make_plan(session, actor=inspector, draft=draft, now=now)
    first, second, third, *_rest = visits_of_plan(session, plan.id)
    for days, visit, short in ((20, first, "西门出入口标识一处缺失。"), (15, second, "")):
        yield (now := stage.ago(days, 15, 0))
        _routine(stage, inspector, visit, now, short=short)
    yield (now := stage.ago(6, 15, 0))
    begun = routine.begin_visit(
        session, actor=inspector, visit_id=third.id, seen_version=third.version, inspectors=_pair(stage, now), now=now
    )
    some = dict(list(_answers(begun, "").items())[:5])
    routine.answer_list(session, actor=inspector, visit_id=third.id, answers=some, now=now)
    yield (now := stage.ago(2, 9, 0))
    draws.commit_draw(session, actor=leader, draft=_drawn("明年第一季度双随机抽查", now, 30 * day, 120 * day), now=now)


def _pair(stage: Stage, now: datetime) -> list[UUID]:
    """Both inspectors of the branch."""
    people = (stage.who(login, now).person_id for login in ("inspector", "inspector2"))
    return [key for key in people if key is not None]


def _answers(visit: PlannedVisit, short: str) -> dict[str, ItemAnswer]:
    """Everything in order, but for the sign where told."""
    frozen = routine.frozen_of(visit)
    answers = {
        item.key: ItemAnswer(verdict=Verdict.MET, note="已查阅原件" if item.proof == "document" else "")
        for item in frozen.checklist.items
        if item.shown_when is None
    }
    if short:
        answers["sign"] = ItemAnswer(verdict=Verdict.PARTLY, note=short)
        answers["sign_places"] = ItemAnswer(verdict=Verdict.MET)
    return answers


def _routine(stage: Stage, inspector: Identity, visit: PlannedVisit, now: datetime, *, short: str) -> None:
    """A visit by its list, with the photos that it asks for."""
    held: dict[str, Any] = {"actor": inspector, "visit_id": visit.id, "now": now}
    routine.begin_visit(stage.session, **held, seen_version=visit.version, inspectors=_pair(stage, now))
    answers = _answers(visit, short)
    routine.answer_list(stage.session, **held, answers=answers)
    for item in routine.frozen_of(visit).checklist.items:
        if item.key in answers and item.proof == "photo":
            stored = stage.photo(inspector, CORRIDOR, visit.unit_id, visit.district, now)
            routine.attach_photo(stage.session, actor=inspector, visit=visit, item=item.key, stored=stored, now=now)
    stage.session.flush()
    routine.carry_out_visit(
        stage.session, **held, seen_version=visit.version, done_on=city_day(now), remark="检查情况已当场告知单位。"
    )
    stage.session.flush()


def _drawn(title: str, now: datetime, begins: timedelta, ends: timedelta) -> DrawDraft:
    today = city_day(now)
    return DrawDraft(
        kind=DrawKind.UNITS, title=title, sample_size=5, period_from=today + begins, period_to=today + ends,
        entropy_source="中国福利彩票双色球当日开奖号码", entropy_on=today + begins - timedelta(days=1),
    )  # fmt: skip
