"""A request from draft to closed file, as the people do it, and the register it leaves behind."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from portal.accounts.values import system_identity
from portal.core.errors import IllegalTransition, Invalid, NotAllowed
from portal.evidence.models import CustodyEntry, FootageManifest, FootageNotice, PreservationHold
from portal.evidence.operations import (
    acknowledge_hold,
    acknowledge_receipt,
    archive_request,
    ask_release,
    assign_custodian,
    conclude_viewing,
    confirm_release,
    decide_request,
    draft_requests,
    edit_request,
    expire_lapsed,
    hand_over,
    make_copy,
    register_file,
    seal_set,
    send_notices,
    submit_request,
)
from portal.evidence.operations.uploads import open_window
from portal.evidence.queries import ListFilter, get_request, request_page, tally, todo
from portal.evidence.queries.execution import handovers_of
from portal.evidence.states import HoldStatus, RequestStatus
from portal.evidence.values import ActKind, CustodyAct, InstrumentKind, MediumKind, Paper, Purpose, RequesterKind
from portal.evidence.values.copies import CopyDraft, CopyRole
from portal.registry.models import SystemZone, ZoneCamera
from portal.workflow.operations import lapse_overdue
from portal.workflow.queries import get_run
from portal.workflow.states import Verdict
from tests.evidence.city import HOUR, EvidenceCity
from tests.support.world import NOW, PASSWORD


@pytest.mark.requirement("APR-20")
def test_a_custodian_who_leaves_is_followed_by_another_who_opens_anew(session: Session, city: EvidenceCity) -> None:
    request = city.assigned()
    city.unlock(request)
    given = {"request_id": request.id, "now": NOW + 3 * HOUR}
    register_file(session, actor=city.custodian, file=city.file(), **given)  # type: ignore[arg-type]
    assign_custodian(session, actor=city.security, custodian_id=city.second.person_id, **given)  # type: ignore[arg-type]
    assert request.status == RequestStatus.EXECUTING
    again = city.file(name="东门_续.dav", sha256="b" * 64)
    with pytest.raises(NotAllowed):
        register_file(session, actor=city.custodian, file=again, **given)  # type: ignore[arg-type]
    with pytest.raises(IllegalTransition):  # under the keys of the one who left
        register_file(session, actor=city.second, file=again, **given)  # type: ignore[arg-type]
    with pytest.raises(IllegalTransition):
        open_window(session, actor=city.second, operator_name="", files_most=1, **given)  # type: ignore[arg-type]
    city.unlock(request, "custodian", actor=city.second)
    register_file(session, actor=city.second, file=again, **given)  # type: ignore[arg-type]
    seal_set(session, actor=city.second, **given)  # type: ignore[arg-type]
    send_notices(session, **given)  # type: ignore[arg-type]
    assign_custodian(session, actor=city.security, custodian_id=city.custodian.person_id, **given)  # type: ignore[arg-type]
    send_notices(session, **given)  # type: ignore[arg-type]
    told = session.scalars(
        select(FootageNotice.person_id).where(FootageNotice.cause == str(RequestStatus.SEALED))
    ).all()
    assert set(told) == {city.second.person_id, city.custodian.person_id}
    assert (request.status, request.custodian_id) == (RequestStatus.SEALED, city.custodian.person_id)


@pytest.mark.requirement("APR-18")
def test_a_statutory_notice_from_draft_to_closed_file(session: Session, city: EvidenceCity) -> None:
    request = city.submitted()
    assert request.number == "DY2026-000001"
    assert request.decide_by == date(2026, 11, 23)  # the next working day after a Friday
    run = get_run(session, request.run_id)
    assert run.chain_key == "statutory-retrieval"
    assert (run.awaits_organ_id, run.awaits_unit_id) == (city.bureau.id, None)
    city.decide(request, city.head)
    assert (run.awaits_unit_id, request.status) == (city.college.id, RequestStatus.IN_APPROVAL)
    city.decide(request, city.security, Verdict.ACKNOWLEDGE)
    assert request.status == RequestStatus.APPROVED
    session.commit()


def test_the_whole_way(session: Session, city: EvidenceCity) -> None:
    request = city.sealed()
    manifest = session.get(FootageManifest, request.id)
    handover = hand_over(
        session,
        actor=city.custodian,
        request_id=request.id,
        receiver_place=1,
        second_login="security",
        second_password=PASSWORD,
        second_totp="",
        medium=MediumKind.DISC,
        medium_serial="DVD-2026-118",
        destination="文峰分局刑警大队案卷",
        now=NOW + 5 * HOUR,
    )
    assert handover.receiver_id == city.officer.person_id
    acknowledge_receipt(
        session,
        actor=city.officer,
        request_id=request.id,
        handover_id=handover.id,
        manifest_digest=manifest.digest.upper(),
        now=NOW + 6 * HOUR,
    )
    master = CopyDraft(CopyRole.MASTER, "disc", "BD-1", shelf="介质柜 1-1", keeper_name="陈工")
    make_copy(session, actor=city.custodian, request_id=request.id, draft=master, now=NOW + 6 * HOUR)
    archive_request(
        session,
        actor=city.security,
        request_id=request.id,
        place="保卫处内勤档案柜",
        second_place="监控中心",
        now=NOW + 7 * HOUR,
    )
    assert request.status == RequestStatus.CLOSED
    entries = session.scalars(select(CustodyEntry).order_by(CustodyEntry.seq)).all()
    assert [entry.act for entry in entries] == [
        CustodyAct.COPIED,
        CustodyAct.REGISTERED,
        CustodyAct.MASTER_SEALED,
        CustodyAct.HANDED_OVER,
        CustodyAct.RECEIVED,
        CustodyAct.MASTER_KEPT,
        CustodyAct.ARCHIVED,
    ]
    first, given = entries[0], entries[3]
    assert (first.requester_unit, first.requester_people) == ("文峰分局刑警大队", "王磊、赵敏")
    assert (first.operator_name, first.second_name, first.reason) == ("陈工", "李工", "核查嫌疑人行踪")
    assert given.destination == "王磊 · 文峰分局刑警大队案卷"
    session.commit()


@pytest.mark.requirement("APR-04")
def test_an_organ_with_a_letter_asks_the_schools_leave(session: Session, city: EvidenceCity) -> None:
    request = city.submitted(
        Paper.INTRODUCTION_LETTER,
        Paper.HANDLER_ID,
        instrument_kind=InstrumentKind.INTRODUCTION_LETTER,
        instrument_number="介字 9 号",
        purpose=Purpose.PUBLIC_ORDER,
    )
    run = get_run(session, request.run_id)
    assert run.chain_key == "mianyang-organs"
    assert [step.key for step in run.frozen_chain.steps] == ["security_director", "school_leader"]
    city.decide(request, city.security)
    assert request.status == RequestStatus.IN_APPROVAL
    city.decide(request, city.leader)
    assert request.status == RequestStatus.APPROVED


@pytest.mark.requirement("APR-02")
def test_a_department_of_the_college(session: Session, city: EvidenceCity) -> None:
    request = city.submitted(
        Paper.APPROVAL_SLIP,
        Paper.DEPARTMENT_STAMP,
        who=city.filer,
        requester_kind=RequesterKind.OWN_DEPARTMENT,
        requester_name="信息工程学院",
        instrument_kind=InstrumentKind.INTERNAL_SLIP,
        instrument_number="",
        purpose=Purpose.PUBLIC_ORDER,
        act=ActKind.PLAYBACK,
    )
    run = get_run(session, request.run_id)
    assert run.chain_key == "mianyang-campus"
    city.decide(request, city.department)
    city.decide(request, city.order)
    assert request.status == RequestStatus.APPROVED


@pytest.mark.requirement("APR-09")
@pytest.mark.requirement("APR-12")
def test_the_strictest_zone_decides_in_the_administrative_centre(session: Session, city: EvidenceCity) -> None:
    filer = city.person("centrefiler", city.filer.memberships[0].role, unit=city.centre)
    gate = city.camera(city.centre_system, "北大门", zone="gate")
    floor = city.camera(city.centre_system, "主楼九层", zone="key_floor")
    own = {
        "who": filer,
        "requester_kind": RequesterKind.OWN_DEPARTMENT,
        "requester_name": "后勤保障中心",
        "instrument_kind": InstrumentKind.INTERNAL_SLIP,
        "instrument_number": "",
        "purpose": Purpose.PUBLIC_ORDER,
        "act": ActKind.PLAYBACK,
    }
    # One at the gate that sees the floor as well, as the coverage matrix has it, is asked for as the floor is.
    both = city.camera(city.centre_system, "北大门高空", zone="gate")
    place = {"unit_id": both.unit_id, "district": both.district}
    high = SystemZone(
        system_id=both.system_id, key="key_floor", name="主楼九层", created_at=NOW, updated_at=NOW, **place
    )
    session.add(high)
    session.flush()
    session.add(ZoneCamera(zone_id=high.id, camera_id=both.id, **place))
    session.flush()
    asked = [
        city.submitted(Paper.OTHER, camera_ids=keys, **own) for keys in ((gate.id,), (gate.id, floor.id), (both.id,))
    ]
    runs = [get_run(session, request.run_id) for request in asked]
    steps = [[step.key for step in run.frozen_chain.steps_for(run.facts)] for run in runs]
    assert steps[0] == ["deputy_security"]
    assert steps[1] == ["logistics_deputy", "logistics_director", "centre_deputy", "centre_principal"]
    assert steps[2] == steps[1]


def test_one_ask_over_two_units_becomes_two_requests(session: Session, city: EvidenceCity) -> None:
    drafts = draft_requests(session, actor=city.officer, asked=city.asked(city.gate, city.yard), now=NOW)
    assert {draft.unit_id for draft in drafts} == {city.college.id, city.school.id}
    assert len({draft.ask_id for draft in drafts}) == 1
    assert [draft.camera_count for draft in drafts] == [1, 1]


def test_a_viewing_ends_without_a_file(session: Session, city: EvidenceCity) -> None:
    request = city.assigned(act=ActKind.PLAYBACK)
    city.unlock(request)
    conclude_viewing(session, actor=city.custodian, request_id=request.id, now=NOW + 4 * HOUR)
    assert request.status == RequestStatus.VIEWED
    assert session.scalars(select(CustodyEntry.act)).all() == [CustodyAct.PLAYED_BACK]


def test_a_returned_request_is_corrected_and_starts_again(session: Session, city: EvidenceCity) -> None:
    request = city.submitted()
    city.decide(request, city.head, Verdict.RETURN, "时间段过宽")
    assert request.status == RequestStatus.RETURNED
    number, first_run = request.number, request.run_id
    edit_request(
        session,
        actor=city.officer,
        request_id=request.id,
        seen_version=request.version,
        asked=city.asked(span_to=NOW - HOUR),
        now=NOW + HOUR,
    )
    assert request.span_to == NOW - HOUR
    submit_request(session, actor=city.officer, request_id=request.id, now=NOW + 2 * HOUR)
    assert (request.number, request.status) == (number, RequestStatus.IN_APPROVAL)
    assert request.run_id != first_run


@pytest.mark.requirement("RET-05")
def test_the_hold_goes_out_with_the_submission_and_needs_two_people_to_lift(
    session: Session, city: EvidenceCity
) -> None:
    request = city.sealed()
    hold = session.scalars(select(PreservationHold)).one()
    assert hold.placed_at == NOW
    acknowledge_hold(session, actor=city.security, request_id=request.id, now=NOW + HOUR)
    ask_release(session, actor=city.officer, request_id=request.id, reason="已固定证据", now=NOW + 9 * HOUR)
    confirm_release(session, actor=city.head, request_id=request.id, now=NOW + 10 * HOUR)
    assert (hold.release_asked_by, hold.release_confirmed_by) == (city.officer.person_id, city.head.person_id)


def test_everybody_sees_their_own_list(session: Session, city: EvidenceCity) -> None:
    request = city.submitted()
    mine = {
        name: [row.id for row in request_page(session, who, ListFilter()).items] == [request.id]
        for name, who in {
            "officer": city.officer,
            "partner": city.partner,
            "head": city.head,
            "security": city.security,
            "far": city.far_officer,
            "school": city.school_head,
            "auditor": city.auditor,
        }.items()
    }
    assert mine == {
        "officer": True, "partner": True, "head": True, "security": True, "far": False, "school": False, "auditor": True,
    }  # fmt: skip
    assert tally(session, city.head, ListFilter())["mine"] == 1
    assert tally(session, city.officer, ListFilter())["approval"] == 1
    assert tally(session, city.school_head, ListFilter())["all"] == 0


def test_a_draft_is_its_writers_own_affair(session: Session, city: EvidenceCity) -> None:
    city.draft()
    assert request_page(session, city.officer, ListFilter()).total == 1
    assert request_page(session, city.partner, ListFilter()).total == 0
    assert request_page(session, city.security, ListFilter()).total == 0


def test_notices_name_a_person_and_nothing_else(session: Session, city: EvidenceCity) -> None:
    request = city.submitted()
    assert send_notices(session, request_id=request.id, now=NOW) == 4  # the head, and three who keep the hold
    assert send_notices(session, request_id=request.id, now=NOW) == 0
    told = session.execute(text("select person_id from footage_notice")).scalars().all()
    assert city.head.person_id in told
    assert city.school_head.person_id not in told


def test_the_page_of_a_list_costs_the_same_for_one_row_and_for_many(session: Session, city: EvidenceCity) -> None:
    for _ in range(3):
        city.submitted()
    page = request_page(session, city.officer, ListFilter(), size=2)
    assert (len(page.items), page.total) == (2, 3)
    rest = request_page(session, city.officer, ListFilter(), after=page.next_cursor, size=2)
    assert len(rest.items) == 1
    assert {row.id for row in page.items} & {row.id for row in rest.items} == set()


def test_todo_follows_the_request(session: Session, city: EvidenceCity) -> None:
    from portal.evidence.models import FootageRequest

    def waiting(who: object) -> bool:
        return session.scalar(select(FootageRequest.id).where(todo(who))) is not None

    request = city.submitted()
    assert [waiting(who) for who in (city.head, city.officer)] == [True, False]
    city.decide(request, city.head)
    city.decide(request, city.security, Verdict.ACKNOWLEDGE)
    assert get_request(session, city.custodian, request.id).id == request.id
    assert handovers_of(session, request.id) == []
    assert waiting(city.security)
    with pytest.raises(Exception, match="illegal"):
        decide_request(
            session,
            actor=city.head,
            request_id=request.id,
            step_key="x",
            verdict=Verdict.APPROVE,
            comment="",
            now=NOW + timedelta(days=1),
        )


@pytest.mark.requirement("APR-18")
def test_a_court_without_an_account_comes_with_its_paper(session: Session, city: EvidenceCity) -> None:
    request = city.submitted(
        Paper.OTHER,
        who=city.filer,
        requester_kind=RequesterKind.COURT,
        requester_name="文峰区人民法院",
        instrument_kind=InstrumentKind.COURT_ORDER,
        instrument_number="（2026）豫0502民初118号",
        purpose=Purpose.JUDICIAL,
    )
    run = get_run(session, request.run_id)
    assert [step.key for step in run.frozen_chain.steps] == ["unit_acknowledges"]
    city.decide(request, city.security, Verdict.ACKNOWLEDGE)
    assert request.status == RequestStatus.APPROVED


def test_a_request_nobody_decides_lapses(session: Session, city: EvidenceCity) -> None:
    request = city.submitted()
    due = get_run(session, request.run_id).step_due_at
    assert due is not None
    clock = system_identity("evidence")
    assert expire_lapsed(session, actor=clock, now=due) == 0
    lapse_overdue(session, actor=clock, now=due)
    assert expire_lapsed(session, actor=clock, now=due) == 1
    assert request.status == RequestStatus.LAPSED
    session.commit()


def test_a_hold_that_is_widened_is_confirmed_anew(session: Session, city: EvidenceCity) -> None:
    request = city.submitted()
    acknowledge_hold(session, actor=city.security, request_id=request.id, now=NOW)
    send_notices(session, request_id=request.id, now=NOW)
    city.decide(request, city.head, Verdict.RETURN, "时间段过窄")
    hold = session.scalars(select(PreservationHold)).one()

    def corrected(**changes: Any) -> None:
        edit_request(
            session,
            actor=city.officer,
            request_id=request.id,
            seen_version=request.version,
            asked=city.asked(**changes),
            now=NOW + HOUR,
        )

    corrected()
    assert (hold.status, hold.acknowledged_by) == (HoldStatus.ACKNOWLEDGED, city.security.person_id)
    asked = city.asked()
    corrected(span_from=asked.span_from - HOUR)
    assert (hold.status, hold.acknowledged_by, hold.span_from) == (HoldStatus.PLACED, None, asked.span_from - HOUR)
    assert send_notices(session, request_id=request.id, now=NOW + HOUR) >= 3  # those who keep it are told of the rest
    acknowledge_hold(session, actor=city.security, request_id=request.id, now=NOW + HOUR)
    assert hold.status == HoldStatus.ACKNOWLEDGED


def test_a_hold_keeps_what_it_was_placed_for_and_nothing_later(session: Session, city: EvidenceCity) -> None:
    request = city.submitted(span_from=NOW - 28 * 24 * HOUR, span_to=NOW - 27 * 24 * HOUR)
    acknowledge_hold(session, actor=city.security, request_id=request.id, now=NOW)
    later = NOW + 12 * 24 * HOUR
    span = {"span_from": request.span_from + HOUR, "span_to": request.span_to}
    draft_requests(session, actor=city.officer, asked=city.asked(**span), now=later)
    span = {"span_from": request.span_to + HOUR, "span_to": request.span_to + 2 * HOUR}
    with pytest.raises(Invalid) as after:
        draft_requests(session, actor=city.officer, asked=city.asked(**span), now=later)
    assert [one.code for one in after.value.problems] == ["evidence.footage_lost"]
