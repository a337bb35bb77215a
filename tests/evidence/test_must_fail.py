"""Every path that must fail, and that the database would stop what the code did not."""

import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from portal.accounts.models import Notice
from portal.accounts.values import Identity
from portal.core.db import Database
from portal.core.errors import IllegalTransition, Invalid, NotAllowed, NotFound
from portal.core.outbox import OutboxRow
from portal.core.scope import EVERYTHING
from portal.evidence.models import FootageItem, Handover, UnlockSession
from portal.evidence.operations import (
    ManifestMismatch,
    acknowledge_receipt,
    ask_release,
    assign_custodian,
    book_outcome,
    conclude_viewing,
    confirm_release,
    edit_request,
    hand_over,
    refuse_supply,
    register_file,
    seal_set,
    send_notices,
    strike_file,
    submit_request,
    withdraw_request,
)
from portal.evidence.queries import get_request
from portal.evidence.states import RequestStatus
from portal.evidence.values import (
    ActKind,
    InstrumentKind,
    MediumKind,
    Outcome,
    Paper,
    Purpose,
    Relation,
    RequesterKind,
)
from portal.evidence.values.facts import AskFacts, Interest, Proof
from portal.registry.models import System
from portal.workflow.operations import AlreadyDecided
from portal.workflow.states import Verdict
from tests.evidence.city import HOUR, EvidenceCity
from tests.support.world import NOW, PASSWORD


def problems(caught: pytest.ExceptionInfo[Invalid]) -> set[tuple[str, str]]:
    """Field and code of every problem."""
    return {(problem.field, problem.code) for problem in caught.value.problems}


def put(session: Session, row: object) -> None:
    """Write a row past the operations."""
    session.add(row)
    session.flush()


@pytest.mark.requirement("APR-01")
def test_the_requester_does_not_approve_their_own_request(session: Session, city: EvidenceCity) -> None:
    city.join(city.officer.person_id, city.head.memberships[0].role, organ=city.bureau)
    both = city.who("officer")
    request = city.submitted(who=both)
    with pytest.raises(NotAllowed) as refused:
        city.decide(request, both)
    assert "requester" in refused.value.data["barriers"]


def test_an_officer_named_in_the_request_does_not_approve_it_either(session: Session, city: EvidenceCity) -> None:
    city.join(city.partner.person_id, city.head.memberships[0].role, organ=city.bureau)
    request = city.submitted()
    with pytest.raises(NotAllowed) as refused:
        city.decide(request, city.who("partner"))
    assert refused.value.data["barriers"] == ["requester"]


def test_one_person_does_not_fill_two_steps(session: Session, city: EvidenceCity) -> None:
    city.join(city.security.person_id, city.leader.memberships[0].role, unit=city.college, post="school_leader_safety")
    both = city.who("security")
    request = city.submitted(
        Paper.INTRODUCTION_LETTER,
        Paper.HANDLER_ID,
        instrument_kind=InstrumentKind.INTRODUCTION_LETTER,
        purpose=Purpose.PUBLIC_ORDER,
    )
    city.decide(request, both)
    with pytest.raises(NotAllowed) as refused:
        city.decide(request, both)
    assert refused.value.data["barriers"] == ["signed_earlier_step"]


@pytest.mark.requirement("RET-03")
def test_an_expired_span_is_refused_with_the_day_it_was_lost(session: Session, city: EvidenceCity) -> None:
    with pytest.raises(Invalid) as caught:
        city.draft(span_from=NOW - timedelta(days=40), span_to=NOW - timedelta(days=39))
    assert problems(caught) == {("cameras", "evidence.footage_lost")}
    assert caught.value.problems[0].data["lost_on"] == NOW - timedelta(days=9)


@pytest.mark.requirement("RET-01")
def test_the_least_of_the_declared_retentions_counts(session: Session, city: EvidenceCity) -> None:
    system = city.system(city.college, city.bureau, retention_days=90)
    short = city.camera(system, "西门", retention_days=15)
    with pytest.raises(Invalid) as caught:
        city.draft(camera_ids=(short.id,), span_from=NOW - timedelta(days=20), span_to=NOW - timedelta(days=19))
    assert caught.value.problems[0].data["days"] == 15


def test_a_request_that_expires_while_it_waits_is_refused_at_submission(session: Session, city: EvidenceCity) -> None:
    request = city.draft()
    with pytest.raises(Invalid) as caught:
        submit_request(session, actor=city.officer, request_id=request.id, now=NOW + timedelta(days=29))
    assert ("cameras", "evidence.footage_lost") in problems(caught)


def test_the_request_of_another_unit_does_not_exist(session: Session, city: EvidenceCity) -> None:
    request = city.submitted()
    for stranger in (city.school_head, city.far_officer):
        with pytest.raises(NotFound):
            get_request(session, stranger, request.id)
        with pytest.raises(NotFound):
            city.decide(request, replace(stranger, memberships=(*stranger.memberships, *_decider(city))))


def test_a_camera_out_of_sight_is_unknown(session: Session, city: EvidenceCity) -> None:
    with pytest.raises(Invalid) as caught:
        city.draft(city.far_officer)
    assert ("cameras", "evidence.no_camera") in problems(caught)
    with pytest.raises(Invalid):
        city.draft(city.filer, camera_ids=(city.yard.id,), requester_kind=RequesterKind.OWN_DEPARTMENT)


@pytest.mark.requirement("APR-19")
def test_an_individual_gets_no_copy(session: Session, city: EvidenceCity) -> None:
    wish = {
        "who": city.filer,
        "requester_kind": RequesterKind.INDIVIDUAL,
        "requester_name": "市民李某",
        "instrument_kind": InstrumentKind.PERSONAL_APPLICATION,
        "instrument_number": "",
        "purpose": Purpose.LIFE_OR_PROPERTY,
        "relation": Relation.SELF,
        "facts": AskFacts(proof=Proof.POLICE_RECEIPT, interest=Interest.PROPERTY),
        "officers": (),
    }
    from portal.evidence.values import IdKind, OfficerDraft

    wish["officers"] = (OfficerDraft("李某", IdKind.IDENTITY_CARD, "110101199003070011"),)
    for act in (ActKind.COPY, ActKind.FILM_SCREEN, ActKind.SEIZE):
        with pytest.raises(Invalid) as caught:
            city.draft(**{**wish, "act": act})
        assert ("act", "evidence.individual_views_only") in problems(caught)
    request = city.submitted(Paper.HANDLER_ID, Paper.RELATION_PROOF, act=ActKind.PLAYBACK, **wish)
    with pytest.raises(DBAPIError), session.begin_nested():
        session.execute(text("update footage_request set act = 'copy' where id = :id"), {"id": request.id})


@pytest.mark.requirement("APR-05")
def test_missing_papers_stop_the_submission(session: Session, city: EvidenceCity) -> None:
    other_organ = {
        "who": city.filer,
        "requester_kind": RequesterKind.OTHER_ORGAN,
        "requester_name": "市应急管理局",
        "instrument_kind": InstrumentKind.CERTIFICATE,
        "instrument_number": "安公证〔2026〕7号",
        "purpose": Purpose.LAW_ENFORCEMENT,
        "act": ActKind.PLAYBACK,
    }
    with pytest.raises(Invalid) as caught:
        city.submitted(Paper.HANDLER_ID, Paper.INTRODUCTION_LETTER, **other_organ)
    assert {problem.data["paper"] for problem in caught.value.problems} == {"psb_certificate"}
    city.submitted(Paper.HANDLER_ID, Paper.INTRODUCTION_LETTER, Paper.PSB_CERTIFICATE, **other_organ)


@pytest.mark.requirement("APR-15")
@pytest.mark.requirement("EVI-15")
def test_copying_in_the_administrative_centre_needs_two_people(session: Session, city: EvidenceCity) -> None:
    filer = city.person("centrefiler", city.filer.memberships[0].role, unit=city.centre)
    gate = city.camera(city.centre_system, "北大门", zone="gate")
    own = {
        "camera_ids": (gate.id,),
        "requester_kind": RequesterKind.OWN_DEPARTMENT,
        "instrument_kind": InstrumentKind.INTERNAL_SLIP,
        "instrument_number": "",
        "purpose": Purpose.PUBLIC_ORDER,
        "officers": city.asked().officers[:1],
    }
    with pytest.raises(Invalid) as caught:
        city.draft(filer, **own)
    assert ("officers", "evidence.officers_too_few") in problems(caught)
    city.draft(filer, **{**own, "act": ActKind.PLAYBACK})


@pytest.mark.requirement("EVI-01")
def test_a_purpose_outside_the_rules_is_refused(session: Session, city: EvidenceCity) -> None:
    with pytest.raises(Invalid) as caught:
        city.draft(
            city.filer,
            requester_kind=RequesterKind.OWN_DEPARTMENT,
            instrument_kind=InstrumentKind.INTERNAL_SLIP,
            purpose=Purpose.FOOD_SAFETY,
        )
    assert ("purpose", "evidence.purpose_not_open") in problems(caught)


@pytest.mark.requirement("DPW-02")
@pytest.mark.requirement("APR-03")
def test_the_keys(session: Session, city: EvidenceCity) -> None:
    request = city.assigned()
    refusals = {
        "custodian": "second_person_same",  # the executor again
        "officer": "evidence.second_is_requester",
        "schoolhead": "evidence.second_not_authorised",  # of another unit
        "filer": "evidence.second_not_authorised",  # of the unit, without the post
    }
    for login, code in refusals.items():
        with pytest.raises(Invalid) as caught:
            city.unlock(request, login)
        assert problems(caught) == {("second_login", code)}, login
    with pytest.raises(Invalid):
        city.unlock(request, "second", "wrong password")
    with pytest.raises(NotAllowed):
        city.unlock(request, "custodian", actor=city.second)  # not the assigned one
    with pytest.raises(Invalid):
        city.unlock(request, no_phone_notice=False)
    assert session.scalars(select(UnlockSession)).all() == []
    city.unlock(request)
    assert session.scalars(select(UnlockSession.second_name)).all() == ["李工"]


@pytest.mark.requirement("DPW-02")
def test_wrong_second_passwords_lock_the_second_account(session: Session, city: EvidenceCity) -> None:
    request = city.assigned()
    for _ in range(5):
        with pytest.raises(Invalid) as caught:
            city.unlock(request, "second", "wrong password")
        assert caught.value.data["commit"] is True
    assert city.accounts["second"].locked_until is not None
    with pytest.raises(Invalid):
        city.unlock(request)


def test_the_database_refuses_one_person_on_both_keys_and_the_requester(session: Session, city: EvidenceCity) -> None:
    request = city.assigned()
    keys = {
        "two_people": (city.custodian, city.custodian),
        "not_the_requester": (city.custodian, city.officer),
    }
    for constraint, (executor, second) in keys.items():
        with pytest.raises(IntegrityError, match=constraint), session.begin_nested():
            put(session, _unlock(request, executor, second))


@pytest.mark.requirement("APR-16")
def test_nothing_is_opened_before_approval(session: Session, city: EvidenceCity) -> None:
    request = city.submitted()
    with pytest.raises(IllegalTransition):
        city.unlock(request)
    with pytest.raises(IllegalTransition):
        assign_custodian(
            session, actor=city.security, request_id=request.id, custodian_id=city.custodian.person_id, now=NOW
        )
    with pytest.raises(DBAPIError, match="not approved"), session.begin_nested():
        put(session, _unlock(request, city.custodian, city.second))


def test_the_requester_is_never_the_custodian(session: Session, city: EvidenceCity) -> None:
    request = city.approved()
    for person in (city.officer, city.school_head, city.leader):
        with pytest.raises(Invalid) as caught:
            assign_custodian(
                session, actor=city.security, request_id=request.id, custodian_id=person.person_id, now=NOW
            )
        assert ("custodian", "evidence.custodian_not_open") in problems(caught)


@pytest.mark.requirement("APR-08")
def test_a_viewing_approval_yields_no_file(session: Session, city: EvidenceCity) -> None:
    request = city.assigned(act=ActKind.PLAYBACK)
    city.unlock(request)
    with pytest.raises(IllegalTransition):
        register_file(session, actor=city.custodian, request_id=request.id, file=city.file(), now=NOW + 3 * HOUR)


def test_no_file_without_an_opening_and_none_beyond_the_span(session: Session, city: EvidenceCity) -> None:
    request = city.assigned()
    with pytest.raises(IllegalTransition):
        register_file(session, actor=city.custodian, request_id=request.id, file=city.file(), now=NOW + 3 * HOUR)
    city.unlock(request)
    faults: list[tuple[dict[str, Any], tuple[str, str]]] = [
        ({"sha256": "xyz"}, ("sha256", "evidence.bad_sha256")),
        ({"size": 0}, ("size", "evidence.size_positive")),
        ({"name": " "}, ("name", "required")),
        ({"span_to": NOW}, ("span_from", "evidence.outside_span")),
        ({"camera_id": city.yard.id}, ("camera", "evidence.camera_unknown")),
    ]
    for changes, expected in faults:
        with pytest.raises(Invalid) as caught:
            register_file(
                session, actor=city.custodian, request_id=request.id, file=city.file(**changes), now=NOW + 3 * HOUR
            )
        assert expected in problems(caught)
    register_file(session, actor=city.custodian, request_id=request.id, file=city.file(), now=NOW + 3 * HOUR)
    with pytest.raises(Invalid) as caught:
        register_file(session, actor=city.custodian, request_id=request.id, file=city.file(), now=NOW + 3 * HOUR)
    assert ("sha256", "evidence.file_twice") in problems(caught)


@pytest.mark.requirement("EVI-17")
def test_nothing_is_called_supplied_without_a_file_nor_missing_with_one(session: Session, city: EvidenceCity) -> None:
    second = city.camera(session.get_one(System, city.gate.system_id), "西门")
    request = city.assigned(camera_ids=(city.gate.id, second.id))
    city.unlock(request)

    def booked(camera: Any, outcome: Outcome, note: str = "") -> None:
        book_outcome(
            session,
            actor=city.custodian,
            request_id=request.id,
            camera_id=camera.id,
            outcome=outcome,
            note=note,
            now=NOW + 3 * HOUR,
        )

    with pytest.raises(Invalid) as bare:
        booked(city.gate, Outcome.SUPPLIED, "已交付")
    register_file(session, actor=city.custodian, request_id=request.id, file=city.file(), now=NOW + 3 * HOUR)
    with pytest.raises(Invalid) as against:
        booked(city.gate, Outcome.NEVER_HAD, "从未录像")
    with pytest.raises(Invalid) as silent:
        booked(second, Outcome.SUPPLIED)
    assert [problems(one) for one in (bare, against, silent)] == [
        {("outcome", "evidence.file_first")}, {("outcome", "evidence.file_says_else")}, {("note", "evidence.file_first")}
    ]  # fmt: skip
    booked(second, Outcome.SUPPLIED, "与东门在同一文件")
    assert seal_set(session, actor=city.custodian, request_id=request.id, now=NOW + 4 * HOUR).digest


@pytest.mark.requirement("RET-04")
def test_a_sealed_set_stays_as_it_was_sealed(session: Session, city: EvidenceCity) -> None:
    request = city.sealed()
    item = session.scalars(select(FootageItem)).one()
    with pytest.raises(IllegalTransition):
        strike_file(session, actor=city.custodian, request_id=request.id, item_id=item.id, now=NOW + 5 * HOUR)
    for statement in (
        "update footage_item set size = 1",
        "delete from footage_item",
        "insert into footage_item select gen_random_uuid(), request_id, camera_id, entry_id, unlock_id, 9, 'x', 1, "
        "repeat('b', 64), format, span_from, span_to, 0, null, registered_by, registered_at from footage_item",
        "update footage_manifest set digest = repeat('0', 64)",
    ):
        with pytest.raises(DBAPIError), session.begin_nested():
            session.execute(text(statement))


@pytest.mark.requirement("EVI-14")
def test_the_register_is_only_added_to(session: Session, city: EvidenceCity) -> None:
    city.sealed()
    for statement in (
        "update custody_entry set reason = 'x'",
        "delete from custody_entry",
        "truncate custody_entry cascade",
        "update footage_unlock set second_name = 'x'",
        "delete from footage_unlock",
    ):
        with pytest.raises(DBAPIError), session.begin_nested():
            session.execute(text(statement))


def test_what_was_submitted_is_frozen(session: Session, city: EvidenceCity) -> None:
    request = city.submitted()
    with pytest.raises(IllegalTransition):
        edit_request(
            session,
            actor=city.officer,
            request_id=request.id,
            seen_version=request.version,
            asked=city.asked(),
            now=NOW,
        )
    for statement in (
        "update footage_request set span_to = span_to + interval '1 day'",
        "update footage_request set act = 'original'",
        "delete from footage_request_camera",
        "delete from footage_request_officer",
    ):
        with pytest.raises(DBAPIError), session.begin_nested():
            session.execute(text(statement))


@pytest.mark.requirement("EVI-06")
def test_the_handover(session: Session, city: EvidenceCity) -> None:
    request = city.sealed()
    given = {
        "request_id": request.id,
        "receiver_place": 1,
        "second_login": "security",
        "second_password": PASSWORD,
        "second_totp": "",
        "medium": MediumKind.DISC,
        "medium_serial": "DVD-1",
        "destination": "案卷",
        "now": NOW + 5 * HOUR,
    }
    with pytest.raises(Invalid):
        hand_over(session, actor=city.custodian, **{**given, "destination": " "})
    with pytest.raises(Invalid) as caught:
        hand_over(session, actor=city.custodian, **{**given, "second_login": "custodian"})
    assert ("second_login", "second_person_same") in problems(caught)
    with pytest.raises(Invalid):
        hand_over(session, actor=city.custodian, **{**given, "second_login": "officer"})
    with pytest.raises(NotAllowed):
        hand_over(session, actor=city.second, **given)
    handover = hand_over(session, actor=city.custodian, **given)
    with pytest.raises(NotAllowed):
        acknowledge_receipt(
            session,
            actor=city.partner,
            request_id=request.id,
            handover_id=handover.id,
            manifest_digest=handover.manifest_digest,
            now=NOW + 6 * HOUR,
        )
    with pytest.raises(ManifestMismatch) as differs:
        acknowledge_receipt(
            session,
            actor=city.officer,
            request_id=request.id,
            handover_id=handover.id,
            manifest_digest="0" * 64,
            now=NOW + 6 * HOUR,
        )
    assert problems(differs) == {("manifest_digest", "evidence.digest_differs")}
    assert (request.status, handover.acknowledged_at) == (RequestStatus.HANDED_OVER, None)
    failed = session.scalar(text("select count(*) from audit_stage where tag = 'evidence:handover:differs'"))
    assert failed == 1
    for statement in ("update footage_handover set destination = 'x'", "delete from footage_handover"):
        with pytest.raises(DBAPIError), session.begin_nested():
            session.execute(text(statement))


def test_giver_receiver_and_witness_are_three_people_in_the_database_too(session: Session, city: EvidenceCity) -> None:
    request = city.sealed()
    hand_over(
        session,
        actor=city.custodian,
        request_id=request.id,
        receiver_place=1,
        second_login="security",
        second_password=PASSWORD,
        second_totp="",
        medium=MediumKind.DISC,
        medium_serial="DVD-1",
        destination="案卷",
        now=NOW,
    )
    good = session.scalars(select(Handover)).one()
    columns = {column.name: getattr(good, column.name) for column in Handover.__table__.columns if column.name != "id"}
    same = {
        "giver_is_not_receiver": {"receiver_id": good.giver_id},
        "witness_is_not_giver": {"witness_id": good.giver_id},
        "witness_is_not_receiver": {"witness_id": good.receiver_id},
    }
    for constraint, change in same.items():
        with pytest.raises(IntegrityError, match=constraint), session.begin_nested():
            put(session, Handover(**{**columns, "copy_serial": constraint[:20], **change}))


@pytest.mark.requirement("APR-18")
def test_a_refusal_to_supply_is_booked_with_its_reason(session: Session, city: EvidenceCity) -> None:
    request = city.approved()
    with pytest.raises(Invalid):
        refuse_supply(
            session, actor=city.security, request_id=request.id, outcome=Outcome.DEVICE_DOWN, reason=" ", now=NOW
        )
    refuse_supply(
        session, actor=city.security, request_id=request.id, outcome=Outcome.DEVICE_DOWN, reason="硬盘故障", now=NOW
    )
    assert request.status == RequestStatus.NOT_SUPPLIED
    assert [(camera.outcome, camera.outcome_note) for camera in request.cameras] == [("device_down", "硬盘故障")]
    assert session.scalar(text("select note from custody_entry where act = 'not_supplied'")) == "device_down"


def test_withdrawing_after_the_recordings_were_opened_is_too_late(session: Session, city: EvidenceCity) -> None:
    request = city.assigned()
    with pytest.raises(NotAllowed):
        withdraw_request(session, actor=city.partner, request_id=request.id, reason="", now=NOW)
    city.unlock(request)
    with pytest.raises(IllegalTransition):
        withdraw_request(session, actor=city.officer, request_id=request.id, reason="", now=NOW)


def test_a_request_taken_back_is_told_to_whoever_had_it_in_hand(session: Session, city: EvidenceCity) -> None:
    """Nobody before the unit could act; then its security head, and the custodian once one was named."""
    told = {}
    for name, request in {"early": city.submitted(), "open": city.approved(), "named": city.assigned()}.items():
        withdraw_request(session, actor=city.officer, request_id=request.id, reason="另案处理", now=NOW + 3 * HOUR)
        jobs = select(OutboxRow.payload).where(OutboxRow.dedupe == f"withdrawn:{request.id}")
        assert session.scalars(jobs).one() == {"request_id": str(request.id)}
        for _ in range(2):
            send_notices(session, request_id=request.id, now=NOW + 3 * HOUR)
        lines = session.scalars(select(Notice).where(Notice.subject_id == request.id)).all()
        assert {line.kind for line in lines} <= {"evidence.withdrawn"}
        told[name] = sorted(str(line.person_id) for line in lines)
    head, keeper = str(city.security.person_id), str(city.custodian.person_id)
    assert told == {"early": [], "open": [head], "named": sorted([head, keeper])}


@pytest.mark.requirement("RET-05")
def test_a_hold_is_not_lifted_by_one_person_nor_before_the_footage_is_safe(
    session: Session, city: EvidenceCity
) -> None:
    request = city.assigned()
    with pytest.raises(IllegalTransition):
        ask_release(session, actor=city.officer, request_id=request.id, reason="不需要了", now=NOW)
    city.unlock(request)
    register_file(session, actor=city.custodian, request_id=request.id, file=city.file(), now=NOW)
    seal_set(session, actor=city.custodian, request_id=request.id, now=NOW)
    ask_release(session, actor=city.officer, request_id=request.id, reason="已固定", now=NOW)
    city.join(city.officer.person_id, city.head.memberships[0].role, organ=city.bureau)
    with pytest.raises(NotAllowed):
        confirm_release(session, actor=city.who("officer"), request_id=request.id, now=NOW)
    statement = "update preservation_hold set status = 'released', release_confirmed_by = release_asked_by"
    with pytest.raises(DBAPIError, match="two_people"), session.begin_nested():
        session.execute(text(statement))


def test_a_set_is_not_sealed_empty_nor_with_a_camera_unanswered(session: Session, city: EvidenceCity) -> None:
    other = city.camera(city.system(city.college, city.bureau), "西门")
    request = city.assigned(camera_ids=(city.gate.id, other.id))
    city.unlock(request)
    with pytest.raises(Invalid):
        seal_set(session, actor=city.custodian, request_id=request.id, now=NOW)
    register_file(session, actor=city.custodian, request_id=request.id, file=city.file(), now=NOW)
    with pytest.raises(Invalid) as caught:
        seal_set(session, actor=city.custodian, request_id=request.id, now=NOW)
    assert caught.value.problems[0].data["cameras"] == "西门"
    with pytest.raises(IllegalTransition):
        conclude_viewing(session, actor=city.custodian, request_id=request.id, now=NOW)


@pytest.mark.slow
def test_two_heads_at_once_exactly_one_approves(own_database: Database) -> None:
    with own_database.transaction() as session:
        city = EvidenceCity(session)
        second_head = city.person("head2", city.head.memberships[0].role, organ=city.bureau)
        request = city.submitted()
        request_id, run_id = request.id, request.run_id
    gate, results = threading.Barrier(2), []

    def approve(who: Identity) -> None:
        from portal.evidence.operations import decide_request

        with own_database.session(EVERYTHING) as mine:
            gate.wait()
            try:
                decide_request(
                    mine,
                    actor=who,
                    request_id=request_id,
                    step_key="case_department_head",
                    verdict=Verdict.APPROVE,
                    comment="",
                    now=NOW,
                )
                mine.commit()
                results.append("won")
            except (AlreadyDecided, NotAllowed):
                results.append("late")

    threads = [threading.Thread(target=approve, args=(who,)) for who in (city.head, second_head)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(results) == ["late", "won"]
    with own_database.transaction() as session:
        assert session.scalar(text("select count(*) from approval_decision where run_id = :id"), {"id": run_id}) == 1


def _decider(city: EvidenceCity) -> tuple[Any, ...]:
    """A deciding role in one's own place: still nothing to do with the request."""
    return tuple(replace(fact, organ_id=city.far_bureau.id) for fact in city.head.memberships)


def _unlock(request: Any, executor: Identity, second: Identity) -> UnlockSession:
    return UnlockSession(
        request_id=request.id,
        requester_id=request.requester_id,
        executor_id=executor.person_id,
        executor_name="x",
        second_id=second.person_id,
        second_name="y",
        no_phone_notice=True,
        opened_at=NOW,
    )
