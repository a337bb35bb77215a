"""The pages: an order from hand to hand, stopped by its owner, cut by the organ; the paper, the lists, the panels."""

import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.connections.models import ConnectionOrder
from portal.core.clock import city_day, utcnow
from tests.connections.test_orders import DAY, Cast
from tests.evidence.test_views import at
from tests.people import post

TODAY = city_day(utcnow())  # the pages live by the clock


@pytest.fixture
def cast(session: Session) -> Cast:
    return Cast(session)


def act(client: FlaskClient, page: str, action: str, **fields: str) -> Any:
    found = re.search(r'name="version"[^>]*value="(\d+)"', client.get(page).text)
    return post(client, f"{page}/{action}", {"version": found.group(1) if found else "", **fields})


@pytest.mark.requirement("LNK-01")
def test_an_order_from_hand_to_hand(session: Session, cast: Cast, client: FlaskClient) -> None:
    at(client, "registrar")
    form = f"/systems/{cast.system.id}/connection-orders/new"
    filled: dict[str, Any] = {
        "purpose": "advertising", "platform": "police_video", "platform_name": "共享平台", "need": "治安防控", "path": "视频专网",
        "officer_name": "王磊", "officer_number": "051234", "starts_on": TODAY.isoformat(),
        "ends_on": (TODAY + 30 * DAY).isoformat(), "camera_ids": [str(cast.camera.id)],
    }  # fmt: skip
    refused = post(client, form, filled)
    assert refused.status_code == 422
    assert "共享平台" in refused.text
    page = post(client, form, {**filled, "purpose": "fire"}).location
    assert "提出直接接入" in client.get(f"/systems/{cast.system.id}").text
    assert act(client, page, "consent").status_code == 403
    at(client, "schoolhead")
    assert client.get(page).status_code == 404
    at(client, "security")
    assert "安公接〔" in client.get(f"/units/{cast.city.college.id}").text
    assert act(client, page, "consent", terms="仅限消防演练").status_code == 303
    at(client, "chief")
    assert "仅限消防演练" in client.get(page).text
    assert act(client, page, "approve", opinion="同意").status_code == 303
    at(client, "registrar")
    assert act(client, page, "connect", connected_on="明天").status_code == 422
    assert act(client, page, "connect", connected_on=TODAY.isoformat()).status_code == 303
    assert client.get(f"{page}/order.pdf").data.startswith(b"%PDF-")
    at(client, "custodian")
    shown = client.get(page).text
    assert "撤回同意" not in shown.split("<dialog")[0].split("page-head")[-1]
    at(client, "security")
    assert act(client, page, "withdraw", withdrawal="").status_code == 422
    assert act(client, page, "withdraw", withdrawal="超出用途").status_code == 303
    assert session.scalars(select(ConnectionOrder.status)).one() == "suspended"
    at(client, "auditor")
    assert "安公接〔" in client.get("/connections?irregular=not_cut").text
    assert "与审批不符" in client.get(page).text
    assert client.get("/connections/without-order").status_code == 200
    at(client, "registrar")
    assert "恢复接入</button>" not in client.get(page).text
    assert act(client, page, "cut", cut_on=TODAY.isoformat()).status_code == 303
    assert "没有符合筛选条件" in client.get("/connections?irregular=not_cut").text
