"""The chains of the four unit regulations, each walked by its own people from the draft to the handover or the viewing."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.accounts.values import Identity, OrganKind, Role
from portal.core.db import Database
from portal.core.errors import IllegalTransition, Invalid, NotAllowed
from portal.core.scope import EVERYTHING
from portal.evidence.models import FootageRequest
from portal.evidence.operations import (
    acknowledge_receipt,
    archive_request,
    assign_custodian,
    conclude_viewing,
    decide_request,
    hand_over,
    make_copy,
    register_file,
    seal_set,
    submit_request,
    unlock_footage,
    withdraw_request,
)
from portal.evidence.queries.execution import items_of, manifest_of
from portal.evidence.states import RequestStatus
from portal.evidence.values import (
    ActKind,
    IdKind,
    InstrumentKind,
    MediumKind,
    OfficerDraft,
    Paper,
    Purpose,
    RequesterKind,
)
from portal.evidence.values.copies import CopyDraft, CopyRole
from portal.registry.models import Camera, Unit
from portal.workflow.operations import AlreadyDecided
from portal.workflow.queries import get_run, states_of
from portal.workflow.states import Verdict
from portal.workflow.values import StepState
from tests.evidence.city import HOUR, EvidenceCity
from tests.support.world import NOW, PASSWORD

OWN: dict[str, Any] = {
    "requester_kind": RequesterKind.OWN_DEPARTMENT,
    "requester_name": "后勤处",
    "instrument_kind": InstrumentKind.INTERNAL_SLIP,
    "instrument_number": "",
    "purpose": Purpose.PUBLIC_ORDER,
}
STAFF = (OfficerDraft("段平", IdKind.WORK_ID, "G-017"), OfficerDraft("尹洁", IdKind.WORK_ID, "G-018"))


class House:
    """A unit under its own rules, with whoever its chains name."""

    def __init__(self, city: EvidenceCity, unit: Unit, **posts: str) -> None:
        self.city, self.unit, self.posts = city, unit, posts
        self.system = city.system(unit, city.bureau)
        key = unit.name[-2:]
        self.filer = city.person(f"{key}filer", Role.UNIT_FILER, unit=unit)
        self.head = city.person(f"{key}head", Role.UNIT_SECURITY_HEAD, unit=unit)
        self.custodian = city.person(f"{key}keeper", Role.UNIT_CUSTODIAN, unit=unit)
        self.people = {
            name: city.person(f"{key}{name}", Role.UNIT_APPROVER, unit=unit, post=post) for name, post in posts.items()
        }

    def camera(self, name: str = "东门", **columns: Any) -> Camera:
        """One of its cameras."""
        return self.city.camera(self.system, name, **columns)

    def ask(self, camera: Camera, *papers: Paper, who: Identity | None = None, **changes: Any) -> FootageRequest:
        """A department's request, submitted."""
        # People of the house show their work ID; officers of the bureau come under their police numbers.
        come = {} if who is self.city.officer else {"officers": STAFF}
        whole = {**OWN, "camera_ids": (camera.id,), **come, **changes}
        return self.city.submitted(*(papers or (Paper.OTHER,)), who=who or self.filer, **whole)

    def signs(self, request: FootageRequest, *names: str) -> None:
        """Each of these and nobody else brings the request one step on."""
        for name in names:
            for other, identity in self.people.items():
                if other != name:
                    with pytest.raises((NotAllowed, IllegalTransition)):
                        self.city.decide(request, identity)
            self.city.decide(request, self.people[name])
        assert request.status == RequestStatus.APPROVED

    def assign(self, request: FootageRequest, by: Identity, to: Identity | None = None) -> None:
        """Name who carries it out."""
        key = (to or self.custodian).person_id
        assert key is not None
        assign_custodian(self.city.session, actor=by, request_id=request.id, custodian_id=key, now=NOW + 2 * HOUR)

    def unlock(self, request: FootageRequest, second: str, *, custodian: Identity | None = None) -> None:
        """Open under two keys."""
        unlock_footage(
            self.city.session, actor=custodian or self.custodian, request_id=request.id, second_login=second,
            second_password=PASSWORD, second_totp="", workstation="", no_phone_notice=True, now=NOW + 3 * HOUR,
        )  # fmt: skip

    def to_the_handover(self, request: FootageRequest, *, custodian: Identity | None = None) -> None:
        """Register, seal, hand over before the head; the witness signs for whoever has no account."""
        session, actor, witness = self.city.session, custodian or self.custodian, f"{self.unit.name[-2:]}head"
        self.unlock(request, witness, custodian=actor)
        file = self.city.file(camera_id=request.cameras[0].camera_id)
        register_file(session, actor=actor, request_id=request.id, file=file, now=NOW + 3 * HOUR)
        seal_set(session, actor=actor, request_id=request.id, now=NOW + 4 * HOUR)
        given = hand_over(
            session, actor=actor, request_id=request.id, receiver_place=1, second_login=witness,
            second_password=PASSWORD, second_totp="", medium=MediumKind.DISC, medium_serial="DVD-1",
            destination="保卫处", now=NOW + 5 * HOUR,
        )  # fmt: skip
        assert request.status == RequestStatus.HANDED_OVER
        manifest = manifest_of(session, request.id)
        assert manifest is not None
        signer = self.city.officer if given.receiver_id else self.head
        acknowledge_receipt(
            session, actor=signer, request_id=request.id, handover_id=given.id, manifest_digest=manifest.digest,
            now=NOW + 6 * HOUR,
        )  # fmt: skip


def problems(caught: pytest.ExceptionInfo[Invalid]) -> set[tuple[str, str]]:
    return {(problem.field, problem.code) for problem in caught.value.problems}


@pytest.mark.requirement("APR-02")
@pytest.mark.requirement("APR-03")
def test_mianyang_department_to_the_archive_in_two_places(session: Session, city: EvidenceCity) -> None:
    college = House(
        city,
        city.college,
        department="department_head",
        order="public_order_leader",
        chief="public_order_section_chief",
        director="security_director",
    )
    request = college.ask(college.camera(), Paper.APPROVAL_SLIP, Paper.DEPARTMENT_STAMP, act=ActKind.COPY)
    college.signs(request, "department", "order")
    # The slip goes to the section, whose chief names the operator.
    with pytest.raises(NotAllowed, match="not_assigner"):
        college.assign(request, college.head)
    college.assign(request, college.people["chief"])
    with pytest.raises(NotAllowed):
        college.unlock(request, "学院head", custodian=city.second)
    college.to_the_handover(request)
    master = CopyDraft(CopyRole.MASTER, "disc", "BD-1", shelf="介质柜 1-1", keeper_name="陈工")
    make_copy(session, actor=college.custodian, request_id=request.id, draft=master, now=NOW + 6 * HOUR)
    places = {"place": "保卫处", "second_place": "", "now": NOW + 7 * HOUR}
    with pytest.raises(Invalid) as caught:
        archive_request(session, actor=college.head, request_id=request.id, **places)
    assert "archive_place_b" in {field for field, _ in problems(caught)}
    archive_request(session, actor=college.head, request_id=request.id, **{**places, "second_place": "监控中心"})
    assert (request.archive_place, request.archive_place_b) == ("保卫处", "监控中心")


@pytest.mark.requirement("APR-04")
def test_mianyang_organ_with_a_letter_needs_director_and_school_leader(session: Session, city: EvidenceCity) -> None:
    college = House(city, city.college, director="security_director", leader="school_leader_safety")
    request = college.ask(
        city.gate,
        Paper.INTRODUCTION_LETTER,
        Paper.HANDLER_ID,
        who=city.officer,
        requester_kind=RequesterKind.POLICE_CRIMINAL,
        instrument_kind=InstrumentKind.INTRODUCTION_LETTER,
        instrument_number="介字 9 号",
    )
    college.signs(request, "director", "leader")
    college.assign(request, college.head)
    college.to_the_handover(request)
    assert request.status == RequestStatus.RECEIVED


@pytest.mark.requirement("APR-07")
@pytest.mark.requirement("APR-08")
@pytest.mark.requirement("APR-20")
def test_university_consent_to_view_is_no_approval_to_copy(session: Session, city: EvidenceCity) -> None:
    unit = city.unit("石油大学", house_profiles=["petroleum-university"])
    university = House(city, unit, chief="public_order_section_chief", office="police_office_head")
    admin = city.person("uniadmin", Role.UNIT_CUSTODIAN, unit=unit, post="system_administrator")
    camera = university.camera()
    view = university.ask(camera, act=ActKind.PLAYBACK)
    university.signs(view, "chief")
    # Nobody but the named administrator operates playback and copy.
    with pytest.raises(Invalid) as caught:
        university.assign(view, university.head)
    assert problems(caught) == {("custodian", "evidence.custodian_not_open")}
    university.assign(view, university.head, admin)
    with pytest.raises(NotAllowed, match="not_assigned"):
        university.unlock(view, "大学head")
    university.unlock(view, "大学head", custodian=admin)
    file = city.file(camera_id=camera.id)
    with pytest.raises(IllegalTransition, match="nothing_to_take"):
        register_file(session, actor=admin, request_id=view.id, file=file, now=NOW + 3 * HOUR)
    with pytest.raises(Invalid, match="no_file"):
        seal_set(session, actor=admin, request_id=view.id, now=NOW + 3 * HOUR)
    assert items_of(session, view.id) == []
    conclude_viewing(session, actor=admin, request_id=view.id, now=NOW + 4 * HOUR)
    copy = university.ask(camera, act=ActKind.COPY)
    run = get_run(session, copy.run_id)  # type: ignore[arg-type]
    assert states_of(run)["section_consents"] is StepState.NOT_REQUIRED
    university.signs(copy, "office")
    university.assign(copy, university.head, admin)
    university.unlock(copy, "大学head", custodian=admin)
    for act in (register_file, seal_set):
        more = {"file": file} if act is register_file else {}
        with pytest.raises(NotAllowed):
            act(session, actor=university.custodian, request_id=copy.id, **more, now=NOW + 3 * HOUR)  # type: ignore[operator]
    assert items_of(session, copy.id) == []


CENTRE = {
    "security": "logistics_deputy_security",
    "canteen": "logistics_deputy_canteen",
    "logistics": "logistics_deputy",
    "director": "logistics_director",
    "deputy": "centre_deputy_director",
    "principal": "centre_principal",
}
WHOLE = ("logistics", "director", "deputy")


@pytest.mark.requirement("APR-09")
@pytest.mark.requirement("APR-10")
@pytest.mark.requirement("APR-11")
@pytest.mark.requirement("APR-12")
@pytest.mark.requirement("APR-14")
def test_centre_every_zone_has_its_signatures(session: Session, city: EvidenceCity) -> None:
    centre = House(city, city.centre, **CENTRE)
    zones: dict[str, tuple[str, ...]] = {
        "gate": ("security",),
        "canteen": ("canteen",),
        "corridor": WHOLE,
        "key_floor": (*WHOLE, "principal"),
    }
    cameras = {zone: centre.camera(zone, zone=zone) for zone in zones}
    for zone, names in zones.items():
        request = centre.ask(cameras[zone], act=ActKind.PLAYBACK)
        centre.signs(request, *names)
    mixed = tuple(cameras[zone].id for zone in ("gate", "corridor", "key_floor"))
    request = centre.ask(cameras["gate"], act=ActKind.PLAYBACK, camera_ids=mixed)
    centre.signs(request, *WHOLE, "principal")
    centre.assign(request, centre.head)
    centre.unlock(request, "中心head")
    conclude_viewing(session, actor=centre.custodian, request_id=request.id, now=NOW + 4 * HOUR)
    organ = centre.ask(
        cameras["key_floor"],
        Paper.INTRODUCTION_LETTER,
        who=city.officer,
        act=ActKind.PLAYBACK,
        requester_kind=RequesterKind.POLICE_CRIMINAL,
        instrument_kind=InstrumentKind.INTRODUCTION_LETTER,
        instrument_number="介字 9 号",
    )
    centre.signs(organ, "principal")


@pytest.mark.requirement("APR-11")
@pytest.mark.requirement("APR-13")
def test_centre_zone_c_goes_through_the_resident_unit(session: Session, city: EvidenceCity) -> None:
    centre = House(city, city.centre, **CENTRE)
    corridor = centre.camera("楼道", zone="corridor")
    office = city.organ("市档案室", OrganKind.DEPARTMENT, "410502")
    clerk = city.person("clerk", Role.INVESTIGATOR, organ=office)
    chief = city.person("residenthead", Role.CASE_HEAD, organ=office, post="resident_unit_head")
    resident = {"requester_kind": RequesterKind.RESIDENT_UNIT, "requester_name": "市档案室", "act": ActKind.PLAYBACK}
    asked = centre.ask(corridor, Paper.UNIT_APPLICATION, who=clerk, **resident)
    with pytest.raises(NotAllowed):
        city.decide(asked, centre.people["logistics"])
    city.decide(asked, chief)
    centre.signs(asked, *WHOLE)
    # At the counter the unit's head has signed on paper, which must be there.
    with pytest.raises(Invalid) as caught:
        centre.ask(corridor, Paper.OTHER, **resident)
    assert {problem.data["paper"] for problem in caught.value.problems} == {"unit_application"}
    centre.signs(centre.ask(corridor, Paper.UNIT_APPLICATION, **resident), *WHOLE)
    for kind in (RequesterKind.OWN_MEMBER, RequesterKind.OUTSIDE_UNIT):
        with pytest.raises(Invalid) as caught:
            centre.ask(corridor, act=ActKind.PLAYBACK, requester_kind=kind)
        assert ("requester_kind", "evidence.requester_refused") in problems(caught)


@pytest.mark.requirement("APR-15")
def test_centre_copies_for_two_people_with_letter_and_promise(session: Session, city: EvidenceCity) -> None:
    centre = House(city, city.centre, **CENTRE)
    gate = centre.camera("北门", zone="gate")
    for act in (ActKind.COPY, ActKind.FILM_SCREEN):
        with pytest.raises(Invalid) as caught:
            centre.ask(gate, Paper.UNIT_CERTIFICATE, act=act, officers=STAFF[:1])
        assert problems(caught) == {("officers", "evidence.officers_too_few")}
        with pytest.raises(Invalid) as caught:
            centre.ask(gate, act=act)
        assert {problem.data["paper"] for problem in caught.value.problems} == {"unit_certificate"}
        with pytest.raises(Invalid) as caught:
            centre.ask(gate, Paper.UNIT_CERTIFICATE, act=act, undertaking=False)
        assert problems(caught) == {("undertaking", "evidence.undertaking_needed")}
    request = centre.ask(gate, Paper.UNIT_CERTIFICATE, act=ActKind.COPY)
    centre.signs(request, "security")
    centre.assign(request, centre.head)
    centre.to_the_handover(request)


@pytest.mark.requirement("APR-17")
@pytest.mark.requirement("APR-18")
def test_school_asks_its_leader_and_a_notice_asks_nobodys_leave(session: Session, city: EvidenceCity) -> None:
    school = House(city, city.school, leader="school_leader_safety", dean="department_head")
    camera = school.camera("校门")
    request = school.ask(camera, act=ActKind.COPY)
    school.signs(request, "leader")
    school.assign(request, school.head)
    school.to_the_handover(request)
    notice = city.submitted(camera_ids=(camera.id,))
    city.decide(notice, city.head)
    with pytest.raises(NotAllowed) as refused:
        city.decide(notice, school.head, Verdict.REFUSE, "不同意")
    assert refused.value.data["barriers"] == ["verdict_not_offered"]
    city.decide(notice, school.head, Verdict.ACKNOWLEDGE)
    assert notice.status == RequestStatus.APPROVED


@pytest.mark.requirement("EVI-22")
@pytest.mark.requirement("DPW-02")
def test_live_pictures_and_recordings_open_by_permissions_of_their_own(session: Session, city: EvidenceCity) -> None:
    """Whoever approves may be the second key to a live picture, and never to what was recorded."""
    live = city.assigned(act=ActKind.LIVE, span_from=NOW + 5 * HOUR, span_to=NOW + 6 * HOUR)
    city.unlock(live, "leader")
    played = city.assigned(act=ActKind.PLAYBACK)
    with pytest.raises(Invalid) as caught:
        city.unlock(played, "leader")
    assert problems(caught) == {("second_login", "evidence.second_not_authorised")}
    city.unlock(played, "security")


@pytest.mark.slow
def test_an_approver_and_a_withdrawing_requester_at_once(own_database: Database) -> None:
    """One of the two stands; the other is told, and nothing is half done."""
    with own_database.transaction() as session:
        city = EvidenceCity(session)
        keys = [(one.id, one.run_id) for one in (city.submitted() for _ in range(4))]
    for turn, (request_id, run_id) in enumerate(keys):
        gate, told = threading.Barrier(2), []

        def act(name: str, gate: threading.Barrier, told: list[str], request_id: Any, wait: float) -> None:
            with own_database.session(EVERYTHING) as mine:
                gate.wait()
                threading.Event().wait(wait)
                try:
                    if name == "approve":
                        decide_request(
                            mine, actor=city.head, request_id=request_id, step_key="case_department_head",
                            verdict=Verdict.APPROVE, comment="", now=NOW,
                        )  # fmt: skip
                    else:
                        withdraw_request(mine, actor=city.officer, request_id=request_id, reason="撤回", now=NOW)
                    mine.commit()
                    told.append(f"{name}: done")
                except (AlreadyDecided, IllegalTransition) as refusal:
                    told.append(f"{name}: {refusal.code}")

        waits = {"approve": 0.0 if turn % 2 else 0.02, "withdraw": 0.02 if turn % 2 else 0.0}
        threads = [
            threading.Thread(target=act, args=(name, gate, told, request_id, wait)) for name, wait in waits.items()
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        with own_database.transaction() as session:
            run = get_run(session, run_id)  # type: ignore[arg-type]
            status = session.scalar(text("select status from footage_request where id = :id"), {"id": request_id})
            assert "withdraw: done" in told
            # An approval that came first is there, and void with the run; one that came second is nowhere.
            assert len(run.decisions) == told.count("approve: done")
            assert (status, run.status, run.voided) == ("withdrawn", "withdrawn", True)
            assert told.count("approve: done") + told.count("approve: evidence.request.illegal") == 1


def test_nothing_of_a_void_round_counts_in_the_next(session: Session, city: EvidenceCity) -> None:
    """A return voids what was approved; the same people sign again, and only then does the request go on."""
    college = House(city, city.college, department="department_head", order="public_order_leader")
    request = college.ask(city.gate, Paper.DEPARTMENT_STAMP, act=ActKind.PLAYBACK)
    city.decide(request, college.people["department"])
    city.decide(request, college.people["order"], Verdict.RETURN, "时间段过宽")
    submit_request(session, actor=college.filer, request_id=request.id, now=NOW + timedelta(hours=3))
    with pytest.raises(NotAllowed):
        city.decide(request, college.people["order"])
    college.signs(request, "department", "order")
