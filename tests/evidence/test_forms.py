"""The papers officials know, from requests as they stand: read as what the typesetter is given."""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from portal.app import PortalApp
from portal.evidence.queries import get_request
from portal.evidence.views.printing import printed
from portal.papers import operations as papers
from tests.evidence.city import EvidenceCity
from tests.support.world import NOW

Made = Callable[[UUID, str], Any]


@pytest.fixture
def made(app: PortalApp, session: Session, city: EvidenceCity, monkeypatch: pytest.MonkeyPatch) -> Made:
    """The data of a form as it is set, for a reader who has chosen English."""

    def typeset(form: str, data: str, *, lang: str, **_: Any) -> bytes:
        return json.dumps({"form": form, "lang": lang, **json.loads(data)}).encode()

    monkeypatch.setattr(papers, "typeset", typeset)

    def set_as(request_id: UUID, key: str) -> Any:
        session.flush()
        with app.test_request_context(headers={"Cookie": "lang=en"}):
            found = get_request(session, city.officer, request_id)
            return json.loads(printed(session, city.officer, found, key, now=NOW))

    return set_as


def test_the_approval_form_has_a_box_for_every_level(city: EvidenceCity, made: Made) -> None:
    hall = city.camera(city.centre_system, "大厅")
    request = city.draft(camera_ids=(hall.id,))
    data = made(request.id, "approval")
    assert (data["form"], data["lang"]) == ("viewing_approval", "zh")
    assert [one["title"] for one in data["reviews"]] == ["安保科", "分管副主任", "主任"]
    assert [one["title"] for one in data["approvals"]] == ["服务中心分管副主任", "服务中心主要领导"]
    assert "大厅" in data["points"]


def test_statutory_papers_are_chinese_and_a_secret_one_names_neither_reason_nor_place(
    city: EvidenceCity, made: Made
) -> None:
    data = made(city.submitted().id, "slip")
    assert data["lang"] == "zh"
    assert data["approvals"][-1]["title"] == "分管安全工作的校领导"
    hidden = city.submitted(secret=True, readers=(city.head.person_id,))
    data = made(hidden.id, "slip")
    assert (data["reason"], data["place"], data["secret"]) == ("", "", True)
