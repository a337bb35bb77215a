"""The pages of the books: every one renders, a fault comes back at its field, the papers are PDFs."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.accounts.values import Role
from portal.core.clock import CITY_TZ, city_day, utcnow
from tests.evidence.city import EvidenceCity
from tests.evidence.test_views import at
from tests.people import post
from tests.support import booked


def act(client: FlaskClient, page: str, action: str, **fields: str) -> Any:
    found = re.search(r'name="version"[^>]*value="(\d+)"', client.get(page).text)
    return post(client, f"{page}/{action}", {"version": found.group(1) if found else "", **fields})


@pytest.mark.requirement("DPW-01", "DPW-06", "DPW-09")
def test_the_books_from_page_to_page(session: Session, client: FlaskClient) -> None:
    city = EvidenceCity(session)
    unit, today = city.college.id, city_day(utcnow()).isoformat()
    at(client, "security")
    for empty in ("custody", "changes", "permissions", "workstations", "operators"):
        assert "尚" in client.get(f"/books/{empty}").text
    form = {
        "device_group": "recorder", "scope": "录像机账号", "custodian_id": str(city.custodian.person_id),
        "second_id": str(city.custodian.person_id), "since": today, "rotated_on": today, "envelope_place": "保密柜",
        "envelope_on": today,
    }  # fmt: skip
    refused = post(client, f"/units/{unit}/custody/new", form)
    assert refused.status_code == 422
    assert "第二保管人须为另一人" in refused.text
    made = post(client, f"/units/{unit}/custody/new", {**form, "second_id": str(city.second.person_id)})
    page = made.location
    at(client, "custodian")
    taker = str(city.leader.person_id)
    assert act(client, page, "offer", keeper="first", taker_id=taker, offer_reason="").status_code == 422
    assert act(client, page, "offer", keeper="first", taker_id=taker, offer_reason="调岗").status_code == 303
    at(client, "leader")
    assert "接收密码保管" in client.get("/").text
    assert act(client, page, "take", changed="y", taken_envelope="保密柜").status_code == 303
    assert "交接记录" in client.get(page).text
    assert client.get(f"/units/{unit}/custody.pdf").data.startswith(b"%PDF-")
    at(client, "custodian")
    now = utcnow().astimezone(CITY_TZ)
    asked = {
        "kind": "setting", "device": "录像机", "what": "码流", "reason": "模糊", "starts_at": now.strftime("%Y-%m-%d %H:%M"),
        "ends_at": (now - timedelta(hours=1)).strftime("%Y-%m-%d %H:%M"),
    }  # fmt: skip
    assert post(client, f"/units/{unit}/tickets/permission/new", asked).status_code == 422
    asked["ends_at"] = (now + timedelta(hours=5)).strftime("%Y-%m-%d %H:%M")
    ticket = post(client, f"/units/{unit}/tickets/permission/new", asked).location
    at(client, "security")
    assert act(client, ticket, "approve", opinion="").status_code == 303
    named = post(
        client, f"/units/{unit}/operators/new",
        {"person_id": str(city.custodian.person_id), "appointed_on": today, "professional": "y"},
    )  # fmt: skip
    operator = named.location
    assert act(client, operator, "train", day_trained=today, day_pledged=today).status_code == 303
    assert client.get(f"/units/{unit}/operators.pdf").data.startswith(b"%PDF-")
    at(client, "custodian")
    signer = f"operator:{operator.rsplit('/', 1)[-1]}"
    assert act(client, ticket, "do", signer="", done_note="已改").status_code == 422
    assert act(client, ticket, "do", signer=signer, done_note="已改").status_code == 303
    assert client.get(f"{ticket}/ticket.pdf").data.startswith(b"%PDF-")
    at(client, "auditor")
    for shown in (
        "custody?flaw=keeper_left",
        "permissions?overdue=1",
        "workstations?only=overdue",
        "operators?only=left",
    ):
        assert client.get(f"/books/{shown}").status_code == 200
    assert client.get(ticket).status_code == 200
    assert "已改" in client.get(ticket).text
    at(client, "schoolhead")
    assert client.get(ticket).status_code == 404
    assert client.get(page).status_code == 404


@pytest.mark.requirement("DPW-04", "DPW-05", "DPW-07")
def test_purposes_and_workstations(session: Session, client: FlaskClient) -> None:
    city = EvidenceCity(session)
    city.person("secadmin", Role.SECURITY_ADMIN, organ=city.bureau)
    row = booked.workstation(city)
    at(client, "security")
    page = f"/books/workstations/{row.id}"
    assert act(client, page, "check", checked_on="", locked="yes", found_version="3.12").status_code == 422
    today = city_day(utcnow()).isoformat()
    assert act(client, page, "check", checked_on=today, locked="yes", found_version="3.12").status_code == 303
    changed = {
        "asset_number": "JK-9", "room": "202", "client": "x", "client_version": "4", "address": "10.0.0.9", "version": "2",
        "responsible_id": str(city.second.person_id),
    }  # fmt: skip
    assert post(client, f"{page}/change", {**changed, "address": "无"}).status_code == 422
    assert post(client, f"{page}/change", changed).status_code == 303
    at(client, "secadmin")
    account = city.accounts["custodian"].id
    assert client.get("/accounts").status_code == 200
    where = f"/accounts/{account}/purpose"
    assert "查阅专用" in client.get(where).text
    assert post(client, where, {"purpose": "viewing", "reason": "专用"}).status_code == 422
    assert post(client, where, {"purpose": "inspection", "reason": "维保人员"}).status_code == 303
    assert "检查维护专用" in client.get("/accounts").text
