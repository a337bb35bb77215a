"""The pages: a letter from draft to closure by three people, an order to its refusal and fine, the desk's lines, papers."""

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.accounts.values import Identity, Role
from portal.core.clock import city_day, utcnow
from portal.desk.queries import todos
from portal.measures.models import CorrectionOrder, FineProposal, Measure, PlannedVisit
from tests.people import World, make_world, post, sign_in

FACTS = {"facts": "三处点位离线", "demands": "修复并报告"}
TODAY = city_day(utcnow())  # the pages live by the clock
SERVED = {"served_on": TODAY.isoformat(), "how": "direct", "served_to": "李主任"}


@pytest.fixture
def world(session: Session) -> World:
    made = make_world(session)
    made.extra["unit"] = unit = made.unit("第一实验小学")
    for name, role in (("inspector", Role.INSPECTOR), ("leader", Role.BUREAU_LEADER)):
        made.extra[name] = made.person(role)
    made.extra["head"] = made.person(Role.UNIT_SECURITY_HEAD, unit_id=unit.id)
    return made


def enter(client: FlaskClient, world: World, name: str) -> Identity:
    client.get("/sign-out")
    who: Identity = world.extra[name]
    sign_in(client, world.login_of(who))
    return who


def waiting(session: Session, world: World, name: str) -> set[str]:
    return {todo.kind for todo in todos(session, world.extra[name], today=TODAY)}


def version(page: str) -> str:
    found = re.search(r'name="version"[^>]*value="(\d+)"', page)
    assert found
    return found.group(1)


def test_a_letter_goes_from_hand_to_hand(session: Session, world: World, client: FlaskClient) -> None:
    unit = world.extra["unit"]
    enter(client, world, "inspector")
    form = f"/units/{unit.id}/measures/new"
    assert client.get(form).status_code == 200
    refused = post(client, form, {"kind": "circular", **FACTS, "recipients": "各校"})
    assert refused.status_code == 422
    assert "请说明越级理由" in refused.text
    page = post(client, form, {"kind": "letter", **FACTS}).location
    assert "签发</button>" not in client.get(page).text
    assert waiting(session, world, "leader") >= {"measure_sign"}
    assert "measure_sign" not in waiting(session, world, "inspector")
    enter(client, world, "head")
    assert client.get(page).status_code == 404
    enter(client, world, "leader")
    shown = client.get(page).text
    assert post(client, f"{page}/sign", {"version": version(shown)}).status_code == 303
    enter(client, world, "inspector")
    shown = client.get(page).text
    assert post(client, f"{page}/serve", {"version": version(shown), "served_on": "去年"}).status_code == 422
    assert post(client, f"{page}/serve", {"version": version(shown), **SERVED}).status_code == 303
    assert client.get(f"{page}/paper.pdf").data.startswith(b"%PDF-")
    assert client.get(f"{page}/minutes.pdf").status_code == 404
    enter(client, world, "head")
    assert waiting(session, world, "head") >= {"measure_answer"}
    assert "安公文峰函〔" in client.get(f"/units/{unit.id}").text
    assert post(client, f"{page}/reply", {"reply": "已修复"}).status_code == 303
    assert post(client, f"{page}/close", {"finding": "自行办结"}).status_code == 403
    enter(client, world, "inspector")
    assert waiting(session, world, "inspector") >= {"measure_reply"}
    shown = client.get(page).text
    assert "已修复" in shown
    assert post(client, f"{page}/close", {"version": version(shown), "finding": "复核属实"}).status_code == 303
    listed = client.get("/measures?status=closed").text
    assert "第一实验小学" in listed
    assert "没有符合筛选条件的措施" in client.get("/measures?due=proposed").text
    assert session.scalars(select(Measure.status)).one() == "closed"


def test_a_fine_is_offered_only_after_a_confirmed_refusal(session: Session, world: World, client: FlaskClient) -> None:
    unit = world.extra["unit"]
    enter(client, world, "inspector")
    form = f"/units/{unit.id}/corrections/new"
    assert "罚款建议" not in client.get(form).text
    filled = {"violation": "decree-799-2025:not_filed", "facts": "未备案", "demand": "限期备案"}
    assert post(client, form, {**filled, "grave_reason": "恶劣"}).status_code == 422
    page = post(client, form, filled).location
    shown = client.get(page).text
    post(client, f"{page}/serve", {"version": version(shown), **SERVED})
    past = TODAY - timedelta(days=1)
    session.execute(update(CorrectionOrder).values(due_on=past, served_on=past))
    session.commit()
    shown = client.get(page).text
    assert "先责令改正" in shown or "以责令改正为前置" in shown
    assert 'id="fine"' not in shown
    fine = {"version": version(shown), "against": "unit", "amount": "5000", "reasons": "拒不改正"}
    assert post(client, f"{page}/fine", fine).status_code == 409
    assert post(client, f"{page}/refuse", {"version": version(shown), "facts": "仍未备案"}).status_code == 303
    enter(client, world, "head")
    assert "仍未备案" not in client.get(page).text
    enter(client, world, "leader")
    assert waiting(session, world, "leader") >= {"refusal_confirm"}
    assert post(client, f"{page}/refusal", {"verdict": "confirm", "opinion": "属实"}).status_code == 303
    enter(client, world, "inspector")
    shown = client.get(page).text
    over = post(client, f"{page}/fine", {**fine, "version": version(shown), "amount": "10001"})
    assert over.status_code == 422
    assert "幅度为人民币 0 元至 10000 元" in over.text
    assert post(client, f"{page}/fine", {**fine, "version": version(shown)}).status_code == 303
    made = session.scalars(select(FineProposal)).one()
    for paper in ("order", "refusal", f"fines/{made.id}"):
        assert client.get(f"{page}/{paper}.pdf").data.startswith(b"%PDF-")
    assert made.number in client.get(page).text
    ended = {
        "outcome": "impose",
        "decided_on": TODAY.isoformat(),
        "deciding_organ": "文峰分局",
        "decided_amount": "5000",
    }
    assert post(client, f"{page}/fines/{made.id}", ended).status_code == 422
    ended["decision_number"] = "行罚决字〔2026〕8号"
    assert post(client, f"{page}/fines/{made.id}", ended).status_code == 303
    assert "已决定罚款" in client.get(page).text
    enter(client, world, "head")
    shown = client.get(page).text
    assert "仍未备案" in shown
    assert made.number not in shown


def test_a_planned_visit_leads_to_its_list_and_to_findings(session: Session, world: World, client: FlaskClient) -> None:
    second = world.person(Role.INSPECTOR)
    enter(client, world, "inspector")
    draft = {"title": "日常检查", "starts_on": TODAY.isoformat(), "ends_on": TODAY.isoformat(), "by_risk": "1"}
    plan = post(client, "/supervision/new", draft).location
    visit = session.scalars(select(PlannedVisit)).one()
    page = f"{plan}/visits/{visit.id}"
    assert page in client.get(plan).text
    assert client.get(f"{page}/list").status_code == 404
    pair = [str(world.extra["inspector"].person_id), str(second.person_id)]
    begun = {"version": version(client.get(page).text), "inspectors": pair[:1]}
    assert "不得少于" in post(client, f"{page}/begin", begun).text
    assert post(client, f"{page}/begin", {**begun, "inspectors": pair}).location == f"{page}/list"
    shown = client.get(f"{page}/list").text
    assert f"{page}/photos/sign" in shown
    assert 'id="sign_places" data-shown-by="sign-verdict"' in shown
    refused = post(client, f"{page}/list", {"sign-verdict": "not_met"})
    assert refused.status_code == 422
    assert post(client, f"{page}/list", {"sign-verdict": "not_met", "sign-note": "西门无标识"}).status_code == 303
    assert post(client, f"{page}/photos/sign").status_code == 422, "no photo came"
    shown = client.get(page).text
    assert "已判定 1 项，共 13 项" in shown
    ended = post(client, f"{page}/carry_out", {"version": version(shown), "done_on": TODAY.isoformat()})
    assert ended.status_code == 422
    assert "检查表尚不完整" in ended.text
    off = {"version": version(client.get(page).text), "reason": "单位停业"}
    assert post(client, f"{page}/end", off).status_code == 303
    assert "单位停业" in client.get(page).text


def test_who_may_be_commended_is_a_list_and_a_file(session: Session, world: World, client: FlaskClient) -> None:
    unit = world.extra["unit"]
    enter(client, world, "inspector")
    filled = {"violation": "decree-799-2025:not_filed", "facts": "未备案", "demand": "限期备案"}
    order = post(client, f"/units/{unit.id}/corrections/new", filled).location
    past = TODAY - timedelta(days=1)
    session.execute(update(CorrectionOrder).values(status="served", due_on=past, served_on=past))
    session.commit()
    shown = client.get("/commendations").text
    assert unit.name in shown
    assert order in shown
    assert "不得参评" in client.get(f"/units/{unit.id}").text
    assert unit.name not in client.get("/commendations?show=eligible").text
    assert unit.name in client.get(f"/commendations?show=eligible&year={TODAY.year - 1}").text
    assert post(client, "/commendations/file?show=barred").status_code == 422
    taken = post(client, "/commendations/file?show=barred", {"purpose": "年度评先"})
    assert taken.status_code == 200
    assert taken.data.startswith(b"PK")
    enter(client, world, "head")
    assert client.get("/commendations").status_code == 403
    assert "不得参评" in client.get(f"/units/{unit.id}").text
