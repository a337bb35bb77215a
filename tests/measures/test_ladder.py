"""PEN-08: letter, interview, circular: two persons, service, reply, closure, the next step, nothing passed over in silence."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.accounts.models import Notice
from portal.accounts.values import Identity, Role
from portal.core.errors import IllegalTransition, Invalid, NotAllowed, NotFound
from portal.measures.models import Measure
from portal.measures.operations import ladder
from portal.measures.queries.ladder import MeasureFilter, get_measure, measure_page
from portal.measures.rules.ladder import faults_of, next_kind
from portal.measures.tasks import PROPOSER, notify
from portal.measures.values import MeasureDraft, MeasureKind, Meeting, Service, ServiceMethod
from portal.regulation.calendar import WorkCalendar
from tests.people import BEIGUAN, NOW, TODAY, World, make_world

FIVE = WorkCalendar()
LETTER = MeasureDraft(kind=MeasureKind.LETTER, facts="三处点位离线逾三十日", demands="修复并报告")
INTERVIEW = replace(LETTER, kind=MeasureKind.INTERVIEW, place="文峰分局二楼会议室", meets_at=NOW + timedelta(days=2))
CIRCULAR = replace(LETTER, kind=MeasureKind.CIRCULAR, recipients=("文峰区各中小学",))


@dataclass
class Cast:
    """Who acts: drafter and leader of the branch, the unit's head, another district's leader."""

    world: World
    inspector: Identity
    leader: Identity
    head: Identity
    stranger: Identity
    unit_id: Any

    def draft(self, what: MeasureDraft = LETTER, **more: Any) -> Measure:
        return ladder.draft_measure(
            self.world.session,
            actor=more.pop("actor", self.inspector),
            unit_id=self.unit_id,
            draft=what,
            now=NOW,
            **more,
        )

    def act(self, name: str, measure: Measure, who: Identity, **more: Any) -> Measure:
        more.setdefault("now", NOW)
        done: Measure = getattr(ladder, name)(
            self.world.session, actor=who, measure_id=measure.id, seen_version=measure.version, **more
        )
        self.world.session.flush()
        return done

    def served(self, what: MeasureDraft = LETTER, on: date = TODAY, **more: Any) -> Measure:
        measure = self.act("sign_measure", self.draft(what, **more), self.leader)
        service = Service(on=on, how=ServiceMethod.DIRECT, to="李主任")
        return self.act("serve_measure", measure, self.inspector, service=service, calendar=FIVE)


@pytest.fixture
def cast(session: Session) -> Cast:
    world = make_world(session)
    unit = world.unit("第一实验小学")
    return Cast(
        world=world,
        inspector=world.person(Role.INSPECTOR),
        leader=world.person(Role.BUREAU_LEADER),
        head=world.person(Role.UNIT_SECURITY_HEAD, unit_id=unit.id),
        stranger=world.person(Role.BUREAU_LEADER, organ=world.branches[BEIGUAN]),
        unit_id=unit.id,
    )


def test_the_steps_come_in_their_order() -> None:
    assert [next_kind(kind) for kind in MeasureKind] == [MeasureKind.INTERVIEW, MeasureKind.CIRCULAR, None]
    assert faults_of(LETTER, None) == []
    assert [one.code for one in faults_of(INTERVIEW, None)] == ["step_skipped"]
    assert faults_of(INTERVIEW, MeasureKind.LETTER) == []
    assert [one.code for one in faults_of(CIRCULAR, MeasureKind.LETTER)] == ["step_skipped"]
    assert faults_of(replace(CIRCULAR, skip_reason="情节恶劣，社会影响大"), None) == []
    bare = MeasureDraft(kind=MeasureKind.INTERVIEW, facts=" ", demands="")
    assert [one.field for one in faults_of(bare, MeasureKind.LETTER)] == ["facts", "demands", "place", "meets_at"]
    assert [one.field for one in faults_of(replace(CIRCULAR, recipients=(" ",)), MeasureKind.INTERVIEW)] == [
        "recipients"
    ]


def test_whoever_drafts_does_not_sign_and_the_database_holds_to_it(cast: Cast, session: Session) -> None:
    measure = cast.draft(actor=cast.inspector)
    assert (measure.status, measure.number) == ("drafted", None)
    with pytest.raises(NotAllowed):
        cast.act("sign_measure", measure, cast.inspector)
    with pytest.raises(NotFound):
        cast.act("sign_measure", measure, cast.stranger)
    measure.drafted_by = cast.leader.person_id
    session.flush()
    with pytest.raises(IllegalTransition, match="signer_is_drafter"):
        cast.act("sign_measure", measure, cast.leader)
    with pytest.raises(IntegrityError, match="second_person"), session.begin_nested():
        session.execute(text("update measure set signed_by = drafted_by where id = :id"), {"id": measure.id})


def test_the_unit_knows_nothing_before_service_and_answers_after_it(cast: Cast, session: Session) -> None:
    signed = cast.act("sign_measure", cast.draft(), cast.leader)
    assert signed.number == "安公文峰函〔2026〕1号"
    with pytest.raises(NotFound):
        get_measure(session, cast.head, signed.id)
    assert measure_page(session, cast.head, MeasureFilter()).items == []
    service = Service(on=TODAY, how=ServiceMethod.PORTAL, to="李主任")
    with pytest.raises(Invalid):
        cast.act(
            "serve_measure",
            signed,
            cast.inspector,
            service=replace(service, on=TODAY + timedelta(days=1)),
            calendar=FIVE,
        )
    measure = cast.act("serve_measure", signed, cast.inspector, service=service, calendar=FIVE)
    assert (measure.due_on, measure.due_why is not None) == (date(2026, 12, 11), True)
    assert [one.id for one in measure_page(session, cast.head, MeasureFilter()).items] == [measure.id]
    notify(session, now=NOW, kind="measure", subject_id=str(measure.id), occasion="served:1")
    told = session.scalars(select(Notice).where(Notice.kind == "measures.measure")).all()
    assert {one.person_id for one in told} == {cast.head.person_id}
    replied = ladder.reply_to_measure(
        session, actor=cast.head, measure_id=measure.id, text="已全部修复", stored_file_id=None, now=NOW
    )
    with pytest.raises(Invalid):
        cast.act("close_measure", replied, cast.inspector, reason=" ")
    closed = cast.act("close_measure", replied, cast.inspector, reason="现场复核属实")
    assert (closed.status, closed.closed_on) == ("closed", TODAY)
    with pytest.raises(IllegalTransition):
        cast.act("close_measure", closed, cast.inspector, reason="再办")


@pytest.mark.requirement("PEN-08")
def test_an_overdue_reply_proposes_the_next_step_once_and_a_person_takes_it(cast: Cast, session: Session) -> None:
    """From the letter over the interview with its minutes to the circular with its recipients, each after a proposal."""
    letter = cast.served()
    late = NOW + timedelta(days=30)
    day = late.date()
    assert ladder.propose_steps(session, actor=PROPOSER, today=TODAY, now=NOW) == 0
    assert ladder.propose_steps(session, actor=PROPOSER, today=day, now=late) == 1
    assert ladder.propose_steps(session, actor=PROPOSER, today=day, now=late) == 0
    assert (letter.status, letter.proposed_on) == ("served", day)
    interview = cast.act("sign_measure", cast.draft(INTERVIEW, previous_id=letter.id), cast.leader)
    session.refresh(letter)
    assert (letter.status, letter.proposed_on) == ("escalated", None), "what was confirmed waits no more"
    with pytest.raises(IllegalTransition):
        cast.draft(INTERVIEW, previous_id=letter.id)
    service = Service(on=TODAY, how=ServiceMethod.DIRECT, to="校长")
    interview = cast.act("serve_measure", interview, cast.inspector, service=service, calendar=FIVE)
    with pytest.raises(IllegalTransition, match="interview_not_held"):
        cast.act("close_measure", interview, cast.inspector, reason="已改")
    meeting = Meeting(
        held_at=NOW, attendance=(("张校长", "第一实验小学校长"), ("王五", "文峰分局")), minutes="承诺十日内修复"
    )
    with pytest.raises(Invalid):
        cast.act("hold_interview", interview, cast.inspector, meeting=replace(meeting, attendance=()))
    with pytest.raises(Invalid):
        cast.act(
            "hold_interview", interview, cast.inspector, meeting=replace(meeting, held_at=NOW + timedelta(hours=1))
        )
    held = cast.act("hold_interview", interview, cast.inspector, meeting=meeting)
    assert held.attendance == [["张校长", "第一实验小学校长"], ["王五", "文峰分局"]]
    ladder.propose_steps(session, actor=PROPOSER, today=day, now=late)
    circular = cast.act("sign_measure", cast.draft(CIRCULAR, previous_id=held.id), cast.leader)
    assert (circular.number, circular.recipients) == ("安公文峰通〔2026〕1号", ["文峰区各中小学"])
    assert circular.previous_id == held.id


def test_more_time_dismisses_the_proposal_and_only_a_new_lapse_renews_it(cast: Cast, session: Session) -> None:
    letter, late = cast.served(), NOW + timedelta(days=30)
    with pytest.raises(IllegalTransition, match="step_not_proposed"):
        cast.act("dismiss_step", letter, cast.inspector, due_on=late.date(), reason="假期")
    ladder.propose_steps(session, actor=PROPOSER, today=late.date(), now=late)
    later = late.date() + timedelta(days=10)
    extended = cast.act("dismiss_step", letter, cast.inspector, due_on=later, reason="寒假施工", now=late)
    assert (extended.proposed_on, extended.due_on) == (None, later)
    assert ladder.propose_steps(session, actor=PROPOSER, today=later, now=late) == 0
    assert ladder.propose_steps(session, actor=PROPOSER, today=later + timedelta(days=1), now=late) == 1


def test_a_step_is_not_passed_over_without_a_reason_not_even_by_the_database(cast: Cast, session: Session) -> None:
    with pytest.raises(Invalid):
        cast.draft(CIRCULAR)
    skipped = cast.draft(replace(CIRCULAR, skip_reason="拒绝检查，影响恶劣"))
    with pytest.raises(IntegrityError, match="ck_measure_step"), session.begin_nested():
        session.execute(text("update measure set skip_reason = '' where id = :id"), {"id": skipped.id})


def test_one_step_is_followed_by_one(cast: Cast) -> None:
    letter = cast.served()
    first = cast.draft(INTERVIEW, previous_id=letter.id)
    with pytest.raises(Invalid):
        cast.draft(INTERVIEW, previous_id=letter.id)
    cast.act("withdraw_measure", first, cast.inspector, reason="时间有误")
    assert cast.draft(INTERVIEW, previous_id=letter.id).status == "drafted"


def test_an_education_bureau_takes_its_own_steps_in_its_sector_alone(cast: Cast, session: Session) -> None:
    bureau = cast.world.education()
    officer, second = (cast.world.person(Role.SECTOR_SUPERVISOR, organ=bureau) for _ in range(2))
    letter = cast.draft(actor=officer)
    assert letter.organ_id == bureau.id
    assert letter.basis == [["guannan-schools-2018", "s4.4"]] or letter.basis[0][0]
    with pytest.raises(NotAllowed):
        cast.act("sign_measure", letter, cast.leader)
    with pytest.raises(IllegalTransition, match="signer_is_drafter"):
        cast.act("sign_measure", letter, officer)
    assert cast.act("sign_measure", letter, second).number == "安教文峰函〔2026〕1号"
    hotel = cast.world.unit("文峰大酒店", unit_type="hotel")
    with pytest.raises(NotFound):
        ladder.draft_measure(session, actor=officer, unit_id=hotel.id, draft=LETTER, now=NOW)
