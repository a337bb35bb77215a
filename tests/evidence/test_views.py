"""The pages: every one renders, faults come back at their field with what was typed, and the whole way by clicks."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from portal.core.clock import CITY_TZ, utcnow
from portal.evidence.models import FootageManifest, FootageRequest, Handover
from portal.evidence.states import RequestStatus
from portal.evidence.values import CaseContent, Paper
from tests.evidence.city import SHA, EvidenceCity
from tests.people import post
from tests.support.reading import cells_of, text_of
from tests.support.world import PASSWORD

MARK = "鹊桥十号"


def at(client: FlaskClient, login: str) -> FlaskClient:
    """The same browser, signed in as somebody else."""
    post(client, "/sign-out")
    answer = post(client, "/sign-in", {"login": login, "password": PASSWORD})
    assert answer.status_code in (302, 303), answer.get_data(as_text=True)[:2000]
    return client


def page(client: FlaskClient, url: str, status: int = 200) -> str:
    """The text of a page."""
    answer = client.get(url)
    assert answer.status_code == status, (url, answer.status_code)
    return answer.get_data(as_text=True)


def taken_out(client: FlaskClient, query: str) -> Any:
    """The call register as a workbook, narrowed as asked."""
    order = {"format": "xlsx", "layout": "shown", "query": query, "reason": "年度检查"}
    answer = post(client, "/lists/calls/export", order)
    assert answer.status_code == 200
    return answer


def moment(days: float) -> str:
    """A moment so many days ago, as it is typed."""
    return f"{(utcnow() - timedelta(days=days)).astimezone(CITY_TZ):%Y-%m-%d %H:%M}"


def fields(city: EvidenceCity, **changes: Any) -> dict[str, Any]:
    """What a criminal retrieval fills in over both steps."""
    whole: dict[str, Any] = {
        "act": "copy",
        "span_from": moment(2.05),
        "span_to": moment(2),
        "camera": [str(city.gate.id)],
        "requester_kind": "police_criminal",
        "requester_name": "文峰分局刑警大队",
        "instrument_kind": "retrieval_notice",
        "instrument_number": "安文公(刑)调证字〔2026〕118号",
        "purpose": "criminal_case",
        "case_number": "A4105020001202611001",
        "case_name": "“11·18”盗窃案",
        "reason": "核查嫌疑人行踪",
        "officers-0-name": "王磊",
        "officers-0-id_kind": "police_number",
        "officers-0-number": "051234",
        "officers-1-name": "赵敏",
        "officers-1-id_kind": "police_number",
        "officers-1-number": "051235",
        "undertaking": "y",
    }
    return {**whole, **changes}


@pytest.fixture
def browser_of(client: FlaskClient, city: EvidenceCity, session: Session) -> FlaskClient:
    """A browser over the city."""
    session.flush()
    return client


@pytest.mark.requirement("EVI-10")
def test_the_whole_way_by_pages(browser_of: FlaskClient, city: EvidenceCity, session: Session) -> None:
    client = at(browser_of, "officer")
    assert "evidence/requests/new" in page(client, "/evidence/requests")
    assert "step" in page(client, "/evidence/requests/new")
    assert "东门" in page(client, "/evidence/cameras?q=东门")
    assert str(city.gate.id) in page(client, f"/evidence/cameras/chosen?camera={city.gate.id}")
    details = post(client, "/evidence/requests/new", {**fields(city), "then": "details"})
    assert details.status_code == 200
    assert "officers-0-name" in details.get_data(as_text=True)
    saved = post(client, "/evidence/requests", fields(city))
    assert saved.status_code == 303, re.findall(r'class="error".*', saved.get_data(as_text=True))
    papers = saved.headers["Location"]
    request = session.scalars(select(FootageRequest)).one()
    refused = post(client, f"/evidence/requests/{request.id}/submit")
    assert refused.status_code == 422
    assert "调取证据通知书" in refused.get_data(as_text=True) or "Notice of retrieval" in refused.get_data(as_text=True)
    _attach(session, city, request)
    assert "paper.pdf" in page(client, papers) or "retrieval_notice" in page(client, papers)
    assert post(client, f"/evidence/requests/{request.id}/submit").status_code == 303

    _decide(at(client, "head"), request, "case_department_head", "approve")
    page(at(client, "security"), f"/evidence/requests/{request.id}")
    assert post(client, f"/evidence/requests/{request.id}/hold/acknowledge").status_code == 303
    _decide(client, request, "unit_acknowledges", "acknowledge")
    page(client, f"/evidence/requests/{request.id}/assign")
    given = {"custodian": str(city.custodian.person_id)}
    assert post(client, f"/evidence/requests/{request.id}/assign", given).status_code == 303

    at(client, "custodian")
    page(client, f"/evidence/requests/{request.id}/execution")
    key = {"second_login": "second", "second_password": PASSWORD, "no_phone_notice": "y"}
    wrong = post(client, f"/evidence/requests/{request.id}/unlock", {**key, "second_password": "x"})
    assert wrong.status_code == 422
    assert post(client, f"/evidence/requests/{request.id}/unlock", key).status_code == 303
    session.refresh(request)
    file = {
        "camera": str(city.gate.id),
        "name": "东门.dav",
        "size": "73,400,320",
        "sha256": SHA.upper(),
        "format": "dav",
        "span_from": f"{request.span_from.astimezone(CITY_TZ):%Y-%m-%d %H:%M:%S}",
        "span_to": f"{request.span_to.astimezone(CITY_TZ):%Y-%m-%d %H:%M:%S}",
        "clock_offset_seconds": "-37",
    }
    assert post(client, f"/evidence/requests/{request.id}/files", {**file, "sha256": "1"}).status_code == 422
    assert post(client, f"/evidence/requests/{request.id}/files", file).status_code == 303
    assert "东门.dav" in page(client, f"/evidence/requests/{request.id}/execution")
    assert post(client, f"/evidence/requests/{request.id}/seal").status_code == 303
    page(client, f"/evidence/requests/{request.id}/handover")
    given = {
        "receiver": "1",
        "medium": "disc",
        "medium_serial": "DVD-1",
        "id_seen": "y",
        "destination": "刑警大队案卷",
        "second_login": "security",
        "second_password": PASSWORD,
    }
    assert post(client, f"/evidence/requests/{request.id}/handover", given).status_code == 303

    at(client, "officer")
    handover = session.scalars(select(Handover)).one()
    where = f"/evidence/requests/{request.id}/handovers/{handover.id}/receipt"
    page(client, where)
    differs = post(client, where, {"manifest_digest": "0" * 64})
    assert differs.status_code == 422
    digest = session.scalars(select(FootageManifest.digest)).one()
    assert post(client, where, {"manifest_digest": digest}).status_code == 303
    _keep_and_end(client, city, request)
    at(client, "security")
    page(client, f"/evidence/requests/{request.id}/archive")
    places = {"archive_place": "保卫处", "archive_place_b": "监控中心"}
    assert post(client, f"/evidence/requests/{request.id}/archive", places).status_code == 303
    session.refresh(request)
    assert request.status == RequestStatus.CLOSED
    assert "DY2026-000001" in page(client, "/evidence/ledger")
    narrowed = page(client, "/evidence/ledger?from=2026-1-5&act=calls&q=DY2026")
    assert "/lists/calls/export?q=DY2026&amp;act=calls&amp;from=2026-01-05" in narrowed  # as the page understood it
    assert "DY2026-000001" in cells_of(taken_out(client, "q=DY2026&act=calls&from=2026-01-05").data)
    assert "DY2026-000001" not in cells_of(taken_out(client, "q=DY2026&to=2026-01-05").data)
    assert client.get("/lists/calls/views").status_code == 404
    for key_ in ("slip", "record", "receipt"):
        printed = client.get(f"/evidence/requests/{request.id}/forms/{key_}.pdf")
        assert printed.data.startswith(b"%PDF-"), key_


def test_faults_come_back_at_their_field_with_what_was_typed(browser_of: FlaskClient, city: EvidenceCity) -> None:
    client = at(browser_of, "officer")
    lost = post(client, "/evidence/requests", fields(city, span_from=moment(41), span_to=moment(40)))
    shown = lost.get_data(as_text=True)
    assert lost.status_code == 422
    assert "error-summary" in shown
    assert f'value="{city.gate.id}" checked' in shown
    assert 'name="case_name" value="“11·18”盗窃案"' in shown
    alone = post(client, "/evidence/requests", fields(city, **{"officers-1-name": "", "officers-1-number": ""}))
    shown = alone.get_data(as_text=True)
    assert alone.status_code == 422
    assert "核查嫌疑人行踪" in shown
    bad = post(client, "/evidence/requests", fields(city, span_from="昨天"))
    assert bad.status_code == 422
    assert 'value="昨天"' in bad.get_data(as_text=True)


def test_cameras_come_in_from_the_map(browser_of: FlaskClient, city: EvidenceCity) -> None:
    client = at(browser_of, "officer")
    shown = post(client, "/evidence/requests/new?from=map", {"camera": [str(city.gate.id), str(city.yard.id), "x"]})
    text_ = shown.get_data(as_text=True)
    assert shown.status_code == 200
    assert "东门" in text_
    assert "操场" in text_


@pytest.mark.parametrize("who", ["schoolhead", "far"])
def test_another_units_request_answers_as_an_unknown_one(
    browser_of: FlaskClient, city: EvidenceCity, session: Session, who: str
) -> None:
    request = city.submitted()
    session.flush()
    client = at(browser_of, who)
    known = client.get(f"/evidence/requests/{request.id}")
    unknown = client.get("/evidence/requests/01a1fb72-0000-7000-8000-000000000000")
    assert (known.status_code, unknown.status_code) == (404, 404)
    strip = lambda answer: re.sub(r"[0-9a-f]{16,}|[A-Za-z0-9_-]{22,}", "", answer.get_data(as_text=True))  # noqa: E731
    assert strip(known) == strip(unknown)


@pytest.mark.requirement("EVI-20")
def test_a_secret_case_shows_nowhere_but_to_those_named(
    browser_of: FlaskClient, city: EvidenceCity, session: Session
) -> None:
    request = city.assigned(
        content=CaseContent(MARK + "1", MARK + "2", MARK + "3", MARK + "4", MARK + "5"),
        secret=True,
        readers=(city.head.person_id,),
    )
    city.unlock(request)
    session.flush()
    urls = ["/evidence/requests", f"/evidence/requests/{request.id}", "/evidence/ledger", "/"]
    for login in ("custodian", "security", "head", "officer"):
        client = at(browser_of, login)
        for url in urls:
            answer = client.get(url)
            assert MARK not in answer.get_data(as_text=True), (login, url)
        for key in ("slip", "record"):
            paper = client.get(f"/evidence/requests/{request.id}/forms/{key}.pdf")
            assert paper.status_code != 200 or MARK not in text_of(paper.data), (login, key)
    opened = post(at(browser_of, "head"), f"/evidence/requests/{request.id}/content")
    assert MARK + "1" in opened.get_data(as_text=True)
    assert post(at(browser_of, "security"), f"/evidence/requests/{request.id}/content").status_code == 403
    auditor = at(browser_of, "auditor")
    printed = text_of(auditor.get("/evidence/ledger.pdf").data)
    taken = cells_of(taken_out(auditor, "").data)
    for said in (printed, taken):
        assert request.number in said
        assert MARK not in said
    assert "涉密案（事）件" in taken
    # Turning a page with secret words typed, and the look at the content, leave nothing in the remembered answers.
    post(at(browser_of, "officer"), "/evidence/requests/new", fields(city, case_name=MARK, secret="y", then="details"))
    stored = session.execute(text("select coalesce(body, '') from idempotency_record")).scalars().all()
    assert [body[:200] for body in stored if MARK in body] == []


def test_a_retry_with_the_same_key_makes_one_request(
    browser_of: FlaskClient, city: EvidenceCity, session: Session
) -> None:
    client = at(browser_of, "officer")
    first = post(client, "/evidence/requests", fields(city), key="same-key-for-both-tries")
    second = post(client, "/evidence/requests", fields(city), key="same-key-for-both-tries")
    assert first.headers["Location"] == second.headers["Location"]
    assert session.scalar(text("select count(*) from footage_request")) == 1


def test_pages_cost_the_same_for_one_row_and_for_many(
    browser_of: FlaskClient, city: EvidenceCity, session: Session
) -> None:
    from sqlalchemy import event

    counted: list[str] = []
    engine = session.get_bind().engine

    def count(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        counted.append(statement)

    def queries_of(url: str) -> int:
        counted.clear()
        event.listen(engine, "before_cursor_execute", count)
        try:
            page(browser_of, url)
        finally:
            event.remove(engine, "before_cursor_execute", count)
        return len(counted)

    city.submitted()
    session.flush()
    at(browser_of, "head")
    few = {url: queries_of(url) for url in ("/evidence/requests", "/evidence/ledger")}
    for _ in range(6):
        city.submitted()
    session.flush()
    session.expire_all()
    assert {url: queries_of(url) for url in few} == few


def _attach(session: Session, city: EvidenceCity, request: FootageRequest) -> None:
    from portal.evidence.operations import attach_paper

    attach_paper(
        session,
        actor=city.officer,
        request_id=request.id,
        kind=Paper.RETRIEVAL_NOTICE,
        title="paper.pdf",
        stored_file_id=city.stored_file(),
        now=utcnow(),
    )
    session.commit()


def _keep_and_end(client: FlaskClient, city: EvidenceCity, request: FootageRequest) -> None:
    """The custodian keeps the master; the receiver says where the copy went; everybody finds both."""
    at(client, "custodian")
    new = f"/evidence/requests/{request.id}/copies/new"
    page(client, new)
    master = {"role": "master", "medium": "disc", "medium_serial": "BD-1", "shelf": "介质柜 1-1", "keeper_name": "陈工"}
    assert post(client, new, {**master, "shelf": ""}).status_code == 422
    assert post(client, new, master).status_code == 303
    moved = post(at(client, "security"), f"{_copy_at(client, request, 'M')}/move", {**master, "shelf": "介质柜 9-9"})
    assert moved.status_code == 303
    at(client, "officer")
    assert "介质柜 9-9" in page(client, "/evidence/copies")
    assert f"{request.number}-01" in page(client, "/evidence/copies?role=working&status=with_recipient&q=DVD")
    copy = _copy_at(client, request, "01")
    page(client, copy)
    page(client, f"{copy}/destroy")
    today = f"{utcnow().astimezone(CITY_TZ):%Y-%m-%d}"
    refused = post(client, f"{copy}/destroy", {"on": today, "witness": "钱监销", "note": "粉碎"})
    assert refused.status_code == 422  # nothing is destroyed without its paper
    assert 'value="钱监销"' in refused.get_data(as_text=True)
    assert post(client, f"{copy}/case-file", {"on": today, "note": "第2卷"}).status_code == 303
    assert "第2卷" in page(client, copy)
    assert client.get(f"{copy}/paper").status_code == 404
    assert client.get(f"{copy}/return").status_code == 409
    assert client.get(f"{copy}/burn").status_code == 404
    _leak_and_end(client, request)


def _leak_and_end(client: FlaskClient, request: FootageRequest) -> None:
    """A leak reported, contained and closed by pages; then the purpose is met."""
    at(client, "security")
    page(client, f"/evidence/leaks/new?serial={request.number}-01")
    today = f"{utcnow().astimezone(CITY_TZ):%Y-%m-%d}"
    wrong = post(client, "/evidence/leaks/new", {"serial": "DY0000-1", "found_on": today, "found": "网上流传"})
    assert wrong.status_code == 422
    assert "网上流传" in wrong.get_data(as_text=True)
    told = post(
        client, "/evidence/leaks/new", {"serial": f"{request.number}-01", "found_on": today, "found": "网上流传"}
    )
    assert told.status_code == 303
    leak = told.headers["Location"]
    assert "网上流传" in page(client, leak)
    assert f"{request.number}-01-L1" in page(client, "/evidence/leaks")
    at(client, "head")
    assert post(client, f"{leak}/contain", {"measures": ""}).status_code == 422
    assert post(client, f"{leak}/contain", {"measures": "已删除", "liable": "王磊"}).status_code == 303
    assert post(client, f"{leak}/close", {"outcome": "通报批评"}).status_code == 303
    assert "通报批评" in page(client, leak)
    assert f"{request.number}-01-L1" in page(client, _copy_at(client, request, "01"))
    at(client, "officer")
    page(client, f"/evidence/requests/{request.id}/purpose-met")
    assert post(client, f"/evidence/requests/{request.id}/purpose-met", {"met_on": today}).status_code == 303
    page(client, f"/evidence/requests/{request.id}")


def _copy_at(client: FlaskClient, request: FootageRequest, ending: str) -> str:
    """The address of a copy, off the page of its request."""
    shown = page(client, f"/evidence/requests/{request.id}")
    found = re.search(rf'href="(/evidence/copies/[0-9a-f-]+)">{request.number}-{ending}<', shown)
    assert found
    return found[1]


def _decide(client: FlaskClient, request: FootageRequest, step: str, verdict: str) -> None:
    where = f"/evidence/requests/{request.id}/decide"
    page(client, where)
    answer = post(client, where, {"step": step, "verdict": verdict, "comment": "同意", "own_password": PASSWORD})
    assert answer.status_code == 303, re.findall(r'class="error".*', answer.get_data(as_text=True))
