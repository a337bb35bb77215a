"""The papers officials know, from requests as they stand: read as what the typesetter is given."""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from portal.accounts.operations import Appointment, appoint_stand_in
from portal.accounts.values import Home, Identity, OrganKind, Post, Role
from portal.app import PortalApp
from portal.core.clock import city_day
from portal.evidence.operations import submit_request
from portal.evidence.queries import get_request
from portal.evidence.values import ActKind, Paper, RequesterKind
from portal.evidence.views.printing import printed
from portal.papers import operations as papers
from portal.workflow.states import Verdict
from tests.evidence.city import HOUR, EvidenceCity
from tests.evidence.test_chains import CENTRE, House
from tests.support.world import NOW

Made = Callable[..., Any]


@pytest.fixture
def made(app: PortalApp, session: Session, city: EvidenceCity, monkeypatch: pytest.MonkeyPatch) -> Made:
    """The data of a form as it is set, for a reader who has chosen English."""

    def typeset(form: str, data: str, *, lang: str, **_: Any) -> bytes:
        return json.dumps({"form": form, "lang": lang, **json.loads(data)}).encode()

    monkeypatch.setattr(papers, "typeset", typeset)

    def set_as(request_id: UUID, key: str, reader: Identity | None = None) -> Any:
        session.flush()
        who = reader or city.officer
        with app.test_request_context(headers={"Cookie": "lang=en"}):
            found = get_request(session, who, request_id)
            return json.loads(printed(session, who, found, key, now=NOW))

    return set_as


def test_the_approval_form_has_a_box_for_every_level(city: EvidenceCity, made: Made) -> None:
    hall = city.camera(city.centre_system, "大厅")
    request = city.draft(camera_ids=(hall.id,))
    data = made(request.id, "approval")
    assert (data["form"], data["lang"]) == ("viewing_approval", "zh")
    assert [one["title"] for one in data["reviews"]] == ["安保科", "分管副主任", "主任"]
    assert [one["title"] for one in data["approvals"]] == ["服务中心分管副主任审批", "服务中心主要领导审批"]
    assert "大厅" in data["points"]


@pytest.mark.requirement("APR-09", "APR-10", "APR-11")
def test_the_approval_form_names_everybody_whose_signature_counts(
    session: Session, city: EvidenceCity, made: Made
) -> None:
    """Two deputies share a box; nobody of a round that was returned stands on it; a stand-in signs with the holder's name."""
    centre = House(city, city.centre, **CENTRE)
    doors = [centre.camera(zone, zone=zone) for zone in ("gate", "canteen")]
    request = centre.ask(doors[0], act=ActKind.PLAYBACK, camera_ids=tuple(one.id for one in doors))
    filer, names = centre.filer, {key: who.name for key, who in centre.people.items()}

    def box() -> Any:
        return made(request.id, "approval", filer)["reviews"][1]

    city.decide(request, centre.people["security"])
    assert (box()["state"], box()["name"]) == ("signed", names["security"])
    assert box()["opinion"].startswith("尚待：后勤保障中心分管食堂副主任")
    city.decide(request, centre.people["canteen"], Verdict.RETURN, "点位过多")
    assert (box()["state"], box()["name"]) == ("blank", "")
    submit_request(session, actor=filer, request_id=request.id, now=NOW + 2 * HOUR)
    wanted = Appointment(
        home=Home(unit_id=city.centre.id), post=Post.LOGISTICS_DEPUTY_CANTEEN, from_day=city_day(NOW),
        holder_id=centre.people["canteen"].person_id, delegate_id=centre.people["logistics"].person_id,
        to_day=city_day(NOW), reason="出差",
    )  # fmt: skip
    appoint_stand_in(session, actor=centre.head, wanted=wanted, now=NOW)
    for who in (centre.people["security"], city.who("中心logistics")):
        city.decide(request, who)
    assert box()["name"] == f"{names['security']}、{names['logistics']}（代{names['canteen']}）"
    assert (box()["opinion"], bool(box()["moment"])) == ("同意", True)
    data = made(request.id, "approval", filer)
    others = [data["applicant_head"], data["reviews"][0], data["reviews"][2], *data["approvals"]]
    assert {one["state"] for one in others} == {"not_required"}


@pytest.mark.requirement("APR-11")
def test_the_approval_form_shows_the_residents_head_and_steps_without_a_box(city: EvidenceCity, made: Made) -> None:
    centre = House(city, city.centre, **CENTRE)
    office = city.organ("市档案室", OrganKind.DEPARTMENT, "410502")
    clerk = city.person("clerk", Role.INVESTIGATOR, organ=office)
    chief = city.person("residenthead", Role.CASE_HEAD, organ=office, post="resident_unit_head")
    asked = centre.ask(
        centre.camera("楼道", zone="corridor"), Paper.UNIT_APPLICATION, who=clerk, act=ActKind.PLAYBACK,
        requester_kind=RequesterKind.RESIDENT_UNIT, requester_name="市档案室",
    )  # fmt: skip
    assert made(asked.id, "approval", clerk)["applicant_head"]["state"] == "blank"
    city.decide(asked, chief)
    assert made(asked.id, "approval", clerk)["applicant_head"]["name"] == chief.name
    notice = city.submitted(camera_ids=(centre.camera("大厅", zone="hall").id,))
    city.decide(notice, city.head)
    extra = made(notice.id, "approval")["approvals"][2:]
    assert [one["title"] for one in extra] == ["办案部门负责人批准", "单位签收并如实提供"]
    assert [one["state"] for one in extra] == ["signed", "blank"]


def test_statutory_papers_are_chinese_and_a_secret_one_names_neither_reason_nor_place(
    city: EvidenceCity, made: Made
) -> None:
    data = made(city.submitted().id, "slip")
    assert data["lang"] == "zh"
    assert data["approvals"][-1]["title"] == "分管安全工作的校领导"
    hidden = city.submitted(secret=True, readers=(city.head.person_id,))
    data = made(hidden.id, "slip")
    assert (data["reason"], data["place"], data["secret"]) == ("", "", True)
