"""What comes after a conclusion, page by page: findings cured and verified, a conclusion changed, a certificate checked."""

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.accounts.values import Role
from portal.inspection import queries
from portal.inspection.models import Acceptance
from tests.inspection.test_findings import concluded
from tests.inspection.test_pages import picture
from tests.people import World, make_world, post, sign_in


@pytest.fixture
def world(session: Session) -> World:
    return make_world(session)


def verdict_of(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_a_finding_is_cured_with_proof_returned_cured_again_and_verified(
    client: FlaskClient, session: Session, world: World
) -> None:
    filer, _, inspectors, acceptance = concluded(session, world, "clock")
    (finding,) = queries.findings_of(session, acceptance.id)
    address = f"/findings/{finding.id}"

    def cure(**typed):
        session.expire_all()
        version = queries.findings_of(session, acceptance.id)[0].version
        return post(client, f"{address}/cure", {"version": version, **typed})

    sign_in(client, world.login_of(filer))
    assert "时钟偏差三分钟" in client.get(address).text
    assert address in client.get("/findings?overdue=0&q=时钟").text
    assert address not in client.get("/findings?overdue=1").text
    assert address in client.get(f"/acceptances/{acceptance.id}").text
    bare = cure(words="已校时")
    assert (bare.status_code, "已校时" in bare.text) == (422, True)
    assert cure(words="已校时", proof1=(picture(), "时钟.jpg")).status_code == 303
    assert post(client, f"{address}/decide", {"verdict": "verify"}).status_code == 403
    post(client, "/sign-out")

    sign_in(client, world.login_of(inspectors[0]))
    proof = re.search(rf'href="({address}/proofs/[^"]+)"', client.get(address).text)
    assert client.get(proof[1]).data[:2] == b"\xff\xd8"
    session.expire_all()
    version = queries.findings_of(session, acceptance.id)[0].version
    assert post(client, f"{address}/decide", {"version": version, "verdict": "return"}).status_code == 422
    back = post(client, f"{address}/decide", {"version": version, "verdict": "return", "reason": "照片模糊"})
    assert back.status_code == 303
    assert "照片模糊" in client.get(address).text
    assert "已销号" not in client.get(address).text


def test_a_changed_conclusion_shows_both_results_and_the_certificate_says_so(
    client: FlaskClient, session: Session, world: World
) -> None:
    _, system, inspectors, acceptance = concluded(session, world, "clock")
    leader = world.person(Role.BUREAU_LEADER)
    code, address = acceptance.certificate_code, f"/acceptances/{acceptance.id}"

    def checked() -> tuple[int, str]:
        session.expire_all()
        answer = client.get(f"/public/certificates/{code}")
        return answer.status_code, verdict_of(answer.text)

    status, text = checked()
    assert (status, "该证书真实" in text, system.name in text) == (200, True, True)
    assert "文峰大道" not in text, "no position is told"
    assert client.get("/public/certificates/0123456789AB").status_code == 404

    sign_in(client, world.login_of(inspectors[0]))
    assert post(client, f"{address}/override", {"reason": "盲区"}).status_code == 422
    asked = post(client, f"{address}/override", {"result": "fail", "reason": "主要出入口存在盲区"})
    assert asked.status_code == 303
    assert client.get(f"{address}/certificate.pdf").status_code == 409
    post(client, "/sign-out")
    assert "正在复核" in checked()[1]

    sign_in(client, world.login_of(leader))
    assert post(client, f"{address}/publish").status_code == 409
    assert post(client, f"{address}/override/decide", {"verdict": "refuse"}).status_code == 422
    assert post(client, f"{address}/override/decide", {"verdict": "approve"}).status_code == 303
    page = verdict_of(client.get(address).text)
    assert "计算结论 通过" in page
    assert "主要出入口存在盲区" in page
    assert "历次验收" in page
    assert client.get(f"{address}/record.pdf").data[:5] == b"%PDF-"
    assert client.get(f"{address}/certificate.pdf").status_code == 404
    post(client, "/sign-out")
    assert "该证书已失效" in checked()[1]
    session.get_one(Acceptance, acceptance.id)
    session.execute(type(system).__table__.update().values(secret=True))
    assert checked()[0] == 404, "of a secret system nothing is told"
