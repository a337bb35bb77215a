"""Requesters and their papers: every kind from draft to end, the duty to supply, urgent calls, individuals."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.accounts.models import Notice
from portal.accounts.values import Identity, Role, system_identity
from portal.core.errors import IllegalTransition, Invalid, NotAllowed
from portal.desk.queries.owed import owed_waiting
from portal.evidence.models import FootageRequest, RequestFacts, SupplyFailing
from portal.evidence.operations import (
    acknowledge_receipt,
    assign_custodian,
    book_outcome,
    conclude_viewing,
    hand_over,
    refuse_supply,
    register_file,
    seal_set,
)
from portal.evidence.operations.calls import compare_paper, hand_in_paper, verify_call
from portal.evidence.operations.individuals import appoint_viewing, extend_decision, prove_person
from portal.evidence.operations.owing import remind_owed
from portal.evidence.operations.supplying import explain_supply
from portal.evidence.queries import entries_of, todo
from portal.evidence.queries.asks import call_of, failings_of, late_duties, owed_page, seen_of, supply_of, viewing_of
from portal.evidence.queries.facts import facts_of
from portal.evidence.queries.listing import LEDGER
from portal.evidence.rules.asks import REGISTER_COLUMNS, completeness, gaps_of
from portal.evidence.states import RequestStatus
from portal.evidence.values import (
    ActKind,
    CaseContent,
    IdKind,
    InstrumentKind,
    MediumKind,
    OfficerDraft,
    Outcome,
    Paper,
    Purpose,
    Relation,
    RequesterKind,
)
from portal.evidence.values.asks import UNDERTAKING, Completeness, Failing, Owed, Supplied
from portal.evidence.values.facts import AskFacts, Interest, Proof
from portal.registry.rules import deadline_of
from portal.regulation.loader import rulebook
from portal.workflow.queries import get_run
from portal.workflow.states import Verdict
from tests.evidence.city import HOUR, EvidenceCity
from tests.support.world import NOW, PASSWORD

DAY = timedelta(days=1)
CLERK = OfficerDraft("钱进", IdKind.WORK_ID, "G-0017")
CARD = OfficerDraft("李某", IdKind.IDENTITY_CARD, "110101199003070011")
INDIVIDUAL: dict[str, Any] = {
    "requester_kind": RequesterKind.INDIVIDUAL,
    "requester_name": "市民李某",
    "instrument_kind": InstrumentKind.PERSONAL_APPLICATION,
    "instrument_number": "",
    "purpose": Purpose.LIFE_OR_PROPERTY,
    "act": ActKind.PLAYBACK,
    "relation": Relation.SELF,
    "officers": (CARD,),
    "content": CaseContent(reason="提包遗失，查看去向"),
    "facts": AskFacts(proof=Proof.POLICE_RECEIPT, interest=Interest.PROPERTY),
}
PHONED: dict[str, Any] = {
    "requester_kind": RequesterKind.POLICE_ADMINISTRATIVE,
    "instrument_kind": InstrumentKind.ADMINISTRATIVE_NOTICE,
    "instrument_number": "",
    "purpose": Purpose.PUBLIC_ORDER,
    "act": ActKind.PLAYBACK,
    "urgent_by_phone": True,
    "facts": AskFacts(caller="治安大队 王磊", call_back="0372-5900110", done_at_once="已告知保全"),
}


def letter(kind: RequesterKind, paper: InstrumentKind, purpose: Purpose, **more: Any) -> dict[str, Any]:
    """A request under a letter, with two people who show their work ID."""
    return {
        "requester_kind": kind,
        "instrument_kind": paper,
        "purpose": purpose,
        "officers": (CLERK, OfficerDraft("周敏", IdKind.WORK_ID, "G-0018")),
        **more,
    }


NOTICES = [
    ("criminal", {}, (Paper.RETRIEVAL_NOTICE,), True),
    (
        "administrative",
        {
            "requester_kind": RequesterKind.POLICE_ADMINISTRATIVE,
            "instrument_kind": InstrumentKind.ADMINISTRATIVE_NOTICE,
            "purpose": Purpose.PUBLIC_ORDER,
        },
        (Paper.RETRIEVAL_NOTICE,),
        True,
    ),
    (
        "procuratorate",
        letter(RequesterKind.PROCURATORATE, InstrumentKind.PROCURATORATE_NOTICE, Purpose.JUDICIAL),
        (Paper.OTHER,),
        False,
    ),
    ("court", letter(RequesterKind.COURT, InstrumentKind.COURT_ORDER, Purpose.JUDICIAL), (Paper.OTHER,), False),
    (
        "state security",
        letter(RequesterKind.STATE_SECURITY, InstrumentKind.STATE_SECURITY_NOTICE, Purpose.STABILITY),
        (Paper.RETRIEVAL_NOTICE,),
        False,
    ),
]
LETTERS = [
    (
        "other organ",
        letter(RequesterKind.OTHER_ORGAN, InstrumentKind.CERTIFICATE, Purpose.LAW_ENFORCEMENT),
        (Paper.PSB_CERTIFICATE, Paper.INTRODUCTION_LETTER, Paper.HANDLER_ID),
        ("security", "leader"),
    ),
    (
        "outside unit",
        letter(RequesterKind.OUTSIDE_UNIT, InstrumentKind.INTRODUCTION_LETTER, Purpose.FIRE),
        (Paper.INTRODUCTION_LETTER, Paper.HANDLER_ID),
        ("security", "leader"),
    ),
    (
        "own department",
        letter(RequesterKind.OWN_DEPARTMENT, InstrumentKind.INTERNAL_SLIP, Purpose.PUBLIC_ORDER),
        (Paper.DEPARTMENT_STAMP,),
        ("department", "order"),
    ),
]


def to_the_end(session: Session, city: EvidenceCity, request: FootageRequest, receiver: Identity | None) -> None:
    """From approved to received, by the people of the college; who has no account signs before the witness."""
    city.session.flush()
    assign_custodian(
        session,
        actor=city.security,
        request_id=request.id,
        custodian_id=city.custodian.person_id,  # type: ignore[arg-type]
        now=NOW + 2 * HOUR,
    )
    city.unlock(request)
    register_file(session, actor=city.custodian, request_id=request.id, file=city.file(), now=NOW + 3 * HOUR)
    seal_set(session, actor=city.custodian, request_id=request.id, now=NOW + 4 * HOUR)
    given = {
        "actor": city.custodian,
        "request_id": request.id,
        "receiver_place": 1,
        "second_login": "second",
        "second_password": PASSWORD,
        "second_totp": "",
        "medium": MediumKind.DISC,
        "medium_serial": "DVD-1",
        "destination": "案卷",
        "now": NOW + 5 * HOUR,
    }
    with pytest.raises(Invalid, match="papers_not_seen"):
        hand_over(session, **given, id_seen=False)
    handover = hand_over(session, **given, id_seen=True)
    acknowledge_receipt(
        session,
        actor=receiver or city.second,
        request_id=request.id,
        handover_id=handover.id,
        manifest_digest=handover.manifest_digest,
        now=NOW + 6 * HOUR,
    )
    assert request.status == RequestStatus.RECEIVED


@pytest.mark.requirement("APR-18")
@pytest.mark.requirement("EVI-17")
@pytest.mark.requirement("EVI-08")
@pytest.mark.parametrize(("changes", "papers", "police"), [one[1:] for one in NOTICES], ids=[one[0] for one in NOTICES])
def test_a_notice_is_answered_to_its_end_without_anybodys_leave(
    session: Session, city: EvidenceCity, changes: dict[str, Any], papers: tuple[Paper, ...], police: bool
) -> None:
    request = city.submitted(*papers, who=city.officer if police else city.filer, **changes)
    if police:
        assert supply_of(session, request.id) is None  # its own head has not approved it yet
        city.decide(request, city.head)
    duty = supply_of(session, request.id)
    assert duty is not None
    assert deadline_of(duty.due_why).due == date(2026, 11, 25)  # type: ignore[union-attr]  # three working days
    run = get_run(session, request.run_id)  # type: ignore[arg-type]
    step = next(one for one in run.frozen_chain.steps if one.key == run.awaits_step)
    assert set(step.verdicts) == {Verdict.ACKNOWLEDGE}
    assert run.step_due_at is None  # a duty does not lapse because it is left lying
    city.decide(request, city.security, Verdict.ACKNOWLEDGE)
    assert (duty.acknowledged_by, duty.acknowledged_at) == (city.security.person_id, NOW + HOUR)
    to_the_end(session, city, request, city.officer if police else None)
    assert (duty.completeness, duty.gaps, duty.supplied_at) == (Completeness.WHOLE, [], NOW + 5 * HOUR)
    assert not failings_of(session, request.id)
    # The receiver's paper, with its kind and number, was looked at by the giver.
    seen = seen_of(session, request.id)[1]
    assert (seen.seen_by, seen.seen_name) == (city.custodian.person_id, "陈工")
    assert request.officers[0].id_kind in (IdKind.POLICE_NUMBER, IdKind.WORK_ID)
    session.commit()


@pytest.mark.requirement("APR-05")
@pytest.mark.requirement("APR-06")
@pytest.mark.requirement("EVI-09")
@pytest.mark.parametrize(
    ("changes", "papers", "signers"), [one[1:] for one in LETTERS], ids=[one[0] for one in LETTERS]
)
def test_whoever_brings_a_letter_asks_the_units_leave_and_is_served_to_the_end(
    session: Session, city: EvidenceCity, changes: dict[str, Any], papers: tuple[Paper, ...], signers: tuple[str, ...]
) -> None:
    for number, paper in enumerate(papers):
        with pytest.raises(Invalid, match="paper_missing"), session.begin_nested():
            city.submitted(*(papers[:number] + papers[number + 1 :] or (Paper.OTHER,)), who=city.filer, **changes)
        assert paper in papers
    request = city.submitted(*papers, who=city.filer, **changes)
    assert supply_of(session, request.id) is None  # leave is asked: nothing is owed
    assert facts_of(session, request).issued_on is not None
    for signer in signers:
        city.decide(request, getattr(city, signer))
    assert request.status == RequestStatus.APPROVED
    to_the_end(session, city, request, None)
    session.commit()


@pytest.mark.requirement("EVI-09")
def test_a_certificate_without_number_or_date_is_none(session: Session, city: EvidenceCity) -> None:
    wish = letter(RequesterKind.OUTSIDE_UNIT, InstrumentKind.CERTIFICATE, Purpose.FIRE)
    with pytest.raises(Invalid) as caught:
        city.draft(city.filer, **wish, instrument_number=" ", facts=AskFacts())
    found = {(problem.field, problem.code) for problem in caught.value.problems}
    assert {
        ("instrument_number", "evidence.instrument_number_needed"),
        ("issued_on", "evidence.issued_on_needed"),
    } <= found
    tomorrow = AskFacts(issued_on=date(2026, 11, 21))
    with pytest.raises(Invalid, match="day_is_future"):
        city.draft(city.filer, **wish, facts=tomorrow)


def test_a_notice_of_an_organ_without_account_names_who_approved_it(session: Session, city: EvidenceCity) -> None:
    wish = letter(RequesterKind.COURT, InstrumentKind.COURT_ORDER, Purpose.JUDICIAL, facts=AskFacts())
    with pytest.raises(Invalid, match="approver_needed"):
        city.draft(city.filer, **wish)
    assert city.draft(city.officer, facts=AskFacts()).status == RequestStatus.DRAFT  # its head signs here


@pytest.mark.requirement("EVI-11")
def test_the_undertaking_is_kept_with_its_words_and_its_signer(session: Session, city: EvidenceCity) -> None:
    with pytest.raises(Invalid, match="undertaking_needed"):
        city.draft(undertaking=False)
    request = city.submitted()
    row = session.get(RequestFacts, request.id)
    assert row is not None
    assert (row.undertaking, row.undertaken_name) == (UNDERTAKING, city.officer.name)
    with pytest.raises(DBAPIError), session.begin_nested():  # frozen with the request
        session.execute(text("update footage_request_facts set undertaking = '0'"))


@pytest.mark.requirement("EVI-17")
def test_a_supply_in_part_says_so_and_its_gap_is_explained_once(session: Session, city: EvidenceCity) -> None:
    request = city.assigned()
    city.unlock(request)
    half = city.file(span_to=NOW - 2 * DAY - HOUR / 2)
    register_file(session, actor=city.custodian, request_id=request.id, file=half, now=NOW + 3 * HOUR)
    with pytest.raises(IllegalTransition):
        explain_supply(session, actor=city.security, request_id=request.id, explanation="?", now=NOW)
    seal_set(session, actor=city.custodian, request_id=request.id, now=NOW + 4 * HOUR)
    duty = supply_of(session, request.id)
    assert duty is not None
    assert duty.completeness == Completeness.PART
    (gap,) = duty.gaps
    assert datetime.fromisoformat(gap["begins"]) == NOW - 2 * DAY - HOUR / 2
    with pytest.raises(NotAllowed):
        explain_supply(session, actor=city.officer, request_id=request.id, explanation="不是我", now=NOW)
    explain_supply(session, actor=city.security, request_id=request.id, explanation="硬盘更换期间停录", now=NOW)
    assert duty.completeness == Completeness.PART  # explained, not reckoned away
    with pytest.raises(IllegalTransition):
        explain_supply(session, actor=city.security, request_id=request.id, explanation="再说", now=NOW)


@pytest.mark.requirement("APR-18")
def test_a_refusal_and_a_delay_are_facts_that_the_police_see(session: Session, city: EvidenceCity) -> None:
    refused, late = city.approved(), city.approved()
    refuse_supply(
        session,
        actor=city.security,
        request_id=refused.id,
        outcome=Outcome.REFUSED,
        reason="领导不同意",
        now=NOW + HOUR,
    )
    assert [one.kind for one in failings_of(session, refused.id)] == [Failing.REFUSED]
    assert supply_of(session, refused.id).completeness == Completeness.NONE  # type: ignore[union-attr]
    clock = system_identity("evidence")
    remind_owed(session, actor=clock, now=NOW + 4 * DAY)
    assert not failings_of(session, late.id)  # Wednesday is still its day
    after = NOW + 7 * DAY
    assert len(late_duties(session, now=after)) == 1
    for _ in range(2):
        remind_owed(session, actor=clock, now=after)
    assert not late_duties(session, now=after)  # written down: the next round has room for others
    assert [one.kind for one in failings_of(session, late.id)] == [Failing.LATE]
    told = set(session.scalars(select(Notice.person_id).where(Notice.kind == "evidence.supply")))
    assert {city.officer.person_id, city.head.person_id, city.security.person_id} <= told  # both sides
    for who in (city.officer, city.head, city.security, city.auditor):
        page = owed_page(session, who, Owed.FAILING, now=after)
        assert {(row.request_id, row.state) for row in page.items} == {(refused.id, "refused"), (late.id, "late")}
        assert [row.state for row in owed_page(session, who, Owed.SUPPLY, now=after).items] == ["late"]
    assert not owed_page(session, city.far_officer, Owed.FAILING, now=after).items
    assert [(one.kind, one.late) for one in owed_waiting(session, city.security, now=after, most=9)] == [
        ("supply_due", True)
    ]
    with pytest.raises(DBAPIError), session.begin_nested():
        session.execute(text("delete from footage_failing"))


def test_one_camera_refused_is_written_down_too(session: Session, city: EvidenceCity) -> None:
    request = city.assigned()
    for _ in range(2):
        book_outcome(
            session, actor=city.custodian, request_id=request.id, camera_id=city.gate.id, outcome=Outcome.REFUSED,
            note="涉及内部事务", now=NOW,
        )  # fmt: skip
    rows = session.scalars(select(SupplyFailing).where(SupplyFailing.request_id == request.id)).all()
    assert [(row.kind, row.note) for row in rows] == [(Failing.REFUSED, "涉及内部事务")]


def test_the_notices_own_limit_goes_before_the_rules(session: Session, city: EvidenceCity) -> None:
    due = NOW + DAY
    request = city.approved(supply_due=due)
    duty = supply_of(session, request.id)
    assert duty is not None
    assert (duty.due_at, duty.due_why) == (due, None)


def test_completeness_is_reckoned_not_asserted() -> None:
    begins, ends = NOW, NOW + HOUR
    whole = Supplied(camera_id=None, label="东门", outcome=Outcome.SUPPLIED, spans=((begins, ends),))  # type: ignore[arg-type]
    parted = replace(whole, spans=((begins + HOUR / 2, ends), (begins, begins + HOUR / 4)))
    gone = replace(whole, outcome=Outcome.OVERWRITTEN, spans=())
    assert gaps_of([whole], begins=begins, ends=ends) == []
    (gap,) = gaps_of([parted], begins=begins, ends=ends)
    assert (gap.begins, gap.ends) == (begins + HOUR / 4, begins + HOUR / 2)
    assert completeness([whole], []) == Completeness.WHOLE
    assert completeness([whole, gone], []) == Completeness.PART
    assert completeness([parted], [gap]) == Completeness.PART
    assert completeness([gone], []) == Completeness.NONE


def test_an_urgent_call_is_verified_and_its_paper_compared(session: Session, city: EvidenceCity) -> None:
    with pytest.raises(Invalid, match="call_incomplete"):
        city.draft(**{**PHONED, "facts": AskFacts()})
    request = city.submitted(Paper.OTHER, **PHONED)  # its notice is not asked for now
    call = call_of(session, request.id)
    assert call is not None
    assert call.paper_due_on == date(2026, 11, 23)  # the next working day
    city.decide(request, city.head)
    city.decide(request, city.security, Verdict.ACKNOWLEDGE)
    given = {"actor": city.security, "request_id": request.id, "now": NOW + 2 * HOUR}
    with pytest.raises(Invalid, match="caller_not_verified"):
        assign_custodian(session, **given, custodian_id=city.custodian.person_id)  # type: ignore[arg-type]
    with pytest.raises(NotAllowed):
        verify_call(session, actor=city.officer, request_id=request.id, how="我就是", now=NOW)
    verify_call(session, **given, how="回拨分局总机，指挥室核实")
    assign_custodian(session, **given, custodian_id=city.custodian.person_id)  # type: ignore[arg-type]
    with pytest.raises(IllegalTransition):
        compare_paper(session, **given, matches=True, differences="")

    # Without the paper: listed for both sides and oversight, told to all three, and on the desk of who called.
    after = NOW + 4 * DAY
    remind_owed(session, actor=system_identity("evidence"), now=after)
    told = set(session.scalars(select(Notice.person_id).where(Notice.kind == "evidence.call")))
    assert {city.officer.person_id, city.security.person_id, city.auditor.person_id} <= told
    for who in (city.officer, city.security, city.auditor):
        assert [row.state for row in owed_page(session, who, Owed.PAPER, now=after).items] == ["late"]
    assert ("call_paper", True) in {
        (one.kind, one.late) for one in owed_waiting(session, city.officer, now=after, most=9)
    }

    paper = {"request_id": request.id, "issued_on": date(2026, 11, 20), "title": "通知书.pdf", "now": after}
    hand_in_paper(session, actor=city.officer, number="治调〔2026〕9号", stored_file_id=city.stored_file(), **paper)
    with pytest.raises(Invalid, match="differences_needed"):
        compare_paper(session, **given, matches=False, differences=" ")
    compare_paper(session, **given, matches=False, differences="时段比电话所述多两小时")
    assert [row.state for row in owed_page(session, city.auditor, Owed.PAPER, now=after).items] == ["differs"]
    hand_in_paper(session, actor=city.officer, number="治调〔2026〕9号", stored_file_id=city.stored_file(), **paper)
    compare_paper(session, **given, matches=True, differences="")
    assert not owed_page(session, city.auditor, Owed.PAPER, now=after).items
    session.commit()


@pytest.mark.requirement("EVI-20")
def test_what_a_secret_cases_paper_differs_in_is_written_nowhere_open(session: Session, city: EvidenceCity) -> None:
    secret = {"secret": True, "readers": (city.head.person_id,), "content": CaseContent("密", "密", "密", "密", "密")}
    request = city.submitted(Paper.OTHER, **{**PHONED, **secret})
    given = {"request_id": request.id, "now": NOW + 2 * HOUR}
    hand_in_paper(
        session,
        actor=city.officer,
        number="治调〔2026〕9号",
        issued_on=date(2026, 11, 20),
        title="通知书.pdf",
        stored_file_id=city.stored_file(),
        **given,
    )
    call = compare_paper(session, actor=city.security, matches=False, differences="案由实为鹊桥七号", **given)
    session.flush()
    assert (call.matches, call.differences) == (False, "…")
    for table in ("footage_call", "audit_stage", "outbox"):
        rows = session.scalars(text(f"select t::text from {table} t")).all()
        assert not [row for row in rows if "鹊桥" in row], table


@pytest.mark.requirement("APR-19")
def test_an_individual_is_answered_in_time_and_views_under_somebodys_eyes(session: Session, city: EvidenceCity) -> None:
    for faults, code in (
        ({"proof": None}, "proof_needed"),
        ({"proof": Proof.MARRIAGE_CERTIFICATE}, "proof_not_fitting"),
        ({"interest": None}, "interest_needed"),
    ):
        with pytest.raises(Invalid, match=code):
            city.draft(city.filer, **{**INDIVIDUAL, "facts": replace(INDIVIDUAL["facts"], **faults)})
    request = city.submitted(Paper.HANDLER_ID, Paper.RELATION_PROOF, who=city.filer, **INDIVIDUAL)
    viewing = viewing_of(session, request.id)
    assert viewing is not None
    assert request.decide_by == date(2026, 11, 30)
    given = {"request_id": request.id, "now": NOW + HOUR}
    with pytest.raises(Invalid):
        extend_decision(session, actor=city.security, reason=" ", **given)
    extend_decision(session, actor=city.security, reason="需核对报警记录", **given)
    assert request.decide_by == date(2026, 12, 5)
    assert [str(step.code) for step in deadline_of(viewing.decide_why).steps][-2:] == ["extended", "due"]  # type: ignore[union-attr]
    with pytest.raises(IllegalTransition):  # once
        extend_decision(session, actor=city.security, reason="还要", **given)
    city.decide(request, city.security)

    whole = {
        **given, "actor": city.security, "at": NOW + DAY, "place": "监控中心",
        "supervisor_id": city.second.person_id, "privacy": "只播放相关五分钟，遮挡其他画面",
    }  # fmt: skip
    for faults, code in (({"privacy": " "}, "required"), ({"at": NOW - HOUR}, "moment_is_past")):
        with pytest.raises(Invalid) as caught:
            appoint_viewing(session, **{**whole, **faults})
        assert code in caught.value.problems[0].code
    assign_custodian(session, actor=city.security, custodian_id=city.custodian.person_id, **given)  # type: ignore[arg-type]
    with pytest.raises(Invalid, match="person_not_proved"):
        city.unlock(request)
    prove_person(session, actor=city.security, **given)
    with pytest.raises(Invalid, match="no_appointment"):
        city.unlock(request)
    appoint_viewing(session, **whole)
    with pytest.raises(Invalid, match="supervisor_absent"):  # another second key than who was to sit there
        city.unlock(request, "security")
    city.unlock(request)
    conclude_viewing(session, actor=city.custodian, request_id=request.id, now=NOW + DAY)
    assert request.status == RequestStatus.VIEWED
    with pytest.raises(DBAPIError), session.begin_nested():
        session.execute(text("update footage_request set act = 'copy' where id = :id"), {"id": request.id})
    session.commit()


@pytest.mark.requirement("APR-13")
def test_the_centre_admits_nobody_from_outside_and_nobody_in_their_own_name(
    session: Session, city: EvidenceCity
) -> None:
    hall = city.camera(city.centre_system, "大厅")
    clerk = city.person("centreclerk", Role.UNIT_FILER, unit=city.centre)
    for wish in (
        letter(RequesterKind.OWN_MEMBER, InstrumentKind.INTERNAL_SLIP, Purpose.PUBLIC_ORDER),
        letter(RequesterKind.OUTSIDE_UNIT, InstrumentKind.INTRODUCTION_LETTER, Purpose.FIRE),
    ):
        with pytest.raises(Invalid) as caught:
            city.draft(clerk, **wish, camera_ids=(hall.id,))
        assert "evidence.requester_refused" in {problem.code for problem in caught.value.problems}
    # Higher law lets an individual ask (Decree 799 art. 21); what the centre answers in principle needs its reason.
    papers = (Paper.HANDLER_ID, Paper.RELATION_PROOF)
    request = city.submitted(*papers, who=clerk, **INDIVIDUAL, camera_ids=(hall.id,))
    head = city.person("centrehead", Role.UNIT_SECURITY_HEAD, unit=city.centre)
    with pytest.raises(Invalid, match="reason_required"):
        city.decide(request, head, Verdict.REFUSE, " ")
    city.decide(request, head, Verdict.REFUSE, "非入驻人员，原则上不受理")
    assert request.status == RequestStatus.REFUSED


@pytest.mark.requirement("APR-16")
def test_the_duty_staff_get_their_task_after_the_approval_only(session: Session, city: EvidenceCity) -> None:
    def waits_for(who: Identity, request: FootageRequest) -> bool:
        found = session.scalars(select(FootageRequest.id).where(todo(who)))
        return request.id in set(found)

    request = city.submitted(
        Paper.INTRODUCTION_LETTER, Paper.HANDLER_ID, who=city.filer,
        **letter(RequesterKind.OUTSIDE_UNIT, InstrumentKind.INTRODUCTION_LETTER, Purpose.FIRE, act=ActKind.PLAYBACK),
    )  # fmt: skip
    session.execute(text("update preservation_hold set status = 'acknowledged'"))
    given = {"actor": city.security, "request_id": request.id, "custodian_id": city.custodian.person_id, "now": NOW}
    for signer in (city.security, city.leader):
        assert not waits_for(city.custodian, request)
        with pytest.raises(IllegalTransition):
            assign_custodian(session, **given)  # type: ignore[arg-type]
        city.decide(request, signer)
    assign_custodian(session, **given)  # type: ignore[arg-type]
    assert waits_for(city.custodian, request)
    assert not waits_for(city.second, request)


@pytest.mark.requirement("EVI-16")
def test_the_register_of_a_school_states_recorder_time_and_purpose(session: Session, city: EvidenceCity) -> None:
    # Whatever any text wants registered has its column, the school's three among them.
    terms = next(family for family in rulebook().vocabulary.family if family.key == "register_field").terms
    columns = {column.key for column in LEDGER.columns}
    assert {term.key for term in terms} == set(REGISTER_COLUMNS)
    assert set(REGISTER_COLUMNS.values()) <= columns
    assert [REGISTER_COLUMNS[one] for one in ("recorder", "retrieved_at", "purpose")] == ["operator", "at", "purpose"]
    request = city.assigned(act=ActKind.PLAYBACK)
    city.unlock(request)
    (line,) = entries_of(session, request.id)
    assert (line.operator_name, line.at, line.purpose) == ("陈工", NOW + 3 * HOUR, Purpose.CRIMINAL_CASE)
    # Who came to look had their papers looked at by who opened.
    assert set(seen_of(session, request.id)) == {1, 2}


def test_of_a_secret_case_the_items_lie_sealed(session: Session, city: EvidenceCity) -> None:
    facts = AskFacts(items="绝密标记一号监控", approver="队长")
    request = city.draft(secret=True, readers=(city.head.person_id,), facts=facts)
    row = session.get(RequestFacts, request.id)
    assert row is not None
    assert row.items == ""
    assert row.sealed is not None
    assert "绝密标记" not in row.sealed
    assert facts_of(session, request).items == facts.items
    assert facts_of(session, request, opened=False).items == ""
